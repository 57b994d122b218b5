// Command runc-wrapper is an OCI runtime that takes CAP_SYS_RESOURCE out of what it is asked for and then
// becomes runc. It is used only on machines whose root lacks that capability, where Docker's --privileged,
// which asks for every capability there is, otherwise fails with "unable to apply caps".
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

const missing = "CAP_SYS_RESOURCE"

func main() {
	if file, isProcess := fileToChange(os.Args[1:]); file != "" {
		if err := dropCapability(file, isProcess); err != nil {
			fmt.Fprintln(os.Stderr, "runc-wrapper:", err)
			os.Exit(1)
		}
	}
	runc, err := exec.LookPath("runc")
	if err == nil {
		err = syscall.Exec(runc, append([]string{"runc"}, os.Args[1:]...), os.Environ())
	}
	fmt.Fprintln(os.Stderr, "runc-wrapper:", err)
	os.Exit(1)
}

// fileToChange finds the file that holds the capabilities: the bundle's config.json for `create` and
// `run`, the process file for `exec`.
func fileToChange(args []string) (file string, isProcess bool) {
	switch {
	case slices.Contains(args, "create"), slices.Contains(args, "run"):
		bundle := option(args, "--bundle")
		if bundle == "" {
			bundle = option(args, "-b")
		}
		return filepath.Join(bundle, "config.json"), false
	case slices.Contains(args, "exec"):
		process := option(args, "--process")
		if process == "" {
			process = option(args, "-p")
		}
		return process, true
	}
	return "", false
}

func option(args []string, name string) string {
	for i, arg := range args {
		if arg == name && i+1 < len(args) {
			return args[i+1]
		}
		if value, found := strings.CutPrefix(arg, name+"="); found {
			return value
		}
	}
	return ""
}

func dropCapability(file string, isProcess bool) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	// Numbers stay as written: a memory limit does not survive a float64.
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var spec map[string]any
	if err := decoder.Decode(&spec); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	process := spec
	if !isProcess {
		process, _ = spec["process"].(map[string]any)
	}
	sets, _ := process["capabilities"].(map[string]any)
	for name, value := range sets {
		if list, ok := value.([]any); ok {
			sets[name] = slices.DeleteFunc(list, func(c any) bool { return c == missing })
		}
	}
	changed, err := json.Marshal(spec)
	if err != nil {
		return err
	}
	return os.WriteFile(file, changed, 0o600)
}
