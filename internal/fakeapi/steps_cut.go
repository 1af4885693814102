package fakeapi

import (
	"fmt"
	"io"
	"net/http"
	"time"
)

// The steps of this file damage the transfer of a good reply. Bodies are not
// compressed, so that n counts their own bytes; a negative n counts from the
// end, -1 being all but the last byte.

// CutAfter promises the whole body and closes the connection after n bytes of
// it: a server that is stopped, a proxy that gives up. On HTTP/2 the stream is
// reset.
func CutAfter(n int) Step {
	return Step{run: func(e *exchange) {
		e.start(n)
		panic(http.ErrAbortHandler)
	}}
}

// H2ResetAfter is RST_STREAM after n body bytes, without a promised length: a
// server that fails while it streams. Needs Options.TLS; on HTTP/1.1 the
// chunked body ends without its last chunk.
func H2ResetAfter(n int) Step {
	return Step{run: func(e *exchange) {
		p := e.reply()
		p.writeHead(e.w, -1)
		e.flush(prefix(p.body, n))
		panic(http.ErrAbortHandler)
	}}
}

// H2GoAwayAfter is GOAWAY, after which the client needs another connection, and
// RST_STREAM after n body bytes: a server that is replaced and does not wait
// for its streams. Needs Options.TLS; on HTTP/1.1 it is CutAfter with
// Connection: close.
func H2GoAwayAfter(n int) Step {
	return Step{run: func(e *exchange) {
		e.w.Header().Set("Connection", "close") // net/http's way to send GOAWAY
		e.start(n)
		panic(http.ErrAbortHandler)
	}}
}

// Stall promises the whole body and sends nothing after n bytes of it, until
// the client leaves: a dead peer behind a load balancer that keeps the
// connection.
func Stall(n int) Step {
	return Step{run: func(e *exchange) {
		e.start(n)
		e.wait()
		panic(http.ErrAbortHandler)
	}}
}

// Dribble sends the head and then the whole body at one byte per interval: a
// server that keeps every read timeout from firing. It is complete in the end.
func Dribble(interval time.Duration) Step {
	return Step{run: func(e *exchange) {
		p := e.reply()
		e.answered(p.status)
		p.writeHead(e.w, len(p.body))
		e.flush(nil)
		for i := range p.body {
			if !e.pause(interval) {
				panic(http.ErrAbortHandler)
			}
			e.flush(p.body[i : i+1])
		}
	}}
}

// ResetBeforeHeaders resets the connection instead of answering: a stale
// kept-alive connection, a restarted server. HTTP/1.1 only.
func ResetBeforeHeaders() Step { return Raw("", Reset) }

// ResetAfter promises the whole body and resets the connection after n bytes of
// it. What the system has not yet sent of a long body is lost too. HTTP/1.1
// only.
func ResetAfter(n int) Step {
	return rewritten(Reset, func(p reply, w io.Writer) {
		fmt.Fprintf(w, "%sContent-Length: %d\r\n\r\n%s", p.head(http11), len(p.body), prefix(p.body, n))
	})
}

// LieLength sends the whole body under a Content-Length that is off by delta,
// and closes: a proxy that rewrites bodies and forgets the header. HTTP/1.1
// only.
func LieLength(delta int) Step {
	return rewritten(Close, func(p reply, w io.Writer) {
		fmt.Fprintf(w, "%sContent-Length: %d\r\n\r\n%s", p.head(http11), len(p.body)+delta, p.body)
	})
}

// H2ShortEnd promises the whole body and ends the stream in good order after n
// bytes of it: the HTTP/2 form of a length that lies. On HTTP/1.1 the
// connection is closed, as by CutAfter.
func H2ShortEnd(n int) Step {
	return Step{run: func(e *exchange) { e.start(n) }}
}

// ChunkedUnterminated sends the whole body in one chunk and closes without the
// last, empty one: a server that died after its last byte. HTTP/1.1 only.
func ChunkedUnterminated() Step {
	return rewritten(Close, func(p reply, w io.Writer) {
		fmt.Fprintf(w, "%s%s%x\r\n%s\r\n", p.head(http11), chunked, len(p.body), p.body)
	})
}

// BadChunk sends half of the body in one chunk, followed by a chunk size that
// is no number: a stream with bytes lost or inserted. HTTP/1.1 only.
func BadChunk() Step {
	return rewritten(Close, func(p reply, w io.Writer) {
		half := p.body[:len(p.body)/2]
		fmt.Fprintf(w, "%s%s%x\r\n%s\r\nzz\r\n%s", p.head(http11), chunked, len(half), half, p.body[len(half):])
	})
}

// CloseDelimited sends n bytes of the body as HTTP/1.0 did, without a length,
// and closes: an ancient proxy. Nothing on the wire tells the client that
// something is missing. HTTP/1.1 only.
func CloseDelimited(n int) Step {
	return rewritten(Close, func(p reply, w io.Writer) {
		fmt.Fprintf(w, "%sConnection: close\r\n\r\n%s", p.head("HTTP/1.0"), prefix(p.body, n))
	})
}

const (
	http11  = "HTTP/1.1"
	chunked = "Transfer-Encoding: chunked\r\n\r\n"
)

// rewritten takes the connection over and writes the reply by hand.
func rewritten(end End, write func(reply, io.Writer)) Step {
	return Step{run: func(e *exchange) {
		p := e.reply()
		e.raw(func(w io.Writer) { write(p, w) }, end)
	}}
}

// start sends the head of the reply with its true length, and n bytes of the
// body, so that they are on the wire.
func (e *exchange) start(n int) {
	p := e.reply()
	p.writeHead(e.w, len(p.body))
	e.flush(prefix(p.body, n))
}

func (e *exchange) flush(part []byte) {
	_, _ = e.w.Write(part)
	_ = http.NewResponseController(e.w).Flush()
}
