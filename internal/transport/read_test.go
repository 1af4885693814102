package transport_test

import (
	"context"
	"encoding/pem"
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
	"testing"
	"testing/synctest"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport/transporttest"
)

// A request to an address outside the base of its read is not sent, and no token
// is acquired.
func TestRequestsStayAtTheBase(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		base, address string
		ok            bool
	}{
		{"https://service.test/siem", "https://service.test/siem/api/alerts?q=1", true},
		{"https://service.test", "https://service.test/other", true},
		{"https://service.test:443", "https://service.test/", true},
		{"https://service.test", "https://service.test:443/", true},
		{"https://Service.TEST", "https://service.test/", true},
		{"http://localhost:80", "http://localhost/", true},
		{"http://LOCALHOST", "http://localhost/", true},
		{"http://localho\u017ft", "http://localho\u017ft/", false}, // a long s, which folds to s
		{"http://service.test", "http://service.test/", false},
		{"https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443/", true},
		{"https://service.test", "https://other.test/", false},
		{"https://service.test", "https://sub.service.test/", false},
		{"https://service.test", "https://service.test.other.test/", false},
		{"https://service.test", "https://service.test:8443/", false},
		{"https://service.test:8443", "https://service.test/", false},
		{"https://service.test", "http://service.test/", false},
		{"https://localhost", "http://localhost:443/", false},
		{"https://service.test", "//service.test/", false},
		{"https://service.test", "/siem", false},
		{"https://service.test", "", false},
	} {
		t.Run(test.base+" "+test.address, func(t *testing.T) {
			t.Parallel()
			s, k := transporttest.NewScript(transporttest.Respond(http.StatusOK, goodBody)), &tokens{}
			var text string
			read := transport.New(options(s)).Begin(parse(t, test.base), k, limit)
			err := read.Do(t.Context(), get(t, test.address), readJSON(&text))
			want := 0
			if test.ok {
				want = 1
				wantBody(t, text, err, goodBody)
			} else {
				e, ok := errors.AsType[*transport.Error](err)
				if !ok || e.Kind != transport.Invalid {
					t.Fatalf("Do() = %v, want %s", err, transport.Invalid)
				}
				if e.Attempts != 0 {
					t.Errorf("Attempts = %d, want 0", e.Attempts)
				}
			}
			wantRequests(t, s, want)
			wantTokens(t, k, want, 0)
		})
	}
}

// array returns an empty JSON array of this length.
func array(size int) string { return "[" + strings.Repeat(" ", size-2) + "]" }

// All responses of a read share its bytes.
func TestBudgetIsShared(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		maxBytes int64
		sizes    []int
		fails    int // index of the first response that is too large, or -1
	}{
		"exactly":         {100, []int{40, 40, 20}, -1},
		"one more":        {100, []int{40, 40, 21}, 2},
		"the first":       {100, []int{101}, 0},
		"nothing is left": {100, []int{100, 2}, 1},
		"none at all":     {0, []int{2}, 0},
		"below none":      {-1, []int{2}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var steps []transporttest.Step
			for _, size := range test.sizes {
				steps = append(steps, transporttest.Respond(http.StatusOK, array(size)))
			}
			s := transporttest.NewScript(steps...)
			read := transport.New(options(s)).Begin(parse(t, service), nil, test.maxBytes)
			for i, size := range test.sizes {
				var text string
				err := read.Do(t.Context(), get(t, service), readJSON(&text))
				if i != test.fails {
					if err != nil {
						t.Fatalf("response %d: Do() = %v, want nil", i, err)
					}
					if len(text) != size {
						t.Fatalf("response %d: bytes of the body = %d, want %d", i, len(text), size)
					}
					continue
				}
				wantError(t, err, transport.Error{Kind: transport.TooLarge, Status: 200, Attempts: 1})
				if e, ok := errors.AsType[*transport.Error](err); ok && e.Bytes != test.maxBytes {
					t.Errorf("response %d: Bytes = %d, want %d", i, e.Bytes, test.maxBytes)
				}
			}
		})
	}
}

