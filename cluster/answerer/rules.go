package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// scope says which calls a rule concerns: `*` stands for any text, an empty pattern for everything.
type scope struct {
	Namespace string `json:"namespace"`
	Pod       string `json:"pod"`
	Command   string `json:"command"` // matched against the arguments joined by blanks
}

func (s scope) matches(c call) bool {
	return glob(s.Namespace, c.Namespace) && glob(s.Pod, c.Pod) && glob(s.Command, strings.Join(c.Argv, " "))
}

func glob(pattern, text string) bool {
	if pattern == "" {
		return true
	}
	expression := "(?s)^" + strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, ".*") + "$"
	return regexp.MustCompile(expression).MatchString(text)
}

// fault makes a command late, wrong or endless. With an exit code or a stdout the command itself does not run.
type fault struct {
	scope
	ID           string  `json:"id"`
	DelaySeconds float64 `json:"delaySeconds"`
	Exit         int     `json:"exit"`
	Stdout       *string `json:"stdout"`
	Stderr       string  `json:"stderr"`
	Hang         bool    `json:"hang"`
	Times        int     `json:"times"` // at most so often for each pod; 0 = always
}

func (f *fault) result() result {
	answer := result{stderr: f.Stderr, exit: f.Exit}
	if f.Stdout != nil {
		answer.stdout = *f.Stdout
	}
	return answer
}

// sizes are the numbers that the cache and its source report, in bytes and counts.
type sizes struct {
	DiskTotal   *float64 `json:"diskTotal"`
	DiskUsed    *float64 `json:"diskUsed"`
	MemoryTotal *float64 `json:"memoryTotal"`
	MemoryUsed  *float64 `json:"memoryUsed"`
	Directories *float64 `json:"directories"`
	Files       *float64 `json:"files"`
	Bytes       *float64 `json:"bytes"`
}

type sizeRule struct {
	scope
	sizes
}

// rules is the file rules.json: read again for every call, so that a test changes it at any time.
type rules struct {
	Faults []fault    `json:"faults"`
	Sizes  []sizeRule `json:"sizes"`
}

func readRules(folder string) (*rules, error) {
	read := &rules{}
	content, err := os.ReadFile(filepath.Join(folder, "rules.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return read, nil
	}
	if err == nil {
		err = json.Unmarshal(content, read)
	}
	if err != nil {
		return nil, fmt.Errorf("rules.json: %w", err)
	}
	return read, nil
}

// sizes returns the numbers of the last rule for this call.
func (r *rules) sizes(c call) sizes {
	var found sizes
	for _, rule := range r.Sizes {
		if rule.matches(c) {
			found = rule.sizes
		}
	}
	return found
}
