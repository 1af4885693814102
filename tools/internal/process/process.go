// Package process runs child processes and ends them reliably: a child is
// interrupted when its context ends, and killed with its own children after a grace
// period.
package process

import (
	"bytes"
	"context"
	"os/exec"
	"time"
)

// grace is the time that an interrupted child has to exit.
const grace = 5 * time.Second

// Command is [exec.CommandContext] for a child in its own process group, so that a
// Ctrl-C in the terminal interrupts it once, through its context.
func Command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.WaitDelay = grace
	separate(cmd)
	return cmd
}

// Run starts the command and waits for it. When Run returns, no process of its group
// is left.
func Run(cmd *exec.Cmd) error {
	if err := cmd.Start(); err != nil {
		return err
	}
	return Wait(cmd)
}

// Output is Run with the combined standard output and standard error as result.
func Output(cmd *exec.Cmd) (string, error) {
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	err := Run(cmd)
	return output.String(), err
}

// Wait waits for a started command and kills the rest of its group, as Run does.
func Wait(cmd *exec.Cmd) error {
	defer killGroup(cmd)
	return cmd.Wait()
}
