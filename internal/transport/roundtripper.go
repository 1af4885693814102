package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"
	"time"
)

const (
	dialTimeout      = 10 * time.Second
	handshakeTimeout = 10 * time.Second
	idleTimeout      = 30 * time.Second
	maxHeaderBytes   = 256 << 10
)

// NewRoundTripper returns what sends requests over the network: through the
// proxy that HTTPS_PROXY and NO_PROXY name, over TLS 1.2 or later, trusting the
// system's certificate authorities (SSL_CERT_FILE adds to them). Compression is
// left to Client, which bounds what comes out of it.
func NewRoundTripper() *http.Transport {
	return &http.Transport{
		Proxy:                  proxy,
		OnProxyConnectResponse: proxyAnswer,
		DialContext:            (&net.Dialer{Timeout: dialTimeout}).DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    handshakeTimeout,
		ForceAttemptHTTP2:      true,
		DisableCompression:     true,
		MaxResponseHeaderBytes: maxHeaderBytes,
		IdleConnTimeout:        idleTimeout,
		MaxIdleConnsPerHost:    4,
	}
}

var errProxyAddress = errors.New("transport: the proxy's address is malformed")

// proxy replaces the error of a malformed proxy address, which quotes it with
// the password it may hold.
func proxy(req *http.Request) (*url.URL, error) {
	address, err := http.ProxyFromEnvironment(req)
	if err != nil {
		return nil, errProxyAddress
	}
	return address, nil
}

// proxyError is a proxy's refusal to connect.
type proxyError struct{ status int }

func (*proxyError) Error() string { return "transport: the proxy refused to connect" }

// proxyAnswer replaces net/http's error, which holds the text of the proxy.
func proxyAnswer(_ context.Context, _ *url.URL, _ *http.Request, answer *http.Response) error {
	if answer.StatusCode != http.StatusOK {
		return &proxyError{answer.StatusCode}
	}
	return nil
}
