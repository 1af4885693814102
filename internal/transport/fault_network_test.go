package transport_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport/transporttest"
)

// nameServer starts a DNS server: resolve returns a code and addresses for a query
// type (1 for A, 28 for AAAA). It returns a resolver that uses the server, and the
// number of queries.
func nameServer(t *testing.T, resolve func(kind uint16) (code byte, addresses []net.IP)) (*net.Resolver, *atomic.Int32) {
	t.Helper()
	conn, err := new(net.ListenConfig).ListenPacket(context.Background(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var queries atomic.Int32
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		packet := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(packet)
			if err != nil {
				return
			}
			queries.Add(1)
			end := 12
			for packet[end] != 0 && end < n {
				end += 1 + int(packet[end])
			}
			question := packet[12 : end+5]
			kind := binary.BigEndian.Uint16(packet[end+1:])
			code, addresses := resolve(kind)
			text := append([]byte{packet[0], packet[1], 0x81, 0x80 | code, 0, 1, 0, byte(len(addresses)), 0, 0, 0, 0}, question...)
			for _, address := range addresses {
				text = append(text, 0xc0, 12, 0, byte(kind), 0, 1, 0, 0, 0, 60, 0, byte(len(address)))
				text = append(text, address...)
			}
			_, _ = conn.WriteTo(text, from)
		}
	}()
	t.Cleanup(func() {
		_ = conn.Close()
		<-ended
	})
	resolver := &net.Resolver{
		PreferGo: true,
		Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "udp", conn.LocalAddr().String())
		},
	}
	// The first query of a process makes a channel, which must not be a bubble's.
	_, _ = resolver.LookupHost(context.Background(), "warm.test")
	queries.Store(0)
	return resolver, &queries
}

// A name that does not exist is not retried; a name server that fails is.
func TestFault_N1_NameResolution(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		code byte
		want transport.Error
	}{
		"NXDOMAIN": {3, transport.Error{Kind: transport.Unresolved, Attempts: 1}},
		"SERVFAIL": {2, transport.Error{Kind: transport.NotLookedUp, Attempts: 3}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resolver, queries := nameServer(t, func(uint16) (byte, []net.IP) { return test.code, nil })
			now := time.Now()
			synctest.Test(t, func(t *testing.T) {
				dialer := transport.NewDialer()
				dialer.Resolver = resolver
				_, err := do(t.Context(), options(overNetwork(t, dialer, nil, now)), get(t, "https://service.test/"+canary))
				wantError(t, err, test.want)
			})
			if queries.Load() == 0 {
				t.Error("queries to the name server = 0, want some")
			}
		})
	}
	t.Run("SERVFAIL once", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := transporttest.NewScript(
				transporttest.Fail(&net.OpError{Op: "dial", Err: &net.DNSError{Err: "server misbehaving", IsTemporary: true}}),
				transporttest.Respond(http.StatusOK, goodBody),
			)
			body, err := do(t.Context(), options(s), get(t, "https://service.test/"))
			wantBody(t, body, err, goodBody)
			wantRequests(t, s, 2)
		})
	})
}

func TestFault_N2_ConnectionRefused(t *testing.T) {
	t.Parallel()
	address := closedPort(t)
	synctest.Test(t, func(t *testing.T) {
		dials := 0
		dialer := transport.NewDialer()
		dialer.ControlContext = func(context.Context, string, string, syscall.RawConn) error { dials++; return nil }
		_, err := do(t.Context(), options(overNetwork(t, dialer, nil, time.Now())), get(t, "http://"+address+"/"))
		wantError(t, err, transport.Error{Kind: transport.Refused, Attempts: 3})
		if dials != 3 {
			t.Errorf("dials = %d, want 3", dials)
		}
	})
}

