// Package process runs child processes that never outlive their parent's wish:
// each is interrupted when its context ends, and killed with its own children
// when it does not leave in time.
package process

import (
	"bytes"
	"context"
	"os/exec"
	"time"
)

// grace is how long an interrupted child may take to leave.
const grace = 5 * time.Second

// Command is [exec.CommandContext] for a child in a process group of its own. A
// Ctrl-C in the terminal therefore reaches it once, from us, and not twice.
func Command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.WaitDelay = grace
	separate(cmd)
	return cmd
}

// Run starts the command and waits for it. No process of its group is left
// when Run returns.
func Run(cmd *exec.Cmd) error {
	if err := cmd.Start(); err != nil {
		return err
	}
	return Wait(cmd)
}

// Output is Run for a command whose output, standard and error, is wanted.
func Output(cmd *exec.Cmd) (string, error) {
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	err := Run(cmd)
	return output.String(), err
}

// Wait waits for a command that was started, and clears its group as Run does.
func Wait(cmd *exec.Cmd) error {
	defer killGroup(cmd)
	return cmd.Wait()
}
