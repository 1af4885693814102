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

// NewRoundTripper returns what sends requests over the network: through the
// proxy that HTTPS_PROXY and NO_PROXY name, over TLS 1.2 or later, trusting the
// system's certificate authorities (SSL_CERT_FILE adds to them). Compression is
// left to Client, which bounds what comes out of it.
//
// Each request has a connection of its own. net/http sends a request again, on
// its own account, when a kept connection turns out to be dead, and prints to
// standard error what comes on a kept connection unasked: the end of a reply
// that is longer than it said.
func NewRoundTripper() *http.Transport { return newRoundTripper(newDialer()) }

func newDialer() *net.Dialer { return &net.Dialer{Timeout: dialTimeout} }

func newRoundTripper(dialer *net.Dialer) *http.Transport {
	return &http.Transport{
		Proxy:                  proxyFromEnvironment(),
		OnProxyConnectResponse: proxyAnswer,
		DialContext:            dialWith(dialer),
		DisableKeepAlives:      true,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    handshakeTimeout,
		ForceAttemptHTTP2:      true,
		DisableCompression:     true,
		MaxResponseHeaderBytes: maxHeaderBytes,
	}
}

// dialWith makes connections that are given up with the attempt they are for,
// as long as they are being made. net/http would let them go on, for another
// request to use.
func dialWith(dialer *net.Dialer) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		watched, ok := ctx.Value(watchKey{}).(*watch)
		if !ok {
			return dialer.DialContext(ctx, network, address)
		}
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(watched.attempt, cancel)()
		conn, err := dialer.DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		watched.connected(conn)
		return conn, nil
	}
}
