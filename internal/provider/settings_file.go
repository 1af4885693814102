package provider

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// maxFile is more than any secret or ID needs, in bytes, and maxAuthorities more than
// the certificate authorities of any system.
const (
	maxFile        = 64 << 10
	maxAuthorities = 4 << 20
)

// readSettingFile returns the content of a regular file without a byte order mark and
// surrounding white space. Others can block or be endless: a FIFO, a device. Its
// errors do not quote the path.
func readSettingFile(name string, limit int64) (string, error) {
	content, err := readRegularFile(name, limit)
	return strings.TrimSpace(strings.TrimPrefix(string(content), "\uFEFF")), err
}

// readRegularFile is readSettingFile for the content as it is.
func readRegularFile(name string, limit int64) ([]byte, error) {
	file, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0) // a FIFO blocks otherwise
	if err != nil {
		return nil, fileProblem(err)
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return nil, fileProblem(err)
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("it is not a regular file")
	}
	content, err := io.ReadAll(io.LimitReader(file, limit+1))
	switch {
	case err != nil:
		return nil, fileProblem(err)
	case int64(len(content)) > limit:
		return nil, errors.New("it is larger than " + kib(limit))
	}
	return content, nil
}

func kib(bytes int64) string { return strconv.FormatInt(bytes>>10, 10) + " KiB" }

func fileProblem(err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("there is no such file")
	case errors.Is(err, fs.ErrPermission):
		return errors.New("permission was denied")
	}
	return errors.New("reading it failed")
}

// unreadable is the detail of a file that cannot be read.
func unreadable(path candidate, problem error) string {
	return "The file that " + path.origin + " names cannot be read: " + problem.Error() + ". Check the path and who may read it."
}
