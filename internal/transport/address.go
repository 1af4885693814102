package transport

import (
	"errors"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// An Address is the base address of a service, as ParseAddress returns it.
type Address = url.URL

// ParseAddress reads the base address of a service: an absolute https URL that
// may have a port and a path. Plain http is accepted for loopback hosts only,
// where no network carries the credentials. The host becomes lower case, a
// trailing slash is dropped. The error is a sentence that never quotes the
// address, which may hold a password.
func ParseAddress(text string) (*Address, error) {
	address, err := parseURL(text)
	switch {
	case err != nil:
		return nil, err
	case address.RawQuery != "" || address.ForceQuery:
		return nil, errQuery
	case !carriesCredentials(address):
		return nil, errPlain
	}
	address.Path = strings.TrimRight(address.Path, "/")
	address.RawPath = strings.TrimRight(address.RawPath, "/")
	return address, nil
}

// ParseRequestURL is like ParseAddress for the address of one request: it may have
// a query, and keeps a trailing slash.
func ParseRequestURL(text string) (*url.URL, error) {
	address, err := parseURL(text)
	switch {
	case err != nil:
		return nil, err
	case !carriesCredentials(address):
		return nil, errPlain
	}
	return address, nil
}

// ParseLocalAddress is like ParseAddress for a request to a service of the computer
// itself: the host must be localhost, or a loopback or link-local IPv4 address. A
// trailing slash is kept.
func ParseLocalAddress(text string) (*url.URL, error) {
	address, err := parseURL(text)
	switch {
	case err != nil:
		return nil, err
	case address.RawQuery != "" || address.ForceQuery:
		return nil, errQuery
	case !isLocal(address.Hostname()):
		return nil, errors.New("it must have a loopback host, or an address of 169.254.0.0/16")
	}
	return address, nil
}

var (
	errQuery = errors.New("it must end with its path, without a query or fragment")
	errPlain = errors.New("plain http is accepted for loopback hosts only, use https")
)

// parseURL reads the URL of a service, with any host and query.
func parseURL(text string) (*url.URL, error) {
	address, err := url.Parse(text)
	switch {
	case err != nil:
		return nil, errors.New("it is not a URL")
	case !isHTTP(address) || address.Hostname() == "":
		return nil, errors.New("it must be a whole address, such as https://host.example")
	case address.User != nil:
		return nil, errors.New("it must not hold a user name or password")
	case address.Fragment != "":
		return nil, errQuery
	case strings.ContainsFunc(address.Host, unprintable): // escapes are decoded
		return nil, errors.New("it must have a host name in ASCII, such as xn--bcher-kva.example")
	case !validPort(address.Port()):
		return nil, errors.New("it must have a port from 1 to 65535, or none")
	}
	address.Host = strings.ToLower(address.Host)
	return address, nil
}

// carriesCredentials reports whether credentials may be sent to the address.
func carriesCredentials(address *url.URL) bool {
	return address.Scheme == "https" || address.Scheme == "http" && isLoopback(address.Hostname())
}

func isHTTP(address *url.URL) bool { return address.Scheme == "https" || address.Scheme == "http" }

// isLoopback reports whether a host is localhost or a loopback IP address. It
// decides for configured addresses, requests and connections alike.
func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.ToLower(host) == "localhost" || ip != nil && ip.IsLoopback()
}

// isLocal reports whether a host is loopback, or an IPv4 address of the link, as
// metadata services have.
func isLocal(host string) bool {
	ip := net.ParseIP(host).To4()
	return isLoopback(host) || ip != nil && ip.IsLinkLocalUnicast()
}

func validPort(text string) bool {
	port, err := strconv.ParseUint(text, 10, 16)
	return text == "" || err == nil && port > 0
}

func unprintable(r rune) bool { return r <= ' ' || r > '~' }

// origin returns the scheme, host and port of an address in a form that can be
// compared.
func origin(address *url.URL) string {
	port := address.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[address.Scheme]
	}
	return address.Scheme + "://" + net.JoinHostPort(strings.ToLower(address.Hostname()), port)
}

// maxLink is the longest link that Follow accepts.
const maxLink = 8 << 10

// Follow returns the address of a link that a response contains, such as an
// @odata.nextLink: base with the link's query. The link must be an absolute URL
// with the scheme, host, port and path of base, without user name or fragment,
// in printable ASCII and at most 8 KiB long. The error is a sentence that never
// quotes the link.
func Follow(base *url.URL, link string) (*url.URL, error) {
	if len(link) > maxLink {
		return nil, errors.New("it is longer than 8 KiB")
	}
	if strings.ContainsFunc(link, unprintable) {
		return nil, errors.New("it has a character that a URL cannot have")
	}
	address, err := url.Parse(link)
	switch {
	case err != nil:
		return nil, errors.New("it is not a URL")
	case address.User != nil:
		return nil, errors.New("it has a user name or password")
	case strings.Contains(link, "#"):
		return nil, errors.New("it has a fragment")
	case origin(address) != origin(base):
		return nil, errors.New("it leads to another scheme, host or port")
	case address.EscapedPath() != base.EscapedPath():
		return nil, errors.New("it leads to another path")
	}
	followed := *base
	followed.RawQuery, followed.ForceQuery = address.RawQuery, false
	return &followed, nil
}