// Failed attempts and responses that their reader refuses use none of the budget.
func TestBudgetIsReturned(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		long := array(90)
		s := transporttest.NewScript(
			transporttest.Break(http.StatusOK, long, io.ErrUnexpectedEOF),
			transporttest.Respond(http.StatusOK, array(101)),
			transporttest.Respond(http.StatusOK, long[:89]),
			transporttest.Respond(http.StatusOK, long+"\xff"),
			transporttest.Respond(http.StatusOK, "[]"+strings.Repeat("\n", 90)),
			transporttest.Respond(http.StatusOK, array(100)),
		)
		read := transport.New(options(s)).Begin(parse(t, service), nil, 100)
		var text string
		err := read.Do(t.Context(), get(t, service), readJSON(&text))
		wantError(t, err, transport.Error{Kind: transport.TooLarge, Status: 200, Attempts: 2})
		if err := read.Do(t.Context(), get(t, service), readJSON(&text)); !errors.Is(err, errContent) {
			t.Errorf("Do() = %v, want %v", err, errContent)
		}
		err = read.Do(t.Context(), get(t, service), readJSON(&text))
		wantError(t, err, transport.Error{Kind: transport.NotUTF8, Status: 200, Attempts: 1})
		err = read.Do(t.Context(), get(t, service), func(r *transport.Response) error {
			_, err := io.CopyN(io.Discard, r.Body, 2)
			return err
		})
		wantError(t, err, transport.Error{Kind: transport.Unread, Status: 200, Attempts: 1})
		if err := read.Do(t.Context(), get(t, service), readJSON(&text)); err != nil {
			t.Errorf("Do() = %v, want nil", err)
		}
		if len(text) != 100 {
			t.Errorf("bytes of the body = %d, want 100", len(text))
		}
	})
}

// Concurrent requests of a read cannot use more than its bytes, and can use all
// of them.
func TestBudgetOfConcurrentRequests(t *testing.T) {
	t.Parallel()
	const each, many = 10_000, 8
	for name, test := range map[string]struct {
		maxBytes int64
		want     int // responses that fit
	}{
		"all":     {each * many, many},
		"but one": {each*many - 1, many - 1},
		"three":   {each * 3, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := transporttest.NewScript(transporttest.Respond(http.StatusOK, array(each)))
			read := transport.New(options(s)).Begin(parse(t, service), nil, test.maxBytes)
			var (
				all sync.WaitGroup
				mu  sync.Mutex
				fit int
			)
			for range many {
				all.Go(func() {
					var text string
					err := read.Do(t.Context(), get(t, service), readJSON(&text))
					mu.Lock()
					defer mu.Unlock()
					if err == nil {
						fit++
					} else if e, ok := errors.AsType[*transport.Error](err); !ok || e.Kind != transport.TooLarge {
						t.Errorf("Do() = %v, want %s", err, transport.TooLarge)
					}
				})
			}
			all.Wait()
			if fit > test.want || test.want == many && fit != many {
				t.Errorf("responses that fit = %d, want %d", fit, test.want)
			}
		})
	}
}

// The forced renewal is one for all requests of a read, one after the other.
func TestOneRenewalPerRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rejected, fine := transporttest.Respond(http.StatusUnauthorized, ""), transporttest.Respond(http.StatusOK, goodBody)
		s, k := transporttest.NewScript(rejected, fine, fine, rejected, fine), &tokens{}
		read := transport.New(options(s)).Begin(parse(t, service), k, limit)
		var text string
		for i := range 2 {
			if err := read.Do(t.Context(), get(t, service), readJSON(&text)); err != nil {
				t.Fatalf("request %d: Do() = %v, want nil", i, err)
			}
		}
		err := read.Do(t.Context(), get(t, service), readJSON(&text))
		wantError(t, err, transport.Error{Kind: transport.Status, Status: 401, Attempts: 1})
		if want := []string{canary + "-1"}; !slices.Equal(k.rejected, want) {
			t.Errorf("tokens invalidated = %q, want %q", k.rejected, want)
		}
		wantRequests(t, s, 4)
		// Another read has a renewal of its own.
		if _, err := doAs(t.Context(), options(transporttest.NewScript(rejected, fine)), k, get(t, service)); err != nil {
			t.Errorf("another read: Do() = %v, want nil", err)
		}
	})
}