// A host that drops all packets costs ten seconds an attempt.
func TestFault_N3_Blackhole(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var dialed, ended []time.Duration
		dialer := transport.NewDialer()
		dialer.ControlContext = func(ctx context.Context, _, _ string, _ syscall.RawConn) error {
			dialed = append(dialed, time.Since(began))
			<-ctx.Done()
			ended = append(ended, time.Since(began))
			return ctx.Err()
		}
		_, err := do(t.Context(), options(overNetwork(t, dialer, nil, began)), get(t, "https://127.0.0.1:9/"))
		wantError(t, err, transport.Error{Kind: transport.Unanswered, Attempts: 3})
		if len(dialed) != 3 {
			t.Fatalf("dials = %d, want 3", len(dialed))
		}
		if len(ended) != 3 {
			t.Fatalf("dials that ended = %d, want 3", len(ended))
		}
		for i := range dialed {
			if took := ended[i] - dialed[i]; took != 10*time.Second {
				t.Errorf("time of dial %d = %s, want 10s", i, took)
			}
		}
	})
	t.Run("the attempt ends first", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			dialer := transport.NewDialer()
			dialer.ControlContext = func(ctx context.Context, _, _ string, _ syscall.RawConn) error {
				<-ctx.Done()
				return ctx.Err()
			}
			o := options(overNetwork(t, dialer, nil, began))
			o.AttemptTimeout, o.MaxAttempts = 2*time.Second, 1
			_, err := do(t.Context(), o, get(t, "https://127.0.0.1:9/"))
			wantError(t, err, transport.Error{Kind: transport.Stalled, Attempts: 1})
			if took := time.Since(began); took != 2*time.Second {
				t.Errorf("Do() took %s, want 2s", took)
			}
		})
	})
}

// A host that accepts the connection and is silent costs ten seconds an attempt too.
func TestFault_N3_SilentHandshake(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var (
			mu             sync.Mutex
			dialed, closed []time.Duration
			servers        sync.WaitGroup
		)
		note := func(times *[]time.Duration) {
			mu.Lock()
			defer mu.Unlock()
			*times = append(*times, time.Since(began))
		}
		rt := transport.NewRoundTripperWith(func(context.Context, string, string) (net.Conn, error) {
			client, server := net.Pipe()
			note(&dialed)
			servers.Go(func() {
				_, _ = io.Copy(io.Discard, server)
				note(&closed)
			})
			return client, nil
		})
		_, err := do(t.Context(), options(rt), get(t, "https://service.test/"))
		servers.Wait()
		wantError(t, err, transport.Error{Kind: transport.Broken, Attempts: 3})
		if len(dialed) != 3 || len(closed) != 3 {
			t.Fatalf("connections opened at %v, closed at %v, want 3", dialed, closed)
		}
		for i := range dialed {
			if took := closed[i] - dialed[i]; took != 10*time.Second {
				t.Errorf("time of connection %d = %s, want 10s", i, took)
			}
		}
	})
}

// A TLS error of the peer is not retried, and no option suppresses it.
func TestFault_N4_TLS(t *testing.T) {
	t.Parallel()
	good, root := certificate(t, nil, nil)
	other, _ := certificate(t, nil, nil)
	named, _ := certificate(t, root, func(c *x509.Certificate) { c.DNSNames, c.IPAddresses = []string{"other.test"}, nil })
	expired, _ := certificate(t, root, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) })
	early, _ := certificate(t, root, func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Minute) })
	for name, test := range map[string]struct {
		config *tls.Config    // nil for a server that does not speak TLS
		want   transport.Kind // "" for none
	}{
		"good":              {&tls.Config{Certificates: []tls.Certificate{good}}, ""},
		"TLS 1.2":           {&tls.Config{Certificates: []tls.Certificate{good}, MaxVersion: tls.VersionTLS12}, ""},
		"unknown authority": {&tls.Config{Certificates: []tls.Certificate{other}}, transport.UnknownAuthority},
		"wrong name":        {&tls.Config{Certificates: []tls.Certificate{named}}, transport.WrongName},
		"expired":           {&tls.Config{Certificates: []tls.Certificate{expired}}, transport.Expired},
		"not yet valid":     {&tls.Config{Certificates: []tls.Certificate{early}}, transport.Expired},
		"TLS 1.1": {&tls.Config{Certificates: []tls.Certificate{good},
			MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, transport.OldTLS},
		"old ciphers": {&tls.Config{Certificates: []tls.Certificate{good}, MaxVersion: tls.VersionTLS12,
			CipherSuites: []uint16{tls.TLS_ECDHE_RSA_WITH_RC4_128_SHA}}, transport.Untrusted},
		"no TLS": {nil, transport.Untrusted},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var connections, requests atomic.Int32
			address := transporttest.Listen(t, "127.0.0.1:0", func(conn net.Conn) {
				connections.Add(1)
				if test.config != nil {
					conn = tls.Server(conn, test.config)
				} else {
					fmt.Fprint(conn, "HTTP/1.1 400 Bad Request\r\n\r\n")
				}
				if r, err := http.ReadRequest(bufio.NewReader(conn)); err == nil && r.Header.Get("Authorization") != "" {
					requests.Add(1)
					fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(goodBody), goodBody)
				}
			})
			now := time.Now()
			synctest.Test(t, func(t *testing.T) {
				rt := overNetwork(t, transport.NewDialer(), root.pem, now)
				body, err := doAs(t.Context(), options(rt), &tokens{}, get(t, "https://"+address+"/"))
				if test.want == "" {
					wantBody(t, body, err, goodBody)
					return
				}
				wantError(t, err, transport.Error{Kind: test.want, Attempts: 1})
			})
			if got := connections.Load(); got != 1 {
				t.Errorf("connections = %d, want 1", got)
			}
			if got := requests.Load() == 1; got != (test.want == "") {
				t.Errorf("requests with a token = %d, want one: %t", requests.Load(), test.want == "")
			}
		})
	}
	t.Run("truncated handshake", func(t *testing.T) {
		t.Parallel()
		var connections atomic.Int32
		address := transporttest.Listen(t, "127.0.0.1:0", func(conn net.Conn) {
			connections.Add(1)
			_, _ = conn.Read(make([]byte, 16))
		})
		synctest.Test(t, func(t *testing.T) {
			rt := overNetwork(t, transport.NewDialer(), nil, time.Now())
			_, err := do(t.Context(), options(rt), get(t, "https://"+address+"/"))
			wantError(t, err, transport.Error{Kind: transport.Broken, Attempts: 3})
		})
		if got := connections.Load(); got != 3 {
			t.Errorf("connections = %d, want 3", got)
		}
	})
}

