package entra

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

// A token is an access token with its times, by the monotonic clock.
type token struct {
	value   string
	expires time.Time
	renew   time.Time // from then on a new one is acquired
}

// maxMargin is the time between a token's renewal and its expiry, unless half of
// its lifetime is less.
const maxMargin = 5 * time.Minute

// renewalPause is the time after a failed renewal in which a token that is still
// valid is used without another attempt.
const renewalPause = 30 * time.Second

// lasts reports whether the token is valid for at least this time.
func (t token) lasts(validity time.Duration) bool {
	return t.value != "" && time.Until(t.expires) > 0 && time.Until(t.expires) >= validity
}

func newToken(value string, requested time.Time, lifetime time.Duration) token {
	expires := requested.Add(lifetime)
	return token{value: value, expires: expires, renew: expires.Add(-min(maxMargin, lifetime/2))}
}

// A TokenSource returns the tokens of one credential in one tenant. It is safe
// for concurrent use.
type TokenSource struct {
	host    string        // for errors
	timeout time.Duration // of one acquisition, unless its first caller has more time
	acquire func(context.Context) (token, error)

	mu      sync.Mutex
	current token
	running *acquisition // nil when there is none
}

var _ transport.Tokens = (*TokenSource)(nil)

// An acquisition gets one token for all callers that wait for it.
type acquisition struct {
	done    chan struct{} // closed when token and err are set
	token   token
	err     error
	last    token // after an error: the one that should have been renewed, if it is not rejected
	waiting int
	cancel  context.CancelFunc
}

// Token returns a token that is valid now.
func (s *TokenSource) Token(ctx context.Context) (string, error) {
	t, err := s.get(ctx, 0)
	return t.value, err
}

// Invalidate forgets the current token if it is the rejected one. Of any number
// of callers that had the same token rejected, only the first to ask for another
// causes an acquisition.
func (s *TokenSource) Invalidate(rejected string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current.value == rejected {
		s.current = token{}
	}
}

// Lasting returns a token and its expiry. The token is valid for at least validity,
// unless Entra ID issues only shorter ones.
func (s *TokenSource) Lasting(ctx context.Context, validity time.Duration) (string, time.Time, error) {
	t, err := s.get(ctx, validity)
	return t.value, t.expires, err
}

// get returns the current token if it is valid for at least validity and not due
// for renewal, otherwise a new one. If the renewal fails, a current token that is
// valid for at least validity is returned all the same.
func (s *TokenSource) get(ctx context.Context, validity time.Duration) (token, error) {
	for {
		t, again, err := s.try(ctx, validity)
		if !again {
			return t, err
		}
	}
}

// try is get with one acquisition. It returns again if it joined an acquisition
// that ran out of time: the caller may have more.
func (s *TokenSource) try(ctx context.Context, validity time.Duration) (t token, again bool, err error) {
	if ctx.Err() != nil {
		return token{}, false, s.ended(ctx)
	}
	s.mu.Lock()
	if s.current.lasts(validity) && time.Now().Before(s.current.renew) {
		defer s.mu.Unlock()
		return s.current, false, nil
	}
	joined := s.running != nil
	if !joined {
		s.start(ctx)
	}
	a := s.running
	a.waiting++
	s.mu.Unlock()

	select {
	case <-a.done:
	case <-ctx.Done():
		s.leave(a)
		return token{}, false, s.ended(ctx)
	}
	switch {
	case a.err == nil:
		return a.token, false, nil
	case a.last.lasts(validity):
		return a.last, false, nil
	}
	late, ok := errors.AsType[*transport.Error](a.err)
	return token{}, joined && ok && late.Kind == transport.OutOfTime, a.err
}

// ended returns the error of a caller whose context ended.
func (s *TokenSource) ended(ctx context.Context) error {
	return transport.ContextError(ctx, transport.Error{Phase: transport.PhaseSignIn, Host: s.host})
}

// start begins an acquisition that can outlive its first caller: it takes the
// values (loggers) of that caller's context, but not its cancellation.
func (s *TokenSource) start(ctx context.Context) {
	timeout := s.timeout
	if deadline, ok := ctx.Deadline(); ok {
		timeout = max(timeout, time.Until(deadline))
	}
	ctx, cancel := transport.WithTimeout(context.WithoutCancel(ctx), timeout, "")
	a := &acquisition{done: make(chan struct{}), cancel: cancel}
	s.running = a
	go func() {
		defer cancel()
		s.finish(a, ctx)
	}()
}

func (s *TokenSource) finish(a *acquisition, ctx context.Context) {
	fetched, err := guarded(ctx, s.acquire)
	s.mu.Lock()
	defer s.mu.Unlock()
	a.token, a.err = fetched, err
	if s.running == a { // all may have left it, and another may have begun
		s.running = nil
		switch now := time.Now(); {
		case err == nil:
			s.current = fetched
		case s.current.value != "" && now.Before(s.current.expires):
			s.current.renew = now.Add(renewalPause)
			a.last = s.current
		}
	}
	close(a.done)
}

// errPanic replaces a panic, whose value could contain a secret.
var errPanic = errors.New("entra: internal error")

// guarded recovers a panic of acquire, which would end the process and print its
// value.
func guarded(ctx context.Context, acquire func(context.Context) (token, error)) (t token, err error) {
	defer func() {
		if recover() != nil {
			t, err = token{}, errPanic
		}
	}()
	return acquire(ctx)
}

// leave removes a waiter, and cancels the acquisition when none is left.
func (s *TokenSource) leave(a *acquisition) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a.waiting--
	if a.waiting > 0 {
		return
	}
	a.cancel()
	if s.running == a {
		s.running = nil
	}
}
