package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// call names one command and where it runs; it is also the line of exec.log.
type call struct {
	Time      string   `json:"time"`
	Namespace string   `json:"namespace"`
	Pod       string   `json:"pod"`
	UID       string   `json:"uid"`
	Container string   `json:"container"`
	Argv      []string `json:"argv"`
	Exit      int      `json:"exit"`
	Fault     string   `json:"fault,omitempty"`
}

// result is what a command leaves behind.
type result struct {
	stdout, stderr string
	exit           int
}

// podState is the memory of one pod: lost with it.
type podState struct {
	UID   string         `json:"uid"`
	Cache cache          `json:"cache"`
	Fired map[string]int `json:"fired"` // how often each fault has hit this pod, by its id
}

func newPodState(uid string) *podState {
	return &podState{UID: uid, Cache: cache{Mounts: map[string]string{}}, Fired: map[string]int{}}
}

// answers holds the state of all pods and the folder where rules come from and the log goes to.
type answers struct {
	state string
	mutex sync.Mutex
	pods  map[string]*podState // by namespace/name
}

// hangLimit ends a command that was told to hang: no client waits so long.
const hangLimit = 2 * time.Hour

// run answers one command: rules first, then the cache itself.
func (a *answers) run(c call, hasFile func(string) bool) result {
	c.Time = time.Now().UTC().Format(time.RFC3339Nano)
	rules, err := readRules(a.state)
	if err != nil {
		return a.log(c, result{stderr: fmt.Sprintf("answerer: %v\n", err), exit: 125})
	}
	fault := a.fault(rules, c)
	if fault != nil {
		c.Fault = fault.ID
		time.Sleep(time.Duration(fault.DelaySeconds * float64(time.Second)))
		if fault.Hang {
			a.log(c, result{exit: -1})
			time.Sleep(hangLimit)
			return result{exit: 124}
		}
		if fault.Exit != 0 || fault.Stdout != nil {
			return a.log(c, fault.result())
		}
	}
	a.mutex.Lock()
	defer a.mutex.Unlock()
	answer := a.pod(c).Cache.run(c.Argv, rules.sizes(c), hasFile)
	if fault != nil {
		answer.stderr = fault.Stderr + answer.stderr
	}
	return a.log(c, answer)
}

// fault finds the first fault that concerns this call and counts it.
func (a *answers) fault(rules *rules, c call) *fault {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	fired := a.pod(c).Fired
	for i := range rules.Faults {
		fault := &rules.Faults[i]
		if fault.matches(c) && (fault.Times == 0 || fired[fault.ID] < fault.Times) {
			fired[fault.ID]++
			return fault
		}
	}
	return nil
}

// pod returns the state of the pod that is called; a pod with another UID starts anew.
func (a *answers) pod(c call) *podState {
	key := c.Namespace + "/" + c.Pod
	if found := a.pods[key]; found != nil && found.UID == c.UID {
		return found
	}
	a.pods[key] = newPodState(c.UID)
	return a.pods[key]
}

// log appends the call to exec.log: one write, so lines of parallel calls never mix.
func (a *answers) log(c call, r result) result {
	c.Exit = r.exit
	line, _ := json.Marshal(c)
	file, err := os.OpenFile(filepath.Join(a.state, "exec.log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return r
	}
	defer file.Close()
	file.Write(append(line, '\n'))
	return r
}