// A networkFault is a step of the endpoint that fails, always or once.
type networkFault struct {
	step fakeapi.Step
	body string          // "" for goodBody
	want transport.Error // if the step always fails
}

// testNetworkFaults runs each case twice: a step that always fails results in the
// error want after want.Attempts, and one that fails once is retried, if it is
// retried at all.
func testNetworkFaults(t *testing.T, o fakeapi.Options, cases map[string]networkFault) {
	t.Helper()
	for name, test := range cases {
		if test.body == "" {
			test.body = goodBody
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, o)
			now := time.Now()
			attempt := func(t *testing.T) (body string, err error) {
				rt := overNetwork(t, transport.NewDialer(), s.CAPEM(), now)
				return doAs(t.Context(), options(rt), &tokens{}, get(t, s.SIEMEndpoint()+"/api/alerts"))
			}
			s.Script(fakeapi.Alerts, fakeapi.Always(fakeapi.WithBody(test.step, test.body)))
			synctest.Test(t, func(t *testing.T) {
				_, err := attempt(t)
				wantError(t, err, test.want)
			})
			for _, r := range wantAlertRequests(t, s, test.want.Attempts) {
				wantHeader(t, r.Header, "Authorization", "Bearer "+canary+"-1")
				wantHeader(t, r.Header, "Accept-Encoding", "gzip")
				wantHeader(t, r.Header, "Accept", "application/json")
				wantHeader(t, r.Header, "User-Agent", "test/1")
			}
			s.ClearScript(fakeapi.Alerts)
			if test.want.Attempts == 1 {
				return
			}
			s.Script(fakeapi.Alerts, fakeapi.WithBody(test.step, test.body), fakeapi.WithBody(fakeapi.Normal(), test.body))
			synctest.Test(t, func(t *testing.T) {
				body, err := attempt(t)
				wantBody(t, body, err, test.body)
			})
			wantAlertRequests(t, s, test.want.Attempts+2)
		})
	}
}

// brokenAfter returns the error of three attempts with a truncated response.
func brokenAfter(status int) transport.Error {
	return transport.Error{Kind: transport.Broken, Status: status, Attempts: 3}
}

