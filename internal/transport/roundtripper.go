package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/net/http/httpproxy"
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

var errProxyAddress = errors.New("transport: the proxy's address is malformed")

// proxyFromEnvironment is [http.ProxyFromEnvironment] with an error for a proxy
// address that is malformed, where that one connects without the proxy. The
// error does not quote the address, which may hold a password.
func proxyFromEnvironment() func(*http.Request) (*url.URL, error) {
	config := httpproxy.FromEnvironment()
	malformed := !isProxyAddress(config.HTTPSProxy)
	if malformed {
		config.HTTPSProxy = "http://malformed.invalid" // tells for which hosts it was meant
	}
	choose := config.ProxyFunc()
	return func(req *http.Request) (*url.URL, error) {
		address, err := choose(req.URL)
		if err != nil || malformed && address != nil {
			return nil, errProxyAddress
		}
		return address, nil
	}
}

// isProxyAddress accepts what net/http does: a URL, or a host and port.
func isProxyAddress(text string) bool {
	if text == "" {
		return true
	}
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	address, err := url.Parse(text)
	if err != nil || address.Hostname() == "" {
		return false
	}
	switch address.Scheme {
	case "http", "https", "socks5", "socks5h":
		return true
	}
	return false
}

// proxyError is a proxy's refusal to connect.
type proxyError struct{ status int }

func (*proxyError) Error() string { return "transport: the proxy refused to connect" }

// proxyAnswer replaces net/http's error, which holds the text of the proxy. A
// page where the connection should begin is that of a captive portal; net/http
// would drop it and wait for TLS in vain.
func proxyAnswer(_ context.Context, _ *url.URL, _ *http.Request, answer *http.Response) error {
	page := strings.HasPrefix(strings.ToLower(answer.Header.Get("Content-Type")), "text/html")
	if answer.StatusCode != http.StatusOK || page {
		return &proxyError{answer.StatusCode}
	}
	return nil
}
