package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
)

// networkKind classifies an error of net/http or of a connection. What it does
// not know is a lost connection. The error's text is not used further: it can
// contain addresses with passwords, and what the peer wrote.
func networkKind(err error) Kind {
	var (
		dns     *net.DNSError
		connect *proxyError
		op      *net.OpError
	)
	switch {
	case errors.Is(err, errNotLoopback):
		return Invalid
	case errors.Is(err, errProxyAddress):
		return ProxyRefused
	// For headers above MaxResponseHeaderBytes net/http has an error without a
	// type. Should its text change, they count as a lost connection.
	case errors.Is(err, errMany1xx), strings.Contains(err.Error(), "server response headers exceeded"):
		return Headers
	case errors.As(err, &connect):
		if connect.status == http.StatusProxyAuthRequired || connect.status == http.StatusOK {
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
	case isUntrusted(err):
		return Untrusted
	case errors.As(err, &op) && op.Op == "dial":
		return Unreachable
	case errors.Is(err, context.DeadlineExceeded):
		return Stalled
	}
	return Broken
}

// isUntrusted reports whether TLS refused the peer, or the peer TLS.
func isUntrusted(err error) bool {
	return errors.Is(err, http.ErrSchemeMismatch) || slices.ContainsFunc([]any{
		new(*handshakeError), new(*tls.CertificateVerificationError), new(tls.AlertError), new(tls.RecordHeaderError),
		new(x509.UnknownAuthorityError), new(x509.HostnameError), new(x509.CertificateInvalidError),
	}, func(target any) bool { return errors.As(err, target) })
}

// A handshakeError is a TLS handshake that failed because of what the peer sent.
// Most errors of crypto/tls have no type of their own.
type handshakeError struct{ error }

func (e *handshakeError) Unwrap() error { return e.error }

// isNetworkError reports whether a connection was lost, closed or timed out.
func isNetworkError(err error) bool {
	var (
		timed net.Error
		op    *net.OpError
	)
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, context.Canceled) ||
		errors.As(err, &timed) && timed.Timeout() ||
		errors.As(err, &op) && (op.Op == "read" || op.Op == "write")
}
