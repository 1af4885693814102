package transport

import (
	"context"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"
)

// A Response is a response with status 200 and acceptable headers.
type Response struct {
	// Body is the content: decompressed, valid UTF-8, without a byte order mark,
	// within the budget of the read. An error of it, other than io.EOF, fails the
	// attempt even if the reader ignores it, and every later read returns it again.
	Body      io.Reader
	RequestID string // the service's ID of the request, or ""
	Header    http.Header
}

// receive checks the headers of a response and calls read with its body.
func (a *attempt) receive(ctx context.Context, resp *http.Response, read func(*Response) error) (err error) {
	a.known.Status, a.known.RequestID = resp.StatusCode, requestID(resp.Header)
	if resp.StatusCode != http.StatusOK {
		return a.errorResponse(ctx, resp)
	}
	b, ok := newBody(ctx, resp, a.maxBytes, a.take)
	defer func() {
		a.bytes = b.network.n
		if err != nil {
			a.giveBack(b.content.n)
		}
	}()
	switch {
	case len(resp.Header.Values("Content-Range")) > 0:
		return a.known.of(Partial)
	case !isJSON(resp.Header.Values("Content-Type")):
		return a.known.of(MediaType)
	case !ok:
		return a.known.of(Encoding)
	}
	err = read(&Response{Body: b.text, RequestID: a.known.RequestID, Header: resp.Header})
	unread := err == nil && !ended(b.text)
	a.known.Bytes = b.content.n
	switch {
	case b.cause.kind == TooLarge:
		a.known.Bytes = a.maxBytes
		return a.known.of(TooLarge)
	case b.cause.kind != "":
		return a.known.of(b.cause.kind)
	case unread:
		return a.known.of(Unread)
	}
	return err
}

// ended reports whether a reader has nothing left. The last read also completes
// the transfer: the end of a chunked or compressed body follows its content.
func ended(r io.Reader) bool {
	n, err := r.Read(make([]byte, 1))
	return n == 0 && err == io.EOF
}

// isJSON reports whether the Content-Type allows a body to be read as JSON in
// UTF-8. A missing one does, as the body is read strictly anyway.
func isJSON(values []string) bool {
	if len(values) == 0 {
		return true
	}
	media, params, err := mime.ParseMediaType(values[0])
	if err != nil || len(values) > 1 {
		return false
	}
	if charset, ok := params["charset"]; ok && !strings.EqualFold(charset, "utf-8") {
		return false
	}
	return media == "application/json" || media == "text/json" ||
		strings.HasPrefix(media, "application/") && strings.HasSuffix(media, "+json")
}

// maxErrorBody is the maximum number of bytes of a body that ParseError gets.
const maxErrorBody = 64 << 10

// errorResponse returns the error of a response whose status is not 200.
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
	case TooLarge, Encoding, NotUTF8: // an unreadable text; the status suffices
	default:
		if !e.Transient() {
			return a.known.of(b.cause.kind) // the network error hid the service's explanation
		}
	}
	return e
}

// A responseError is the caller's error for a response other than 200, with the
// response's own error, whose status also decides about a retry.
type responseError struct {
	error
	response *Error
}

func (e *responseError) Unwrap() []error { return []error{e.error, e.response} }

func (e *responseError) Transient() bool { return transient(e.error) || e.response.Transient() }