func TestFault_N5_Reset(t *testing.T) {
	t.Parallel()
	testNetworkFaults(t, fakeapi.Options{}, map[string]networkFault{
		"before headers":  {step: fakeapi.ResetBeforeHeaders(), want: brokenAfter(0)},
		"closed":          {step: fakeapi.Raw("", fakeapi.Close), want: brokenAfter(0)},
		"in the headers":  {step: fakeapi.Raw("HTTP/1.1 200 OK\r\nContent-Ty", fakeapi.Reset), want: brokenAfter(0)},
		"in the body":     {step: fakeapi.ResetAfter(5), want: brokenAfter(200)},
		"before the body": {step: fakeapi.ResetAfter(0), want: brokenAfter(200)},
	})
	t.Run("kept connection", func(t *testing.T) {
		t.Parallel()
		var connections, requests atomic.Int32
		address := transporttest.Listen(t, "127.0.0.1:0", func(conn net.Conn) {
			connections.Add(1)
			for r := bufio.NewReader(conn); ; {
				if _, err := http.ReadRequest(r); err != nil {
					return
				}
				if requests.Add(1) > 1 {
					return // on the kept connection as on new ones
				}
				fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(goodBody), goodBody)
			}
		})
		synctest.Test(t, func(t *testing.T) {
			o := options(overNetwork(t, transport.NewDialer(), nil, time.Now()))
			if _, err := do(t.Context(), o, get(t, "http://"+address+"/")); err != nil {
				t.Fatal(err)
			}
			_, err := do(t.Context(), o, get(t, "http://"+address+"/"))
			wantError(t, err, brokenAfter(0))
		})
		if got := requests.Load(); got != 1+3 {
			t.Errorf("requests = %d, want 4", got)
		}
		if got := connections.Load(); got != 1+3 {
			t.Errorf("connections = %d, want 4", got)
		}
	})
}

func TestFault_N6_ShortContentLength(t *testing.T) {
	t.Parallel()
	testNetworkFaults(t, fakeapi.Options{}, map[string]networkFault{
		"0 bytes":            {step: fakeapi.CutAfter(0), want: brokenAfter(200)},
		"middle":             {step: fakeapi.CutAfter(5), want: brokenAfter(200)},
		"in a character":     {step: fakeapi.CutAfter(9), want: brokenAfter(200)},
		"last byte":          {step: fakeapi.CutAfter(-1), want: brokenAfter(200)},
		"after an array":     {step: fakeapi.LieLength(20), want: brokenAfter(200)},
		"after []":           {step: fakeapi.LieLength(1), body: "[]", want: brokenAfter(200)},
		"after [] and a gap": {step: fakeapi.LieLength(1), body: "[]   ", want: brokenAfter(200)},
		"in gzip": {
			step: fakeapi.Raw("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 40\r\n\r\n"+
				"\x1f\x8b\x08\x00\x00\x00", fakeapi.Close),
			want: brokenAfter(200),
		},
	})
	// A length that is too small truncates the response so that only its content
	// shows it, and leaves bytes in the connection that net/http would print.
	t.Run("length too small", func(t *testing.T) {
		t.Parallel()
		s := start(t, fakeapi.Options{})
		s.Script(fakeapi.Alerts, fakeapi.Always(fakeapi.WithBody(fakeapi.LieLength(-3), goodBody)))
		_, err := getAlerts(t, s)
		if !errors.Is(err, errContent) {
			t.Errorf("Do() = %v, want %v", err, errContent)
		}
		wantAlertRequests(t, s, 1)
	})
}

func TestFault_N7_Chunks(t *testing.T) {
	t.Parallel()
	testNetworkFaults(t, fakeapi.Options{}, map[string]networkFault{
		"no last chunk":          {step: fakeapi.ChunkedUnterminated(), want: brokenAfter(200)},
		"no last chunk after []": {step: fakeapi.ChunkedUnterminated(), body: "[]", want: brokenAfter(200)},
		"bad chunk":              {step: fakeapi.BadChunk(), want: brokenAfter(200)},
		"stopped":                {step: fakeapi.AbortAfter(5), want: brokenAfter(200)},
	})
}

// Without a length or chunks only the content shows that a response is truncated.
func TestFault_N8_CloseDelimited(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 5, 9, len(goodBody) - 1, len(goodBody)} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			s := start(t, fakeapi.Options{})
			s.Script(fakeapi.Alerts, fakeapi.Always(fakeapi.WithBody(fakeapi.CloseDelimited(n), goodBody)))
			synctest.Test(t, func(t *testing.T) {
				body, err := getAlerts(t, s)
				if n == len(goodBody) {
					wantBody(t, body, err, goodBody)
				} else if err == nil {
					t.Errorf("Do() = nil with the body %q, want an error", body)
				}
			})
			wantAlertRequests(t, s, 1)
		})
	}
}

