package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http/httptrace"
	"net/textproto"
	"sync/atomic"
)

// A watch sees of one attempt what net/http does not tell by its error.
type watch struct {
	attempt   context.Context
	abandon   context.CancelFunc // ends the attempt
	sent      atomic.Bool        // the request, or the head of it
	sentAgain atomic.Bool        // it would have been
	interim   atomic.Int32
	handshake atomic.Pointer[error]       // with which a TLS handshake failed
	keep      atomic.Pointer[func() bool] // what handOver calls
}

// watchKey is that of the *watch in the context of a request.
type watchKey struct{}

// maxInterim is how many replies of 1xx an attempt takes before its reply.
const maxInterim = 8

var (
	errSentAgain = errors.New("transport: the connection ended before the request was handled")
	errInterim   = errors.New("transport: too many interim replies")
)

// connected has the connection closed when the attempt ends before the
// connection is ready; from then on it is in the hands of net/http.
func (w *watch) connected(conn net.Conn) {
	stop := context.AfterFunc(w.attempt, func() { _ = conn.Close() })
	w.keep.Store(&stop)
}

func (w *watch) handOver() {
	if stop := w.keep.Load(); stop != nil {
		(*stop)()
	}
}

// on returns the context of a request that is to be watched.
func (w *watch) on() context.Context {
	return httptrace.WithClientTrace(context.WithValue(w.attempt, watchKey{}, w), &httptrace.ClientTrace{
		TLSHandshakeDone: func(_ tls.ConnectionState, err error) {
			w.handOver()
			if err != nil {
				w.handshake.Store(&err)
			}
		},
		GetConn:      func(string) { w.once() },
		GotConn:      func(httptrace.GotConnInfo) { w.handOver(); w.once() },
		WroteHeaders: func() { w.sent.Store(true) },
		Got1xxResponse: func(int, textproto.MIMEHeader) error {
			if w.interim.Add(1) > maxInterim {
				return errInterim
			}
			return nil
		},
	})
}

// once ends an attempt that goes for a connection after the request was sent.
// Over HTTP/2, net/http sends it again by itself, without end and without a
// pause, to a server that says goodbye each time.
func (w *watch) once() {
	if w.sent.Load() {
		w.sentAgain.Store(true)
		w.abandon()
	}
}

// cause is the error behind that of net/http.
func (w *watch) cause(err error) error {
	if w.sentAgain.Load() {
		return errSentAgain
	}
	// A connection that ended or timed out during the handshake is the wire's doing.
	failed := w.handshake.Load()
	if failed == nil || !errors.Is(err, *failed) || brokeOff(err) {
		return err
	}
	return &handshakeError{err}
}
