package transport_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport/transporttest"
)

func TestDoSendsTheSameEachTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := transporttest.NewScript(transporttest.Respond(http.StatusServiceUnavailable, ""), transporttest.Break(http.StatusOK, "[", io.ErrUnexpectedEOF), transporttest.Respond(http.StatusOK, given))
		req := transport.Request{
			Phase: transport.PhaseSignIn, Method: http.MethodPost, URL: parse(t, service), Body: "a=b&c=" + canary,
			Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Accept": {"text/html"}},
		}
		if body, err := do(t.Context(), options(s), req); body != given || err != nil || len(s.Requests()) != 3 {
			t.Fatalf("%q, %v, %d requests", body, err, len(s.Requests()))
		}
		for _, r := range s.Requests() {
			if r.Body != req.Body || len(r.Header) != 4 || r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" ||
				r.Header.Get("Accept") != "application/json" || r.Header.Get("User-Agent") != "test/1" || r.Header.Get("Accept-Encoding") != "gzip" {
				t.Errorf("sent %+v", r)
			}
		}
		if req.Header.Get("Accept") != "text/html" || len(req.Header) != 2 {
			t.Errorf("the caller's headers were changed: %v", req.Header)
		}
	})
}

// An exchange is all that a log may hold.
func TestLog(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		type key struct{}
		slow := func(r *http.Request) (*http.Response, error) {
			time.Sleep(3 * time.Second)
			return transporttest.Respond(http.StatusOK, given, "X-Secret", canary)(r)
		}
		s := transporttest.NewScript(transporttest.Respond(http.StatusUnauthorized, canary), transporttest.Fail(errors.New(canary)), transporttest.Respond(http.StatusBadGateway, canary), slow)
		o := options(s)
		o.MaxAttempts = 4
		var seen []transport.LogEntry
		o.Log = func(ctx context.Context, e transport.LogEntry) {
			if ctx.Value(key{}) != "caller" {
				t.Error("not the caller's context")
			}
			seen = append(seen, e)
		}
		req := get(t, "https://service.test:8443/siem/api/alerts?q="+canary)
		if _, err := doAs(context.WithValue(t.Context(), key{}, "caller"), o, &tokens{}, req); err != nil {
			t.Fatal(err)
		}
		want := []transport.LogEntry{
			{Attempt: 1, Status: 401}, {Attempt: 2}, {Attempt: 3, Status: 502},
			{Attempt: 4, Status: 200, Bytes: int64(len(given)), Duration: 3 * time.Second},
		}
		for i := range want {
			want[i].Method, want[i].Host, want[i].Path = http.MethodGet, "service.test:8443", "/siem/api/alerts"
		}
		if got := fmt.Sprintf("%+v", seen); got != fmt.Sprintf("%+v", want) || strings.Contains(got, canary) {
			t.Errorf("got  %s\nwant %+v", got, want)
		}
	})
}

// A reader that stops early, or does not look at what it got, leaves no doubt.
func TestReaderMustReadAll(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		body string
		read int
		ok   bool
	}{
		"all":           {given, len(given), true},
		"nothing":       {given, 0, false},
		"but one byte":  {given, len(given) - 1, false},
		"but two bytes": {given, len(given) - 2, false},
		"but a long":    {given + strings.Repeat(" ", 100), len(given), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := transporttest.NewScript(transporttest.Respond(http.StatusOK, test.body))
			err := transport.New(options(s)).Begin(parse(t, service), nil, limit).Do(t.Context(), get(t, service), func(r *transport.Response) error {
				_, err := io.CopyN(io.Discard, r.Body, int64(test.read))
				return err
			})
			if test.ok && err != nil {
				t.Error(err)
			}
			if !test.ok {
				wantError(t, err, transport.Error{Kind: transport.Unread, Status: 200, Attempts: 1})
			}
			if len(s.Requests()) != 1 {
				t.Errorf("%d requests", len(s.Requests()))
			}
		})
	}
}

func TestReplyNamesItsRequest(t *testing.T) {
	t.Parallel()
	const id = "3b0c6a52-9d41-4f7e-8a15-c27e90d4f316"
	s := transporttest.NewScript(transporttest.Respond(http.StatusOK, given, "Request-Id", id))
	err := transport.New(options(s)).Begin(parse(t, service), nil, limit).Do(t.Context(), get(t, service), func(r *transport.Response) error {
		if r.RequestID != id {
			t.Errorf("got %q", r.RequestID)
		}
		return nil
	})
	if e, ok := errors.AsType[*transport.Error](err); !ok || e.RequestID != id {
		t.Errorf("got %v", err)
	}
	s = transporttest.NewScript(transporttest.Respond(http.StatusForbidden, "", "X-Ms-Request-Id", id))
	_, err = do(t.Context(), options(s), get(t, service))
	if e, ok := errors.AsType[*transport.Error](err); !ok || e.RequestID != id {
		t.Errorf("got %v", err)
	}
}

