package transport

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

const (
	maxBackoff    = 30 * time.Second
	maxRetryAfter = 60 * time.Second
	// minThrottled is the minimum wait after a 429 that does not say how long.
	minThrottled = 15 * time.Second
)

// Do sends the request, with retries, until read has consumed a complete
// response, and returns nil then. It calls read once for each response with
// status 200; read must not keep the response, and starts over at each call.
// The error is an [*Error], that of read, NextBody, ParseError or Tokens, or the
// context's own.
func (r *Read) Do(ctx context.Context, req Request, read func(*Response) error) error {
	template, err := r.newRequest(ctx, req)
	if err != nil {
		return err
	}
	var (
		known   = Error{Phase: req.Phase, Host: req.URL.Host}
		last    = &attempt{known: known}
		failed  error  // of the last attempt
		refused string // the token that a 401 rejected and that was replaced
	)
	for attempts := 0; ; {
		if req.Pace != nil {
			if req.Pace(ctx); ctx.Err() != nil {
				return ContextError(ctx, last.known)
			}
		}
		token := ""
		if r.tokens != nil {
			if token, err = r.tokens.Token(ctx); err != nil {
				return err
			}
		}
		body := req.Body
		if req.NextBody != nil {
			if body, err = req.NextBody(ctx); err != nil {
				return err
			}
		}
		switch {
		case ctx.Err() != nil:
			return ContextError(ctx, last.known)
		case refused != "" && token == refused:
			return failed
		}
		known.Attempts++
		last = &attempt{Read: r, request: req, known: known}
		if failed = last.send(ctx, template, token, body, read); failed == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ContextError(ctx, last.known)
		}
		if last.known.Status == http.StatusUnauthorized && refused == "" && r.invalidate(token) {
			refused = token
			continue
		}
		attempts++
		if attempts >= r.client.options.MaxAttempts || !transient(failed) {
			return failed
		}
		if err := last.pause(ctx, attempts); err != nil {
			return err
		}
	}
}

// pause waits before the next attempt: for the time in Retry-After, or else for a
// backoff, also if that time is 0. It returns an error if the wait is too long or
// the context ends.
func (a *attempt) pause(ctx context.Context, attempts int) error {
	wait := backoff(attempts)
	switch {
	case a.retryAfter == nil && a.known.Status == http.StatusTooManyRequests:
		wait += minThrottled
	case a.retryAfter != nil && *a.retryAfter > 0:
		wait = *a.retryAfter
		deadline, limited := ctx.Deadline()
		if wait > maxRetryAfter || limited && wait >= time.Until(deadline) {
			known := a.known
			known.Wait = wait
			return known.of(WaitTooLong)
		}
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ContextError(ctx, a.known)
	}
}

// backoff returns a random wait of less than 1 s, 2 s, 4 s … 30 s after the first,
// second, third … attempt. This "full jitter" spreads the retries of many clients
// that failed at the same time.
func backoff(attempts int) time.Duration {
	ceiling := maxBackoff
	if attempts <= 5 {
		ceiling = min(ceiling, time.Second<<(attempts-1))
	}
	return rand.N(ceiling)
}

const maxDelay = 1_000_000 * time.Hour // replaces every longer wait, so that none overflows

// retryAfter reads the Retry-After header: a number of seconds or an HTTP date
// (RFC 9110, 10.2.3). A date in the past is no wait. It returns false when the
// header is absent, duplicate or malformed.
func retryAfter(values []string, now time.Time) (time.Duration, bool) {
	if len(values) != 1 {
		return 0, false
	}
	seconds, err := strconv.ParseUint(values[0], 10, 64)
	if err == nil || errors.Is(err, strconv.ErrRange) { // seconds is the largest uint64 then
		return time.Duration(min(seconds, uint64(maxDelay/time.Second))) * time.Second, true
	}
	date, err := http.ParseTime(values[0])
	return max(0, date.Sub(now)), err == nil
}
