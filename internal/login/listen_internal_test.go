package login

import (
	"net"
	"testing"
)

// TestListen listens on loopback only, on one port, which nobody else can listen on.
func TestListen(t *testing.T) {
	t.Parallel()
	listeners, port, err := listen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, listener := range listeners {
		t.Cleanup(func() { _ = listener.Close() })
		address, ok := listener.Addr().(*net.TCPAddr)
		if !ok || !address.IP.IsLoopback() {
			t.Fatalf("listener = %s, want a loopback address", listener.Addr())
		}
		if _, got, _ := net.SplitHostPort(listener.Addr().String()); got != port {
			t.Errorf("listener = %s, want port %s", listener.Addr(), port)
		}
	}
	if _, err := new(net.ListenConfig).Listen(t.Context(), "tcp4", "127.0.0.1:"+port); err == nil {
		t.Errorf("second listener at port %s = nil, want an error", port)
	}
}

// TestListenIPv6 notices that another program has the port.
func TestListenIPv6(t *testing.T) {
	t.Parallel()
	other, err := new(net.ListenConfig).Listen(t.Context(), "tcp6", "[::1]:0")
	if err != nil {
		t.Skip("this computer has no IPv6")
	}
	_, port, _ := net.SplitHostPort(other.Addr().String())
	if listener, taken := listenIPv6(t.Context(), port); listener != nil || !taken {
		t.Errorf("listenIPv6(a port of another program) = %v, %t, want none, as it is taken", listener, taken)
	}
	_ = other.Close()
	listener, taken := listenIPv6(t.Context(), port)
	if listener == nil || taken {
		t.Fatalf("listenIPv6(a free port) = %v, %t, want a listener", listener, taken)
	}
	_ = listener.Close()
}

// TestOpener names a program for each system.
func TestOpener(t *testing.T) {
	t.Parallel()
	for system, want := range map[string]string{"windows": "rundll32", "darwin": "open", "linux": "xdg-open", "freebsd": "xdg-open"} {
		if got, _ := opener(system); got != want {
			t.Errorf("opener(%s) = %s, want %s", system, got, want)
		}
	}
}