func TestFault_N9_Stall(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		step   fakeapi.Step
		status int
	}{
		"before headers": {fakeapi.Raw("", fakeapi.Hang), 0},
		"in headers":     {fakeapi.Raw("HTTP/1.1 200 OK\r\nA: b\r\n", fakeapi.Hang), 0},
		"after headers":  {fakeapi.Stall(0), 200},
		"in the body":    {fakeapi.Stall(5), 200},
		"at the end":     {fakeapi.Stall(-1), 200},
		"dribble":        {fakeapi.Dribble(200 * time.Millisecond), 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, fakeapi.Options{})
			s.Script(fakeapi.Alerts, fakeapi.Always(fakeapi.WithBody(test.step, goodBody)))
			o := options(overNetwork(t, transport.NewDialer(), nil, time.Now()))
			o.AttemptTimeout, o.MaxAttempts = 600*time.Millisecond, 2
			began := time.Now()
			_, err := do(t.Context(), o, get(t, s.SIEMEndpoint()+"/api/alerts"))
			wantError(t, err, transport.Error{Kind: transport.Stalled, Status: test.status, Attempts: 2})
			if took := time.Since(began); took < 1200*time.Millisecond {
				t.Errorf("Do() took %s, want at least 1.2s", took)
			}
			wantAlertRequests(t, s, 2)
		})
	}
	for name, stall := range map[string]transporttest.Step{"headers": transporttest.Hang, "body": transporttest.Stall(`[{"Id"`)} {
		t.Run("the whole read: "+name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 100*time.Second)
				defer cancel()
				began := time.Now()
				s := transporttest.NewScript(stall)
				_, err := do(ctx, options(s), get(t, "https://service.test/"))
				if took := time.Since(began); took != 100*time.Second {
					t.Errorf("Do() took %s, want 1m40s", took)
				}
				if got := wantRequests(t, s, 2)[1].At; got < time.Minute || got > 61*time.Second {
					t.Errorf("time of the retry = %s, want 1m to 1m1s", got)
				}
				want := transport.Error{Kind: transport.OutOfTime, Attempts: 2}
				if name == "body" {
					want.Status = 200
				}
				wantError(t, err, want)
			})
		})
	}
}

// HTTP/2 is not offered. A server that speaks nothing else is an error.
func TestFault_N10_HTTP2(t *testing.T) {
	t.Parallel()
	served, root := certificate(t, nil, nil)
	for name, test := range map[string]struct {
		proto string // that the server has
		want  transport.Error
	}{
		// crypto/tls accepts a client without h2, and the server uses it anyway.
		"sends HTTP/2":          {"h2", transport.Error{Kind: transport.Broken, Attempts: 3}},
		"refuses the handshake": {"other", transport.Error{Kind: transport.Untrusted, Attempts: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var (
				connections atomic.Int32
				mu          sync.Mutex
				offered     []string
				received    strings.Builder
			)
			config := &tls.Config{Certificates: []tls.Certificate{served}, NextProtos: []string{test.proto}}
			config.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
				mu.Lock()
				defer mu.Unlock()
				offered = hello.SupportedProtos
				return config, nil
			}
			address := transporttest.Listen(t, "127.0.0.1:0", func(conn net.Conn) {
				connections.Add(1)
				conn = tls.Server(conn, config)
				// Not before the request: net/http would log it, see NewRoundTripper.
				line, _ := bufio.NewReader(conn).ReadString('\n')
				_, _ = conn.Write([]byte{0, 0, 0, 4, 0, 0, 0, 0, 0}) // SETTINGS
				mu.Lock()
				defer mu.Unlock()
				received.WriteString(line)
			})
			now := time.Now()
			synctest.Test(t, func(t *testing.T) {
				o := options(overNetwork(t, transport.NewDialer(), root.pem, now))
				_, err := doAs(t.Context(), o, &tokens{}, get(t, "https://"+address+"/"))
				wantError(t, err, test.want)
			})
			if got := int(connections.Load()); got != test.want.Attempts {
				t.Errorf("connections = %d, want %d", got, test.want.Attempts)
			}
			mu.Lock()
			defer mu.Unlock()
			if want := []string{"http/1.1"}; !slices.Equal(offered, want) {
				t.Errorf("protocols offered = %q, want %q", offered, want)
			}
			if got := received.String(); strings.Contains(got, "HTTP/2") {
				t.Errorf("received = %q, want no HTTP/2", got)
			}
		})
	}
	t.Run("a server with both", func(t *testing.T) {
		t.Parallel()
		// net/http's server prefers h2 when it is offered.
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.ProtoMajor != 1 {
				t.Errorf("protocol of the request = %s, want HTTP/1.1", r.Proto)
			}
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, goodBody)
		}))
		server.EnableHTTP2 = true
		server.StartTLS()
		t.Cleanup(server.Close)
		rt := transport.NewRoundTripper(nil)
		rt.TLSClientConfig.RootCAs = x509.NewCertPool()
		rt.TLSClientConfig.RootCAs.AddCert(server.Certificate())
		o := options(rt)
		var all sync.WaitGroup
		for range 12 {
			all.Go(func() {
				body, err := do(t.Context(), o, get(t, server.URL))
				wantBody(t, body, err, goodBody)
			})
		}
		all.Wait()
	})
}