type judgement struct {
	transient bool
	text      string
}

func (j *judgement) Error() string   { return "refused" }
func (j *judgement) Transient() bool { return j.transient }

// Refused sees what a refusal says, however it is encoded, and decides whether
// there is another attempt.
func TestRefused(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 60<<10)
	for name, test := range map[string]struct {
		step     transporttest.Step
		want     string // "" when Refused must not be asked
		requests int
	}{
		"plain":           {transporttest.Respond(400, "text"), "text", 1},
		"gzip":            {transporttest.Respond(400, packed("text"), "Content-Encoding", "gzip"), "text", 1},
		"byte order mark": {transporttest.Respond(400, "\uFEFFtext"), "text", 1},
		"long":            {transporttest.Respond(400, long), long[:64<<10], 1},
		"transient":       {transporttest.Respond(400, "again"), "again", 3},
		"busy":            {transporttest.Respond(503, "text"), "text", 3},
		"unknown coding":  {transporttest.Respond(400, "text", "Content-Encoding", "br"), "", 1},
		"damaged gzip":    {transporttest.Respond(400, packed("text")[:9], "Content-Encoding", "gzip"), "", 1},
		"not UTF-8":       {transporttest.Respond(400, "text\xff"), "", 1},
		"redirect":        {transporttest.Respond(302, "text"), "", 1},
		"broken off": {func(r *http.Request) (*http.Response, error) {
			resp, err := transporttest.Break(http.StatusOK, "te", io.ErrUnexpectedEOF)(r)
			resp.StatusCode = 400
			return resp, err
		}, "", 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := transporttest.NewScript(test.step)
				req := get(t, service)
				asked := ""
				req.ParseError = func(_ int, body []byte) error {
					asked = string(body)
					return &judgement{transient: asked == "again", text: asked}
				}
				_, err := do(t.Context(), options(s), req)
				if asked != test.want || len(s.Requests()) != test.requests {
					t.Errorf("asked about %d bytes, %d requests", len(asked), len(s.Requests()))
				}
				if _, ok := errors.AsType[*judgement](err); ok != (test.want != "") {
					t.Errorf("got %v", err)
				}
				if e, ok := errors.AsType[*transport.Error](err); !ok || e.Status/100 < 3 || e.Attempts != test.requests {
					t.Errorf("got %v", err)
				}
			})
		})
	}
	t.Run("a wait that is asked for", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := transporttest.NewScript(transporttest.Respond(400, "", "Retry-After", "7"), transporttest.Respond(400, "", "Retry-After", "61"))
			req := get(t, service)
			req.ParseError = func(int, []byte) error { return &judgement{transient: true} }
			_, err := do(t.Context(), options(s), req)
			wantError(t, err, transport.Error{Kind: transport.WaitTooLong, Status: 400, Attempts: 2, Wait: 61 * time.Second})
			if _, ok := errors.AsType[*judgement](err); ok {
				t.Errorf("Do() = %v, want nothing of ParseError in it", err)
			}
			if len(s.Requests()) != 2 || s.Requests()[1].At != 7*time.Second {
				t.Errorf("sent %+v", s.Requests())
			}
		})
	})
}

// What a reader or a token source says is passed on; only what claims to be
// transient is tried again.
func TestOthersErrors(t *testing.T) {
	t.Parallel()
	for _, transient := range []bool{false, true} {
		t.Run(fmt.Sprint(transient), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := transporttest.NewScript(transporttest.Respond(http.StatusOK, given))
				err := transport.New(options(s)).Begin(parse(t, service), nil, limit).Do(t.Context(), get(t, service), func(*transport.Response) error {
					return &judgement{transient: transient}
				})
				want := 1
				if transient {
					want = 3
				}
				if _, ok := errors.AsType[*judgement](err); !ok || len(s.Requests()) != want {
					t.Errorf("%v, %d requests", err, len(s.Requests()))
				}
			})
		})
	}
	t.Run("tokens", func(t *testing.T) {
		t.Parallel()
		s := transporttest.NewScript(transporttest.Respond(http.StatusUnauthorized, ""))
		req := get(t, service)
		for renewals := range 2 {
			if _, err := doAs(t.Context(), options(s), &failing{fine: renewals}, req); !errors.Is(err, errNoToken) || len(s.Requests()) != renewals {
				t.Errorf("%v, %d requests", err, len(s.Requests()))
			}
		}
	})
}

var errNoToken = errors.New("no token")

