package inputfile

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestText has the files that are refused, and what is removed from the others.
func TestText(t *testing.T) {
	t.Parallel()
	const limit = 64 << 10
	dir := t.TempDir()
	path := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name, content := range map[string]string{
		"plain": "secret", "line break": "secret\r\n", "byte order mark": "\uFEFFsecret\n", "blank lines": "\n\t secret \n\n",
		"as large as accepted": "secret" + strings.Repeat(" ", limit-6),
	} {
		if got, err := Text(path(name, content), limit); got != "secret" || err != nil {
			t.Errorf("%s: Text() = %q, %v, want %q", name, got, err, "secret")
		}
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink("plain", link); err != nil {
		t.Logf("not tested, no symbolic links: %v", err)
	} else if got, err := Text(link, limit); got != "secret" || err != nil {
		t.Errorf("Text(a link) = %q, %v, want %q", got, err, "secret")
	}
	endless := "/dev/zero"
	if runtime.GOOS == "windows" {
		endless = os.DevNull // Windows has no endless device
	}
	tooLong := "its path is too long: set the path of a file, not its content"
	if runtime.GOOS == "windows" {
		tooLong = "reading it failed" // Windows has several errors for it
	}
	for name, want := range map[string]string{
		"s3cr3t" + strings.Repeat("x", 300): tooLong,
		os.DevNull:                          "it is not a regular file", endless: "it is not a regular file", dir: "it is not a regular file",
		"~/secret":                 "there is no such file: ~ has no meaning here",
		filepath.Join(dir, "none"): "there is no such file",
		path("large", "secret"+strings.Repeat(" ", limit-5)): "it is larger than 64 KiB",
	} {
		began := time.Now()
		_, err := Text(name, limit)
		if err == nil || err.Error() != want {
			t.Errorf("Text(%s) = %v, want %q", name, err, want)
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("Text(%s) took %s, want no wait", name, took)
		}
	}
	if got := problem(errors.New("a library quotes the path")).Error(); got != "reading it failed" {
		t.Errorf("problem() = %q, want no text of a library", got)
	}
}
