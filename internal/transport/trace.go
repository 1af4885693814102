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

// An attemptTrace records events of one attempt's request in net/http, whose error
// alone does not identify a failed handshake. In the order of the events:
//
//	dial              the connection is closed when the attempt ends
//	TLSHandshakeDone  once with an https proxy, once with the service: stores an error
//	GotConn           from here on net/http closes the connection itself
//	WroteRequest
//	Got1xxResponse    limits how many there are
//	response
type attemptTrace struct {
	ctx              context.Context             // of the attempt
	plain            bool                        // the request is plain HTTP
	keepOpen         atomic.Pointer[func() bool] // cancels the closing of the dialed connection
	handshakeFailure atomic.Pointer[error]       // of the TLS handshake; nil: none
	count1xx         atomic.Int32                // number of 1xx responses
}

// traceKey is the key of the *attemptTrace in the context of a request.
type traceKey struct{}

// max1xx is the maximum number of 1xx responses of an attempt.
const max1xx = 8

var errMany1xx = errors.New("transport: too many 1xx responses")

// context returns the context for the request of the attempt.
func (t *attemptTrace) context() context.Context {
	return httptrace.WithClientTrace(context.WithValue(t.ctx, traceKey{}, t), &httptrace.ClientTrace{
		TLSHandshakeDone: func(_ tls.ConnectionState, err error) {
			if err != nil {
				t.handshakeFailure.Store(&err)
			}
		},
		GotConn: func(httptrace.GotConnInfo) {
			if keepOpen := t.keepOpen.Load(); keepOpen != nil {
				(*keepOpen)()
			}
		},
		Got1xxResponse: func(int, textproto.MIMEHeader) error {
			if t.count1xx.Add(1) > max1xx {
				return errMany1xx
			}
			return nil
		},
	})
}

// dialed closes the connection when the attempt ends before GotConn.
func (t *attemptTrace) dialed(conn net.Conn) {
	keepOpen := context.AfterFunc(t.ctx, func() { _ = conn.Close() })
	t.keepOpen.Store(&keepOpen)
}

// cause returns the error behind that of net/http: a handshakeError if TLS
// refused the peer. A connection that was lost or timed out during the handshake
// is a network error.
func (t *attemptTrace) cause(err error) error {
	failed := t.handshakeFailure.Load()
	if failed == nil || !errors.Is(err, *failed) || isNetworkError(err) {
		return err
	}
	return &handshakeError{err}
}
