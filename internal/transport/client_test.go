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

func TestAttemptsSendTheSameRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := transporttest.NewScript(
			transporttest.Respond(http.StatusServiceUnavailable, ""),
			transporttest.Break(http.StatusOK, "[", io.ErrUnexpectedEOF),
			transporttest.Respond(http.StatusOK, goodBody),
		)
		req := transport.Request{
			Phase: transport.PhaseSignIn, Method: http.MethodPost, URL: parse(t, service), Body: "a=b&c=" + canary,
			Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Accept": {"text/html"}},
		}
		body, err := do(t.Context(), options(s), req)
		wantBody(t, body, err, goodBody)
		want := fmt.Sprint(http.Header{
			"Accept": {"application/json"}, "Accept-Encoding": {"gzip"},
			"Content-Type": {"application/x-www-form-urlencoded"}, "User-Agent": {"test/1"},
		})
		for i, r := range wantRequests(t, s, 3) {
			if r.Body != req.Body {
				t.Errorf("body of request %d = %q, want %q", i, r.Body, req.Body)
			}
			if got := fmt.Sprint(r.Header); got != want {
				t.Errorf("headers of request %d = %s, want %s", i, got, want)
			}
		}
		wantHeader(t, req.Header, "Accept", "text/html")
		if len(req.Header) != 2 {
			t.Errorf("the caller's headers after Do() = %v, want 2 of them", req.Header)
		}
	})
}

// A client of requests that must not be repeated leaves the other as it was.
func TestOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for name, step := range map[string]transporttest.Step{
			"503": transporttest.Respond(http.StatusServiceUnavailable, "", "Retry-After", "1"), "broken": transporttest.Fail(errors.New("reset")),
		} {
			s := transporttest.NewScript(step)
			client := transport.New(options(s))
			req := transport.Request{Phase: transport.PhaseSignIn, Method: http.MethodPost, URL: parse(t, service)}
			err := client.Once().Begin(req.URL, nil, limit).Do(t.Context(), req, func(*transport.Response) error { return nil })
			if e, ok := errors.AsType[*transport.Error](err); !ok || e.Attempts != 1 {
				t.Errorf("%s: Do() = %v, want 1 attempt", name, err)
			}
			if got := len(s.Requests()); got != 1 {
				t.Errorf("%s: requests = %d, want 1", name, got)
			}
			_ = client.Begin(req.URL, nil, limit).Do(t.Context(), req, func(*transport.Response) error { return nil })
			if got := len(s.Requests()); got < 3 {
				t.Errorf("%s: requests of the other client = %d, want retries", name, got-1)
			}
		}
	})
}

// A LogEntry has all that a log may hold.
func TestLog(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		type key struct{}
		slow := func(r *http.Request) (*http.Response, error) {
			time.Sleep(3 * time.Second)
			return transporttest.Respond(http.StatusOK, goodBody, "X-Secret", canary)(r)
		}
		s := transporttest.NewScript(
			transporttest.Respond(http.StatusUnauthorized, canary),
			transporttest.Fail(errors.New(canary)),
			transporttest.Respond(http.StatusBadGateway, canary),
			slow,
		)
		o := options(s)
		o.MaxAttempts = 4
		var seen []transport.LogEntry
		o.Log = func(ctx context.Context, e transport.LogEntry) {
			if got := ctx.Value(key{}); got != "caller" {
				t.Errorf("value of the context of Log = %v, want the caller's", got)
			}
			seen = append(seen, e)
		}
		req := get(t, "https://service.test:8443/siem/api/alerts?q="+canary)
		if _, err := doAs(context.WithValue(t.Context(), key{}, "caller"), o, &tokens{}, req); err != nil {
			t.Fatal(err)
		}
		want := []transport.LogEntry{
			{Attempt: 1, Status: 401}, {Attempt: 2}, {Attempt: 3, Status: 502},
			{Attempt: 4, Status: 200, Bytes: int64(len(goodBody)), Duration: 3 * time.Second},
		}
		for i := range want {
			want[i].Method, want[i].Host, want[i].Path = http.MethodGet, "service.test:8443", "/siem/api/alerts"
		}
		if got, want := fmt.Sprintf("%+v", seen), fmt.Sprintf("%+v", want); got != want {
			t.Errorf("entries =\n%s, want\n%s", got, want)
		}
		if got := fmt.Sprintf("%+v", seen); strings.Contains(got, canary) {
			t.Errorf("entries = %s, want no secret in them", got)
		}
	})
}