// throughProxy sends one request for https://siem.invalid through a proxy that
// responds to CONNECT with these bytes, and returns the number of its requests.
func throughProxy(t *testing.T, response string, want transport.Error) int {
	t.Helper()
	var requests atomic.Int32
	address := transporttest.Listen(t, "127.0.0.1:0", func(conn net.Conn) {
		r, err := http.ReadRequest(bufio.NewReader(conn))
		if err != nil {
			return
		}
		requests.Add(1)
		if got := r.Method + " " + r.Host; got != "CONNECT siem.invalid:443" {
			t.Errorf("request to the proxy = %s, want CONNECT siem.invalid:443", got)
		}
		wantHeader(t, r.Header, "Authorization", "")
		fmt.Fprint(conn, response)
		_, _ = io.Copy(io.Discard, conn)
	})
	synctest.Test(t, func(t *testing.T) {
		rt := overNetwork(t, transport.NewDialer(), nil, time.Now())
		rt.Proxy = http.ProxyURL(&url.URL{Scheme: "http", User: url.UserPassword("user", canary), Host: address})
		_, err := doAs(t.Context(), options(rt), &tokens{}, get(t, "https://siem.invalid/api/alerts?q="+canary))
		wantError(t, err, want)
	})
	return int(requests.Load())
}

func TestFault_N11_ProxyRefuses(t *testing.T) {
	t.Parallel()
	page := "<html>" + canary + "</html>"
	head := fmt.Sprintf("Content-Type: text/html\r\nContent-Length: %d\r\n\r\n%s", len(page), page)
	for name, test := range map[string]struct {
		response string
		want     transport.Error
	}{
		"407": {
			"HTTP/1.1 407 Proxy Authentication Required\r\n" + head, transport.Error{Kind: transport.ProxyRefused, Attempts: 1},
		},
		"502": {
			"HTTP/1.1 502 Bad Gateway " + canary + "\r\n" + head, transport.Error{Kind: transport.Proxy, Attempts: 3},
		},
		"503 without a page":        {"HTTP/1.1 503 " + canary + "\r\nContent-Length: 0\r\n\r\n", transport.Error{Kind: transport.Proxy, Attempts: 3}},
		"captive portal on CONNECT": {"HTTP/1.1 200 OK\r\n" + head, transport.Error{Kind: transport.ProxyRefused, Attempts: 1}},
		"no HTTP":                   {canary + "\r\n\r\n", transport.Error{Kind: transport.Broken, Attempts: 3}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := throughProxy(t, test.response, test.want); got != test.want.Attempts {
				t.Errorf("requests to the proxy = %d, want %d", got, test.want.Attempts)
			}
		})
	}
	t.Run("captive portal", func(t *testing.T) {
		t.Parallel()
		s := start(t, fakeapi.Options{})
		s.Script(fakeapi.Alerts, fakeapi.Always(fakeapi.ContentType("text/html", page)))
		_, err := getAlerts(t, s)
		wantError(t, err, transport.Error{Kind: transport.MediaType, Status: 200, Attempts: 1})
		wantAlertRequests(t, s, 1)
	})
}

