package fakeapi

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestStepsEndWithTheClient is inside the package to observe that a handler returns
// while the server runs.
func TestStepsEndWithTheClient(t *testing.T) {
	t.Parallel()
	steps := map[string]Step{
		"Stall":              Stall(1),
		"Dribble":            Dribble(time.Hour),
		"Hang":               Raw("HTTP/1.1 200 OK\r\n", Hang),
		"Endless":            Endless(),
		"GzipBomb":           GzipBomb(1 << 50),
		"HeaderFlood":        HeaderFlood(),
		"InformationalFlood": InformationalFlood(),
	}
	for name, step := range steps {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := Start(Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			s.Script(Alerts, WithBody(step, "[]"))
			s.Script(Token, WithBody(step, "{}"))
			leave(t, s, "GET /siem/api/alerts HTTP/1.1\r\nHost: fake\r\n\r\n", s.AlertRequests)
			leave(t, s, "POST /entra/x/oauth2/token HTTP/1.1\r\nHost: fake\r\nContent-Length: 2\r\n\r\na=", s.TokenRequests)
			awaitHandlers(t, s)
		})
	}
}

// leave sends a request and closes the connection once it has arrived.
func leave(t *testing.T, s *Server, request string, arrived func() []Request) {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(s.origin, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_, _ = io.WriteString(conn, request)
	for len(arrived()) == 0 {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(20 * time.Millisecond) // into the step
}

func awaitHandlers(t *testing.T, s *Server) {
	t.Helper()
	returned := make(chan struct{})
	go func() {
		s.handlers.Wait()
		close(returned)
	}()
	select {
	case <-returned:
	case <-time.After(5 * time.Second):
		t.Error("the step runs 5 s after its client disconnected, want it to end")
	}
}

func TestStreamsEndWithTheClient(t *testing.T) {
	t.Parallel()
	for name, step := range map[string]Step{
		"Stall": Stall(1), "Dribble": Dribble(time.Hour), "Endless": Endless(), "GzipBomb": GzipBomb(1 << 50),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := Start(Options{TLS: true})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			s.Script(Alerts, WithBody(step, "[]"))
			transport := &http.Transport{
				ForceAttemptHTTP2: true,
				TLSClientConfig:   &tls.Config{InsecureSkipVerify: true}, // its own server
			}
			defer transport.CloseIdleConnections()
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.SIEMEndpoint()+"/api/alerts", http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := transport.RoundTrip(request)
			if err != nil {
				t.Fatal(err)
			}
			cancel()
			_ = resp.Body.Close()
			awaitHandlers(t, s)
		})
	}
}
