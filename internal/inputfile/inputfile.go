// Package inputfile reads the files that settings name: secrets, IDs, tokens and
// certificates. Only regular files within a limit are read: a FIFO blocks, and a
// device can be endless. Errors are half sentences that quote neither the path nor
// a library.
package inputfile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// Text returns the content of a regular file of at most limit bytes, without a byte
// order mark and surrounding white space.
func Text(name string, limit int64) (string, error) {
	content, err := Bytes(name, limit)
	return strings.TrimSpace(strings.TrimPrefix(string(content), "\uFEFF")), err
}

// Bytes returns the content of a regular file of at most limit bytes.
func Bytes(name string, limit int64) ([]byte, error) {
	file, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0) // a FIFO blocks otherwise
	if errors.Is(err, fs.ErrNotExist) && strings.HasPrefix(name, "~") {
		return nil, errors.New("there is no such file: ~ has no meaning here")
	}
	if err != nil {
		return nil, problem(err)
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return nil, problem(err)
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("it is not a regular file")
	}
	content, err := io.ReadAll(io.LimitReader(file, limit+1))
	switch {
	case err != nil:
		return nil, problem(err)
	case int64(len(content)) > limit:
		return nil, errors.New("it is larger than " + kib(limit))
	}
	return content, nil
}

func kib(bytes int64) string { return strconv.FormatInt(bytes>>10, 10) + " KiB" }

func problem(err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("there is no such file")
	case errors.Is(err, fs.ErrPermission):
		return errors.New("permission was denied")
	case errors.Is(err, syscall.ENAMETOOLONG):
		return errors.New("its path is too long: set the path of a file, not its content")
	}
	return errors.New("reading it failed")
}
