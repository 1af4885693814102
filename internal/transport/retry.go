package transport

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"
)

const (
	maxBackoff    = 30 * time.Second
	maxRetryAfter = 60 * time.Second
)

// waitAfter returns how long to wait after a failed attempt. When the service
// asks for longer than is acceptable it says so in the error and reports false.
func waitAfter(ctx context.Context, attempt int, failed error) (time.Duration, bool) {
	failure, ok := errors.AsType[*Error](failed)
	if !ok {
		return backoff(attempt), true
	}
	asked, ok := retryAfter(failure.retryAfter, time.Now())
	if !ok {
		return backoff(attempt), true
	}
	if asked > maxRetryAfter || exceeds(ctx, asked) {
		failure.Kind, failure.Wait = WaitTooLong, asked
		return 0, false
	}
	return asked, true
}

// pause waits, and reports whether the context has not ended before.
func pause(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// backoff is a random wait of at most 1 s, 2 s, 4 s … 30 s: "full jitter", which
// keeps many clients that failed together from coming back together.
func backoff(attempt int) time.Duration {
	ceiling := maxBackoff
	if attempt <= 5 {
		ceiling = min(ceiling, time.Second<<(attempt-1))
	}
	return rand.N(ceiling) + 1
}

func exceeds(ctx context.Context, wait time.Duration) bool {
	deadline, ok := ctx.Deadline()
	return ok && time.Until(deadline) < wait
}

// retryAfter reads the Retry-After header: a number of seconds or an HTTP date
// (RFC 9110, 10.2.3). A date in the past is no wait. It reports false when the
// header is absent, given twice or malformed.
func retryAfter(values []string, now time.Time) (time.Duration, bool) {
	if len(values) != 1 {
		return 0, false
	}
	if seconds, ok := delaySeconds(values[0]); ok {
		return seconds, true
	}
	date, err := http.ParseTime(values[0])
	if err != nil {
		return 0, false
	}
	return max(0, date.Sub(now)), true
}

// maxDelay stands for every longer wait, so that none overflows.
const maxDelay = 1_000_000 * time.Hour

func delaySeconds(text string) (time.Duration, bool) {
	if text == "" || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	var wait time.Duration
	for _, digit := range text {
		if wait >= maxDelay/10 {
			return maxDelay, true
		}
		wait = wait*10 + time.Duration(digit-'0')*time.Second
	}
	return wait, true
}
