package tokenfile

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"
)

// pollInterval is the time between two attempts to lock.
const pollInterval = 25 * time.Millisecond

// Lock waits until no other process and no other caller in this one has the file
// locked, and returns the function that unlocks it. The lock is an empty file beside
// it, "….lock", which stays; the system unlocks it when a process dies. It does not
// prevent anybody from reading or writing without it. The error of a context that
// ends is ctx.Err().
func Lock(ctx context.Context, path string) (unlock func(), err error) {
	target, err := resolve(path)
	if err != nil {
		return nil, err
	}
	if err := createFolder(filepath.Dir(target)); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(target+".lock", os.O_RDWR|os.O_CREATE|noFollow, 0o600) // a link could create a file elsewhere
	if err != nil {
		if err = problem(err); !errors.Is(err, ErrReadOnly) {
			err = errors.New("its lock cannot be opened")
		}
		return nil, err
	}
	if err := wait(ctx, file); err != nil {
		_ = file.Close()
		return nil, err
	}
	return func() {
		unlockFile(file)
		_ = file.Close()
	}, nil
}

// wait polls, as locking cannot be cancelled.
func wait(ctx context.Context, file *os.File) error {
	poll := time.NewTicker(pollInterval)
	defer poll.Stop()
	for {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		locked, err := tryLockFile(file)
		if err != nil {
			return errors.New("locking it failed")
		}
		if locked {
			return nil
		}
		select {
		case <-poll.C:
		case <-ctx.Done():
		}
	}
}
