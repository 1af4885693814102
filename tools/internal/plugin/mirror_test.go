package plugin

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func TestPlace(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	binary, mirror := filepath.Join(dir, "built"), filepath.Join(dir, "mirror")
	for _, program := range []string{"old", "new"} { // the second replaces the first
		if err := os.WriteFile(binary, []byte(program), 0o600); err != nil {
			t.Fatal(err)
		}
		placed, err := Place(binary, mirror, "1.2.3")
		if err != nil {
			t.Fatal(err)
		}
		platform := runtime.GOOS + "_" + runtime.GOARCH
		for i, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
			want := filepath.Join(mirror, host, "mdatp", "mdatp", "1.2.3", platform, "terraform-provider-mdatp_v1.2.3")
			if got := strings.TrimSuffix(placed[i], ".exe"); got != want {
				t.Errorf("Place()[%d] = %s, want %s", i, got, want)
			}
			checkProgram(t, placed[i], program)
		}
	}
}

// checkProgram checks that a file is executable, has this content and is the only
// file of its folder.
func checkProgram(t *testing.T, file, want string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(text) != want {
		t.Errorf("content of %s = %q, want %q", file, text, want)
	}
	entries, err := os.ReadDir(filepath.Dir(file))
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 {
		t.Errorf("folder of %s = %v, want one file", file, entries)
	}
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if mode := info.Mode().Perm(); runtime.GOOS != "windows" && mode&0o100 == 0 {
		t.Errorf("mode of %s = %s, want it executable", file, mode)
	}
}

func TestPlaceFails(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string][2]string{
		"no binary":        {filepath.Join(dir, "none"), dir},
		"mirror is a file": {file, file},
	} {
		if placed, err := Place(args[0], args[1], "1.2.3"); err == nil {
			t.Errorf("%s: Place = %v, want an error", name, placed)
		}
	}
}

func TestWriteConfig(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "terraform.rc")
	if err := WriteConfig(file, `C:\plug ins`); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"provider_installation", "{", "filesystem_mirror", "{", "path", "=", `"C:\\plug`, `ins"`, "}", "}"}
	if got := strings.Fields(string(text)); !slices.Equal(got, want) {
		t.Errorf("words of the configuration = %q, want %q", got, want)
	}
}
