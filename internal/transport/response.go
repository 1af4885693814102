package transport

import (
	"compress/gzip"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
)

// A Response is a reply with status 200 whose headers are acceptable.
type Response struct {
	// Body is the reply's content: decompressed, without a byte order mark, and
	// bounded. Its text is valid UTF-8 as far as it was read. Its errors end the
	// attempt whatever the reader makes of them.
	Body      io.Reader
	RequestID string

	request Request
	base    Error // what any error about this reply says
	wire    *wireReader
	size    *sizeReader
	utf8    *utf8Reader
}

// open checks the headers of a reply with status 200 and sets up its body.
func (c *Client) open(req Request, resp *http.Response, wire *wireReader) (*Response, error) {
	r := &Response{
		RequestID: requestID(resp.Header),
		request:   req,
		wire:      wire,
		base: Error{
			Phase: req.Phase, Host: req.URL.Host,
			Status: resp.StatusCode, RequestID: requestID(resp.Header),
		},
	}
	if resp.Header.Get("Content-Range") != "" {
		return nil, r.fail(Partial)
	}
	if !isJSON(resp.Header.Values("Content-Type")) {
		return nil, r.fail(MediaType)
	}
	content, ok := decompress(wire, resp.Header)
	if !ok {
		return nil, r.fail(Encoding)
	}
	limit := c.options.MaxBytes
	if req.MaxBytes > 0 {
		limit = req.MaxBytes
	}
	r.size = &sizeReader{r: content, left: limit}
	r.utf8 = newUTF8Reader(r.size)
	r.Body = r.utf8
	return r, nil
}

// decompress returns the reader of the content behind the content encoding, and
// false for an encoding that was not asked for.
func decompress(wire *wireReader, header http.Header) (io.Reader, bool) {
	switch strings.ToLower(strings.Join(header.Values("Content-Encoding"), ",")) {
	case "", "identity":
		return wire, true
	case "gzip", "x-gzip":
		return &gzipReader{wire: wire}, true
	}
	return nil, false
}

// consume has the reply read, and finds out which of the errors of the wire,
// the content and the reader came first in cause.
func (r *Response) consume(read func(*Response) error) error {
	err := read(r)
	if err == nil {
		err = r.expectEnd()
	}
	if err == nil {
		return nil
	}
	switch {
	case r.wire.err != nil:
		return r.wireFailure()
	case r.size.exceeded:
		return r.fail(TooLarge)
	case r.size.err != nil:
		return r.fail(Encoding)
	case r.utf8.invalid:
		return r.fail(NotUTF8)
	}
	return err
}

// expectEnd reports an error when the body goes on: the reader did not look at
// all of it, or the transfer is not complete.
func (r *Response) expectEnd() error {
	var one [1]byte
	switch n, err := r.Body.Read(one[:]); {
	case n > 0:
		return r.fail(Unread)
	case errors.Is(err, io.EOF):
		return nil
	case err == nil:
		return r.fail(Unread)
	default:
		return err
	}
}

func (r *Response) wireFailure() error {
	e := r.request.translate(r.wire.err, r.base.Status)
	e.RequestID, e.Bytes = r.base.RequestID, r.size.n
	return e
}

func (r *Response) fail(kind Kind) error {
	e := r.base
	e.Kind = kind
	if r.size != nil {
		e.Bytes = r.size.n
	}
	return &e
}

// isJSON reports whether the Content-Type allows the body to be read as JSON in
// UTF-8. A missing one does: the body is read strictly in any case.
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

// gzipReader decompresses. It reads nothing before it is read, so that a reply
// cut inside the gzip header is a fault of the wire like any other.
type gzipReader struct {
	wire *wireReader
	zip  *gzip.Reader
}

func (g *gzipReader) Read(p []byte) (int, error) {
	if g.zip == nil {
		zip, err := gzip.NewReader(g.wire)
		if errors.Is(err, io.EOF) {
			// An empty body is no gzip stream; without this it would read as an end.
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return 0, err
		}
		g.zip = zip
	}
	return g.zip.Read(p)
}
