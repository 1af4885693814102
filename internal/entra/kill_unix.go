//go:build unix

package entra

import (
	"os/exec"
	"syscall"
)

// killWithChildren ends a command with the processes that it started: the Azure CLI is
// a script that waits for its interpreter.
func killWithChildren(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	// Its error does not matter: what the context's end says goes before that of the run.
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
