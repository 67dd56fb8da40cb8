package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"k8s.io/cri-streaming/pkg/streaming/remotecommand"
	utilexec "k8s.io/utils/exec"
)

// execHandler serves /exec/{namespace}/{pod}[/{uid}]/{container}?command=... as the kubelet does.
type execHandler struct {
	pods    *podReader
	answers *answers
}

func (h *execHandler) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	parts := strings.Split(strings.TrimPrefix(req.URL.Path, "/exec/"), "/")
	if len(parts) != 3 && len(parts) != 4 {
		http.NotFound(w, req)
		return
	}
	namespace, name, container := parts[0], parts[1], parts[len(parts)-1]
	pod, err := h.pods.get(req.Context(), namespace, name)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if pod == nil {
		http.Error(w, "pod does not exist", http.StatusNotFound)
		return
	}
	if pod.Status.Phase != "Running" || !pod.hasContainer(container) {
		http.Error(w, fmt.Sprintf("container not found (%q)", container), http.StatusInternalServerError)
		return
	}
	options, err := remotecommand.NewOptions(req)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	target := call{Namespace: namespace, Pod: name, Container: container, UID: pod.Metadata.UID}
	run := &execution{answers: h.answers, call: target, hasFile: func(path string) bool { return pod.mounts(container, path) }}
	remotecommand.ServeExec(w, req, run, name, pod.Metadata.UID, container, req.URL.Query()["command"], options,
		4*time.Hour, 30*time.Second, remotecommand.SupportedStreamingProtocols)
}

// execution is one exec; the streaming library calls it back when the streams are there.
type execution struct {
	answers *answers
	call    call
	hasFile func(path string) bool
}

// ExecInContainer implements remotecommand.Executor.
func (e *execution) ExecInContainer(_ context.Context, _, _, _ string, argv []string, in io.Reader, out, errOut io.WriteCloser,
	_ bool, _ <-chan remotecommand.TerminalSize, _ time.Duration) error {
	drain(in)
	e.call.Argv = argv
	result := e.answers.run(e.call, e.hasFile)
	if out != nil {
		io.WriteString(out, result.stdout)
	}
	if errOut != nil {
		io.WriteString(errOut, result.stderr)
	}
	if result.exit != 0 {
		return utilexec.CodeExitError{Err: fmt.Errorf("exit status %d", result.exit), Code: result.exit}
	}
	return nil
}

// startTime is how long a process takes at least to start and end.
const startTime = 25 * time.Millisecond

// drain waits until the client has closed stdin, or as long as a real process would have run anyway. A command that
// ends before the client's "close stdin" has arrived makes the API server reset the connection, answer and all.
func drain(in io.Reader) {
	if in == nil {
		return
	}
	closed := make(chan struct{})
	go func() {
		io.Copy(io.Discard, in)
		close(closed)
	}()
	select {
	case <-closed:
	case <-time.After(startTime):
	}
}