// Concurrent requests that were refused with the same token all continue with the
// next one.
func TestRenewalOfConcurrentRequests(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := transporttest.NewScript(transporttest.After(time.Second, func(r *http.Request) (*http.Response, error) {
			if r.Header.Get("Authorization") == "Bearer "+canary+"-1" {
				return transporttest.Respond(http.StatusUnauthorized, "")(r)
			}
			return transporttest.Respond(http.StatusOK, goodBody)(r)
		}))
		k := &tokens{}
		read := transport.New(options(s)).Begin(parse(t, service), k, limit)
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				var text string
				err := read.Do(t.Context(), get(t, service), readJSON(&text))
				wantBody(t, text, err, goodBody)
			})
		}
		all.Wait()
		if want := []string{canary + "-1"}; !slices.Equal(k.rejected, want) {
			t.Errorf("tokens invalidated = %q, want %q", k.rejected, want)
		}
		wantRequests(t, s, 16)
	})
}

// stubborn is a token source that returns the same token even after Invalidate.
type stubborn struct{ issued, rejected int }

func (s *stubborn) Token(context.Context) (string, error) { s.issued++; return "token", nil }
func (s *stubborn) Invalidate(string)                     { s.rejected++ }

// A rejected token is not sent again: the 401 stays the error.
func TestRejectedTokenIsIssuedAgain(t *testing.T) {
	t.Parallel()
	s, k := transporttest.NewScript(transporttest.Respond(http.StatusUnauthorized, "")), &stubborn{}
	_, err := doAs(t.Context(), options(s), k, get(t, service))
	wantError(t, err, transport.Error{Kind: transport.Status, Status: 401, Attempts: 1})
	wantRequests(t, s, 1)
	if k.issued != 2 {
		t.Errorf("tokens issued = %d, want 2", k.issued)
	}
	if k.rejected != 1 {
		t.Errorf("tokens invalidated = %d, want 1", k.rejected)
	}
}

// A reader that ignores errors does not turn a bad response into a success.
func TestCarelessReader(t *testing.T) {
	t.Parallel()
	own := errors.New("the reader's own")
	long := `"` + strings.Repeat("x", 100_000) + `"`
	for name, test := range map[string]struct {
		step transporttest.Step
		want transport.Kind
	}{
		"bad UTF-8 at the start": {transporttest.Respond(200, "\xff[]"), transport.NotUTF8},
		"bad UTF-8 inside":       {transporttest.Respond(200, long+"\xff"+long), transport.NotUTF8},
		"bad UTF-8 at the end":   {transporttest.Respond(200, "[]\xff"), transport.NotUTF8},
		"truncated character":    {transporttest.Respond(200, "[]\xc3"), transport.NotUTF8},
		"too large":              {transporttest.Respond(200, array(limit+1)), transport.TooLarge},
		"truncated":              {transporttest.Break(200, "[]", io.ErrUnexpectedEOF), transport.Broken},
		"truncated at once":      {transporttest.Break(200, "", io.ErrUnexpectedEOF), transport.Broken},
		"not gzip":               {transporttest.Respond(200, "[]", "Content-Encoding", "gzip"), transport.Encoding},
		"bad gzip":               {transporttest.Respond(200, packed(long)[:50]+"x", "Content-Encoding", "gzip"), transport.Encoding},
		"gzip without its end":   {transporttest.Respond(200, packed("[]")[:20], "Content-Encoding", "gzip"), transport.Encoding},
		"empty gzip":             {transporttest.Respond(200, "", "Content-Encoding", "gzip"), transport.Encoding},
	} {
		for how, read := range map[string]func(*transport.Response) error{
			"returns nil":     func(r *transport.Response) error { _, _ = io.Copy(io.Discard, r.Body); return nil },
			"returns its own": func(r *transport.Response) error { _, _ = io.Copy(io.Discard, r.Body); return own },
			"keeps reading":   func(r *transport.Response) error { readPersistently(r.Body); return nil },
			"returns EOF":     func(r *transport.Response) error { readPersistently(r.Body); return io.EOF },
		} {
			t.Run(name+", "+how, func(t *testing.T) {
				t.Parallel()
				o := options(transporttest.NewScript(test.step))
				o.MaxAttempts = 1
				err := transport.New(o).Begin(parse(t, service), nil, limit).Do(t.Context(), get(t, service), read)
				wantError(t, err, transport.Error{Kind: test.want, Status: 200, Attempts: 1})
			})
		}
	}
}

