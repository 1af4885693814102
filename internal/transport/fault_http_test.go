package transport_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport/transporttest"
)

const service = "https://service.test/api/alerts"

// scripted sends one request to a script in fake time.
func scripted(t *testing.T, timeout time.Duration, steps ...transporttest.Step) (s *transporttest.Script, body string, err error) {
	t.Helper()
	s = transporttest.NewScript(steps...)
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	body, err = doAs(ctx, options(s), &tokens{}, get(t, service))
	for _, r := range s.Requests() {
		if got := r.Header.Get("Authorization"); !strings.HasPrefix(got, "Bearer "+canary) {
			t.Errorf("Authorization = %q, want a Bearer token", got)
		}
	}
	return s, body, err
}

func TestFault_H1_RetryAfterSeconds(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
		for _, seconds := range []int{0, 1, 7, 60} {
			t.Run(fmt.Sprint(status, seconds), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					s, body, err := scripted(t, 5*time.Minute,
						transporttest.Respond(status, canary, "Retry-After", fmt.Sprint(seconds)),
						transporttest.Respond(http.StatusOK, goodBody))
					wantBody(t, body, err, goodBody)
					wantRetry(t, wantRequests(t, s, 2)[1].At, time.Duration(seconds)*time.Second)
				})
			})
		}
	}
}

func TestFault_H2_RetryAfterDate(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		after, want time.Duration
	}{
		"future": {42 * time.Second, 42 * time.Second},
		"now":    {0, 0},
		"past":   {-time.Hour, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				date := time.Now().Add(test.after).UTC().Format(http.TimeFormat)
				s, body, err := scripted(t, 5*time.Minute,
					transporttest.Respond(http.StatusServiceUnavailable, canary, "Retry-After", date),
					transporttest.Respond(http.StatusOK, goodBody))
				wantBody(t, body, err, goodBody)
				wantRetry(t, wantRequests(t, s, 2)[1].At, test.want)
			})
		})
	}
}

// wantRetry fails the test unless the first retry came after exactly this wait, or
// after a back-off if it is 0.
func wantRetry(t *testing.T, got, want time.Duration) {
	t.Helper()
	if want == 0 {
		wantWait(t, got, 0, time.Second)
	} else if got != want {
		t.Errorf("time of the retry = %s, want %s", got, want)
	}
}

// throttled is the least wait after a status without a usable Retry-After.
func throttled(status int) time.Duration {
	if status == http.StatusTooManyRequests {
		return 15 * time.Second
	}
	return 0
}

// wantWait fails the test unless a back-off is more than 0 and at most ceiling, both
// after least.
func wantWait(t *testing.T, got, least, ceiling time.Duration) {
	t.Helper()
	if got <= least || got > least+ceiling {
		t.Errorf("back-off = %s, want more than %s and at most %s", got, least, least+ceiling)
	}
}

