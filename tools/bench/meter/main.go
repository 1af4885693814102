//go:build unix

// Command meter is a wrapper of a provider. It runs the provider and appends a line
// with its CPU time in milliseconds and its peak memory in KiB to a file.
package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

func main() {
	cmd := exec.CommandContext(context.Background(), os.Getenv("BENCH_METER_PROVIDER"), os.Args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := cmd.Run()
	if cmd.ProcessState == nil {
		fmt.Fprintln(os.Stderr, "meter:", err)
		os.Exit(1)
	}
	if err := record(cmd.ProcessState); err != nil {
		fmt.Fprintln(os.Stderr, "meter:", err)
	}
	os.Exit(cmd.ProcessState.ExitCode())
}

func record(state *os.ProcessState) error {
	file, err := os.OpenFile(os.Getenv("BENCH_METER_FILE"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return fmt.Errorf("no resource usage in a %T", state.SysUsage())
	}
	cpu := (state.UserTime() + state.SystemTime()).Milliseconds()
	_, err = fmt.Fprintln(file, cpu, usage.Maxrss)
	return err
}
