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

// pause waits until the next attempt. It returns an error when the service asks
// for a longer wait than is acceptable, or when the context ends first.
func (c *Client) pause(ctx context.Context, req Request, attempt int, failed error) error {
	wait := backoff(attempt)
	var failure *Error
	if errors.As(failed, &failure) {
		if asked, ok := retryAfter(failure.retryAfter, time.Now()); ok {
			if asked > maxRetryAfter || exceeds(ctx, asked) {
				failure.Kind, failure.Wait = WaitTooLong, asked
				return failure
			}
			wait = asked
		}
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return overtaken(ctx, req, attempt, failure)
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
		wait = min(maxDelay, wait*10+time.Duration(digit-'0')*time.Second)
	}
	return wait, true
}
