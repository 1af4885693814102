package tokenfile

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/windows"
)

// noFollow is no flag: only administrators create symbolic links.
const noFollow = 0

// isForeign reports whether another user put a symbolic link into a folder of all
// users. There is none.
func isForeign(link, folder fs.FileInfo) bool { return false }

// tryLockFile locks an open file, or returns false if it is locked already. The
// lock belongs to the open file, not to the process.
func tryLockFile(file *os.File) (locked bool, err error) {
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	err = windows.LockFileEx(windows.Handle(file.Fd()), flags, 0, 1, 0, new(windows.Overlapped))
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_IO_PENDING) {
		return false, nil
	}
	return err == nil, err
}

// unlockFile unlocks at once: closing alone may do so later.
func unlockFile(file *os.File) {
	_ = windows.UnlockFileEx(windows.Handle(file.Fd()), 0, 1, 0, new(windows.Overlapped))
}

// isReadOnly reports whether an error means that the disk is write-protected.
func isReadOnly(err error) bool { return errors.Is(err, windows.ERROR_WRITE_PROTECT) }

// mayBeOpen reports whether an error may mean that somebody has the file open, which
// prevents renaming.
func mayBeOpen(err error) bool {
	return errors.Is(err, windows.ERROR_ACCESS_DENIED) || errors.Is(err, windows.ERROR_SHARING_VIOLATION)
}