// readPersistently reads until ten reads have failed.
func readPersistently(r io.Reader) {
	buffer := make([]byte, 1<<10)
	for failures := 0; failures < 10; {
		if n, err := r.Read(buffer); n == 0 || err != nil {
			failures++
		}
	}
}

// The error of a read that ran out of time has its timeout and the setting of it.
func TestWithTimeout(t *testing.T) {
	t.Parallel()
	const second = time.Second
	timed := func(d time.Duration) func(context.Context) (context.Context, context.CancelFunc) {
		return func(ctx context.Context) (context.Context, context.CancelFunc) {
			return transport.WithTimeout(ctx, d, d.String())
		}
	}
	plain := func(d time.Duration) func(context.Context) (context.Context, context.CancelFunc) {
		return func(ctx context.Context) (context.Context, context.CancelFunc) { return context.WithTimeout(ctx, d) }
	}
	for name, test := range map[string]struct {
		outer, inner func(context.Context) (context.Context, context.CancelFunc)
		want         time.Duration
		setting      string // that was the limit
	}{
		"alone":             {timed(90 * second), plain(time.Hour), 90 * second, "1m30s"},
		"the shorter one":   {timed(90 * second), timed(70 * second), 70 * second, "1m10s"},
		"the outer one":     {timed(70 * second), timed(90 * second), 70 * second, "1m10s"},
		"a plain timeout":   {plain(70 * second), timed(90 * second), 0, ""},
		"a plain one below": {timed(90 * second), plain(70 * second), 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := test.outer(t.Context())
				defer cancel()
				ctx, cancel = test.inner(ctx)
				defer cancel()
				_, err := do(ctx, options(transporttest.NewScript(transporttest.Hang)), get(t, service))
				wantError(t, err, transport.Error{Kind: transport.OutOfTime, Attempts: 2, Wait: test.want, Setting: test.setting})
				want := &transport.Error{Kind: transport.OutOfTime, Phase: transport.PhaseSignIn, Host: "login.test"}
				if got := transport.ContextError(ctx, transport.Error{Phase: transport.PhaseSignIn, Host: "login.test"}); fmt.Sprint(got) != fmt.Sprint(want) {
					t.Errorf("ContextError() = %v, want %v", got, want)
				}
			})
		})
	}
	ctx, cancel := transport.WithTimeout(t.Context(), time.Hour, "timeout")
	cancel()
	if err := transport.ContextError(ctx, transport.Error{Phase: transport.PhaseRead, Host: "service.test"}); !errors.Is(err, context.Canceled) {
		t.Errorf("ContextError() after cancel = %v, want %v", err, context.Canceled)
	}
}