func TestFault_H3_RetryAfterOdd(t *testing.T) {
	t.Parallel()
	tooLong := func(attempts int, wait time.Duration) *transport.Error {
		return &transport.Error{Kind: transport.WaitTooLong, Status: 429, Attempts: attempts, Wait: wait}
	}
	for name, test := range map[string]struct {
		values  []string
		timeout time.Duration
		want    *transport.Error // nil for a back-off
	}{
		"61":                 {[]string{"61"}, 5 * time.Minute, tooLong(1, 61*time.Second)},
		"86400":              {[]string{"86400"}, 5 * time.Minute, tooLong(1, 24*time.Hour)},
		"2^63-1":             {[]string{"9223372036854775807"}, 5 * time.Minute, tooLong(1, 1_000_000*time.Hour)},
		"2^64":               {[]string{"18446744073709551616"}, 5 * time.Minute, tooLong(1, 1_000_000*time.Hour)},
		"300 digits":         {[]string{strings.Repeat("9", 300)}, 5 * time.Minute, tooLong(1, 1_000_000*time.Hour)},
		"more than is left":  {[]string{"50"}, 49 * time.Second, tooLong(1, 50*time.Second)},
		"as much as is left": {[]string{"10"}, 10 * time.Second, tooLong(1, 10*time.Second)},
		"enough time once":   {[]string{"10"}, 11 * time.Second, tooLong(2, 10*time.Second)},
		"-1":                 {[]string{"-1"}, 5 * time.Minute, nil},
		"+1":                 {[]string{"+1"}, 5 * time.Minute, nil},
		"1.5":                {[]string{"1.5"}, 5 * time.Minute, nil},
		"1e9":                {[]string{"1e9"}, 5 * time.Minute, nil},
		"text":               {[]string{"soon"}, 5 * time.Minute, nil},
		"empty":              {[]string{""}, 5 * time.Minute, nil},
		"twice":              {[]string{"86400", "1"}, 5 * time.Minute, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var headers []string
				for _, v := range test.values {
					headers = append(headers, "Retry-After", v)
				}
				busy := transporttest.Respond(http.StatusTooManyRequests, canary, headers...)
				if test.want != nil {
					s, _, err := scripted(t, test.timeout, busy, busy, transporttest.Hang)
					wantError(t, err, *test.want)
					wantRequests(t, s, test.want.Attempts)
					return
				}
				s, body, err := scripted(t, test.timeout, busy, transporttest.Respond(http.StatusOK, goodBody))
				wantBody(t, body, err, goodBody)
				wantWait(t, wantRequests(t, s, 2)[1].At, throttled(429), time.Second)
			})
		})
	}
}

func TestFault_H4_TransientStatus(t *testing.T) {
	t.Parallel()
	for _, status := range []int{408, 429, 500, 502, 503, 504} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				busy := transporttest.Respond(status, canary)
				s, body, err := scripted(t, 5*time.Minute, busy, busy, transporttest.Respond(http.StatusOK, goodBody))
				wantBody(t, body, err, goodBody)
				sent := wantRequests(t, s, 3)
				wantWait(t, sent[1].At, throttled(status), time.Second)
				wantWait(t, sent[2].At-sent[1].At, throttled(status), 2*time.Second)
			})
		})
	}
}

func TestFault_H5_StatusForEver(t *testing.T) {
	t.Parallel()
	for _, status := range []int{408, 429, 500, 502, 503, 504} {
		for _, attempts := range []int{1, 4, 20} {
			t.Run(fmt.Sprint(status, attempts), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					began := time.Now()
					s := transporttest.NewScript(transporttest.Respond(status, canary))
					o := options(s)
					o.MaxAttempts = attempts
					ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
					defer cancel()
					_, err := do(ctx, o, get(t, service))
					e, ok := errors.AsType[*transport.Error](err)
					if ok && e.Kind == transport.OutOfTime && attempts == 20 {
						wantError(t, err, transport.Error{Kind: transport.OutOfTime, Status: status, Attempts: len(s.Requests())})
					} else {
						wantError(t, err, transport.Error{Kind: transport.Status, Status: status, Attempts: attempts})
					}
					if took := time.Since(began); took > 5*time.Minute {
						t.Errorf("Do() took %s, want at most 5m", took)
					}
					if got := len(s.Requests()); got > attempts {
						t.Errorf("requests sent = %d, want at most %d", got, attempts)
					}
				})
			})
		}
	}
}

func TestFault_H6_FinalStatus(t *testing.T) {
	t.Parallel()
	for _, status := range []int{400, 402, 404, 405, 406, 409, 410, 413, 414, 415, 422, 451, 501, 505, 507, 599} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, _, err := scripted(t, 5*time.Minute, transporttest.Respond(status, canary, "Retry-After", "1"))
				wantError(t, err, transport.Error{Kind: transport.Status, Status: status, Attempts: 1})
				wantRequests(t, s, 1)
			})
		})
	}
}

// unauthorized sends one request to a script and returns its tokens.
func unauthorized(t *testing.T, attempts int, steps ...transporttest.Step) (*transporttest.Script, *tokens, string, error) {
	t.Helper()
	s, k := transporttest.NewScript(steps...), &tokens{}
	o := options(s)
	o.MaxAttempts = attempts
	body, err := doAs(t.Context(), o, k, get(t, service))
	return s, k, body, err
}

