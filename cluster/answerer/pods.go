package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"
)

// pod is the part of a Pod that decides what an exec into it may see.
type pod struct {
	Metadata struct {
		UID string `json:"uid"`
	} `json:"metadata"`
	Spec struct {
		Containers []struct {
			Name         string `json:"name"`
			VolumeMounts []struct {
				MountPath string `json:"mountPath"`
			} `json:"volumeMounts"`
		} `json:"containers"`
	} `json:"spec"`
	Status struct {
		Phase string `json:"phase"`
	} `json:"status"`
}

func (p *pod) hasContainer(name string) bool {
	for _, container := range p.Spec.Containers {
		if container.Name == name {
			return true
		}
	}
	return false
}

// mounts says whether a volume of the container holds this path: the image itself brings no files here.
func (p *pod) mounts(name, path string) bool {
	for _, container := range p.Spec.Containers {
		for _, mount := range container.VolumeMounts {
			if container.Name == name && (mount.MountPath == path || strings.HasPrefix(path, mount.MountPath+"/")) {
				return true
			}
		}
	}
	return false
}

// podReader reads single pods from the API server; a pod that was made again is told apart by its UID.
type podReader struct {
	server, token string
	client        *http.Client
}

func newPodReader(server, authority, tokenFile string) (*podReader, error) {
	pem, err := os.ReadFile(authority)
	if err != nil {
		return nil, err
	}
	token, err := os.ReadFile(tokenFile)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, MaxIdleConnsPerHost: 64}
	client := &http.Client{Transport: transport, Timeout: 10 * time.Second}
	return &podReader{server: server, token: strings.TrimSpace(string(token)), client: client}, nil
}

// get returns nil for a pod that is not there.
func (r *podReader) get(ctx context.Context, namespace, name string) (*pod, error) {
	url := fmt.Sprintf("%s/api/v1/namespaces/%s/pods/%s", r.server, namespace, name)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+r.token)
	request.Header.Set("User-Agent", "fluid-answerer")
	response, err := r.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusNotFound {
		return nil, nil
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("reading pod %s/%s: %s", namespace, name, response.Status)
	}
	found := &pod{}
	return found, json.NewDecoder(response.Body).Decode(found)
}
