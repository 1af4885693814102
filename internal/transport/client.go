package transport

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"
)

// Options say how a Client behaves. Every field but Log is required.
type Options struct {
	Base           http.RoundTripper // sends one request; see NewRoundTripper
	UserAgent      string
	MaxAttempts    int           // requests for one Do, at least 1
	AttemptTimeout time.Duration // for one request and the whole of its reply
	MaxBytes       int64         // decoded size at which a reply is refused

	// Log is told of every request that was sent; nil for none.
	Log func(context.Context, LogEntry)
}

// An LogEntry is what may be logged of a request: never a header or a body.
type LogEntry struct {
	Method   string
	Host     string
	Path     string
	Attempt  int           // from 1, the one after a 401 counted too
	Status   int           // 0 when no reply came
	Bytes    int64         // of the body, as they came over the wire
	Duration time.Duration // until the reply was read
}

// A Client sends requests. It is safe for use by many goroutines.
type Client struct{ options Options }

// New returns a client.
func New(o Options) *Client { return &Client{options: o} }

// Tokens gives out bearer tokens. Both methods end with the context's error as
// soon as the context does.
type Tokens interface {
	// Token returns a token that is valid now.
	Token(context.Context) (string, error)
	// Renew returns a token other than the one that the service rejected.
	Renew(ctx context.Context, rejected string) (string, error)
}

// A Request is what Do sends. Attempts send it again as it is.
type Request struct {
	Phase  Phase
	Method string
	URL    *url.URL
	Header http.Header
	Body   string
	Tokens Tokens // for the Authorization header; nil for none

	// MaxBytes replaces the client's limit when it is not 0.
	MaxBytes int64

	// ParseError makes an error of a reply other than 200, from its status and at
	// most the first 64 KiB of its body. If it is nil, or returns nil, the error
	// is an [*Error] with the status. An error with a method Transient() bool
	// that returns true is tried again.
	ParseError func(status int, body []byte) error
}

// Do sends the request until read has taken a reply to its end, and returns nil
// then. It calls read once for each reply with status 200; read must not keep
// the reply, and starts over at each call. The error is an [*Error], what read
// or Refused or Tokens returned, or the context's own.
func (c *Client) Do(ctx context.Context, req Request, read func(*Response) error) error {
	sent, renewed := 0, false
	for attempt := 1; ; attempt++ {
		access, err := token(ctx, req, sent)
		if err != nil {
			return err
		}
		sent++
		err = c.attempt(ctx, req, access, sent, read)
		if unauthorized(err) && req.Tokens != nil && !renewed {
			renewed = true
			if access, err = req.Tokens.Renew(ctx, access); err != nil {
				return err
			}
			sent++
			err = c.attempt(ctx, req, access, sent, read)
		}
		if err == nil {
			return nil
		}
		if failure, ok := errors.AsType[*Error](err); ok {
			failure.Attempts = sent
		}
		if ctx.Err() != nil {
			return overtaken(ctx, req, sent, err)
		}
		if attempt >= c.options.MaxAttempts || !transient(err) {
			return err
		}
		wait, ok := waitAfter(ctx, attempt, err)
		if !ok {
			return err
		}
		if !pause(ctx, wait) {
			return overtaken(ctx, req, sent, err)
		}
	}
}

func token(ctx context.Context, req Request, sent int) (string, error) {
	if req.Tokens != nil {
		return req.Tokens.Token(ctx)
	}
	if ctx.Err() != nil {
		return "", overtaken(ctx, req, sent, nil)
	}
	return "", nil
}

// attempt sends the request once and has its reply read.
func (c *Client) attempt(ctx context.Context, req Request, token string, number int, read func(*Response) error) error {
	ctx, cancel := context.WithTimeout(ctx, c.options.AttemptTimeout)
	defer cancel()
	httpReq, err := c.newRequest(ctx, req, token)
	if err != nil {
		return err
	}

	seen := LogEntry{Method: req.Method, Host: req.URL.Host, Path: req.URL.Path, Attempt: number}
	started := time.Now()
	defer func() {
		seen.Duration = time.Since(started)
		if c.options.Log != nil {
			c.options.Log(ctx, seen)
		}
	}()

	watched := watch{attempt: ctx, abandon: cancel}
	resp, err := c.options.Base.RoundTrip(httpReq.WithContext(watched.on()))
	if err != nil {
		return req.translate(watched.cause(err), 0)
	}
	wire := &wireReader{r: resp.Body}
	defer resp.Body.Close()
	defer func() { seen.Bytes = wire.n }()
	seen.Status = resp.StatusCode

	if resp.StatusCode != http.StatusOK {
		return errorResponse(req, resp, wire)
	}
	reply, err := c.open(req, resp, wire)
	if err != nil {
		return err
	}
	return reply.consume(read)
}

// newRequest makes the HTTP request of one attempt.
func (c *Client) newRequest(ctx context.Context, req Request, token string) (*http.Request, error) {
	httpReq, err := http.NewRequestWithContext(ctx, req.Method, req.URL.String(), body(req.Body))
	if err != nil || !carriesCredentials(req.URL) {
		return nil, &Error{Kind: Invalid, Phase: req.Phase, Host: req.URL.Host}
	}
	for key, values := range req.Header {
		httpReq.Header[key] = values
	}
	httpReq.Header.Set("Accept", "application/json")
	httpReq.Header.Set("Accept-Encoding", "gzip")
	httpReq.Header.Set("User-Agent", c.options.UserAgent)
	if token != "" {
		httpReq.Header.Set("Authorization", "Bearer "+token)
	}
	return httpReq, nil
}

// overtaken is the error of a read that was cancelled or ran out of time.
func overtaken(ctx context.Context, req Request, sent int, failed error) error {
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return ctx.Err()
	}
	e := &Error{Kind: OutOfTime, Phase: req.Phase, Host: req.URL.Host, Attempts: sent}
	if last, ok := errors.AsType[*Error](failed); ok {
		e.Status, e.RequestID = last.Status, last.RequestID
	}
	return e
}

func transient(err error) bool {
	var t interface{ Transient() bool }
	return errors.As(err, &t) && t.Transient()
}

func unauthorized(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == Status && e.Status == http.StatusUnauthorized
}
