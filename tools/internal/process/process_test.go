//go:build unix

package process

import (
	"context"
	"io"
	"os"
	"testing"
	"time"
)

func TestOutput(t *testing.T) {
	t.Parallel()
	output, err := Output(Command(t.Context(), "sh", "-c", "echo out; echo err >&2; exit 3"))
	if output != "out\nerr\n" || err == nil || err.Error() != "exit status 3" {
		t.Errorf("output %q, error %v", output, err)
	}
}

// A Terraform that is killed does not end its plugins.
func TestNoGrandchildIsLeft(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	cmd := Command(t.Context(), "sh", "-c", "sleep 60 >/dev/null 2>&1 & echo started >&3")
	cmd.ExtraFiles = []*os.File{w} // open as long as one of them lives
	err = Run(cmd)
	_ = w.Close()
	if err != nil {
		t.Fatal(err)
	}
	if err = r.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if said, err := io.ReadAll(r); string(said) != "started\n" || err != nil {
		t.Errorf("the grandchild lives: %q, %v", said, err)
	}
}

func TestCancelInterrupts(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	cmd := Command(ctx, "sh", "-c", "trap 'echo left in order; exit 0' INT; echo ready; while :; do sleep 0.01; done")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err = cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err = io.ReadFull(stdout, make([]byte, len("ready\n"))); err != nil {
		t.Fatal(err) // before this the trap may not be set
	}
	cancel()
	if said, err := io.ReadAll(stdout); string(said) != "left in order\n" || err != nil {
		t.Errorf("the child said %q, %v", said, err)
	}
	_ = Wait(cmd)
}
