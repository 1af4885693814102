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

// script makes an executable and returns its path.
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
				t.Errorf("found %q, %v, said %q", path, err, notes.String())
			}
			if err != nil && !strings.Contains(err.Error(), "TERRAFORM=tofu") {
				t.Errorf("the error does not name the setting: %v", err)
			}
		})
	}
}

func TestFindUsesWhatItInstalledBefore(t *testing.T) {
	cache := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	t.Setenv("HOME", cache) // Apple's cache folder is below it
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
		t.Errorf("found %q, %v, said %q", path, err, notes.String())
	}
}

func TestFindGivesUpWithoutATrace(t *testing.T) {
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
		t.Errorf("found %q, %v", path, err)
	}
	if !strings.Contains(notes.String(), "downloading Terraform "+installVersion) {
		t.Errorf("said %q", notes.String())
	}
	if left, err := filepath.Glob(filepath.Join(cache, "terraform-provider-mdatp", "*")); err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
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
		t.Errorf("%+v, %v", result, err)
	}
	if _, err = cli.Must(t.Context(), "3"); err == nil || err.Error() != "terraform 3: exit status 3\nseen\n" {
		t.Errorf("error %q", err)
	}
	if _, err = cli.Must(t.Context(), "0"); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err = cli.Run(ctx, "0"); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
	cli.Binary = filepath.Join(dir, "none")
	if _, err = cli.Run(t.Context(), "0"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no binary: %v", err)
	}
}
