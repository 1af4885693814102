package terraform

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/mdatp/terraform-provider-mdatp/tools/internal/process"
)

// CLI is a Terraform or OpenTofu binary with the folder it runs in.
type CLI struct {
	Binary string
	Dir    string
	Env    []string // added to Environment
}

// Result is the exit status and the output of a command.
type Result struct {
	Status         int
	Stdout, Stderr string
}

// Name returns the command name of the binary.
func (c CLI) Name() string {
	return strings.TrimSuffix(filepath.Base(c.Binary), ".exe")
}

// Run runs a command. An exit status other than 0 is not an error: a failing gate
// has one.
func (c CLI) Run(ctx context.Context, args ...string) (Result, error) {
	var stdout, stderr bytes.Buffer
	cmd := process.Command(ctx, c.Binary, args...)
	cmd.Dir, cmd.Env = c.Dir, append(Environment(), c.Env...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := process.Run(cmd)
	if ctx.Err() != nil {
		return Result{}, ctx.Err()
	}
	result := Result{Stdout: stdout.String(), Stderr: stderr.String()}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.Exited() {
		result.Status = exit.ExitCode()
		return result, nil
	}
	return result, err
}

// Must is Run for a command that must succeed. It returns the standard output; the
// error includes the standard error.
func (c CLI) Must(ctx context.Context, args ...string) (string, error) {
	result, err := c.Run(ctx, args...)
	if err == nil && result.Status != 0 {
		err = fmt.Errorf("exit status %d\n%s", result.Status, result.Stderr)
	}
	if err != nil {
		return "", fmt.Errorf("%s %s: %w", c.Name(), strings.Join(args, " "), err)
	}
	return result.Stdout, nil
}

// Environment returns the process environment without the user's Terraform settings
// and credentials, and with the update check disabled.
func Environment() []string {
	env := []string{"CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TF_INPUT=0"}
	for _, setting := range os.Environ() {
		if !private(setting) {
			env = append(env, setting)
		}
	}
	return env
}

func private(setting string) bool {
	for _, prefix := range []string{"TF_", "CHECKPOINT_", "MDATP_", "ARM_", "AZURE_"} {
		if strings.HasPrefix(strings.ToUpper(setting), prefix) {
			return true
		}
	}
	return false
}
