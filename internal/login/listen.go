package login

import (
	"context"
	"net"
	"strconv"
)

// maxPorts limits how many ports are tried.
const maxPorts = 10

// listen listens on a free loopback port, with IPv4 and, if this computer has it,
// IPv6: localhost can be either. If another program has one of the two, the browser
// could take the code there, so that another port is tried.
func listen(ctx context.Context) (listeners []net.Listener, port string, err error) {
	var config net.ListenConfig
	for range maxPorts {
		first, err := config.Listen(ctx, "tcp4", "127.0.0.1:0")
		if err != nil {
			break
		}
		address, ok := first.Addr().(*net.TCPAddr)
		if !ok {
			return nil, "", errListen
		}
		port = strconv.Itoa(address.Port)
		second, taken := listenIPv6(ctx, port)
		switch {
		case second != nil:
			return []net.Listener{first, second}, port, nil
		case !taken:
			return []net.Listener{first}, port, nil
		}
		_ = first.Close()
	}
	return nil, "", errListen
}

// listenIPv6 listens on a port with IPv6. Without a listener, taken reports whether
// this computer has IPv6: Windows has several errors for a port that is taken.
func listenIPv6(ctx context.Context, port string) (listener net.Listener, taken bool) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp6", net.JoinHostPort("::1", port))
	if err == nil {
		return listener, false
	}
	other, err := config.Listen(ctx, "tcp6", "[::1]:0")
	if err != nil {
		return nil, false
	}
	_ = other.Close()
	return nil, true
}

const errListen = Problem("No loopback port can be listened on, which the sign-in of a person needs. Check whether this computer restricts programs that listen.")
