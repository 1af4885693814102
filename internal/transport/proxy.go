package transport

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/http/httpproxy"
)

var errProxyAddress = errors.New("transport: the proxy's address is malformed")

// proxyFromEnvironment returns a function like [http.ProxyFromEnvironment], but
// without a proxy for plain HTTP, and with an error for a malformed proxy address,
// instead of a connection without the proxy. The error does not quote the address,
// which may contain a password.
func proxyFromEnvironment() func(*http.Request) (*url.URL, error) {
	config := httpproxy.FromEnvironment()
	malformed := !isProxyAddress(config.HTTPSProxy)
	if malformed {
		config.HTTPSProxy = "http://malformed.invalid" // stands for it, to find the hosts it applies to
	}
	choose := config.ProxyFunc()
	return func(req *http.Request) (*url.URL, error) {
		if req.URL.Scheme == "http" {
			return nil, nil
		}
		address, err := choose(req.URL)
		if err != nil || malformed && address != nil {
			return nil, errProxyAddress
		}
		return address, nil
	}
}

// isProxyAddress reports whether a text is a proxy's URL, or its host and port.
func isProxyAddress(text string) bool {
	if text == "" {
		return true
	}
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	address, err := url.Parse(text)
	return err == nil && address.Hostname() != "" && slices.Contains([]string{"http", "https", "socks5", "socks5h"}, address.Scheme)
}

// A proxyError is a proxy's refusal to connect.
type proxyError struct{ status int }

func (*proxyError) Error() string { return "transport: the proxy refused to connect" }

// proxyResponse replaces net/http's error, which contains the proxy's text. A
// page in place of the connection comes from a captive portal; net/http would
// drop it and wait for TLS in vain.
func proxyResponse(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
	page := strings.HasPrefix(strings.ToLower(resp.Header.Get("Content-Type")), "text/html")
	if resp.StatusCode != http.StatusOK || page {
		return &proxyError{resp.StatusCode}
	}
	return nil
}