// wantTokens fails the test unless this many tokens were issued and invalidated.
func wantTokens(t *testing.T, k *tokens, issued, invalidated int) {
	t.Helper()
	if k.issued != issued {
		t.Errorf("tokens issued = %d, want %d", k.issued, issued)
	}
	if got := len(k.rejected); got != invalidated {
		t.Errorf("tokens invalidated = %d, want %d", got, invalidated)
	}
}

func TestFault_H7_UnauthorizedOnce(t *testing.T) {
	t.Parallel()
	for _, attempts := range []int{1, 4} {
		t.Run(fmt.Sprint(attempts), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, k, body, err := unauthorized(t, attempts,
					transporttest.Respond(http.StatusUnauthorized, canary), transporttest.Respond(http.StatusOK, goodBody))
				wantBody(t, body, err, goodBody)
				wantTokens(t, k, 2, 1)
				if want := []string{canary + "-1"}; !slices.Equal(k.rejected, want) {
					t.Errorf("tokens invalidated = %q, want %q", k.rejected, want)
				}
				sent := wantRequests(t, s, 2)
				wantHeader(t, sent[0].Header, "Authorization", "Bearer "+canary+"-1")
				wantHeader(t, sent[1].Header, "Authorization", "Bearer "+canary+"-2")
				if sent[1].At != 0 {
					t.Errorf("time of the second request = %s, want 0s", sent[1].At)
				}
			})
		})
	}
	t.Run("no tokens, no second request", func(t *testing.T) {
		t.Parallel()
		s := transporttest.NewScript(transporttest.Respond(http.StatusUnauthorized, canary))
		_, err := do(t.Context(), options(s), get(t, service))
		wantError(t, err, transport.Error{Kind: transport.Status, Status: 401, Attempts: 1})
		wantHeader(t, wantRequests(t, s, 1)[0].Header, "Authorization", "")
	})
}

func TestFault_H8_UnauthorizedAlways(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, k, _, err := unauthorized(t, 3, transporttest.Respond(http.StatusUnauthorized, canary))
		wantError(t, err, transport.Error{Kind: transport.Status, Status: 401, Attempts: 2})
		wantRequests(t, s, 2)
		wantTokens(t, k, 2, 1)
	})
	t.Run("after a busy service", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			rejected := transporttest.Respond(http.StatusUnauthorized, canary)
			busy := transporttest.Respond(http.StatusServiceUnavailable, canary)
			s, k, _, err := unauthorized(t, 3, rejected, busy, rejected)
			wantError(t, err, transport.Error{Kind: transport.Status, Status: 401, Attempts: 3})
			wantRequests(t, s, 3)
			wantTokens(t, k, 3, 1)
		})
	})
}

func TestFault_H9_Forbidden(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, k, _, err := unauthorized(t, 3, transporttest.Respond(http.StatusForbidden, canary, "Retry-After", "1"))
		wantError(t, err, transport.Error{Kind: transport.Status, Status: 403, Attempts: 1})
		wantRequests(t, s, 1)
		wantTokens(t, k, 1, 0)
	})
}

