package transport

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"time"
)

// A Phase names the purpose of a request.
type Phase string

// The phases of a read.
const (
	PhaseOIDCToken Phase = "OIDC token request" // for the proof of a sign-in
	PhaseIdentity  Phase = "managed identity"   // for a token of the computer's identity
	PhaseSignIn    Phase = "sign-in"
	PhaseRead      Phase = "request"
)

// A Kind classifies an [Error].
type Kind string

// The kinds of errors. Those marked R are retried before they are returned.
const (
	Invalid          Kind = "invalid"           // the request is malformed, or may not go to its address; nothing was sent
	Unresolved       Kind = "unresolved"        // the host's name does not exist
	NotLookedUp      Kind = "not looked up"     // R: the lookup of the host's name failed
	Refused          Kind = "refused"           // R: the connection was refused
	Unanswered       Kind = "unanswered"        // R: the host did not accept the connection in time
	NoRoute          Kind = "no route"          // R: the network has no route to the host
	Unreachable      Kind = "unreachable"       // R: no connection could be established, for another reason
	Expired          Kind = "expired"           // the TLS certificate has expired, or is not valid yet
	UnknownAuthority Kind = "unknown authority" // the TLS certificate is signed by an unknown authority
	WrongName        Kind = "wrong name"        // the TLS certificate is for another host
	OldTLS           Kind = "old TLS"           // no TLS version is acceptable to both sides
	Untrusted        Kind = "untrusted"         // TLS failed for another reason
	Proxy            Kind = "proxy"             // R: the proxy did not connect
	ProxyRefused     Kind = "proxy refused"     // the proxy asks for credentials or sends a page, or its address is malformed
	Broken           Kind = "broken"            // R: the connection was lost, or the response truncated
	Stalled          Kind = "stalled"           // R: the attempt timeout passed
	OutOfTime        Kind = "out of time"       // the deadline of the whole read passed
	Redirected       Kind = "redirected"        // a 3xx status
	Status           Kind = "status"            // a status other than 200; R for 408, 429, 500, 502, 503, 504
	WaitTooLong      Kind = "wait too long"     // Retry-After asks for more than a minute, or for all the time left
	MediaType        Kind = "media type"        // the Content-Type is not JSON in UTF-8
	Encoding         Kind = "encoding"          // the content encoding is unknown, or the compressed data damaged
	Partial          Kind = "partial"           // a 200 with Content-Range
	TooLarge         Kind = "too large"         // the responses of the read pass its limit
	NotUTF8          Kind = "not UTF-8"         // the response contains invalid UTF-8
	Unread           Kind = "unread"            // the reader did not read the response to its end
	Headers          Kind = "headers"           // the headers, or the number of 1xx responses, pass a limit
)

// An Error describes why a request has no usable response. It contains no text of
// the peer, except a request ID that is a GUID. It does
// not change after it is returned.
type Error struct {
	Kind      Kind
	Phase     Phase
	Host      string
	Status    int           // 0 without a response
	RequestID string        // the service's ID of the request, or ""
	Attempts  int           // requests sent by this Do, the one after a 401 included
	Bytes     int64         // decoded bytes read of the response; for TooLarge the limit of the read
	Wait      time.Duration // for WaitTooLong the Retry-After, for OutOfTime the timeout; 0 if unknown
	Setting   string        // for OutOfTime the name of the timeout; "" if unknown
}

// Error returns a short text for logs and tests; diagnostics are made from the fields.
func (e *Error) Error() string {
	return fmt.Sprintf("transport: %s in %s, host %s, status %d, attempts %d", e.Kind, e.Phase, e.Host, e.Status, e.Attempts)
}

// Transient reports whether a retry may succeed.
func (e *Error) Transient() bool {
	switch e.Kind {
	case NotLookedUp, Refused, Unanswered, NoRoute, Unreachable, Proxy, Broken, Stalled:
		return true
	case Status:
		switch e.Status {
		case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError,
			http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
			return true
		}
	}
	return false
}

// of returns a copy of e with another kind: the known fields of an attempt are
// collected in one Error, from which each error is made.
func (e Error) of(kind Kind) *Error {
	e.Kind = kind
	return &e
}

// WithTimeout is [context.WithTimeout] for a whole read: an OutOfTime error gives d as
// its Wait, and the name of the setting of d.
func WithTimeout(ctx context.Context, d time.Duration, setting string) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, d, readTimeout{d, setting})
}

// A readTimeout is the cause of a context that WithTimeout made.
type readTimeout struct {
	timeout time.Duration
	setting string
}

func (readTimeout) Error() string { return "transport: the timeout of the read passed" }

func (readTimeout) Unwrap() error { return context.DeadlineExceeded }

// ContextError returns the error of a read whose context ended: after a deadline
// an OutOfTime [*Error] with the fields of known, otherwise ctx.Err().
func ContextError(ctx context.Context, known Error) error {
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return ctx.Err()
	}
	if passed, ok := errors.AsType[readTimeout](context.Cause(ctx)); ok {
		known.Wait, known.Setting = passed.timeout, passed.setting
	}
	return known.of(OutOfTime)
}

func transient(err error) bool {
	t, ok := errors.AsType[interface {
		error
		Transient() bool
	}](err)
	return ok && t.Transient()
}

var guid = regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)

// IsGUID reports whether a text is a GUID in its canonical form, in either case
// and without braces. A GUID cannot contain other text, so it is safe to print.
func IsGUID(text string) bool { return guid.MatchString(text) }

// requestID returns the ID under which the service logged the request. An ID
// that is not a GUID is dropped.
func requestID(h http.Header) string {
	for _, name := range []string{"request-id", "x-ms-request-id", "client-request-id"} {
		if id := h.Get(name); IsGUID(id) {
			return id
		}
	}
	return ""
}