// A reader that does not consume the whole body is an error.
func TestReaderMustReadAll(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		body string
		read int
		ok   bool
	}{
		"all":          {goodBody, len(goodBody), true},
		"nothing":      {goodBody, 0, false},
		"all but one":  {goodBody, len(goodBody) - 1, false},
		"all but two":  {goodBody, len(goodBody) - 2, false},
		"trailing gap": {goodBody + strings.Repeat(" ", 100), len(goodBody), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := transporttest.NewScript(transporttest.Respond(http.StatusOK, test.body))
			read := transport.New(options(s)).Begin(parse(t, service), nil, limit)
			err := read.Do(t.Context(), get(t, service), func(r *transport.Response) error {
				_, err := io.CopyN(io.Discard, r.Body, int64(test.read))
				return err
			})
			if test.ok && err != nil {
				t.Errorf("Do() = %v, want nil", err)
			}
			if !test.ok {
				wantError(t, err, transport.Error{Kind: transport.Unread, Status: 200, Attempts: 1})
			}
			wantRequests(t, s, 1)
		})
	}
}

func TestResponseHasRequestID(t *testing.T) {
	t.Parallel()
	const id = "3b0c6a52-9d41-4f7e-8a15-c27e90d4f316"
	s := transporttest.NewScript(transporttest.Respond(http.StatusOK, goodBody, "Request-Id", id))
	read := transport.New(options(s)).Begin(parse(t, service), nil, limit)
	err := read.Do(t.Context(), get(t, service), func(r *transport.Response) error {
		if r.RequestID != id {
			t.Errorf("RequestID of the response = %q, want %q", r.RequestID, id)
		}
		return nil
	})
	wantRequestID(t, err, id)
	s = transporttest.NewScript(transporttest.Respond(http.StatusForbidden, "", "X-Ms-Request-Id", id))
	_, err = do(t.Context(), options(s), get(t, service))
	wantRequestID(t, err, id)
}

// wantRequestID fails the test unless err is a [*transport.Error] with this ID.
func wantRequestID(t *testing.T, err error, want string) {
	t.Helper()
	e, ok := errors.AsType[*transport.Error](err)
	if !ok {
		t.Fatalf("Do() = %v, want a *transport.Error", err)
	}
	if e.RequestID != want {
		t.Errorf("RequestID of the error = %q, want %q", e.RequestID, want)
	}
}

type judgement struct {
	transient bool
	text      string
}

func (j *judgement) Error() string   { return "refused" }
func (j *judgement) Transient() bool { return j.transient }

// ParseError gets the decoded body of an error response and decides whether it is
// retried.
func TestParseError(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 60<<10)
	for name, test := range map[string]struct {
		step     transporttest.Step
		want     string // the body; "" if ParseError must not be called
		requests int
	}{
		"plain":           {transporttest.Respond(400, "text"), "text", 1},
		"gzip":            {transporttest.Respond(400, packed("text"), "Content-Encoding", "gzip"), "text", 1},
		"byte order mark": {transporttest.Respond(400, "\uFEFFtext"), "text", 1},
		"long":            {transporttest.Respond(400, long), long[:64<<10], 1},
		"transient":       {transporttest.Respond(400, "retry"), "retry", 3},
		"busy":            {transporttest.Respond(503, "text"), "text", 3},
		"unknown coding":  {transporttest.Respond(400, "text", "Content-Encoding", "br"), "", 1},
		"damaged gzip":    {transporttest.Respond(400, packed("text")[:9], "Content-Encoding", "gzip"), "", 1},
		"not UTF-8":       {transporttest.Respond(400, "text\xff"), "", 1},
		"redirect":        {transporttest.Respond(302, "text"), "", 1},
		"truncated": {func(r *http.Request) (*http.Response, error) {
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
				got := ""
				req.ParseError = func(_ int, body []byte) error {
					got = string(body)
					return &judgement{transient: got == "retry", text: got}
				}
				_, err := do(t.Context(), options(s), req)
				if got != test.want {
					t.Errorf("body passed to ParseError = %.80q (%d bytes), want %.80q (%d bytes)", got, len(got), test.want, len(test.want))
				}
				wantRequests(t, s, test.requests)
				if _, ok := errors.AsType[*judgement](err); ok != (test.want != "") {
					t.Errorf("Do() = %v, has the error of ParseError = %t, want %t", err, ok, test.want != "")
				}
				e, ok := errors.AsType[*transport.Error](err)
				if !ok {
					t.Fatalf("Do() = %v, want a *transport.Error", err)
				}
				if e.Status < 300 {
					t.Errorf("Status = %d, want at least 300", e.Status)
				}
				if e.Attempts != test.requests {
					t.Errorf("Attempts = %d, want %d", e.Attempts, test.requests)
				}
			})
		})
	}
	t.Run("Retry-After", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := transporttest.NewScript(
				transporttest.Respond(400, "", "Retry-After", "7"),
				transporttest.Respond(400, "", "Retry-After", "61"),
			)
			req := get(t, service)
			req.ParseError = func(int, []byte) error { return &judgement{transient: true} }
			_, err := do(t.Context(), options(s), req)
			wantError(t, err, transport.Error{Kind: transport.WaitTooLong, Status: 400, Attempts: 2, Wait: 61 * time.Second})
			if _, ok := errors.AsType[*judgement](err); ok {
				t.Errorf("Do() = %v, want nothing of ParseError in it", err)
			}
			if got := wantRequests(t, s, 2)[1].At; got != 7*time.Second {
				t.Errorf("time of the retry = %s, want 7s", got)
			}
		})
	})
}

