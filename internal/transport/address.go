package transport

import (
	"errors"
	"net"
	"net/url"
	"strings"
)

// ParseAddress reads the base address of a service: an absolute https URL that
// may have a port and a path. Plain http is accepted for loopback hosts only,
// where no network carries the credentials. A trailing slash is dropped. The
// error is a sentence that never quotes the address, which may hold a password.
func ParseAddress(text string) (*url.URL, error) {
	address, err := url.Parse(text)
	switch {
	case err != nil:
		return nil, errors.New("it is not a URL")
	case address.Scheme != "https" && address.Scheme != "http" || address.Hostname() == "":
		return nil, errors.New("it must be a whole address, such as https://host.example")
	case address.User != nil:
		return nil, errors.New("it must not hold a user name or password")
	case address.RawQuery != "" || address.ForceQuery || address.Fragment != "":
		return nil, errors.New("it must end with its path, without a query or fragment")
	case !carriesCredentials(address):
		return nil, errors.New("plain http is accepted for loopback hosts only, use https")
	}
	address.Path = strings.TrimRight(address.Path, "/")
	address.RawPath = strings.TrimRight(address.RawPath, "/")
	return address, nil
}

// carriesCredentials reports whether credentials may be sent to the address.
func carriesCredentials(address *url.URL) bool {
	if address.Scheme == "https" {
		return true
	}
	host := address.Hostname()
	ip := net.ParseIP(host)
	return address.Scheme == "http" && (strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback())
}