// An error does not change after it is returned.
func TestErrorsDoNotChange(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var kept []*transport.Error
		s := transporttest.NewScript(
			transporttest.Respond(503, "", "Retry-After", "1"),
			transporttest.Respond(503, "", "Retry-After", "61"),
		)
		req := get(t, service)
		req.ParseError = func(status int, _ []byte) error {
			kept = append(kept, &transport.Error{Kind: transport.Status, Status: status, Phase: transport.PhaseRead, Host: "parsed"})
			return kept[len(kept)-1]
		}
		_, err := do(t.Context(), options(s), req)
		wantError(t, err, transport.Error{Kind: transport.WaitTooLong, Status: 503, Attempts: 2, Wait: 61 * time.Second})
		for i, e := range kept {
			if e.Kind != transport.Status {
				t.Errorf("Kind of error %d = %q, want %q", i, e.Kind, transport.Status)
			}
			if e.Attempts != 0 {
				t.Errorf("Attempts of error %d = %d, want 0", i, e.Attempts)
			}
			if e.Wait != 0 {
				t.Errorf("Wait of error %d = %s, want 0s", i, e.Wait)
			}
		}
	})
}

// A read whose reader is slow ends when it is cancelled and at its deadline, even
// if the whole response has been received.
func TestEndOfContextWithAllReceived(t *testing.T) {
	t.Parallel()
	zipped := packed(array(3 << 20))
	if len(zipped) > 4<<10 {
		t.Fatalf("compressed bytes = %d, want at most one buffer, %d", len(zipped), 4<<10)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = io.WriteString(w, zipped)
	}))
	t.Cleanup(server.Close)
	for name, test := range map[string]struct {
		attempt, timeout, cancel time.Duration
		matches                  func(error) bool
	}{
		"cancelled": {time.Minute, time.Minute, 300 * time.Millisecond, func(err error) bool {
			return errors.Is(err, context.Canceled)
		}},
		"deadline": {time.Minute, 300 * time.Millisecond, time.Minute, func(err error) bool {
			e, ok := errors.AsType[*transport.Error](err)
			return ok && e.Kind == transport.OutOfTime && e.Wait == 300*time.Millisecond
		}},
		"attempt": {300 * time.Millisecond, time.Minute, time.Minute, func(err error) bool {
			e, ok := errors.AsType[*transport.Error](err)
			return ok && e.Kind == transport.Stalled && e.Status == 200
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := options(transport.NewRoundTripper(nil))
			o.MaxAttempts, o.AttemptTimeout = 1, test.attempt
			ctx, cancel := transport.WithTimeout(t.Context(), test.timeout, "timeout")
			defer cancel()
			defer time.AfterFunc(test.cancel, cancel).Stop()
			began := time.Now()
			err := transport.New(o).Begin(parse(t, server.URL), nil, 1<<30).Do(ctx, get(t, server.URL), func(r *transport.Response) error {
				for buffer := make([]byte, 512); ; time.Sleep(time.Millisecond) { // 6 s for all of it
					if _, err := r.Body.Read(buffer); err != nil {
						return err
					}
				}
			})
			if took := time.Since(began); took > 800*time.Millisecond {
				t.Errorf("Do() took %s, want 300ms, at most 800ms", took)
			}
			if !test.matches(err) {
				t.Errorf("Do() = %v, want the error of: %s", err, name)
			}
		})
	}
}

// Compressed data that decompress to nothing are limited too.
func TestNetworkBytesAreLimited(t *testing.T) {
	t.Parallel()
	empty := []byte(packed(""))
	endless := func(*http.Request) io.Reader { return &repeated{piece: empty} }
	for _, status := range []int{200, 400} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			o := options(transporttest.NewScript(transporttest.RespondFrom(status, endless, "Content-Encoding", "gzip")))
			var seen transport.LogEntry
			o.Log = func(_ context.Context, e transport.LogEntry) { seen = e }
			req, want := get(t, service), transport.Error{Kind: transport.TooLarge, Status: 200, Attempts: 1}
			req.ParseError = func(int, []byte) error { return errors.New("unwanted") }
			if status != 200 {
				want.Kind, want.Status = transport.Status, status
			}
			_, err := do(t.Context(), o, req)
			wantError(t, err, want)
			if seen.Bytes > 2*limit {
				t.Errorf("bytes read = %d, want at most %d", seen.Bytes, 2*limit)
			}
		})
	}
}

