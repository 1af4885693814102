package transport

import (
	"context"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// Options configure a Client. Every field but Log is required.
type Options struct {
	Base           http.RoundTripper // sends one request; see NewRoundTripper
	UserAgent      string
	MaxAttempts    int           // requests per Do, at least 1; the one after a 401 is not counted
	AttemptTimeout time.Duration // of one request, until its whole response is read

	// Log is called after every request that was sent, from the goroutine of its
	// Do; nil logs nothing.
	Log func(context.Context, LogEntry)
}

// A LogEntry holds the loggable parts of a request: no header, query or body.
type LogEntry struct {
	Method   string
	Host     string
	Path     string
	Attempt  int           // from 1, the one after a 401 counted too
	Status   int           // 0 without a response
	Bytes    int64         // of the body, before decompression
	Duration time.Duration // until the response was read
}

// A Client sends requests. It is safe for concurrent use.
type Client struct {
	options Options
	local   bool
}

// New returns a client.
func New(o Options) *Client { return &Client{options: o} }

// Local returns a client with the same options for services of the computer
// itself, such as the metadata service of a virtual machine: it sends only to
// loopback and link-local addresses, also over plain HTTP. base is usually
// [NewLocalRoundTripper].
func (c *Client) Local(base http.RoundTripper) *Client {
	o := c.options
	o.Base = base
	return &Client{options: o, local: true}
}

// Once returns a client with the same options that sends each request once, whatever
// its error: for requests that must not be repeated.
func (c *Client) Once() *Client {
	o := c.options
	o.MaxAttempts = 1
	return &Client{options: o, local: c.local}
}

// carriesCredentials reports whether the client may send credentials to the address.
func (c *Client) carriesCredentials(address *url.URL) bool {
	if c.local {
		return isHTTP(address) && isLocal(address.Hostname())
	}
	return carriesCredentials(address)
}

// Tokens supplies bearer tokens. Its methods are safe for concurrent use.
type Tokens interface {
	// Token returns a token that is valid now. It returns an error as soon as the
	// context ends.
	Token(ctx context.Context) (string, error)
	// Invalidate reports that the service rejected a token, so that Token does not
	// return it from a cache again.
	Invalidate(rejected string)
}

// A Read sends the requests of one logical read: they go to one origin and share
// one forced renewal of the token and one budget of bytes. It is safe for
// concurrent use.
type Read struct {
	client   *Client
	base     *url.URL
	tokens   Tokens // nil for none
	maxBytes int64

	mu       sync.Mutex
	used     int64  // decoded bytes of the responses read or being read
	rejected string // the token that was invalidated, "" if none was
}

// Begin starts a read of a service: its requests go only to the scheme, host and
// port of base, tokens fills the Authorization header (nil: none), and maxBytes
// limits the decoded bytes of all its responses together. A failed attempt returns
// its bytes to the budget.
func (c *Client) Begin(base *url.URL, tokens Tokens, maxBytes int64) *Read {
	return &Read{client: c, base: base, tokens: tokens, maxBytes: maxBytes}
}

// take reserves n bytes of the budget, or returns false and reserves none.
func (r *Read) take(n int64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n > r.maxBytes-r.used {
		return false
	}
	r.used += n
	return true
}

func (r *Read) giveBack(n int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.used -= n
}

// invalidate reports whether to send one more request after a 401. It invalidates
// the read's first rejected token, and returns true to all calls that sent it.
func (r *Read) invalidate(rejected string) bool {
	if r.tokens == nil {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.rejected == "" {
		r.rejected = rejected
		r.tokens.Invalidate(rejected)
	}
	return r.rejected == rejected
}
