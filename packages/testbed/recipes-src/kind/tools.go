//go:build tools

// Package tools names the program that the test bed builds, so that go.mod and go.sum cover it.
package tools

import _ "sigs.k8s.io/kind"
