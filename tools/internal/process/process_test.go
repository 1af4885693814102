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
		t.Errorf("Output = %q, %v, want %q and exit status 3", output, err, "out\nerr\n")
	}
}

// TestRunKillsGrandchildren: a killed Terraform does not end its plugins.
func TestRunKillsGrandchildren(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	cmd := Command(t.Context(), "sh", "-c", "sleep 60 >/dev/null 2>&1 & echo started >&3")
	cmd.ExtraFiles = []*os.File{w} // open until child and grandchild have ended
	err = Run(cmd)
	_ = w.Close()
	if err != nil {
		t.Fatal(err)
	}
	if err = r.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(r); string(text) != "started\n" || err != nil {
		t.Errorf("reading the pipe = %q, %v, want %q and its end", text, err, "started\n")
	}
}

func TestCancelInterrupts(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	cmd := Command(ctx, "sh", "-c", "trap 'echo exited; exit 0' INT; echo ready; while :; do sleep 0.01; done")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err = cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err = io.ReadFull(stdout, make([]byte, len("ready\n"))); err != nil {
		t.Fatal(err) // the trap is set only after this line
	}
	cancel()
	if text, err := io.ReadAll(stdout); string(text) != "exited\n" || err != nil {
		t.Errorf("output after the interrupt = %q, %v, want %q", text, err, "exited\n")
	}
	_ = Wait(cmd)
}