// A redirect is not followed: it could take credentials to an attacker.
func TestFault_H10_Redirect(t *testing.T) {
	t.Parallel()
	source, target := start(t, fakeapi.Options{TLS: true}), start(t, fakeapi.Options{TLS: true})
	plain := start(t, fakeapi.Options{})
	port := source.SIEMEndpoint()[strings.LastIndex(source.SIEMEndpoint(), ":"):]
	locations := map[string]string{
		"same host":  source.SIEMEndpoint() + "/elsewhere",
		"other port": target.SIEMEndpoint() + "/api/alerts",
		"other host": strings.Replace(target.SIEMEndpoint(), "127.0.0.1", "localhost", 1) + "/api/alerts",
		"subdomain":  "https://sub.localhost" + port + "/api/alerts",
		"http":       plain.SIEMEndpoint() + "/api/alerts",
		"relative":   "/elsewhere",
		"none":       "",
	}
	want := 0
	for _, status := range []int{300, 301, 302, 303, 304, 305, 307, 308} {
		for name, location := range locations {
			want++
			rt := overNetwork(t, transport.NewDialer(), append(source.CAPEM(), target.CAPEM()...), time.Now())
			req := get(t, source.SIEMEndpoint()+"/api/alerts?q="+canary)
			if want%2 == 0 {
				req.Method, req.Body = http.MethodPost, "client_secret="+canary
			}
			source.Script(fakeapi.Alerts, fakeapi.RedirectTo(status, location))
			_, err := doAs(t.Context(), options(rt), &tokens{}, req)
			wantError(t, err, transport.Error{Kind: transport.Redirected, Status: status, Attempts: 1})
			if got := len(source.Requests()); got != want {
				t.Fatalf("%d, %s: requests to the source = %d, want %d", status, name, got, want)
			}
		}
	}
	for _, s := range []*fakeapi.Server{target, plain} {
		if got := s.Requests(); len(got) != 0 {
			t.Errorf("requests to a target = %d, want 0; the first has %v %v", len(got), got[0].Header, got[0].Form)
		}
	}
	for _, r := range source.Requests() {
		if r.Path != "/siem/api/alerts" {
			t.Errorf("path of a request = %s, want /siem/api/alerts", r.Path)
		}
	}
}

func TestFault_H11_OtherSuccess(t *testing.T) {
	t.Parallel()
	for _, status := range []int{201, 202, 203, 204, 205, 206, 207, 226, 299} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			s := start(t, fakeapi.Options{})
			body := goodBody
			if status == 204 || status == 205 {
				body = ""
			}
			s.Script(fakeapi.Alerts, fakeapi.Always(fakeapi.Reply(status, nil, body)))
			_, err := getAlerts(t, s)
			wantError(t, err, transport.Error{Kind: transport.Status, Status: status, Attempts: 1})
			wantAlertRequests(t, s, 1)
		})
	}
	for name, values := range map[string][]string{
		"one": {"bytes 0-12/13"}, "empty": {""}, "empty, then one": {"", "bytes 0-1/99"}, "two": {"bytes 0-1/99", "bytes 2-3/99"},
	} {
		t.Run("200 with Content-Range, "+name, func(t *testing.T) {
			t.Parallel()
			var headers []string
			for _, v := range values {
				headers = append(headers, "Content-Range", v)
			}
			s, _, err := scripted(t, time.Minute, transporttest.Respond(http.StatusOK, goodBody, headers...))
			wantError(t, err, transport.Error{Kind: transport.Partial, Status: 200, Attempts: 1})
			wantRequests(t, s, 1)
		})
	}
}

func TestFault_H12_Empty(t *testing.T) {
	t.Parallel()
	for name, rest := range map[string]string{
		"0 bytes":         "Content-Length: 0\r\n\r\n",
		"0 bytes, chunks": "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"blanks":          "Content-Length: 4\r\n\r\n \r\n\t",
		"BOM":             "Content-Length: 3\r\n\r\n\uFEFF",
		"0 bytes of gzip": "Content-Encoding: gzip\r\nContent-Length: 0\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, fakeapi.Options{})
			response := "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + rest
			s.Script(fakeapi.Alerts, fakeapi.Always(fakeapi.Raw(response, fakeapi.Close)))
			_, err := getAlerts(t, s)
			if strings.Contains(name, "gzip") {
				wantError(t, err, transport.Error{Kind: transport.Encoding, Status: 200, Attempts: 1})
			} else if !errors.Is(err, errContent) {
				t.Errorf("Do() = %v, want %v", err, errContent)
			}
			wantAlertRequests(t, s, 1)
		})
	}
}

func TestFault_H13_MediaType(t *testing.T) {
	t.Parallel()
	for media, ok := range map[string]bool{
		"":                                 true,
		"application/json":                 true,
		"application/json; charset=utf-8":  true,
		"text/html":                        false,
		"application/xml":                  false,
		"text/plain":                       false,
		"application/json; charset=utf-16": false,
	} {
		t.Run(media, func(t *testing.T) {
			t.Parallel()
			s := start(t, fakeapi.Options{})
			s.Script(fakeapi.Alerts, fakeapi.Always(fakeapi.ContentType(media, goodBody)))
			body, err := getAlerts(t, s)
			if ok {
				wantBody(t, body, err, goodBody)
			}
			if !ok {
				wantError(t, err, transport.Error{Kind: transport.MediaType, Status: 200, Attempts: 1})
			}
			wantAlertRequests(t, s, 1)
		})
	}
}

