//go:build unix

package tokenfile

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// noFollow is the flag with which a symbolic link is not opened.
const noFollow = syscall.O_NOFOLLOW

// isForeign reports whether another user put a symbolic link into a folder of all
// users, such as /tmp. Linux does not follow those either, unless it is set to.
func isForeign(link, folder fs.FileInfo) bool {
	shared := folder.Mode()&fs.ModeSticky != 0 && folder.Mode().Perm()&0o002 != 0
	from, ok := link.Sys().(*syscall.Stat_t)
	of, also := folder.Sys().(*syscall.Stat_t)
	return shared && ok && also && int64(from.Uid) != int64(os.Geteuid()) && from.Uid != of.Uid
}

// tryLockFile locks an open file, or returns false if it is locked already. The
// lock belongs to the open file, not to the process.
func tryLockFile(file *os.File) (locked bool, err error) {
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) || errors.Is(err, syscall.EINTR) {
		return false, nil
	}
	return err == nil, err
}

func unlockFile(file *os.File) { _ = syscall.Flock(int(file.Fd()), syscall.LOCK_UN) }

// isReadOnly reports whether an error means that the file system is read-only.
func isReadOnly(err error) bool { return errors.Is(err, syscall.EROFS) }

// mayBeOpen reports whether an error may mean that somebody has the file open: here
// that prevents no renaming.
func mayBeOpen(error) bool { return false }
