//go:build !unix

package process

import "os/exec"

// separate keeps the defaults: without process groups and interrupts a child is
// killed at once.
func separate(*exec.Cmd) {}

func killGroup(*exec.Cmd) {}