// Errors of a reader or a token source are returned; only those that are Transient
// are retried.
func TestErrorsOfOthers(t *testing.T) {
	t.Parallel()
	for _, transient := range []bool{false, true} {
		t.Run(fmt.Sprint(transient), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := transporttest.NewScript(transporttest.Respond(http.StatusOK, goodBody))
				read := transport.New(options(s)).Begin(parse(t, service), nil, limit)
				err := read.Do(t.Context(), get(t, service), func(*transport.Response) error {
					return &judgement{transient: transient}
				})
				want := 1
				if transient {
					want = 3
				}
				if _, ok := errors.AsType[*judgement](err); !ok {
					t.Errorf("Do() = %v, want the reader's error", err)
				}
				wantRequests(t, s, want)
			})
		})
	}
	t.Run("tokens", func(t *testing.T) {
		t.Parallel()
		s := transporttest.NewScript(transporttest.Respond(http.StatusUnauthorized, ""))
		req := get(t, service)
		for renewals := range 2 {
			if _, err := doAs(t.Context(), options(s), &failing{tokens: renewals}, req); !errors.Is(err, errNoToken) {
				t.Errorf("Do() after %d tokens = %v, want %v", renewals, err, errNoToken)
			}
			wantRequests(t, s, renewals)
		}
	})
}

var errNoToken = errors.New("no token")

// failing is a token source that fails after this many tokens.
type failing struct{ tokens int }

func (f *failing) Token(context.Context) (string, error) {
	if f.tokens == 0 {
		return "", errNoToken
	}
	f.tokens--
	return "token", nil
}

func (*failing) Invalidate(string) {}

// At every stage, a read that runs out of time returns OutOfTime, and one that is
// cancelled returns the error of its context.
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
				if !ok {
					t.Fatalf("Do() = %v, want a *transport.Error", err)
				}
				want := transport.OutOfTime
				if name == "back-off" {
					// The second wait exceeds the remaining time.
					want = transport.WaitTooLong
					if sent != 2 {
						t.Errorf("requests sent = %d, want 2", sent)
					}
				} else if e.Host != "service.test" {
					t.Errorf("Host = %q, want service.test", e.Host)
				}
				if e.Kind != want {
					t.Errorf("Kind = %q, want %q", e.Kind, want)
				}
				if e.Attempts != sent {
					t.Errorf("Attempts = %d, want the requests sent, %d", e.Attempts, sent)
				}
				if none := name == "before"; none != (sent == 0) {
					t.Errorf("requests sent = %d, want none: %t", sent, none)
				}

				ctx, cancel = context.WithCancel(t.Context())
				timer := time.AfterFunc(10*time.Second, cancel)
				defer timer.Stop()
				if name == "before" {
					cancel()
				}
				began := time.Now()
				_, err = attempt(ctx)
				if took := time.Since(began); took > 10*time.Second {
					t.Errorf("cancelled Do() took %s, want at most 10s", took)
				}
				if !errors.Is(err, context.Canceled) {
					t.Errorf("cancelled Do() = %v, want %v", err, context.Canceled)
				}
				if _, ok := errors.AsType[*transport.Error](err); ok {
					t.Errorf("cancelled Do() = %v, want no *transport.Error", err)
				}
			})
		})
	}
}

