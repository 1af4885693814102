package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
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
	case floods(err):
		return Headers
	case errors.As(err, &answer):
		if answer.status == http.StatusProxyAuthRequired || answer.status == http.StatusOK {
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
	return errors.Is(err, http.ErrSchemeMismatch) || errors.As(err, &handshake) || errors.As(err, &verification) || errors.As(err, &alert) ||
		errors.As(err, &record) || errors.As(err, &authority) || errors.As(err, &name) || errors.As(err, &invalid)
}

// handshakeError is a TLS handshake that failed for what the peer said, not for
// what the wire did. Most such errors have no type of their own.
type handshakeError struct{ error }

func (e *handshakeError) Unwrap() error { return e.error }

// floods reports whether the peer sent headers that pass all bounds. For those
// of MaxResponseHeaderBytes net/http has errors without a type; should their
// texts change, they count as a broken connection.
func floods(err error) bool {
	if errors.Is(err, errInterim) {
		return true
	}
	for _, text := range []string{
		"server response headers exceeded",
		"response header list larger than",
		"connection error: COMPRESSION_ERROR", // one header alone passes it
	} {
		if strings.Contains(err.Error(), text) {
			return true
		}
	}
	return false
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
