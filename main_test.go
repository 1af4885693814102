package main

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const binary = "terraform-provider-mdatp"

// TestMain is the provider itself when this test binary is called by its name.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == binary {
		main()
		return
	}
	os.Exit(m.Run())
}

func command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	this, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), binary)
	if err = os.Symlink(this, path); err != nil {
		t.Fatal(err)
	}
	return exec.CommandContext(t.Context(), path, args...)
}

// TestCalledByAPerson says what the program is for.
func TestCalledByAPerson(t *testing.T) {
	t.Parallel()
	output, err := command(t).CombinedOutput()
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != 1 || !strings.Contains(string(output), "This binary is a plugin") {
		t.Errorf("%v: %s", err, output)
	}
}

// TestDebug prints how Terraform reaches the provider, and ends when it is
// interrupted.
func TestDebug(t *testing.T) {
	t.Parallel()
	cmd := command(t, "-debug")
	output, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err = cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(output)
	found := false
	for !found && lines.Scan() {
		found = strings.Contains(lines.Text(), "TF_REATTACH_PROVIDERS='{\"registry.terraform.io/mdatp/mdatp\":{\"Protocol\":\"grpc\",\"ProtocolVersion\":6")
	}
	if !found {
		t.Error("it does not say how Terraform reaches it")
	}
	if err = cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	for lines.Scan() {
		continue
	}
	if err = cmd.Wait(); err != nil {
		t.Error(err)
	}
}