// Credentials are not sent over plain HTTP, whatever made the address.
func TestPlainHTTPIsRefused(t *testing.T) {
	t.Parallel()
	s := transporttest.NewScript(transporttest.Respond(http.StatusOK, goodBody))
	k := &tokens{}
	_, err := doAs(t.Context(), options(s), k, get(t, "http://service.test/"))
	wantError(t, err, transport.Error{Kind: transport.Invalid})
	if k.issued != 0 {
		t.Errorf("tokens issued = %d, want 0", k.issued)
	}
	wantRequests(t, s, 0)
}

// TestErrorsHoldNoSecret plays the faults whose errors quote most, with a secret in
// every part of the request and the response.
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
						t.Errorf("log entry = %+v, want no secret in it", e)
					}
				}
				_, err := doAs(t.Context(), o, &tokens{}, req)
				if _, ok := errors.AsType[*transport.Error](err); !ok {
					t.Fatalf("Do() = %v, want a *transport.Error", err)
				}
				transporttest.QuotesNothing(t, err, canary, "c4n4ry")
			})
		})
	}
}

// TestAttemptBudget plays random outcomes of the network and the service: a read
// never exceeds its number of requests or its time, and succeeds only with a good
// response.
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

// budgetCase plays one random read and returns what is wrong with its outcome.
func budgetCase(t *testing.T, random *rand.Rand) string {
	var (
		good, rejections int
		statuses         = []int{201, 204, 301, 400, 403, 404, 408, 429, 500, 501, 502, 503, 504}
		waits            = []string{
			"0", "1", "30", "60", "61", "86400", "-1", "9223372036854775807", "Sat, 01 Jan 2000 01:00:00 GMT", "x",
		}
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
			return transporttest.Respond(http.StatusOK, goodBody)(r)
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
		return fmt.Sprintf("requests sent = %d, want at most %d", len(s.Requests()), o.MaxAttempts+extra)
	case len(k.rejected) > 1:
		return fmt.Sprintf("tokens invalidated = %d, want at most 1", len(k.rejected))
	case k.issued > o.MaxAttempts+1:
		return fmt.Sprintf("tokens issued = %d, want at most %d", k.issued, o.MaxAttempts+1)
	case rejections > 2:
		return fmt.Sprintf("responses with 401 = %d, want at most 2", rejections)
	case took > timeout:
		return fmt.Sprintf("Do() took %s, want at most %s", took, timeout)
	case err == nil && body != goodBody:
		return fmt.Sprintf("body = %q, want %q", body, goodBody)
	case err == nil && good != 1:
		return fmt.Sprintf("Do() = nil after %d good responses, want 1", good)
	case err != nil && good != 0:
		return fmt.Sprintf("Do() = %v after %d good responses, want nil", err, good)
	case err != nil && !typed:
		return fmt.Sprintf("Do() = %v, want a *transport.Error", err)
	case typed && e.Attempts != len(s.Requests()):
		return fmt.Sprintf("Attempts = %d, want the requests sent, %d", e.Attempts, len(s.Requests()))
	}
	return ""
}

// Connections and goroutines of cancelled reads end.
func TestCancelledReadsLeaveNothing(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{TLS: true})
	s.Script(fakeapi.Alerts, fakeapi.Always(fakeapi.WithBody(fakeapi.Stall(5), goodBody)))
	rt := overNetwork(t, transport.NewDialer(), s.CAPEM(), time.Now())
	for range 20 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(1+rand.IntN(100))*time.Millisecond)
		_, err := do(ctx, options(rt), get(t, s.SIEMEndpoint()+"/api/alerts"))
		cancel()
		if e, ok := errors.AsType[*transport.Error](err); !ok || e.Kind != transport.OutOfTime {
			t.Errorf("Do() = %v, want %s", err, transport.OutOfTime)
		}
	}
}
