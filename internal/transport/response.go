package transport

import (
	"context"
	"io"
	"mime"
	"net/http"
	"strings"
)

// A Response is a response with status 200 and acceptable headers.
type Response struct {
	// Body is the content: decompressed, valid UTF-8, without a byte order mark,
	// within the budget of the read. An error of it, other than io.EOF, fails the
	// attempt even if the reader ignores it, and every later read returns it again.
	Body      io.Reader
	RequestID string // the service's ID of the request, or ""
}

// receive checks the headers of a response and has its body read.
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
	err = read(&Response{Body: b.text, RequestID: a.known.RequestID})
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