// The address of a proxy may hold a password.
func TestFault_N12_ProxyAddress(t *testing.T) {
	const host = "https://siem.invalid/api/alerts"
	refused := transport.Error{Kind: transport.ProxyRefused, Attempts: 1}
	closed := closedPort(t)
	failed := transport.Error{Kind: transport.Proxy, Attempts: 3}
	for name, test := range map[string]struct {
		proxy string
		want  transport.Error
	}{
		"no port number":          {"http://user:" + canary + "@proxy:80x", refused},
		"blank in the password":   {"http://user:" + canary + " x@proxy.invalid:8080", refused},
		"percent in the password": {"user:" + canary + "%zz@proxy.invalid:8080", refused},
		"no host":                 {"http://", refused},
		"unknown scheme":          {"ftp://user:" + canary + "@proxy.invalid", refused},
		"closed port":             {"http://user:" + url.QueryEscape(canary) + "@" + closed, failed},
		"without a scheme":        {"user:" + url.QueryEscape(canary) + "@" + closed, failed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("HTTPS_PROXY", test.proxy)
			t.Setenv("NO_PROXY", "direct.invalid")
			synctest.Test(t, func(t *testing.T) {
				dials := 0
				dialer := transport.NewDialer()
				dialer.ControlContext = func(_ context.Context, _, address string, _ syscall.RawConn) error {
					if dials++; address != closed {
						t.Errorf("address dialled = %s, want that of the proxy, %s", address, closed)
					}
					return nil
				}
				rt := overNetwork(t, dialer, nil, time.Now())
				_, err := do(t.Context(), options(rt), get(t, host))
				wantError(t, err, test.want)
				want := 0
				if test.want.Kind == transport.Proxy {
					want = test.want.Attempts
				}
				if dials != want {
					t.Errorf("dials = %d, want %d", dials, want)
				}
				for _, direct := range []string{"https://direct.invalid", "https://127.0.0.1", "http://localhost"} {
					if address, err := rt.Proxy(&http.Request{URL: parse(t, direct)}); address != nil || err != nil {
						t.Errorf("Proxy(%s) = %v, %v, want no proxy", direct, address, err)
					}
				}
			})
		})
	}
}

// Plain HTTP, which carries credentials to this machine, uses no proxy, however
// the host is spelled.
func TestFault_N14_PlainHTTPWithoutProxy(t *testing.T) {
	var proxied, served atomic.Int32
	proxy := transporttest.Listen(t, "127.0.0.1:0", func(net.Conn) { proxied.Add(1) })
	server := transporttest.Listen(t, "127.0.0.1:0", func(conn net.Conn) {
		r, err := http.ReadRequest(bufio.NewReader(conn))
		if err != nil {
			return
		}
		served.Add(1)
		if want := "/api/alerts?q=1"; r.RequestURI != want {
			t.Errorf("target of the request = %s, want %s", r.RequestURI, want)
		}
		wantHeader(t, r.Header, "Authorization", "Bearer "+canary+"-1")
		wantHeader(t, r.Header, "Proxy-Authorization", "")
		fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(goodBody), goodBody)
	})
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"} {
		t.Setenv(name, "http://user:"+url.QueryEscape(canary)+"@"+proxy)
	}
	t.Setenv("NO_PROXY", "other.invalid")
	t.Setenv("no_proxy", "other.invalid")
	var dialed []string
	o := options(transport.NewRoundTripperWith(func(ctx context.Context, network, address string) (net.Conn, error) {
		dialed = append(dialed, address)
		if address != proxy {
			address = server
		}
		return new(net.Dialer).DialContext(ctx, network, address)
	}))
	o.MaxAttempts = 1
	want := int32(0)
	for _, host := range []string{
		"localhost", "LOCALHOST", "LocalHost", "127.0.0.1", "127.1.2.3", "[::1]", "[::ffff:127.0.0.1]", "[::FFFF:127.0.0.1]",
	} {
		for _, port := range []string{"", ":80", ":8080"} {
			text := "http://" + host + port + "/api/alerts"
			accepted, err := transport.ParseAddress(text)
			if err != nil {
				t.Errorf("ParseAddress(%s) fails with %v, want nil", text, err)
				continue
			}
			// As ParseAddress normalizes it, and as it is spelled.
			for _, address := range []*url.URL{accepted, parse(t, text)} {
				dialed, want = nil, want+1
				body, err := doAs(t.Context(), o, &tokens{}, get(t, address.String()+"?q=1"))
				wantBody(t, body, err, goodBody)
				wantDialed := address.Host
				if address.Port() == "" {
					wantDialed += ":80"
				}
				if !slices.Equal(dialed, []string{wantDialed}) {
					t.Errorf("addresses dialled for %s = %q, want %q", address, dialed, wantDialed)
				}
			}
		}
	}
	if got := served.Load(); got != want {
		t.Errorf("requests to the server = %d, want %d", got, want)
	}
	if got := proxied.Load(); got != 0 {
		t.Errorf("connections to the proxy = %d, want 0", got)
	}
	// The proxy is in effect for other hosts.
	_, err := doAs(t.Context(), o, &tokens{}, get(t, "https://siem.invalid/"))
	wantError(t, err, transport.Error{Kind: transport.Broken, Attempts: 1})
	if got := proxied.Load(); got != 1 {
		t.Errorf("connections to the proxy for https = %d, want 1", got)
	}
}

// A remoteConn is a connection whose peer has another address.
type remoteConn struct {
	net.Conn
	remote net.Addr
}

func (c *remoteConn) RemoteAddr() net.Addr { return c.remote }

