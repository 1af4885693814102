package transport

import (
	"io"
	"net/http"
)

// maxRefusal bounds what is read of a reply that is refused anyway.
const maxRefusal = 64 << 10

// errorResponse makes an error of a reply whose status is not 200.
func errorResponse(req Request, resp *http.Response, wire *wireReader) error {
	e := &Error{
		Kind:       Status,
		Phase:      req.Phase,
		Host:       req.URL.Host,
		Status:     resp.StatusCode,
		RequestID:  requestID(resp.Header),
		retryAfter: resp.Header.Values("Retry-After"),
	}
	if resp.StatusCode >= 300 && resp.StatusCode < 400 {
		e.Kind = Redirected
		return e
	}
	if req.ParseError == nil {
		return e
	}
	content, ok := decompress(wire, resp.Header)
	if !ok {
		return e
	}
	text, err := io.ReadAll(io.LimitReader(newUTF8Reader(content), maxRefusal))
	if wire.err != nil && !e.Transient() {
		// Why the request was refused went missing on the way.
		broken := req.translate(wire.err, resp.StatusCode)
		broken.RequestID = e.RequestID
		return broken
	}
	if err != nil {
		return e
	}
	if refused := req.ParseError(resp.StatusCode, text); refused != nil {
		return &responseError{refused, e}
	}
	return e
}

// responseError is the caller's reading of a refused reply; the status and the
// Retry-After of the reply stay with it.
type responseError struct {
	error
	reply *Error
}

func (e *responseError) Unwrap() []error { return []error{e.error, e.reply} }

func (e *responseError) Transient() bool { return transient(e.error) || e.reply.Transient() }