// repeated is an endless reader.
type repeated struct {
	piece []byte
	at    int
}

func (r *repeated) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = r.piece[r.at]
		r.at = (r.at + 1) % len(r.piece)
	}
	return len(p), nil
}

// A TLS connection to a proxy is closed with the attempt, even after the handshake
// with the proxy.
func TestCancelledAtTheHTTPSProxy(t *testing.T) {
	t.Parallel()
	closed, connected := make(chan struct{}), make(chan struct{})
	proxy := httptest.NewUnstartedServer(nil)
	proxy.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Errorf("Hijack() = %v, want nil", err)
			return
		}
		defer func() { _ = conn.Close() }()
		if r.Method != http.MethodConnect {
			t.Errorf("method of the request to the proxy = %s, want CONNECT", r.Method)
		}
		close(connected)
		_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		if _, err := buffered.ReadByte(); errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) {
			close(closed)
		}
	})
	proxy.StartTLS()
	t.Cleanup(proxy.Close)
	caPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: proxy.Certificate().Raw})
	rt := overNetwork(t, transport.NewDialer(), caPEM, time.Now())
	rt.Proxy = http.ProxyURL(parse(t, proxy.URL))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		<-connected
		cancel()
	}()
	if _, err := do(ctx, options(rt), get(t, "https://siem.invalid/")); !errors.Is(err, context.Canceled) {
		t.Errorf("Do() = %v, want %v", err, context.Canceled)
	}
	select {
	case <-closed:
	case <-time.After(5 * time.Second):
		t.Error("the connection to the proxy is open 5s after the cancel, want it closed")
	}
}

// A connection to a SOCKS proxy is closed with the attempt, in each phase.
func TestCancelledAtTheSOCKSProxy(t *testing.T) {
	t.Parallel()
	for name, replies := range map[string][]string{
		"no reply":               nil,
		"after the method":       {"\x05\x00"},
		"TLS through the tunnel": {"\x05\x00", "\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x01"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = listener.Close() }()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			closed := make(chan error, 1)
			go func() { closed <- socksProxy(listener, replies, cancel) }()
			rt := transport.NewRoundTripper(nil)
			rt.Proxy = http.ProxyURL(&url.URL{Scheme: "socks5", Host: listener.Addr().String()})
			if _, err := do(ctx, options(rt), get(t, "https://siem.invalid/")); !errors.Is(err, context.Canceled) {
				t.Errorf("Do() = %v, want %v", err, context.Canceled)
			}
			if err := <-closed; err != nil {
				t.Errorf("the connection to the proxy after the cancel: %v, want it closed", err)
			}
		})
	}
}

// socksProxy accepts a connection and sends a reply to each message. It calls reached
// when it has the message after the last reply, and returns nil if the connection is
// then closed.
func socksProxy(listener net.Listener, replies []string, reached func()) error {
	conn, err := listener.Accept()
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	message := make([]byte, 4<<10)
	for i := 0; ; i++ {
		if _, err := conn.Read(message); err != nil {
			return fmt.Errorf("reading message %d: %w", i, err)
		}
		if i == len(replies) {
			break
		}
		if _, err := io.WriteString(conn, replies[i]); err != nil {
			return err
		}
	}
	reached()
	_, err = io.Copy(io.Discard, conn)
	if opError, ok := errors.AsType[*net.OpError](err); ok && opError.Timeout() {
		return errors.New("open 5s later")
	}
	return nil
}
