package transport_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport/transporttest"
)

// TestLocal sends with a local client: only to the computer itself and its link.
func TestLocal(t *testing.T) {
	t.Parallel()
	for address, ok := range map[string]bool{
		"http://169.254.169.254/metadata": true, "http://169.254.130.4:8081/msi": true, "http://localhost:1/": true,
		"http://127.0.0.1/": true, "http://[::1]:80/": true, "https://169.254.169.254/": true,
		"http://metadata.test/": false, "https://login.test/": false, "http://10.0.0.1/": false, "http://169.255.1.1/": false,
		"http://[fe80::1]/": false, "ftp://169.254.169.254/": false, "http://2852039166/": false,
	} {
		s := transporttest.NewScript(transporttest.Respond(http.StatusOK, "{}"))
		client := transport.New(transport.Options{MaxAttempts: 1, AttemptTimeout: time.Minute, UserAgent: "test/1"}).Local(s)
		to := parse(t, address)
		err := client.Begin(to, nil, 99).Do(t.Context(), transport.Request{Method: http.MethodGet, URL: to}, drain)
		if sent := len(s.Requests()) == 1; sent != ok {
			t.Errorf("Do(%s) sent a request: %t, want %t", address, sent, ok)
		}
		if e, _ := errors.AsType[*transport.Error](err); !ok && (e == nil || e.Kind != transport.Invalid) {
			t.Errorf("Do(%s) = %v, want %s", address, err, transport.Invalid)
		}
		// The usual client sends none of them in the clear, but to loopback.
		s = transporttest.NewScript(transporttest.Respond(http.StatusOK, "{}"))
		client = transport.New(transport.Options{Base: s, MaxAttempts: 1, AttemptTimeout: time.Minute})
		err = client.Begin(to, nil, 99).Do(t.Context(), transport.Request{Method: http.MethodGet, URL: to}, drain)
		if plain := to.Scheme == "http" && to.Hostname() != "localhost" && !net.ParseIP(to.Hostname()).IsLoopback(); plain && err == nil {
			t.Errorf("Do(%s) of the usual client = nil, want an error", address)
		}
	}
}

// TestLocalRoundTripper connects without a proxy, and to no other computer.
func TestLocalRoundTripper(t *testing.T) {
	t.Parallel()
	rt := transport.NewLocalRoundTripper()
	if rt.Proxy != nil {
		t.Error("Proxy of NewLocalRoundTripper() is set, want none")
	}
	client := transport.New(transport.Options{MaxAttempts: 1, AttemptTimeout: time.Minute}).Local(rt)
	address := transporttest.Listen(t, "127.0.0.1:0", func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 4096))
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
	})
	to := parse(t, "http://"+address)
	if err := client.Begin(to, nil, 99).Do(t.Context(), transport.Request{Method: http.MethodGet, URL: to}, drain); err != nil {
		t.Errorf("Do() = %v, want nil", err)
	}
}

// TestNextBody sends another body at every attempt, until there is none.
func TestNextBody(t *testing.T) {
	t.Parallel()
	s := transporttest.NewScript(transporttest.Respond(http.StatusServiceUnavailable, "", "Retry-After", "1"))
	client := transport.New(transport.Options{Base: s, MaxAttempts: 9, AttemptTimeout: time.Minute})
	none, n := errors.New("none"), 0
	to := parse(t, "https://login.test/")
	err := client.Begin(to, nil, 99).Do(t.Context(), transport.Request{
		Method: http.MethodPost, URL: to,
		NextBody: func(context.Context) (string, error) {
			if n++; n == 3 {
				return "", none
			}
			return fmt.Sprint("body ", n), nil
		},
	}, drain)
	if !errors.Is(err, none) {
		t.Errorf("Do() = %v, want %v", err, none)
	}
	sent := s.Requests()
	if len(sent) != 2 || sent[0].Body != "body 1" || sent[1].Body != "body 2" {
		t.Errorf("requests = %+v, want body 1 and body 2", sent)
	}
}

// TestPace waits before every attempt, until the context ends.
func TestPace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := transporttest.NewScript(transporttest.Respond(http.StatusServiceUnavailable, "", "Retry-After", "1"))
		client := transport.New(transport.Options{Base: s, MaxAttempts: 9, AttemptTimeout: time.Minute})
		to := parse(t, "https://service.test/")
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Hour)
		defer cancel()
		err := client.Begin(to, new(tokens), 99).Do(ctx, transport.Request{
			Phase: transport.PhaseRead, Method: http.MethodGet, URL: to,
			Pace: func(ctx context.Context) {
				select {
				case <-time.After(time.Hour):
				case <-ctx.Done():
				}
			},
		}, drain)
		wantError(t, err, transport.Error{Kind: transport.OutOfTime, Status: http.StatusServiceUnavailable, Attempts: 2})
		sent := s.Requests()
		if len(sent) != 2 || sent[0].At != time.Hour || sent[1].At != 2*time.Hour+time.Second {
			t.Errorf("requests = %+v, want one at 1h and one at 2h1s", sent)
		}
	})
}

func TestParseLocalAddress(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"http://169.254.169.254/metadata/identity/oauth2/token": "http://169.254.169.254/metadata/identity/oauth2/token",
		"http://LocalHost:42356/msi/token/":                     "http://localhost:42356/msi/token/",
		"http://169.254.130.4:8081/msi?x=1":                     "", "http://10.0.0.1/": "", "https://login.test/": "", "169.254.169.254": "",
		"http://u:p@localhost/": "", "http://localhost/#x": "", "http://localhost:0/": "",
	} {
		got, err := transport.ParseLocalAddress(text)
		wantAddress(t, "ParseLocalAddress", text, got, err, want)
	}
	for text, want := range map[string]string{
		"https://pipelines.test/x/?api-version=2.0": "https://pipelines.test/x/?api-version=2.0",
		"http://127.0.0.1:1/x?a=b":                  "http://127.0.0.1:1/x?a=b",
		"http://pipelines.test/x?a=b":               "", "https://u:p@pipelines.test/": "", "https://pipelines.test/#a": "", "": "",
	} {
		got, err := transport.ParseRequestURL(text)
		wantAddress(t, "ParseRequestURL", text, got, err, want)
	}
}

// wantAddress checks the result of a parser; want "" is an error.
func wantAddress(t *testing.T, parser, text string, got *url.URL, err error, want string) {
	t.Helper()
	switch {
	case (err != nil) != (want == ""):
		t.Errorf("%s(%q) = %v, %v, want %q", parser, text, got, err, want)
	case err == nil && got.String() != want:
		t.Errorf("%s(%q) = %s, want %s", parser, text, got, want)
	}
}

// drain reads a response to its end.
func drain(r *transport.Response) error {
	_, err := io.Copy(io.Discard, r.Body)
	return err
}