// packed returns a text compressed with gzip.
func packed(text string) string {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = io.WriteString(w, text)
	_ = w.Close()
	return out.String()
}

func TestFault_H14_Compression(t *testing.T) {
	t.Parallel()
	encoded := func(encoding, body string) fakeapi.Step {
		return fakeapi.Reply(http.StatusOK, http.Header{"Content-Type": {"application/json"}, "Content-Encoding": {encoding}}, body)
	}
	const damaged = transport.Encoding
	for name, test := range map[string]struct {
		step fakeapi.Step
		want transport.Kind
		ok   bool
	}{
		"good":               {step: fakeapi.WithBody(fakeapi.Gzip(), goodBody), ok: true},
		"x-gzip":             {step: encoded("X-GZIP", packed(goodBody)), ok: true},
		"identity":           {step: encoded("identity", goodBody), ok: true},
		"two members":        {step: encoded("gzip", packed(goodBody[:9])+packed(goodBody[9:])), ok: true},
		"bomb":               {step: fakeapi.GzipBomb(1 << 30), want: transport.TooLarge},
		"truncated":          {step: fakeapi.WithBody(fakeapi.GzipTruncated(), goodBody), want: damaged},
		"truncated trailer":  {step: encoded("gzip", packed(goodBody)[:len(packed(goodBody))-1]), want: damaged},
		"header only":        {step: encoded("gzip", packed(goodBody)[:10]), want: damaged},
		"bad CRC":            {step: fakeapi.WithBody(fakeapi.GzipBadCRC(), goodBody), want: damaged},
		"twice, named once":  {step: fakeapi.WithBody(fakeapi.GzipTwice(), goodBody), want: transport.NotUTF8},
		"twice, named twice": {step: encoded("gzip, gzip", packed(packed(goodBody))), want: damaged},
		"not compressed":     {step: encoded("gzip", goodBody), want: damaged},
		"not named":          {step: fakeapi.ContentType("application/json", packed(goodBody)), want: transport.NotUTF8},
		"trailing data":      {step: encoded("gzip", packed(goodBody)+goodBody), want: damaged},
		"br":                 {step: encoded("br", goodBody), want: damaged},
		"deflate":            {step: encoded("deflate", goodBody), want: damaged},
		"unknown":            {step: encoded(canary, goodBody), want: damaged},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, fakeapi.Options{})
			s.Script(fakeapi.Alerts, fakeapi.Always(test.step))
			o := options(overNetwork(t, transport.NewDialer(), nil, time.Now()))
			var seen transport.LogEntry
			o.Log = func(_ context.Context, e transport.LogEntry) { seen = e }
			body, err := do(t.Context(), o, get(t, s.SIEMEndpoint()+"/api/alerts"))
			if test.ok {
				wantBody(t, body, err, goodBody)
			}
			if !test.ok {
				wantError(t, err, transport.Error{Kind: test.want, Status: 200, Attempts: 1})
			}
			if e, ok := errors.AsType[*transport.Error](err); ok && e.Kind == transport.TooLarge {
				if e.Bytes != limit {
					t.Errorf("Bytes of the error, decoded = %d, want %d", e.Bytes, limit)
				}
				if seen.Bytes > 100<<10 {
					t.Errorf("Bytes of the log entry, compressed = %d, want at most %d", seen.Bytes, 100<<10)
				}
			}
			wantAlertRequests(t, s, 1)
		})
	}
}

