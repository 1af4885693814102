package fakeapi

import (
	"fmt"
	"io"
	"net/http"
	"time"
)

// The steps of this file damage the transfer of a valid response. Bodies are not
// compressed, so n counts bytes of the body; a negative n counts from the end: -1
// is all but the last byte.

// CutAfter announces the whole body and closes the connection after n bytes of it:
// a server that is stopped, a proxy that gives up. On HTTP/2 the stream is
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
		p := e.response()
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

// Stall announces the whole body and sends nothing after n bytes of it, until the
// client disconnects: a dead peer behind a load balancer that keeps the connection.
func Stall(n int) Step {
	return Step{run: func(e *exchange) {
		e.start(n)
		e.wait()
		panic(http.ErrAbortHandler)
	}}
}

// Dribble sends the head and then the complete body at one byte per interval: a
// server that resets every read timeout.
func Dribble(interval time.Duration) Step {
	return Step{run: func(e *exchange) {
		p := e.response()
		e.recordStatus(p.status)
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

// ResetBeforeHeaders resets the connection before a response: a stale keep-alive
// connection, a restarted server. HTTP/1.1 only.
func ResetBeforeHeaders() Step { return Raw("", Reset) }

// ResetAfter announces the whole body and resets the connection after n bytes of
// it. Bytes of a long body in the system's send buffer are lost too. HTTP/1.1 only.
func ResetAfter(n int) Step {
	return rewritten(Reset, func(p response, w io.Writer) {
		fmt.Fprintf(w, "%sContent-Length: %d\r\n\r\n%s", p.head(http11), len(p.body), prefix(p.body, n))
	})
}

// LieLength sends the whole body with a Content-Length that is off by delta, and
// closes: a proxy that rewrites bodies and not the header. HTTP/1.1 only.
func LieLength(delta int) Step {
	return rewritten(Close, func(p response, w io.Writer) {
		fmt.Fprintf(w, "%sContent-Length: %d\r\n\r\n%s", p.head(http11), len(p.body)+delta, p.body)
	})
}

// H2ShortEnd announces the whole body and ends the stream without an error after n
// bytes of it: the HTTP/2 form of a wrong length. On HTTP/1.1 the
// connection is closed, as by CutAfter.
func H2ShortEnd(n int) Step {
	return Step{run: func(e *exchange) { e.start(n) }}
}

// ChunkedUnterminated sends the whole body in one chunk and closes without the
// last, empty one: a server that died after its last byte. HTTP/1.1 only.
func ChunkedUnterminated() Step {
	return rewritten(Close, func(p response, w io.Writer) {
		fmt.Fprintf(w, "%s%s%x\r\n%s\r\n", p.head(http11), chunked, len(p.body), p.body)
	})
}

// BadChunk sends half of the body in one chunk, followed by an invalid chunk size:
// a stream with lost or inserted bytes. HTTP/1.1 only.
func BadChunk() Step {
	return rewritten(Close, func(p response, w io.Writer) {
		half := p.body[:len(p.body)/2]
		fmt.Fprintf(w, "%s%s%x\r\n%s\r\nzz\r\n%s", p.head(http11), chunked, len(half), half, p.body[len(half):])
	})
}

// CloseDelimited sends n bytes of the body in HTTP/1.0, without a length, and
// closes: an old proxy. HTTP does not tell the client that bytes are missing.
// HTTP/1.1 only.
func CloseDelimited(n int) Step {
	return rewritten(Close, func(p response, w io.Writer) {
		fmt.Fprintf(w, "%sConnection: close\r\n\r\n%s", p.head("HTTP/1.0"), prefix(p.body, n))
	})
}

const (
	http11  = "HTTP/1.1"
	chunked = "Transfer-Encoding: chunked\r\n\r\n"
)

// rewritten takes over the connection and lets write send the response.
func rewritten(end End, write func(response, io.Writer)) Step {
	return Step{run: func(e *exchange) {
		p := e.response()
		e.raw(func(w io.Writer) { write(p, w) }, end)
	}}
}

// start sends the head of the response with the true length and n bytes of the
// body, and flushes them.
func (e *exchange) start(n int) {
	p := e.response()
	p.writeHead(e.w, len(p.body))
	e.flush(prefix(p.body, n))
}

func (e *exchange) flush(part []byte) {
	_, _ = e.w.Write(part)
	_ = http.NewResponseController(e.w).Flush()
}
