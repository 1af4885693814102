package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"time"
)

const (
	dialTimeout      = 10 * time.Second
	handshakeTimeout = 10 * time.Second
	maxHeaderBytes   = 256 << 10
)

// NewRoundTripper returns a round tripper that sends requests over the network:
// through the proxy that HTTPS_PROXY and NO_PROXY name, over TLS 1.2 or later,
// trusting these certificate authorities, the system's if nil. Plain HTTP has no proxy. Client
// decompresses responses, because it limits their decompressed size.
//
// It uses HTTP/1.1 with a connection per request. On a reused connection, and on
// HTTP/2, net/http may resend a request by itself, and an HTTP/2 body stays
// readable after the request is cancelled. If a server sends before the request,
// net/http quotes that in the standard logger: the program must discard its output.
func NewRoundTripper(authorities *x509.CertPool) *http.Transport {
	t := newRoundTripper(newDialer().DialContext)
	t.TLSClientConfig.RootCAs = authorities
	return t
}

// NewLocalRoundTripper returns a round tripper like that of NewRoundTripper for
// services of the computer itself: it has no proxy, and connects only to loopback
// and link-local IPv4 addresses, whatever a name resolves to.
func NewLocalRoundTripper() *http.Transport {
	rt := newRoundTripper(nil)
	rt.Proxy = nil
	rt.DialContext = dialWith(newDialer().DialContext, func(_ *attemptTrace, host string) bool { return isLocal(host) })
	return rt
}

func newDialer() *net.Dialer { return &net.Dialer{Timeout: dialTimeout} }

// A dialFunc establishes a connection, as [net.Dialer.DialContext] does.
type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

func newRoundTripper(dial dialFunc) *http.Transport {
	// This removes h2 from ALPN; http/1.1 in it lets an h2-only server refuse the handshake.
	var http1 http.Protocols
	http1.SetHTTP1(true)
	return &http.Transport{
		Proxy:                  proxyFromEnvironment(),
		OnProxyConnectResponse: proxyResponse,
		DialContext:            dialWith(dial, isLoopbackIfPlain),
		DisableKeepAlives:      true,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}},
		TLSHandshakeTimeout:    handshakeTimeout,
		Protocols:              &http1,
		DisableCompression:     true,
		MaxResponseHeaderBytes: maxHeaderBytes,
	}
}

var errForbiddenAddress = errors.New("transport: connection to an address that the request may not go to")

// isLoopbackIfPlain reports whether a request may go to the host that was dialed:
// plain HTTP only to loopback.
func isLoopbackIfPlain(trace *attemptTrace, host string) bool {
	return !trace.plain || isLoopback(host)
}

// dialWith returns a dial function that ends with the attempt it is for. net/http
// cancels only the wait for a connection, and finishes the dial in the background.
// It checks the address dialed, because localhost may resolve to any.
func dialWith(dial dialFunc, allowed func(trace *attemptTrace, host string) bool) dialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		trace, ok := ctx.Value(traceKey{}).(*attemptTrace)
		if !ok {
			return dial(ctx, network, address)
		}
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(trace.ctx, cancel)()
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		if host, _, _ := net.SplitHostPort(conn.RemoteAddr().String()); !allowed(trace, host) {
			_ = conn.Close()
			return nil, errForbiddenAddress
		}
		trace.dialed(conn)
		return conn, nil
	}
}
