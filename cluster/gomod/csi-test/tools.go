//go:build tools

// Package tools names what is built from this module, so that go.mod and go.sum keep its versions.
package tools

import _ "github.com/kubernetes-csi/csi-test/v5/cmd/csi-sanity"
