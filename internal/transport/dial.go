package transport

import (
	"context"
	"crypto/tls"
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
// trusting the system's certificate authorities. Compression is left to Client,
// which bounds what comes out of it.
//
// It uses HTTP/1.1 with a connection per request. On a reused connection, and on
// HTTP/2, net/http may resend a request by itself; it logs unsolicited data on an
// idle connection to standard error; and an HTTP/2 body stays readable after the
// request is cancelled.
func NewRoundTripper() *http.Transport { return newRoundTripper(newDialer()) }

func newDialer() *net.Dialer { return &net.Dialer{Timeout: dialTimeout} }

func newRoundTripper(dialer *net.Dialer) *http.Transport {
	// net/http offers no h2 then; http/1.1 lets a server without it refuse the handshake.
	var http1 http.Protocols
	http1.SetHTTP1(true)
	return &http.Transport{
		Proxy:                  proxyFromEnvironment(),
		OnProxyConnectResponse: proxyResponse,
		DialContext:            dialWith(dialer),
		DisableKeepAlives:      true,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}},
		TLSHandshakeTimeout:    handshakeTimeout,
		Protocols:              &http1,
		DisableCompression:     true,
		MaxResponseHeaderBytes: maxHeaderBytes,
	}
}

// dialWith returns a dial function that ends with the attempt it is for. net/http
// cancels only the wait for a connection, and finishes the dial in the background.
func dialWith(dialer *net.Dialer) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		trace, ok := ctx.Value(traceKey{}).(*attemptTrace)
		if !ok {
			return dialer.DialContext(ctx, network, address)
		}
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(trace.ctx, cancel)()
		conn, err := dialer.DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		trace.dialed(conn)
		return conn, nil
	}
}
