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

// An attemptTrace follows the request of one attempt through net/http, whose
// error does not tell all that happened. In the order of the events:
//
//	dial              the connection is closed when the attempt ends
//	TLSHandshakeDone  once with an https proxy, once with the service: keeps an error
//	GotConn           from here on net/http closes the connection itself
//	WroteRequest
//	Got1xxResponse    limits how many there are
//	response
type attemptTrace struct {
	ctx              context.Context             // of the attempt
	plain            bool                        // the request is plain HTTP
	gotConn          atomic.Pointer[func() bool] // stops the closing of the dialed connection
	tlsHandshakeDone atomic.Pointer[error]       // of the handshake that failed
	got1xxResponse   atomic.Int32                // how many there were
}

// traceKey is the key of the *attemptTrace in the context of a request.
type traceKey struct{}

// max1xx is how many 1xx responses an attempt accepts.
const max1xx = 8

var errMany1xx = errors.New("transport: too many 1xx responses")

// context returns the context for the request of the attempt.
func (t *attemptTrace) context() context.Context {
	return httptrace.WithClientTrace(context.WithValue(t.ctx, traceKey{}, t), &httptrace.ClientTrace{
		TLSHandshakeDone: func(_ tls.ConnectionState, err error) {
			if err != nil {
				t.tlsHandshakeDone.Store(&err)
			}
		},
		GotConn: func(httptrace.GotConnInfo) {
			if stop := t.gotConn.Load(); stop != nil {
				(*stop)()
			}
		},
		Got1xxResponse: func(int, textproto.MIMEHeader) error {
			if t.got1xxResponse.Add(1) > max1xx {
				return errMany1xx
			}
			return nil
		},
	})
}

// dialed has the connection closed when the attempt ends before GotConn.
func (t *attemptTrace) dialed(conn net.Conn) {
	stop := context.AfterFunc(t.ctx, func() { _ = conn.Close() })
	t.gotConn.Store(&stop)
}

// cause returns the error behind that of net/http: a handshakeError if TLS
// refused the peer. A connection that was lost or timed out during the handshake
// is a network error.
func (t *attemptTrace) cause(err error) error {
	failed := t.tlsHandshakeDone.Load()
	if failed == nil || !errors.Is(err, *failed) || isNetworkError(err) {
		return err
	}
	return &handshakeError{err}
}
