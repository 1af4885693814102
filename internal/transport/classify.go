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
	"syscall"
)

// networkKind classifies an error of net/http or of a connection. Any other error
// counts as a lost connection. The error's text is dropped: it can contain addresses
// with passwords, and text of the peer.
func networkKind(err error) Kind {
	var (
		dns     *net.DNSError
		connect *proxyError
		op      *net.OpError
	)
	switch {
	case errors.Is(err, errForbiddenAddress):
		return Invalid
	case errors.Is(err, errProxyAddress):
		return ProxyRefused
	// The error of net/http for headers above MaxResponseHeaderBytes has no type.
	// If its text changes, such headers count as a lost connection.
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
		return NotLookedUp
	case isUntrusted(err):
		return handshakeKind(err)
	case errors.As(err, &op) && op.Op == "dial":
		return dialKind(op)
	case errors.Is(err, context.DeadlineExceeded):
		return Stalled
	}
	return Broken
}

// Windows has numbers of its own for the errors of connections: WSAECONNREFUSED and others.
var (
	refusedErrors = []error{syscall.ECONNREFUSED, syscall.Errno(10061)}
	noRouteErrors = []error{syscall.EHOSTUNREACH, syscall.ENETUNREACH, syscall.Errno(10065), syscall.Errno(10051)}
)

// dialKind classifies the failure to establish a connection.
func dialKind(err *net.OpError) Kind {
	is := func(target error) bool { return errors.Is(err, target) }
	switch {
	case slices.ContainsFunc(refusedErrors, is):
		return Refused
	case slices.ContainsFunc(noRouteErrors, is):
		return NoRoute
	case err.Timeout():
		return Unanswered
	}
	return Unreachable
}

// handshakeKind classifies the failure of a TLS handshake. The errors of crypto/tls
// about versions, ours and the alert of a server, have no type. If their texts change,
// their kind is Untrusted.
func handshakeKind(err error) Kind {
	var (
		invalid   x509.CertificateInvalidError
		authority x509.UnknownAuthorityError
		name      x509.HostnameError
	)
	switch text := err.Error(); {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return Expired
	case errors.As(err, &authority), errors.As(err, new(x509.SystemRootsError)):
		return UnknownAuthority
	case errors.As(err, &name):
		return WrongName
	case strings.Contains(text, "protocol version not supported"), strings.Contains(text, "unsupported protocol version"):
		return OldTLS
	}
	return Untrusted
}

// isUntrusted reports whether one side of a TLS handshake rejected the other.
func isUntrusted(err error) bool {
	return errors.Is(err, http.ErrSchemeMismatch) || slices.ContainsFunc([]any{
		new(*handshakeError), new(*tls.CertificateVerificationError), new(tls.AlertError), new(tls.RecordHeaderError),
		new(x509.UnknownAuthorityError), new(x509.SystemRootsError), new(x509.HostnameError), new(x509.CertificateInvalidError),
	}, func(target any) bool { return errors.As(err, target) })
}

// A handshakeError is the failure of a TLS handshake whose connection stayed intact.
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
