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
	if err == nil || err.Error() != "exit status 3" {
		t.Errorf("Output: error %v, want exit status 3", err)
	}
	if want := "out\nerr\n"; output != want {
		t.Errorf("Output = %q, want %q", output, want)
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
	text, err := io.ReadAll(r)
	if err != nil {
		t.Errorf("reading the pipe: error %v, want its end", err)
	}
	if want := "started\n"; string(text) != want {
		t.Errorf("text in the pipe = %q, want %q", text, want)
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
	text, err := io.ReadAll(stdout)
	if err != nil {
		t.Errorf("reading the output after the interrupt: error %v, want its end", err)
	}
	if want := "exited\n"; string(text) != want {
		t.Errorf("output after the interrupt = %q, want %q", text, want)
	}
	_ = Wait(cmd)
}
