//go:build unix

package tokenfile

import (
	"errors"
	"os"
	"syscall"
)

// tryLockFile locks an open file, or returns false if another one has it locked. The
// lock belongs to the open file, not to the process.
func tryLockFile(file *os.File) (locked bool, err error) {
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) || errors.Is(err, syscall.EINTR) {
		return false, nil
	}
	return err == nil, err
}

func unlockFile(file *os.File) { _ = syscall.Flock(int(file.Fd()), syscall.LOCK_UN) }

// isReadOnly reports whether a file system is read-only.
func isReadOnly(err error) bool { return errors.Is(err, syscall.EROFS) }

// mayBeOpen reports whether a file cannot be replaced while it is open: never.
func mayBeOpen(error) bool { return false }
