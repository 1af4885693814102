package tokenfile_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/tokenfile"
)

// What the test binary does in place of tests when a test starts it.
var (
	increments = flag.Int("increments", 0, "number of times to increment the token of the file")
	crash      = flag.Bool("crash", false, "lock the file, prepare a write, then wait to be killed")
	of         = flag.String("of", "", "path of the file")
)

func TestMain(m *testing.M) {
	flag.Parse()
	switch {
	case *increments > 0:
		for range *increments {
			if err := increment(context.Background(), *of); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
		}
	case *crash:
		if err := prepareAndWait(*of); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	default:
		os.Exit(m.Run())
	}
}

// increment adds 1 to the number that is the token of a file.
func increment(ctx context.Context, path string) error {
	unlock, err := tokenfile.Lock(ctx, path)
	if err != nil {
		return err
	}
	defer unlock()
	f, err := tokenfile.Read(path)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(f.RefreshToken)
	if err != nil {
		return err
	}
	f.RefreshToken = strconv.Itoa(n + 1)
	return tokenfile.Write(path, f)
}

func prepareAndWait(path string) error {
	if _, err := tokenfile.Lock(context.Background(), path); err != nil {
		return err
	}
	if _, err := tokenfile.Prepare(path, tokenfile.File{RefreshToken: "new"}); err != nil {
		return err
	}
	fmt.Fprintln(os.Stdout, "prepared")
	_, err := os.Stdin.Read(make([]byte, 1)) // until the pipe is closed, if nobody kills it
	return err
}

// process returns a process of the test binary.
func process(ctx context.Context, t *testing.T, arguments ...string) *exec.Cmd {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, program, arguments...)
	cmd.Stderr = t.Output()
	return cmd
}

// TestLockLosesNoUpdate increments the token of one file in several processes and in
// several goroutines of this one.
func TestLockLosesNoUpdate(t *testing.T) {
	t.Parallel()
	const processes, goroutines, each = 4, 4, 15
	path := file(t, "0")
	var running sync.WaitGroup
	for range processes {
		running.Go(func() {
			if err := process(t.Context(), t, "-increments="+strconv.Itoa(each), "-of="+path).Run(); err != nil {
				t.Errorf("process: %v", err)
			}
		})
	}
	for range goroutines {
		running.Go(func() {
			for range each {
				if err := increment(t.Context(), path); err != nil {
					t.Errorf("increment() = %v, want nil", err)
				}
			}
		})
	}
	running.Wait()
	if got, want := content(t, path), fmt.Sprintln((processes+goroutines)*each); got != want {
		t.Errorf("content = %q, want %q: updates were lost", got, want)
	}
	wantOnly(t, filepath.Dir(path), "token", "token.lock")
}

// TestCrash kills a process that has the lock and a temporary file: the file is the
// old one, and the lock is free.
func TestCrash(t *testing.T) {
	t.Parallel()
	path := file(t, stored)
	cmd := process(t.Context(), t, "-crash", "-of="+path)
	if _, err := cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := readLine(out); line != "prepared" {
		t.Fatalf("process printed %q, %v", line, err)
	}
	locked, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := tokenfile.Lock(locked, path); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Lock() while another process has it = %v, want %v", err, context.DeadlineExceeded)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	unlock, err := tokenfile.Lock(t.Context(), path)
	if err != nil {
		t.Fatalf("Lock() after the process died = %v, want nil", err)
	}
	defer unlock()
	if got := content(t, path); got != stored {
		t.Errorf("content = %q, want the old one", got)
	}
	if err := tokenfile.Write(path, whole); err != nil {
		t.Errorf("Write() = %v, want nil", err)
	}
	if got, err := tokenfile.Read(path); got != whole || err != nil {
		t.Errorf("Read() = %s, %v", got, err)
	}
}

func readLine(r interface{ Read([]byte) (int, error) }) (string, error) {
	var line strings.Builder
	for b := make([]byte, 1); ; {
		if _, err := r.Read(b); err != nil {
			return line.String(), err
		}
		if b[0] == '\n' {
			return strings.TrimSpace(line.String()), nil
		}
		line.Write(b)
	}
}

// TestLockCancelled ends a wait with its context, and leaves the lock to its owner.
func TestLockCancelled(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "new", "token")
	unlock, err := tokenfile.Lock(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		_, err := tokenfile.Lock(ctx, path)
		ended <- err
	}()
	select {
	case err := <-ended:
		t.Fatalf("Lock() of a locked file = %v, want a wait", err)
	case <-time.After(100 * time.Millisecond):
	}
	cancelled := time.Now()
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("Lock() = %v, want %v", err, context.Canceled)
	}
	if took := time.Since(cancelled); took > time.Second {
		t.Errorf("Lock() took %s after it was cancelled", took)
	}
	if _, err := tokenfile.Lock(ctx, path); !errors.Is(err, context.Canceled) {
		t.Errorf("Lock() with an ended context = %v, want %v", err, context.Canceled)
	}
	unlock()
	unlock, err = tokenfile.Lock(t.Context(), path)
	if err != nil {
		t.Fatalf("Lock() of an unlocked file = %v, want nil", err)
	}
	unlock()
	wantOnly(t, filepath.Dir(path), "token.lock")
}