// Plain HTTP is not sent to another machine that localhost resolves to.
func TestFault_N14_PlainHTTPToAnotherMachine(t *testing.T) {
	t.Parallel()
	certified, root := certificate(t, nil, nil)
	for _, test := range []struct {
		address, remote string
		ok              bool
	}{
		{"http://localhost/", "192.0.2.7", false},
		{"http://LOCALHOST:8080/", "192.0.2.7", false},
		{"http://localhost/", "10.0.0.9", false},
		{"http://localhost/", "169.254.169.254", false},
		{"http://localhost/", "0.0.0.0", false},
		{"http://localhost/", "2001:db8::7", false},
		{"http://localhost/", "::ffff:192.0.2.7", false},
		{"http://localhost/", "fe80::1", false},
		{"http://127.0.0.1/", "192.0.2.7", false},
		{"http://[::1]/", "2001:db8::7", false},
		{"http://localhost/", "127.0.0.1", true},
		{"http://localhost/", "127.8.9.10", true},
		{"http://localhost/", "::1", true},
		{"http://localhost/", "::ffff:127.0.0.1", true},
		{"https://service.test/", "192.0.2.7", true},
	} {
		t.Run(test.address+" at "+test.remote, func(t *testing.T) {
			t.Parallel()
			received := make(chan string, 3) // by connection
			server := transporttest.Listen(t, "127.0.0.1:0", func(conn net.Conn) {
				if strings.HasPrefix(test.address, "https:") {
					conn = tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{certified}})
				}
				var sent strings.Builder
				if _, err := http.ReadRequest(bufio.NewReader(io.TeeReader(conn, &sent))); err == nil {
					fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(goodBody), goodBody)
				}
				received <- sent.String()
			})
			dials := 0
			rt := transport.NewRoundTripperWith(func(ctx context.Context, network, _ string) (net.Conn, error) {
				dials++
				conn, err := new(net.Dialer).DialContext(ctx, network, server)
				return &remoteConn{conn, &net.TCPAddr{IP: net.ParseIP(test.remote), Port: 80}}, err
			})
			o := options(transporttest.Trust(t, rt, time.Now(), root.pem))
			body, err := doAs(t.Context(), o, &tokens{}, get(t, test.address))
			sent := ""
			select {
			case sent = <-received:
			case <-time.After(10 * time.Second):
				t.Fatal("the connection is open, want it closed")
			}
			if test.ok {
				wantBody(t, body, err, goodBody)
				if !strings.Contains(sent, canary) {
					t.Errorf("bytes sent = %q, want the token in them", sent)
				}
			} else {
				wantError(t, err, transport.Error{Kind: transport.Invalid, Attempts: 1})
				if sent != "" {
					t.Errorf("bytes sent = %q, want none", sent)
				}
			}
			if dials != 1 {
				t.Errorf("dials = %d, want 1", dials)
			}
		})
	}
}

// A dead address of a name does not fail the attempt.
func TestFault_N13_DeadAddress(t *testing.T) {
	t.Parallel()
	served, root := certificate(t, nil, nil)
	v4, v4dead, v6 := net.IP{127, 0, 0, 1}, net.IP{127, 0, 0, 9}, net.IPv6loopback
	for name, test := range map[string]struct {
		listen string
		a, a6  []net.IP
	}{
		"one dead A record": {"127.0.0.1:0", []net.IP{v4dead, v4}, nil},
		"IPv6 only":         {"[::1]:0", nil, []net.IP{v6}},
		"IPv6 dead":         {"127.0.0.1:0", []net.IP{v4}, []net.IP{v6}},
		"IPv4 dead":         {"[::1]:0", []net.IP{v4dead}, []net.IP{v6}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := transporttest.Listen(t, test.listen, func(conn net.Conn) {
				conn = tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{served}})
				if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
					fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(goodBody), goodBody)
				}
			})
			resolver, _ := nameServer(t, func(kind uint16) (byte, []net.IP) {
				if kind == 28 {
					return 0, test.a6
				}
				return 0, test.a
			})
			_, port, _ := strings.Cut(address[strings.Index(address, "]")+1:], ":")
			dialer := transport.NewDialer()
			dialer.Resolver = resolver
			o := options(overNetwork(t, dialer, root.pem, time.Now()))
			o.MaxAttempts = 1
			body, err := do(t.Context(), o, get(t, "https://service.test:"+port+"/"))
			wantBody(t, body, err, goodBody)
		})
	}
}
