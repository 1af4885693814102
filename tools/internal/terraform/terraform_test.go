//go:build unix

package terraform

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// script creates an executable and returns its path.
func script(t *testing.T, dir, name, body string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+body), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFind(t *testing.T) {
	both, one, none := t.TempDir(), t.TempDir(), t.TempDir()
	terraform, tofu := script(t, both, "terraform", ""), script(t, both, "tofu", "")
	lone := script(t, one, "tofu", "")
	for name, test := range map[string]struct{ variable, path, want string }{
		"terraform before tofu": {"", both, terraform},
		"else tofu":             {"", one, lone},
		"named by its path":     {tofu, both, tofu},
		"named by its name":     {"tofu", both, tofu},
		"named but not there":   {"tofu", none, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(Variable, test.variable)
			t.Setenv("PATH", test.path)
			var notes bytes.Buffer
			path, err := Find(t.Context(), &notes)
			if wantError := test.want == ""; (err != nil) != wantError {
				t.Fatalf("Find: error %v, want one: %t", err, wantError)
			}
			if err != nil && !strings.Contains(err.Error(), "TERRAFORM=tofu") {
				t.Errorf("Find: error %v, want it to contain TERRAFORM=tofu", err)
			}
			if path != test.want {
				t.Errorf("Find = %q, want %q", path, test.want)
			}
			if notes.Len() > 0 {
				t.Errorf("Find printed %q, want nothing", notes.String())
			}
		})
	}
}

func TestFindUsesTheInstalledBinary(t *testing.T) {
	cache := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	t.Setenv("HOME", cache) // the cache folder of macOS is below it
	t.Setenv("PATH", t.TempDir())
	t.Setenv(Variable, "")
	user, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(user, "terraform-provider-mdatp", "terraform-"+installVersion)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	installed := script(t, dir, "terraform", "")
	var notes bytes.Buffer
	path, err := Find(t.Context(), &notes)
	if err != nil {
		t.Fatal(err)
	}
	if path != installed {
		t.Errorf("Find = %q, want %q", path, installed)
	}
	if notes.Len() > 0 {
		t.Errorf("Find printed %q, want nothing", notes.String())
	}
}

func TestFindRemovesAFailedDownload(t *testing.T) {
	cache := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	t.Setenv("HOME", cache)
	t.Setenv("PATH", t.TempDir())
	t.Setenv(Variable, "")
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // before the download
	var notes bytes.Buffer
	path, err := Find(ctx, &notes)
	if err == nil || !strings.Contains(err.Error(), "TERRAFORM=path") {
		t.Errorf("Find = %q, %v, want an error that contains TERRAFORM=path", path, err)
	}
	if want := "downloading Terraform " + installVersion; !strings.Contains(notes.String(), want) {
		t.Errorf("Find printed %q, want it to contain %q", notes.String(), want)
	}
	left, err := filepath.Glob(filepath.Join(cache, "terraform-provider-mdatp", "*"))
	if err != nil {
		t.Fatal(err)
	}
	if len(left) > 0 {
		t.Errorf("files left = %q, want none", left)
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cli := CLI{
		Binary: script(t, t.TempDir(), "terraform", `pwd; echo "$SETTING" >&2; exit "$1"`),
		Dir:    dir,
		Env:    []string{"SETTING=seen"},
	}
	result, err := cli.Run(t.Context(), "3")
	if err != nil {
		t.Fatal(err)
	}
	if result.Status != 3 {
		t.Errorf("status of Run(3) = %d, want 3", result.Status)
	}
	if got := strings.TrimSpace(result.Stdout); got != dir {
		t.Errorf("standard output of Run(3) = %q, want %q", got, dir)
	}
	if want := "seen\n"; result.Stderr != want {
		t.Errorf("standard error of Run(3) = %q, want %q", result.Stderr, want)
	}
	const want = "terraform 3: exit status 3\nseen\n"
	if _, err = cli.Must(t.Context(), "3"); err == nil || err.Error() != want {
		t.Errorf("Must(3): error %v, want %q", err, want)
	}
	if _, err = cli.Must(t.Context(), "0"); err != nil {
		t.Errorf("Must(0): error %v, want none", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err = cli.Run(ctx, "0"); !errors.Is(err, context.Canceled) {
		t.Errorf("Run after cancel: error %v, want context.Canceled", err)
	}
	cli.Binary = filepath.Join(dir, "none")
	if _, err = cli.Run(t.Context(), "0"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Run without a binary: error %v, want ErrNotExist", err)
	}
}
