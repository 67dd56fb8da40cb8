// The answerer plays the programs that a real node would run.
//
// Started as a server it answers the kubelet's exec endpoint for every simulated node: `jindocache` and `jindo`
// run in this process against a state of their own per pod, so no command of a test ever reaches the host.
// Started under the name `jindocache` or `jindo` it is that command, with its state in $FLUID_ANSWERER_STATE,
// so that shell scripts can be tested as real processes.
package main

import (
	"flag"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

func main() {
	if name := filepath.Base(os.Args[0]); name == "jindocache" || name == "jindo" {
		os.Exit(runCommand(append([]string{name}, os.Args[1:]...)))
	}
	listen := flag.String("listen", "127.0.0.1:10250", "address of the kubelet endpoint")
	cert := flag.String("cert", "", "file with the certificate of the endpoint")
	key := flag.String("key", "", "file with its private key")
	state := flag.String("state", ".", "folder of rules.json (read) and exec.log (written)")
	server := flag.String("server", "", "address of the API server")
	authority := flag.String("ca", "", "file with the certificate authority of the API server")
	token := flag.String("token-file", "", "file with the bearer token for the API server")
	flag.Parse()

	pods, err := newPodReader(*server, *authority, *token)
	if err != nil {
		log.Fatal(err)
	}
	answers := &answers{state: *state, pods: map[string]*podState{}}
	http.Handle("/exec/", &execHandler{pods: pods, answers: answers})
	http.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("ok")) })
	http.HandleFunc("/containerLogs/", func(w http.ResponseWriter, _ *http.Request) {
		w.Write([]byte("this node is simulated: its containers write no log\n"))
	})
	endpoint := &http.Server{Addr: *listen, ReadHeaderTimeout: 10 * time.Second}
	log.Fatal(endpoint.ListenAndServeTLS(*cert, *key))
}
