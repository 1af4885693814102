package entra

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

// A token is an access token and when it ends, by the monotonic clock.
type token struct {
	value   string
	expires time.Time
	renew   time.Time // from here on a new one is fetched
}

// maxMargin is how long before its end a token is renewed, unless its lifetime
// is so short that half of it is less.
const maxMargin = 5 * time.Minute

func newToken(value string, requested time.Time, lifetime time.Duration) token {
	expires := requested.Add(lifetime)
	return token{value: value, expires: expires, renew: expires.Add(-min(maxMargin, lifetime/2))}
}

// A TokenSource gives out the tokens of one credential in one tenant. It is safe for
// use by many goroutines.
type TokenSource struct {
	host    string        // for errors
	timeout time.Duration // of one acquisition
	acquire func(context.Context) (token, error)

	mu      sync.Mutex
	current token
	running *acquisition // nil when none is
}

var _ transport.Tokens = (*TokenSource)(nil)

// An acquisition is one fetch of a token, on behalf of all who wait for it.
type acquisition struct {
	done    chan struct{} // closed when token and err are set
	token   token
	err     error
	waiting int
	cancel  context.CancelFunc
}

// Token returns a token that is good for now.
func (s *TokenSource) Token(ctx context.Context) (string, error) {
	t, err := s.get(ctx, func(token) bool { return true })
	return t.value, err
}

// Renew returns a token other than the one that the service rejected.
func (s *TokenSource) Renew(ctx context.Context, rejected string) (string, error) {
	t, err := s.get(ctx, func(t token) bool { return t.value != rejected })
	return t.value, err
}

// Lasting returns a token and when it ends. It lasts as long as asked for,
// unless Entra ID issues only shorter ones.
func (s *TokenSource) Lasting(ctx context.Context, validity time.Duration) (string, time.Time, error) {
	t, err := s.get(ctx, func(t token) bool { return time.Until(t.expires) >= validity })
	return t.value, t.expires, err
}

// get returns the current token if it is not to be renewed yet and suits the
// caller, and else a new one.
func (s *TokenSource) get(ctx context.Context, suits func(token) bool) (token, error) {
	if ctx.Err() != nil {
		return token{}, s.ended(ctx)
	}
	s.mu.Lock()
	if s.current.value != "" && time.Now().Before(s.current.renew) && suits(s.current) {
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
		return token{}, s.ended(ctx)
	}
}

// start begins an acquisition that outlives its first caller. The context of
// that caller gives its values (loggers) and not its end.
func (s *TokenSource) start(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.timeout)
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
	if s.running == a { // and nobody has begun another since all left this one
		s.running = nil
		if err == nil {
			s.current = fetched
		}
	}
	close(a.done)
}

// errPanic stands for a panic, whose value could hold a secret.
var errPanic = errors.New("entra: internal error")

// guarded keeps a panic of this goroutine from ending the process with its
// value printed.
func guarded(ctx context.Context, acquire func(context.Context) (token, error)) (t token, err error) {
	defer func() {
		if recover() != nil {
			t, err = token{}, errPanic
		}
	}()
	return acquire(ctx)
}

// leave gives the acquisition up when nobody waits for it any more.
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

// ended is the error of a caller whose context ended while it waited.
func (s *TokenSource) ended(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return &transport.Error{Kind: transport.OutOfTime, Phase: transport.PhaseSignIn, Host: s.host}
	}
	return ctx.Err()
}
