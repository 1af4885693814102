package transport

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"
)

// A cause is the reason why the body of a response cannot be used. The innermost
// reader that fails sets it, because it fails first; the others see only the
// consequences. The cause then never changes, and every later read returns it.
type cause struct {
	ctx  context.Context // of the attempt
	kind Kind            // "" while nothing failed
	err  error
}

// set sets the cause unless there is one, and returns the error of the cause.
func (c *cause) set(kind Kind, err error) error {
	if c.kind == "" {
		c.kind, c.err = kind, err
	}
	return c.err
}

// check returns the error of the cause. The end of the attempt is a cause too:
// buffers of net/http and of a decompressor stay readable long after it.
func (c *cause) check() error {
	if err := c.ctx.Err(); err != nil {
		return c.set(networkKind(err), err)
	}
	return c.err
}

var errTooLarge = errors.New("transport: response too large")

// A stage is one of the readers of a responseBody. It counts what it reads, and its
// errors become the cause.
type stage struct {
	r     io.Reader
	cause *cause
	kind  func(error) Kind   // of the errors of r, other than io.EOF
	take  func(n int64) bool // reports whether n more bytes are acceptable; nil if any number is
	n     int64
}

func (s *stage) Read(p []byte) (int, error) {
	if err := s.cause.check(); err != nil {
		return 0, err
	}
	n, err := s.r.Read(p)
	if s.take != nil && !s.take(int64(n)) {
		return 0, s.cause.set(TooLarge, errTooLarge)
	}
	s.n += int64(n)
	if err == nil || err == io.EOF {
		return n, err
	}
	return n, s.cause.set(s.kind(err), err)
}

// compressionOverhead is the number of bytes by which a response may exceed its
// content because of compression: gzip adds up to 18 bytes, and 5 per 64 KiB.
const compressionOverhead = 512 << 10

// A responseBody reads the body of a response in three stages: the bytes from the
// network, their content after decompression, and the content checked to be
// UTF-8, without a byte order mark.
type responseBody struct {
	cause                  cause
	network, content, text *stage
}

// newBody returns a responseBody. take limits its content, maxBytes its bytes from
// the network, since compressed data can decompress to nothing. It returns false for
// an unknown content encoding.
func newBody(ctx context.Context, resp *http.Response, maxBytes int64, take func(int64) bool) (*responseBody, bool) {
	b := &responseBody{cause: cause{ctx: ctx}}
	b.network = &stage{r: resp.Body, cause: &b.cause, kind: networkKind, take: func(n int64) bool {
		return b.network.n+n-compressionOverhead <= maxBytes
	}}
	b.content = &stage{r: b.network, cause: &b.cause, kind: func(error) Kind { return Encoding }, take: take}
	b.text = &stage{
		r:     &utf8Reader{r: b.content},
		cause: &b.cause,
		kind:  func(error) Kind { return NotUTF8 },
	}
	switch strings.ToLower(strings.Join(resp.Header.Values("Content-Encoding"), ",")) {
	case "", "identity":
		return b, true
	case "gzip", "x-gzip":
		b.content.r = &gzipReader{r: b.network}
		return b, true
	}
	return b, false
}

// A gzipReader decompresses. It reads the gzip header at the first Read, so that a
// response truncated inside the header is a network error like any other.
type gzipReader struct {
	r   io.Reader
	zip *gzip.Reader
}

func (g *gzipReader) Read(p []byte) (int, error) {
	if g.zip == nil {
		zip, err := gzip.NewReader(g.r)
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF // an empty body is not a gzip stream
		}
		if err != nil {
			return 0, err
		}
		g.zip = zip
	}
	return g.zip.Read(p)
}

var errNotUTF8 = errors.New("transport: response is not UTF-8")

// A utf8Reader passes on valid UTF-8, without a byte order mark at the start. The
// JSON decoder that reads from it cannot tell an invalid byte from the escape of a
// lone surrogate, which is valid and occurs in Windows file names.
//
// The library's solution, transform.NewReader with encoding.UTF8Validator, reads 4 KiB
// at a time: a summary of 10,000 alerts took 24 % longer with it (BenchmarkRead).
type utf8Reader struct {
	r       io.Reader
	buffer  [32 << 10]byte
	ready   []byte // validated
	rest    []byte // the first bytes of an incomplete character
	err     error  // of r, or errNotUTF8; after ready
	started bool
}

func (u *utf8Reader) Read(p []byte) (int, error) {
	for len(u.ready) == 0 {
		if u.err != nil {
			return 0, u.err
		}
		u.fill()
	}
	n := copy(p, u.ready)
	u.ready = u.ready[n:]
	return n, nil
}

func (u *utf8Reader) fill() {
	n := copy(u.buffer[:], u.rest)
	m, err := u.r.Read(u.buffer[n:])
	text := u.buffer[:n+m]
	whole := len(text)
	for back := 1; back < utf8.UTFMax && back <= len(text); back++ {
		if start := len(text) - back; utf8.RuneStart(text[start]) {
			if !utf8.FullRune(text[start:]) {
				whole = start
			}
			break
		}
	}
	if !utf8.Valid(text[:whole]) || err == io.EOF && whole < len(text) {
		whole, err = 0, errNotUTF8
	}
	u.ready, u.rest, u.err = text[:whole], text[whole:], err
	if !u.started && whole > 0 {
		u.started = true
		u.ready = bytes.TrimPrefix(u.ready, []byte("\uFEFF"))
	}
}
