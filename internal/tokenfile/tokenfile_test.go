package tokenfile_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/tokenfile"
)

const (
	secret = "0.s3cr3t-Token_~"
	stored = `{"tenant": "contoso.test", "client": "e81f2d07-54ab-4c36-b9e0-6f13a8752c4d", "refresh_token": "0.s3cr3t-Token_~"}`
)

var whole = tokenfile.File{Tenant: "contoso.test", Client: "e81f2d07-54ab-4c36-b9e0-6f13a8752c4d", RefreshToken: secret}

// quotesNothing fails the test if an error contains the token or the path.
func quotesNothing(t *testing.T, err error, path string) {
	t.Helper()
	for _, hidden := range []string{"s3cr3t", path} {
		if text := fmt.Sprintf("%v %+v %#v", err, err, err); strings.Contains(text, hidden) {
			t.Errorf("error = %s, want no %q in it", text, hidden)
		}
	}
}

func file(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func content(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// wantOnly fails the test unless a folder has these entries.
func wantOnly(t *testing.T, folder string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	got := make([]string, 0, len(entries))
	for _, entry := range entries {
		got = append(got, entry.Name())
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("files = %v, want %v", got, want)
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	bare := tokenfile.File{RefreshToken: secret}
	for content, want := range map[string]tokenfile.File{
		secret: bare, secret + "\r\n": bare, "\uFEFF \t" + secret + "\n\n": bare,
		stored: whole, "\uFEFF" + stored + "\n": whole, strings.ReplaceAll(stored, ",", "\r\n,"): whole,
		strings.Repeat("x", 64<<10): {RefreshToken: strings.Repeat("x", 64<<10)},
	} {
		if got, err := tokenfile.Read(file(t, content)); got != want || err != nil {
			t.Errorf("Read(%.80q) = %q of %q of %q, %v", content, got.RefreshToken, got.Client, got.Tenant, err)
		}
	}
	const noToken = "it is not what the login command stores, and has a character that a token cannot have"
	const notStored = "it is not the JSON object that the login command stores"
	for content, want := range map[string]string{
		"":                            "it is empty",
		"\uFEFF\r\n":                  "it is empty",
		secret + " " + secret:         noToken,
		secret + "\n" + secret:        noToken,
		secret + "\x00":               noToken,
		secret + "\u00e9":             noToken,
		`"` + secret + `"`:            "its token is in quotation marks",
		`'` + secret + `'`:            "its token is in quotation marks",
		strings.Repeat("x", 64<<10+1): "it is larger than 64 KiB",

		"{" + secret:                           notStored,
		stored[:len(stored)-1]:                 notStored,
		stored + stored:                        notStored,
		`{"refresh_token": "s3cr3t"}`:          "its tenant or client is missing",
		`{}`:                                   "its tenant or client is missing",
		strings.Replace(stored, secret, "", 1): "it is empty",
		strings.Replace(stored, secret, `s3cr3t\n`, 1):                 "it has a character that a token cannot have",
		strings.Replace(stored, secret, `s3cr3t\ud800`, 1):             notStored,
		strings.Replace(stored, "contoso", `con\u0000`, 1):             "its tenant or client is missing or malformed",
		strings.Replace(stored, `"0.s3cr3t-Token_~"`, "1", 1):          notStored,
		strings.Replace(stored, `"0.s3cr3t-Token_~"`, `["s3cr3t"]`, 1): notStored,
		strings.Replace(stored, `"0.s3cr3t-Token_~"`, "null", 1):       "it is empty",
		strings.Replace(stored, "refresh_token", "Refresh_Token", 1):   notStored,
		strings.Replace(stored, "tenant", "tenants", 1):                notStored,
		`{"refresh_token": "s3cr3t", ` + stored[1:]:                    notStored,
		`{"scope": "s3cr3t", ` + stored[1:]:                            notStored,
	} {
		path := file(t, content)
		got, err := tokenfile.Read(path)
		if err == nil || err.Error() != want {
			t.Errorf("Read(%.80q) = %v, want %q", content, err, want)
		}
		if got != (tokenfile.File{}) {
			t.Errorf("Read(%.80q) returns a file and an error", content)
		}
		quotesNothing(t, err, path)
	}
	missing := filepath.Join(t.TempDir(), "none")
	if _, err := tokenfile.Read(missing); err == nil || err.Error() != "there is no such file" {
		t.Errorf("Read(no file) = %v", err)
	}
}

func TestFilesPrintWithoutToken(t *testing.T) {
	t.Parallel()
	nested := struct{ F tokenfile.File }{whole}
	if text := fmt.Sprintf("%v %+v %#v %s %v %+v %#v", whole, whole, whole, whole, nested, &whole, []tokenfile.File{whole}); strings.Contains(text, "s3cr3t") {
		t.Errorf("file prints as %s, want no token", text)
	}
}

func TestWrite(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]tokenfile.File{"whole": whole, "bare": {RefreshToken: secret}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := filepath.Join(t.TempDir(), "a", "b")
			path := filepath.Join(folder, "token")
			for range 2 {
				if err := tokenfile.Write(path, f); err != nil {
					t.Fatalf("Write() = %v, want nil", err)
				}
				if got, err := tokenfile.Read(path); got != f || err != nil {
					t.Errorf("Read() after Write() = %s, %v", got, err)
				}
				wantOnly(t, folder, "token")
			}
			if got, isBare := content(t, path), content(t, path) == secret+"\n"; isBare != (name == "bare") {
				t.Errorf("content = %q", got)
			}
			if runtime.GOOS == "windows" {
				return
			}
			for path, want := range map[string]os.FileMode{path: 0o600, folder: 0o700 | os.ModeDir, filepath.Dir(folder): 0o700 | os.ModeDir} {
				info, err := os.Stat(path)
				if err != nil {
					t.Fatal(err)
				}
				if info.Mode() != want {
					t.Errorf("mode of %s = %s, want %s", path, info.Mode(), want)
				}
			}
		})
	}
}

