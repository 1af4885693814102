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
// a server that is stopped, a proxy that gives up.
func CutAfter(n int) Step {
	return Step{run: func(e *exchange) {
		e.start(n)
		panic(http.ErrAbortHandler)
	}}
}

// AbortAfter sends n bytes of the body without a promised length and closes
// without the last chunk: a server that fails while it streams.
func AbortAfter(n int) Step {
	return Step{run: func(e *exchange) {
		p := e.response()
		p.writeHead(e.w, -1)
		e.flush(prefix(p.body, n))
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
// connection, a restarted server.
func ResetBeforeHeaders() Step { return Raw("", Reset) }

// ResetAfter announces the whole body and resets the connection after n bytes of
// it. Bytes of a long body in the system's send buffer are lost too.
func ResetAfter(n int) Step {
	return rewritten(Reset, func(p response, w io.Writer) {
		fmt.Fprintf(w, "%sContent-Length: %d\r\n\r\n%s", p.head(http11), len(p.body), prefix(p.body, n))
	})
}

// LieLength sends the whole body with a Content-Length that is off by delta, and
// closes: a proxy that rewrites bodies and not the header.
func LieLength(delta int) Step {
	return rewritten(Close, func(p response, w io.Writer) {
		fmt.Fprintf(w, "%sContent-Length: %d\r\n\r\n%s", p.head(http11), len(p.body)+delta, p.body)
	})
}

// ChunkedUnterminated sends the whole body in one chunk and closes without the
// last, empty one: a server that died after its last byte.
func ChunkedUnterminated() Step {
	return rewritten(Close, func(p response, w io.Writer) {
		fmt.Fprintf(w, "%s%s%x\r\n%s\r\n", p.head(http11), chunked, len(p.body), p.body)
	})
}

// BadChunk sends half of the body in one chunk, followed by an invalid chunk size:
// a stream with lost or inserted bytes.
func BadChunk() Step {
	return rewritten(Close, func(p response, w io.Writer) {
		half := p.body[:len(p.body)/2]
		fmt.Fprintf(w, "%s%s%x\r\n%s\r\nzz\r\n%s", p.head(http11), chunked, len(half), half, p.body[len(half):])
	})
}

// CloseDelimited sends n bytes of the body in HTTP/1.0, without a length, and
// closes: an old proxy. HTTP does not tell the client that bytes are missing.
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
