package transport

import (
	"context"
	"io"
	"net/http"
	"time"
)

// maxErrorBody is how much ParseError gets of a body.
const maxErrorBody = 64 << 10

// errorResponse makes an error of a response whose status is not 200.
func (a *attempt) errorResponse(ctx context.Context, resp *http.Response) error {
	if resp.StatusCode >= 300 && resp.StatusCode < 400 {
		return a.known.of(Redirected)
	}
	e := a.known.of(Status)
	if wait, ok := retryAfter(resp.Header.Values("Retry-After"), time.Now()); ok {
		a.retryAfter = &wait
	}
	if a.request.ParseError == nil {
		return e
	}
	b, ok := newBody(ctx, resp, maxErrorBody, nil)
	if !ok {
		return e
	}
	defer func() { a.bytes = b.network.n }()
	text, _ := io.ReadAll(io.LimitReader(b.text, maxErrorBody)) // its error is the cause
	switch b.cause.kind {
	case "":
		if parsed := a.request.ParseError(resp.StatusCode, text); parsed != nil {
			return &responseError{parsed, e}
		}
	case TooLarge, Encoding, NotUTF8: // an unreadable text; the status says enough
	default:
		if !e.Transient() {
			return a.known.of(b.cause.kind) // the explanation was lost in transit
		}
	}
	return e
}

// A responseError is the caller's error for a response other than 200. The
// status and Retry-After of the response stay with it.
type responseError struct {
	error
	response *Error
}

func (e *responseError) Unwrap() []error { return []error{e.error, e.response} }

func (e *responseError) Transient() bool { return transient(e.error) || e.response.Transient() }
