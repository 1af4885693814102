package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
)

// translate makes an [*Error] of an error of the network. Texts of libraries
// end here: they can hold addresses with passwords and what the peer wrote.
func (r Request) translate(err error, status int) *Error {
	return &Error{Kind: wireKind(err), Phase: r.Phase, Host: r.URL.Host, Status: status}
}

// wireKind goes by behavior rather than by type where it can: the errors of
// HTTP/2 have unexported types. What it does not know broke the connection.
func wireKind(err error) Kind {
	var (
		dns    *net.DNSError
		answer *proxyError
		op     *net.OpError
	)
	switch {
	case errors.Is(err, errProxyAddress):
		return ProxyRefused
	case errors.As(err, &answer):
		if answer.status == http.StatusProxyAuthRequired {
			return ProxyRefused
		}
		return Proxy
	case errors.As(err, &op) && op.Op == "proxyconnect":
		return Proxy
	case errors.As(err, &dns):
		if dns.IsNotFound {
			return Unresolved
		}
		return Unreachable
	case untrusted(err):
		return Untrusted
	case errors.As(err, &op) && op.Op == "dial":
		return Unreachable
	case errors.Is(err, context.DeadlineExceeded):
		return Stalled
	}
	return Broken
}

// untrusted reports whether TLS refused the peer, or the peer TLS.
func untrusted(err error) bool {
	var (
		handshake    *handshakeError
		verification *tls.CertificateVerificationError
		alert        tls.AlertError
		record       tls.RecordHeaderError
		authority    x509.UnknownAuthorityError
		name         x509.HostnameError
		invalid      x509.CertificateInvalidError
	)
	return errors.As(err, &handshake) || errors.As(err, &verification) || errors.As(err, &alert) ||
		errors.As(err, &record) || errors.As(err, &authority) || errors.As(err, &name) || errors.As(err, &invalid)
}

// handshakeError is a TLS handshake that failed for what the peer said, not for
// what the wire did. Most such errors have no type of their own.
type handshakeError struct{ error }

func (e *handshakeError) Unwrap() error { return e.error }

// handshake watches the TLS handshake of one attempt.
type handshake struct{ failed atomic.Pointer[error] }

func (h *handshake) watch(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		TLSHandshakeDone: func(_ tls.ConnectionState, err error) {
			if err != nil {
				h.failed.Store(&err)
			}
		},
	})
}

// wrap marks err if it is the handshake's. A connection that ended or timed out
// during the handshake is the wire's doing.
func (h *handshake) wrap(err error) error {
	failed := h.failed.Load()
	if failed == nil || !errors.Is(err, *failed) || brokeOff(err) {
		return err
	}
	return &handshakeError{err}
}

func brokeOff(err error) bool {
	var (
		timeout net.Error
		op      *net.OpError
	)
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, context.Canceled) ||
		errors.As(err, &timeout) && timeout.Timeout() ||
		errors.As(err, &op) && (op.Op == "read" || op.Op == "write")
}