// failing has that many tokens.
type failing struct{ fine int }

func (f *failing) Token(context.Context) (string, error) {
	if f.fine == 0 {
		return "", errNoToken
	}
	f.fine--
	return "token", nil
}

func (*failing) Invalidate(string) {}

// A read whose time is over says so, wherever it was; one that is cancelled
// gives the context's error.
func TestEndOfContext(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]transporttest.Step{
		"before":   nil,
		"headers":  transporttest.Hang,
		"body":     transporttest.Stall(`[{"Id"`),
		"back-off": transporttest.Respond(http.StatusServiceUnavailable, canary, "Retry-After", "20"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				attempt := func(ctx context.Context) (int, error) {
					s := transporttest.NewScript(first)
					_, err := do(ctx, options(s), get(t, service))
					return len(s.Requests()), err
				}
				ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
				defer cancel()
				if name == "before" {
					time.Sleep(31 * time.Second)
				}
				sent, err := attempt(ctx)
				e, ok := errors.AsType[*transport.Error](err)
				if name == "back-off" {
					// The second wait does not fit the time that is left.
					ok = ok && e.Kind == transport.WaitTooLong && sent == 2
				} else {
					ok = ok && e.Kind == transport.OutOfTime && e.Host == "service.test"
				}
				if !ok || e.Attempts != sent || (name == "before") != (sent == 0) {
					t.Errorf("out of time: %v, %d requests", err, sent)
				}

				ctx, cancel = context.WithCancel(t.Context())
				timer := time.AfterFunc(10*time.Second, cancel)
				defer timer.Stop()
				if name == "before" {
					cancel()
				}
				began := time.Now()
				_, err = attempt(ctx)
				if took := time.Since(began); !errors.Is(err, context.Canceled) || took > 10*time.Second {
					t.Errorf("cancelled: %v after %s", err, took)
				}
				if _, ok := errors.AsType[*transport.Error](err); ok {
					t.Errorf("cancelled: %v", err)
				}
			})
		})
	}
}

// Credentials do not go over plain HTTP, whoever made the address.
func TestPlainHTTPIsRefused(t *testing.T) {
	t.Parallel()
	s := transporttest.NewScript(transporttest.Respond(http.StatusOK, given))
	k := &tokens{}
	_, err := doAs(t.Context(), options(s), k, get(t, "http://service.test/"))
	wantError(t, err, transport.Error{Kind: transport.Invalid})
	if k.given != 0 {
		t.Errorf("%d tokens were asked for, want 0", k.given)
	}
	if len(s.Requests()) != 0 {
		t.Errorf("sent %+v", s.Requests())
	}
}

// TestErrorsHoldNoSecret plays what quotes most, with a secret in every part of
// the request and of the reply.
func TestErrorsHoldNoSecret(t *testing.T) {
	t.Parallel()
	everything := strings.Join(append(transporttest.Forms(canary), "c4n4ry"), " ")
	cause := &url.Error{Op: "Get", URL: "https://user:" + canary + "@service.test", Err: errors.New(everything)}
	for name, first := range map[string]transporttest.Step{
		"network":      transporttest.Fail(cause),
		"body":         transporttest.Break(http.StatusOK, everything, cause),
		"status":       transporttest.Respond(http.StatusTeapot, everything, "Retry-After", everything, "Request-Id", everything),
		"busy":         transporttest.Respond(http.StatusServiceUnavailable, everything, "Retry-After", everything),
		"redirect":     transporttest.Respond(http.StatusFound, everything, "Location", "https://"+canary+".test"),
		"media type":   transporttest.Respond(http.StatusOK, everything, "Content-Type", everything),
		"encoding":     transporttest.Respond(http.StatusOK, everything, "Content-Encoding", everything),
		"gzip":         transporttest.Respond(http.StatusOK, everything, "Content-Encoding", "gzip"),
		"UTF-8":        transporttest.Respond(http.StatusOK, everything+"\xff"),
		"size":         transporttest.Respond(http.StatusOK, `"`+strings.Repeat(everything, 1<<13)+`"`),
		"range":        transporttest.Respond(http.StatusOK, everything, "Content-Range", everything),
		"malformed":    transporttest.Fail(fmt.Errorf("malformed HTTP response %q", everything)),
		"unauthorized": transporttest.Respond(http.StatusUnauthorized, everything, "WWW-Authenticate", everything),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				req := transport.Request{
					Phase: transport.PhaseSignIn, Method: http.MethodPost, Body: "client_secret=" + url.QueryEscape(canary),
					URL:    parse(t, service+"?q="+url.QueryEscape(canary)),
					Header: http.Header{"X-Secret": {canary}},
				}
				o := options(transporttest.NewScript(first))
				o.Log = func(_ context.Context, e transport.LogEntry) {
					if strings.Contains(fmt.Sprintf("%+v", e), "c4n4ry") {
						t.Errorf("logged %+v", e)
					}
				}
				_, err := doAs(t.Context(), o, &tokens{}, req)
				if _, ok := errors.AsType[*transport.Error](err); !ok {
					t.Fatalf("got %v, want a *transport.Error", err)
				}
				transporttest.QuotesNothing(t, err, canary, "c4n4ry")
			})
		})
	}
}

