package tokenfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// ErrReadOnly is the error of a file that cannot be replaced, or of a folder in which
// no file can be created.
var ErrReadOnly = errors.New("it or its folder is read-only")

// Write replaces the file, or that at the end of a symbolic link. A folder that does
// not exist is created. Other users can read neither the file nor that folder. After an
// error the file is unchanged.
func Write(path string, f File) error {
	target, err := writable(path)
	if err != nil {
		return err
	}
	temporary, err := prepare(target, f)
	if err != nil {
		return err
	}
	if err := rename(temporary, target); err != nil {
		_ = os.Remove(temporary)
		return problem(err)
	}
	return nil
}

// CanWrite returns an error if Write would have one, as far as can be known before, or
// would replace the file of something else. The file is not changed.
func CanWrite(path string) error {
	target, err := writable(path)
	if err != nil {
		return err
	}
	if info, err := os.Lstat(target); err == nil && info.Size() > 0 {
		if _, err := Read(target); err != nil {
			return errors.New("the file has other content than a refresh token, which would be lost")
		}
	}
	temporary, err := prepare(target, File{RefreshToken: strings.Repeat("x", 4<<10)})
	if err != nil {
		return err
	}
	_ = os.Remove(temporary)
	return nil
}

const (
	maxRenames  = 20
	renamePause = 25 * time.Millisecond
)

// rename renames a file. Windows refuses while a virus scanner or a reader without the
// lock has the target open, which is soon over.
func rename(from, to string) (err error) {
	for range maxRenames {
		if err = os.Rename(from, to); err == nil || !mayBeOpen(err) {
			return err
		}
		time.Sleep(renamePause)
	}
	return err
}

// writable returns the path at the end of the symbolic links, or an error if what is
// there must not be replaced. Renaming would replace a read-only file too.
func writable(path string) (target string, err error) {
	if target, err = resolve(path); err != nil {
		return "", err
	}
	info, err := os.Lstat(target)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return target, nil
	case err != nil:
		return "", problem(err)
	case !info.Mode().IsRegular():
		return "", errors.New("it is not a regular file")
	case info.Mode().Perm()&0o200 == 0:
		return "", ErrReadOnly
	}
	return target, nil
}

// prepare stores the content in a temporary file beside the target and returns its
// name. After an error there is none.
func prepare(target string, f File) (temporary string, err error) {
	text, err := f.encode()
	if err != nil {
		return "", err
	}
	folder := filepath.Dir(target)
	if err := createFolder(folder); err != nil {
		return "", err
	}
	removeStale(folder)
	file, err := os.CreateTemp(folder, temporaryPrefix+"*") // mode 0600
	if err != nil {
		return "", problem(err)
	}
	_, err = file.Write(text)
	if err == nil {
		err = file.Sync()
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err != nil {
		_ = os.Remove(file.Name())
		return "", problem(err)
	}
	return file.Name(), nil
}

const (
	temporaryPrefix = ".mdatp-token-"
	staleAge        = time.Hour // no process writes that long
)

// removeStale removes the temporary files of processes that were killed: each has a
// token in it.
func removeStale(folder string) {
	files, _ := os.ReadDir(folder)
	for _, file := range files {
		if !strings.HasPrefix(file.Name(), temporaryPrefix) || !file.Type().IsRegular() {
			continue
		}
		if info, err := file.Info(); err == nil && time.Since(info.ModTime()) > staleAge {
			_ = os.Remove(filepath.Join(folder, file.Name()))
		}
	}
}

// createFolder creates a folder, if there is none, with those above it.
func createFolder(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return problem(err)
	}
	return nil
}

// maxLinks limits the symbolic links that one path follows.
const maxLinks = 40

// resolve returns the path at the end of the symbolic links that path is the first of.
// There need not be a file.
func resolve(path string) (string, error) {
	for range maxLinks {
		info, err := os.Lstat(path)
		if errors.Is(err, fs.ErrNotExist) || err == nil && info.Mode()&fs.ModeSymlink == 0 {
			return path, nil
		}
		if err != nil {
			return "", problem(err)
		}
		parent, err := os.Stat(filepath.Dir(path))
		if err != nil {
			return "", problem(err)
		}
		if isForeign(info, parent) {
			return "", errors.New("it is a symbolic link of another user")
		}
		target, err := os.Readlink(path)
		if err != nil {
			return "", problem(err)
		}
		if !filepath.IsAbs(target) {
			folder, err := filepath.EvalSymlinks(filepath.Dir(path)) // as ".." is that of the real folder
			if err != nil {
				return "", problem(err)
			}
			target = filepath.Join(folder, target)
		}
		path = target
	}
	return "", errors.New("it is a symbolic link without an end")
}

// problem returns an error without the text of the system, which quotes paths.
func problem(err error) error {
	if errors.Is(err, fs.ErrPermission) || isReadOnly(err) {
		return ErrReadOnly
	}
	return errors.New("writing it failed")
}
