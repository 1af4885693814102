//go:build unix

package entra

import (
	"os"
	"os/exec"
	"syscall"
)

// killWithChildren ends a command with the processes that it started: the Azure CLI is
// a script that waits for its interpreter.
func killWithChildren(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error {
		if syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) != nil {
			return os.ErrProcessDone
		}
		return nil
	}
}
