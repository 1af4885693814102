package fakeapi

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// End is the way a connection ends after its last byte.
type End int

// The ends.
const (
	Close End = iota // orderly, as an old server or proxy marks the end of a body
	Reset            // TCP RST: a crashed process, a firewall that lost its state
	Hang             // nothing more, until the client leaves or the server is closed
)

// Raw is a step that sends exactly these bytes and then ends the connection: a
// server that violates HTTP.
func Raw(bytes string, end End) Step {
	return Step{run: func(e *exchange) {
		e.raw(func(w io.Writer) { _, _ = io.WriteString(w, bytes) }, end)
	}}
}

// raw takes over the connection, calls write on it and ends it. If that fails,
// the client gets no response: a valid one could let the test pass.
func (e *exchange) raw(write func(io.Writer), end End) {
	conn, _, err := http.NewResponseController(e.w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	e.server.adopt(conn)
	defer e.server.disown(conn)

	write(conn)
	switch end {
	case Reset:
		abort(conn)
	case Hang:
		_, _ = io.Copy(io.Discard, conn)
	}
}

// abort makes closing the connection send RST instead of FIN.
func abort(conn net.Conn) {
	if secured, ok := conn.(*tls.Conn); ok {
		conn = secured.NetConn()
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
		_ = tcp.Close()
	}
}

// wait returns when the client has disconnected or the server is closed.
func (e *exchange) wait() {
	select {
	case <-e.r.Context().Done():
	case <-e.server.done:
	}
}

// pause waits for d and reports whether the client is still connected.
func (e *exchange) pause(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-e.r.Context().Done():
	case <-e.server.done:
	}
	return false
}

// head returns the status line and the headers as text, without the blank line at
// their end.
func (p response) head(protocol string) string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s %d %s\r\n", protocol, p.status, http.StatusText(p.status))
	_ = p.header.Write(&text)
	return text.String()
}

// prefix returns the first n bytes of body; a negative n omits that many bytes at
// the end.
func prefix(body []byte, n int) []byte {
	if n < 0 {
		n += len(body)
	}
	return body[:min(max(n, 0), len(body))]
}
