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

func newToken(value string, requested time.Time, lifetime time.Duration) token {
	expires := requested.Add(lifetime)
	return token{value: value, expires: expires, renew: expires.Add(-min(maxMargin, lifetime/2))}
}

// A TokenSource returns the tokens of one credential in one tenant. It is safe
// for concurrent use.
type TokenSource struct {
	host    string        // for errors
	timeout time.Duration // of one acquisition
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
// for renewal, otherwise a new one.
func (s *TokenSource) get(ctx context.Context, validity time.Duration) (token, error) {
	if ctx.Err() != nil {
		return token{}, transport.ContextError(ctx, transport.Error{Phase: transport.PhaseSignIn, Host: s.host})
	}
	s.mu.Lock()
	if s.current.value != "" && time.Now().Before(s.current.renew) && time.Until(s.current.expires) >= validity {
		defer s.mu.Unlock()
		return s.current, nil
	}
	if s.running == nil {
		s.start(ctx)
	}
	a := s.running
	a.waiting++
	s.mu.Unlock()

	select {
	case <-a.done:
		return a.token, a.err
	case <-ctx.Done():
		s.leave(a)
		return token{}, transport.ContextError(ctx, transport.Error{Phase: transport.PhaseSignIn, Host: s.host})
	}
}

// start begins an acquisition that can outlive its first caller: it takes the
// values (loggers) of that caller's context, but not its cancellation.
func (s *TokenSource) start(ctx context.Context) {
	ctx, cancel := transport.WithTimeout(context.WithoutCancel(ctx), s.timeout, "")
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
		if err == nil {
			s.current = fetched
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