func TestFault_H15_Size(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		step fakeapi.Step
		size int // 0 for too large
	}{
		"limit":             {fakeapi.ContentType("application/json", array(limit)), limit},
		"limit+1":           {fakeapi.ContentType("application/json", array(limit+1)), 0},
		"limit, gzip":       {fakeapi.WithBody(fakeapi.Gzip(), array(limit)), limit},
		"limit+1, gzip":     {fakeapi.WithBody(fakeapi.Gzip(), array(limit+1)), 0},
		"limit, no length":  {fakeapi.WithBody(fakeapi.CloseDelimited(limit), array(limit)), limit},
		"endless":           {fakeapi.Endless(), 0},
		"limit+1 of spaces": {fakeapi.ContentType("application/json", "[]"+strings.Repeat(" ", limit-1)), 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, fakeapi.Options{})
			s.Script(fakeapi.Alerts, fakeapi.Always(test.step))
			body, err := getAlerts(t, s)
			if test.size == 0 {
				wantError(t, err, transport.Error{Kind: transport.TooLarge, Status: 200, Attempts: 1})
				if e, ok := errors.AsType[*transport.Error](err); ok && e.Bytes != limit {
					t.Errorf("Bytes = %d, want %d", e.Bytes, limit)
				}
			} else {
				if err != nil {
					t.Errorf("Do() = %v, want nil", err)
				}
				if len(body) != test.size {
					t.Errorf("bytes of the body = %d, want %d", len(body), test.size)
				}
			}
			wantAlertRequests(t, s, 1)
		})
	}
	t.Run("another limit", func(t *testing.T) {
		t.Parallel()
		for size, ok := range map[int]bool{100: true, 101: false} {
			var body string
			client := transport.New(options(transporttest.NewScript(transporttest.Respond(http.StatusOK, array(size)))))
			err := client.Begin(parse(t, service), nil, 100).Do(t.Context(), get(t, service), readJSON(&body))
			if ok != (err == nil && len(body) == size) {
				t.Errorf("Do() of %d bytes = %v with %d bytes, want success: %t", size, err, len(body), ok)
			}
		}
	})
}

func TestFault_H16_Headers(t *testing.T) {
	t.Parallel()
	interim := strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n", 8)
	final := fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(goodBody), goodBody)
	for name, test := range map[string]struct {
		step fakeapi.Step
		ok   bool
	}{
		"header flood":  {step: fakeapi.HeaderFlood()},
		"1xx flood":     {step: fakeapi.InformationalFlood()},
		"10 MiB header": {step: fakeapi.BigHeader()},
		"eight of 1xx":  {step: fakeapi.Raw(interim+final, fakeapi.Close), ok: true},
		"nine of 1xx":   {step: fakeapi.Raw("HTTP/1.1 102 Processing\r\n\r\n"+interim+final, fakeapi.Close)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, fakeapi.Options{})
			s.Script(fakeapi.Alerts, fakeapi.Always(fakeapi.WithBody(test.step, goodBody)))
			body, err := getAlerts(t, s)
			if test.ok {
				wantBody(t, body, err, goodBody)
			}
			if !test.ok {
				wantError(t, err, transport.Error{Kind: transport.Headers, Attempts: 1})
			}
			wantAlertRequests(t, s, 1)
		})
	}
}

// A deadline with a monotonic reading does not depend on the wall clock.
func TestFault_E3_WallClock(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	var deadline time.Time
	s := transporttest.NewScript(func(r *http.Request) (*http.Response, error) {
		deadline, _ = r.Context().Deadline()
		return transporttest.Respond(http.StatusOK, goodBody)(r)
	})
	if _, err := do(ctx, options(s), get(t, service)); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(deadline.String(), " m=+") {
		t.Errorf("deadline of the attempt = %s, want a monotonic reading", deadline)
	}
	if left := time.Until(deadline); left <= 0 || left > time.Minute {
		t.Errorf("deadline of the attempt is in %s, want more than 0 and at most 1m", left)
	}
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
		defer cancel()
		s := transporttest.NewScript(transporttest.Stall("["))
		_, err := do(ctx, options(s), get(t, service))
		wantError(t, err, transport.Error{Kind: transport.OutOfTime, Status: 200, Attempts: 2})
		if took := time.Since(began); took != 90*time.Second {
			t.Errorf("Do() took %s, want 1m30s", took)
		}
	})
}