// An existing file becomes private, an existing folder keeps its mode.
func TestWriteModes(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has other permissions")
	}
	path := file(t, secret)
	for path, mode := range map[string]os.FileMode{path: 0o666, filepath.Dir(path): 0o755} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	if err := tokenfile.Write(path, whole); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]os.FileMode{path: 0o600, filepath.Dir(path): 0o755} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != want {
			t.Errorf("mode = %s, want %s", info.Mode().Perm(), want)
		}
	}
}

// TestWriteLinks replaces the file at the end of symbolic links, and locks that.
func TestWriteLinks(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for _, name := range []string{"data/deep", "links"} {
		if err := os.MkdirAll(filepath.Join(folder, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	// links/alias is a folder elsewhere, so that ".." from it is not links.
	for name, target := range map[string]string{
		"links/first": "next", "links/next": "../data/token", "links/alias": "../data/deep", "data/deep/token": "../token",
		"links/absolute": filepath.Join(folder, "data", "token"), "links/loop": "loop",
	} {
		if err := os.Symlink(target, filepath.Join(folder, name)); err != nil {
			t.Skipf("no symbolic links: %v", err)
		}
	}
	for i, name := range []string{"links/first", "links/absolute", "links/alias/token", "data/token"} {
		path := filepath.Join(folder, name)
		unlock, err := tokenfile.Lock(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		f := tokenfile.File{RefreshToken: fmt.Sprint("token", i)}
		if err := tokenfile.Write(path, f); err != nil {
			t.Fatalf("Write(%s) = %v, want nil", name, err)
		}
		unlock()
		if got, want := content(t, filepath.Join(folder, "data", "token")), f.RefreshToken+"\n"; got != want {
			t.Errorf("content after Write(%s) = %q, want %q", name, got, want)
		}
		info, err := os.Lstat(path)
		if err != nil {
			t.Fatal(err)
		}
		if isLink := info.Mode()&os.ModeSymlink != 0; isLink != (name != "data/token") {
			t.Errorf("mode of %s after Write = %s", name, info.Mode())
		}
	}
	wantOnly(t, filepath.Join(folder, "data"), "deep", "token", "token.lock")
	wantOnly(t, filepath.Join(folder, "links"), "absolute", "alias", "first", "loop", "next")
	err := tokenfile.Write(filepath.Join(folder, "links/loop"), whole)
	if err == nil || err.Error() != "it is a symbolic link without an end" {
		t.Errorf("Write(a loop) = %v", err)
	}
}

// TestStaleFiles removes what processes left that were killed more than an hour ago.
func TestStaleFiles(t *testing.T) {
	t.Parallel()
	path := file(t, stored)
	folder := filepath.Dir(path)
	for name, age := range map[string]time.Duration{
		".mdatp-token-old": 2 * time.Hour, ".mdatp-token-new": 10 * time.Minute, ".mdatp-other": 2 * time.Hour, "mdatp-token-1": 2 * time.Hour,
	} {
		left := filepath.Join(folder, name)
		if err := os.WriteFile(left, []byte(secret), 0o600); err != nil {
			t.Fatal(err)
		}
		then := time.Now().Add(-age)
		if err := os.Chtimes(left, then, then); err != nil {
			t.Fatal(err)
		}
	}
	if err := tokenfile.Write(path, whole); err != nil {
		t.Fatal(err)
	}
	wantOnly(t, folder, ".mdatp-other", ".mdatp-token-new", "mdatp-token-1", "token")
}

// TestForeignLinks replaces nothing at the end of a link that another user put into a
// folder of all users, and creates nothing at the end of one in place of the lock.
func TestForeignLinks(t *testing.T) {
	t.Parallel()
	folder, path := t.TempDir(), file(t, stored)
	lock, created := filepath.Join(folder, "own.lock"), filepath.Join(filepath.Dir(path), "created")
	if err := os.Symlink(created, lock); err != nil {
		t.Skipf("no symbolic links: %v", err)
	}
	if _, err := tokenfile.Lock(t.Context(), filepath.Join(folder, "own")); runtime.GOOS != "windows" &&
		(err == nil || err.Error() != "its lock cannot be opened") {
		t.Errorf("Lock(a link in place of the lock) = %v, want an error", err)
	}
	link := filepath.Join(folder, "token")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if os.Getuid() != 0 {
		t.Skip("only root can create links of another user")
	}
	for mode, want := range map[os.FileMode]string{0o777 | os.ModeSticky: "it is a symbolic link of another user", 0o755 | os.ModeSticky: "", 0o777: ""} {
		if err := os.Chmod(folder, mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Lchown(link, 2002, 2002); err != nil {
			t.Fatal(err)
		}
		got := ""
		if err := tokenfile.Write(link, whole); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("Write(a link of another user in a folder with mode %s) = %q, want %q", mode, got, want)
		}
		if err := os.Lchown(link, 0, 0); err != nil {
			t.Fatal(err)
		}
		if err := tokenfile.Write(link, whole); err != nil {
			t.Errorf("Write(an own link in a folder with mode %s) = %v, want nil", mode, err)
		}
	}
	wantOnly(t, filepath.Dir(path), "token")
}

// TestWriteRefused leaves the folder as it was.
func TestWriteRefused(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]tokenfile.File{
		"empty": {}, "no tenant": {Client: "c", RefreshToken: secret}, "no client": {Tenant: "t", RefreshToken: secret},
		"blank": {RefreshToken: secret + " "}, "NUL": {RefreshToken: secret + "\x00"}, "quotes": {RefreshToken: `"` + secret + `"`},
		"large":             {RefreshToken: secret + strings.Repeat("x", 64<<10)},
		"large with tenant": {Tenant: "t", Client: "c", RefreshToken: strings.Repeat("x", 64<<10-10)},
	} {
		path := file(t, stored)
		err := tokenfile.Write(path, f)
		if checked := tokenfile.CanWrite(path); checked != nil {
			t.Errorf("%s: CanWrite() = %v, want nil", name, checked)
		}
		if err == nil || errors.Is(err, tokenfile.ErrReadOnly) {
			t.Errorf("%s: Write() = %v, want an error", name, err)
		}
		quotesNothing(t, err, path)
		if got := content(t, path); got != stored {
			t.Errorf("%s: content = %q, want the old one", name, got)
		}
		wantOnly(t, filepath.Dir(path), "token")
	}
	folder := t.TempDir()
	if err := os.Mkdir(filepath.Join(folder, "token"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := tokenfile.Write(filepath.Join(folder, "token"), whole); err == nil || err.Error() != "it is not a regular file" {
		t.Errorf("Write(a folder) = %v", err)
	}
	if err := tokenfile.CanWrite(filepath.Join(folder, "token")); err == nil || err.Error() != "it is not a regular file" {
		t.Errorf("CanWrite(a folder) = %v", err)
	}
	for content, want := range map[string]string{"": "", stored: "", "token\n": "",
		"two words\n": "the file has other content than a refresh token, which would be lost",
		"{}":          "the file has other content than a refresh token, which would be lost"} {
		got := ""
		if err := tokenfile.CanWrite(file(t, content)); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("CanWrite(a file with %q) = %q, want %q", content, got, want)
		}
	}
	wantOnly(t, folder, "token")
	path := file(t, stored)
	if err := tokenfile.Write(filepath.Join(path, "token"), whole); err == nil {
		t.Error("Write(below a file) = nil, want an error")
	}
}

func TestReadOnly(t *testing.T) {
	t.Parallel()
	path := file(t, stored)
	if err := os.Chmod(path, 0o400); err != nil {
		t.Fatal(err)
	}
	if err := tokenfile.Write(path, whole); !errors.Is(err, tokenfile.ErrReadOnly) {
		t.Errorf("Write(a read-only file) = %v, want %v", err, tokenfile.ErrReadOnly)
	}
	if got := content(t, path); got != stored {
		t.Errorf("content = %q, want the old one", got)
	}
	wantOnly(t, filepath.Dir(path), "token")
	for _, number := range []syscall.Errno{syscall.EACCES, syscall.EPERM, syscall.EROFS} {
		if runtime.GOOS == "windows" {
			break
		}
		if err := tokenfile.Problem(&os.PathError{Op: "open", Path: path, Err: number}); !errors.Is(err, tokenfile.ErrReadOnly) {
			t.Errorf("error of %v = %v, want %v", number, err, tokenfile.ErrReadOnly)
		}
	}
	err := tokenfile.Problem(&os.PathError{Op: "open", Path: path, Err: syscall.ENOSPC})
	if errors.Is(err, tokenfile.ErrReadOnly) {
		t.Errorf("error of a full disk = %v", err)
	}
	quotesNothing(t, err, path)
	folder := readOnlyFolder(t)
	for _, path := range []string{filepath.Join(folder, "token"), filepath.Join(folder, "new", "token")} {
		if err := tokenfile.Write(path, whole); !errors.Is(err, tokenfile.ErrReadOnly) {
			t.Errorf("Write(in a read-only folder) = %v, want %v", err, tokenfile.ErrReadOnly)
		}
		unlock, err := tokenfile.Lock(t.Context(), path)
		if !errors.Is(err, tokenfile.ErrReadOnly) {
			t.Errorf("Lock(in a read-only folder) = %v, want %v", err, tokenfile.ErrReadOnly)
		}
		if unlock != nil {
			t.Error("Lock() returns an error and a function")
		}
	}
}

// readOnlyFolder returns a folder in which this user cannot create files. root can
// in any but those of the kernel.
func readOnlyFolder(t *testing.T) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("folders are never read-only")
	}
	if os.Getuid() != 0 {
		folder := t.TempDir()
		if err := os.Chmod(folder, 0o500); err != nil {
			t.Fatal(err)
		}
		return folder
	}
	if _, err := os.Stat("/sys/kernel"); err != nil {
		t.Skip("root can create files everywhere")
	}
	return "/sys/kernel"
}
