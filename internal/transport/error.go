package transport

import (
	"fmt"
	"net/http"
	"regexp"
	"time"
)

// A Phase is what a request was for.
type Phase string

// The phases of a read.
const (
	PhaseSignIn Phase = "sign-in"
	PhaseRead   Phase = "request"
)

// A Kind says what went wrong.
type Kind uint8

// The kinds of failures. Those marked R are tried again before they are reported.
const (
	Invalid      Kind = iota // the request could not be made
	Unresolved               // the host's name does not exist
	Unreachable              // R: no connection came about
	Untrusted                // TLS: the certificate or the protocol version is not acceptable
	Proxy                    // R: the proxy did not let the request through
	ProxyRefused             // the proxy asks for credentials or shows a page, or its address is malformed
	Broken                   // R: the connection broke, or the reply stopped short
	Stalled                  // R: the attempt timeout passed
	OutOfTime                // the time for the whole read passed
	Redirected               // a reply of 3xx
	Status                   // a status other than 200; R for 408, 429, 500, 502, 503, 504
	WaitTooLong              // Retry-After asks for more than a minute or than the time left
	MediaType                // the reply is not said to be JSON in UTF-8
	Encoding                 // the content encoding is unknown, or the compressed data damaged
	Partial                  // a 200 with Content-Range
	TooLarge                 // the decoded reply passes the limit
	NotUTF8                  // a byte of the reply is not UTF-8
	Unread                   // the reader left some of the reply unread
	Headers                  // the headers pass the limit, or interim replies do
)

// An Error says why a request has no usable reply. It holds nothing that the
// peer could have written, but for a request id of harmless characters.
type Error struct {
	Kind      Kind
	Phase     Phase
	Host      string
	Status    int           // 0 when no reply came
	RequestID string        // as the service names the request, or ""
	Attempts  int           // requests sent, the one after a 401 included
	Bytes     int64         // decoded bytes read of the reply; the limit for TooLarge
	Wait      time.Duration // for WaitTooLong

	retryAfter []string
}

// Error returns a short text for logs and tests; diagnostics are made from the fields.
func (e *Error) Error() string {
	return fmt.Sprintf("transport: kind %d in %s, host %s, status %d, attempts %d", e.Kind, e.Phase, e.Host, e.Status, e.Attempts)
}

// Transient reports whether the same request may succeed when sent again.
func (e *Error) Transient() bool {
	switch e.Kind {
	case Unreachable, Proxy, Broken, Stalled:
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

// A GUID, as Microsoft's services name requests, is no place for anything else.
var guid = regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)

// requestID returns the id under which the service knows the request, if it is
// harmless to print.
func requestID(h http.Header) string {
	for _, name := range []string{"request-id", "x-ms-request-id", "client-request-id"} {
		if id := h.Get(name); guid.MatchString(id) {
			return id
		}
	}
	return ""
}