// TestAttemptBudget plays random outcomes: whatever the network and the service
// do, a read is as many requests as it may be, takes as long as it may take, and
// is a success only with a good reply.
func TestAttemptBudget(t *testing.T) {
	t.Parallel()
	first := seed()
	synctest.Test(t, func(t *testing.T) {
		for number := range uint64(10_000) {
			if problem := budgetCase(t, rand.New(rand.NewPCG(first, number))); problem != "" {
				t.Fatalf("case %d of -seed=%d: %s", number, first, problem)
			}
		}
	})
}

func budgetCase(t *testing.T, random *rand.Rand) string {
	var (
		good, rejections int
		statuses         = []int{201, 204, 301, 400, 403, 404, 408, 429, 500, 501, 502, 503, 504}
		waits            = []string{"0", "1", "30", "60", "61", "86400", "-1", "9223372036854775807", "Sat, 01 Jan 2000 01:00:00 GMT", "x"}
	)
	outcome := func(r *http.Request) (*http.Response, error) {
		select {
		case <-time.After(time.Duration(random.Int64N(int64(2 * time.Second)))):
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
		switch random.IntN(16) {
		case 0:
			good++
			return transporttest.Respond(http.StatusOK, given)(r)
		case 1, 2:
			rejections++
			return transporttest.Respond(http.StatusUnauthorized, canary)(r)
		case 3:
			return transporttest.Hang(r)
		case 4:
			return transporttest.Stall(`[{"Id`)(r)
		case 5:
			return transporttest.Break(http.StatusOK, `[{"Id`, io.ErrUnexpectedEOF)(r)
		case 6:
			return transporttest.Respond(http.StatusOK, "[", "Content-Type", "text/html")(r)
		case 7, 8, 9:
			return nil, syscall.ECONNRESET
		case 10, 11:
			return transporttest.Respond(statuses[random.IntN(len(statuses))], canary)(r)
		}
		return transporttest.Respond(statuses[6+random.IntN(len(statuses)-6)], canary, "Retry-After", waits[random.IntN(len(waits))])(r)
	}
	s := transporttest.NewScript(outcome)
	o := options(s)
	o.MaxAttempts, o.AttemptTimeout = 1+random.IntN(6), time.Duration(1+random.IntN(60))*time.Second
	timeout := time.Duration(1+random.IntN(300)) * time.Second
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	k := &tokens{}
	began := time.Now()
	body, err := doAs(ctx, o, k, get(t, service))
	took, extra := time.Since(began), 0
	if rejections > 0 {
		extra = 1
	}
	e, typed := errors.AsType[*transport.Error](err)
	switch {
	case len(s.Requests()) > o.MaxAttempts+extra:
		return fmt.Sprintf("%d requests of %d", len(s.Requests()), o.MaxAttempts)
	case len(k.rejected) > 1 || k.given > o.MaxAttempts+1 || rejections > 2:
		return fmt.Sprintf("tokens %+v, %d times 401", k, rejections)
	case took > timeout:
		return fmt.Sprintf("took %s of %s", took, timeout)
	case err == nil && (body != given || good != 1):
		return fmt.Sprintf("success with %q", body)
	case err != nil && good != 0:
		return fmt.Sprintf("a good reply became %v", err)
	case err != nil && !typed:
		return fmt.Sprintf("an error of another type: %v", err)
	case typed && e.Attempts != len(s.Requests()):
		return fmt.Sprintf("%v after %d requests", err, len(s.Requests()))
	}
	return ""
}

// Whatever reads, connections and goroutines of cancelled reads go away.
func TestCancelledReadsLeaveNothing(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{TLS: true})
	s.Script(fakeapi.Alerts, fakeapi.Always(fakeapi.WithBody(fakeapi.Stall(5), given)))
	rt := overNetwork(t, transport.NewDialer(), s.CAPEM(), time.Now())
	for range 20 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(1+rand.IntN(100))*time.Millisecond)
		_, err := do(ctx, options(rt), get(t, s.SIEMEndpoint()+"/api/alerts"))
		cancel()
		if e, ok := errors.AsType[*transport.Error](err); !ok || e.Kind != transport.OutOfTime {
			t.Errorf("got %v", err)
		}
	}
}
