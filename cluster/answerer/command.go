package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// runCommand is the command line: the state of its one "pod" lives in the folder $FLUID_ANSWERER_STATE.
func runCommand(argv []string) int {
	folder := os.Getenv("FLUID_ANSWERER_STATE")
	if folder == "" {
		fmt.Fprintln(os.Stderr, "error: set FLUID_ANSWERER_STATE to a folder for the state of "+argv[0])
		return 125
	}
	unlock, err := lock(filepath.Join(folder, "lock"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 125
	}
	defer unlock()
	file := filepath.Join(folder, "state.json")
	state, err := readState(file)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 125
	}
	answers := &answers{state: folder, pods: map[string]*podState{"/": state}}
	answer := answers.run(call{Argv: argv}, func(string) bool { return true })
	content, _ := json.Marshal(answers.pods["/"])
	if err := os.WriteFile(file, content, 0o644); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 125
	}
	os.Stdout.WriteString(answer.stdout)
	os.Stderr.WriteString(answer.stderr)
	return answer.exit
}

func readState(file string) (*podState, error) {
	state := newPodState("")
	content, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return state, nil
	}
	if err != nil {
		return nil, err
	}
	return state, json.Unmarshal(content, state)
}

// lock serialises commands that run side by side on one state.
func lock(file string) (func(), error) {
	handle, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	return func() { handle.Close() }, syscall.Flock(int(handle.Fd()), syscall.LOCK_EX)
}
