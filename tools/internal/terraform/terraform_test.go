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
			if path != test.want || (err == nil) != (test.want != "") || notes.Len() > 0 {
				t.Errorf("Find = %q, %v, notes %q, want %q", path, err, notes.String(), test.want)
			}
			if err != nil && !strings.Contains(err.Error(), "TERRAFORM=tofu") {
				t.Errorf("Find: error %v, want it to name TERRAFORM=tofu", err)
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
	if path, err := Find(t.Context(), &notes); path != installed || err != nil || notes.Len() > 0 {
		t.Errorf("Find = %q, %v, notes %q, want %q", path, err, notes.String(), installed)
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
		t.Errorf("Find = %q, %v, want an error that names TERRAFORM=path", path, err)
	}
	if !strings.Contains(notes.String(), "downloading Terraform "+installVersion) {
		t.Errorf("notes %q, want a line about the download", notes.String())
	}
	if left, err := filepath.Glob(filepath.Join(cache, "terraform-provider-mdatp", "*")); err != nil || len(left) > 0 {
		t.Errorf("files left %v, %v, want none", left, err)
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
	if err != nil || result.Status != 3 || strings.TrimSpace(result.Stdout) != dir || result.Stderr != "seen\n" {
		t.Errorf("Run(3) = %+v, %v, want status 3, %s and seen", result, err, dir)
	}
	if _, err = cli.Must(t.Context(), "3"); err == nil || err.Error() != "terraform 3: exit status 3\nseen\n" {
		t.Errorf("Must(3): error %q, want the status and standard error", err)
	}
	if _, err = cli.Must(t.Context(), "0"); err != nil {
		t.Errorf("Must(0): error %v", err)
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
