package transporttest

import (
	"crypto/x509"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

// Start starts a fake of the service that ends with the test.
func Start(t testing.TB, o fakeapi.Options) *fakeapi.Server {
	t.Helper()
	s, err := fakeapi.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// Trust makes rt accept only certificates of the given authorities, in PEM form,
// and check them at the time now: in the fake time of testing/synctest they are not
// valid yet. It closes the idle connections of rt when the test ends.
func Trust(t testing.TB, rt *http.Transport, now time.Time, authorities []byte) *http.Transport {
	t.Helper()
	rt.TLSClientConfig.RootCAs = x509.NewCertPool()
	rt.TLSClientConfig.RootCAs.AppendCertsFromPEM(authorities)
	rt.TLSClientConfig.Time = func() time.Time { return now }
	t.Cleanup(rt.CloseIdleConnections)
	return rt
}

// Listen calls serve for each connection to a loopback address, and returns the
// address with its port. Connections are closed when serve returns and when the
// test ends. The test is skipped if the computer does
// not have the address.
func Listen(t testing.TB, address string, serve func(net.Conn)) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", address)
	if err != nil {
		t.Skipf("no such address on this computer: %v", err)
	}
	var (
		running sync.WaitGroup
		mu      sync.Mutex
		open    = map[net.Conn]bool{}
		closed  bool
	)
	running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open[conn] = true
			if closed {
				_ = conn.Close()
			}
			mu.Unlock()
			running.Go(func() {
				defer func() { _ = conn.Close() }()
				serve(conn)
			})
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		mu.Lock()
		closed = true
		for conn := range open {
			_ = conn.Close()
		}
		mu.Unlock()
		running.Wait()
	})
	return listener.Addr().String()
}
