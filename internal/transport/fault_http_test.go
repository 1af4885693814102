package transport_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
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
		if !strings.HasPrefix(r.Header.Get("Authorization"), "Bearer "+canary) {
			t.Errorf("sent without a token: %v", r.Header)
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
						transporttest.Respond(status, canary, "Retry-After", fmt.Sprint(seconds)), transporttest.Respond(http.StatusOK, given))
					if body != given || err != nil || len(s.Requests()) != 2 {
						t.Fatalf("%q, %v, %d requests", body, err, len(s.Requests()))
					}
					if waited := s.Requests()[1].At; waited != time.Duration(seconds)*time.Second {
						t.Errorf("waited %s", waited)
					}
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
					transporttest.Respond(http.StatusServiceUnavailable, canary, "Retry-After", date), transporttest.Respond(http.StatusOK, given))
				if body != given || err != nil || len(s.Requests()) != 2 || s.Requests()[1].At != test.want {
					t.Errorf("%q, %v, %+v", body, err, s.Requests())
				}
			})
		})
	}
}

func TestFault_H3_RetryAfterOdd(t *testing.T) {
	t.Parallel()
	tooLong := func(wait time.Duration) *transport.Error {
		return &transport.Error{Kind: transport.WaitTooLong, Status: 429, Attempts: 1, Wait: wait}
	}
	for name, test := range map[string]struct {
		values  []string
		timeout time.Duration
		want    *transport.Error // nil for a back-off
	}{
		"61":                 {[]string{"61"}, 5 * time.Minute, tooLong(61 * time.Second)},
		"86400":              {[]string{"86400"}, 5 * time.Minute, tooLong(24 * time.Hour)},
		"2^63-1":             {[]string{"9223372036854775807"}, 5 * time.Minute, tooLong(1_000_000 * time.Hour)},
		"2^64":               {[]string{"18446744073709551616"}, 5 * time.Minute, tooLong(1_000_000 * time.Hour)},
		"300 digits":         {[]string{strings.Repeat("9", 300)}, 5 * time.Minute, tooLong(1_000_000 * time.Hour)},
		"more than is left":  {[]string{"50"}, 49 * time.Second, tooLong(50 * time.Second)},
		"as much as is left": {[]string{"10"}, 11 * time.Second, &transport.Error{Kind: transport.WaitTooLong, Status: 429, Attempts: 2, Wait: 10 * time.Second}},
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
					if len(s.Requests()) != test.want.Attempts {
						t.Errorf("%d requests", len(s.Requests()))
					}
					return
				}
				s, body, err := scripted(t, test.timeout, busy, transporttest.Respond(http.StatusOK, given))
				if body != given || err != nil || len(s.Requests()) != 2 || s.Requests()[1].At <= 0 || s.Requests()[1].At > time.Second {
					t.Errorf("%q, %v, %+v", body, err, s.Requests())
				}
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
				s, body, err := scripted(t, 5*time.Minute, transporttest.Respond(status, canary), transporttest.Respond(status, canary), transporttest.Respond(http.StatusOK, given))
				if body != given || err != nil || len(s.Requests()) != 3 {
					t.Fatalf("%q, %v, %d requests", body, err, len(s.Requests()))
				}
				first, second := s.Requests()[1].At, s.Requests()[2].At-s.Requests()[1].At
				if first <= 0 || first > time.Second || second <= 0 || second > 2*time.Second {
					t.Errorf("waited %s and %s", first, second)
				}
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
					if took := time.Since(began); took > 5*time.Minute || len(s.Requests()) > attempts {
						t.Errorf("%d requests in %s", len(s.Requests()), took)
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
				if len(s.Requests()) != 1 {
					t.Errorf("%d requests", len(s.Requests()))
				}
			})
		})
	}
}

// unauthorized sends one request with tokens that count.
func unauthorized(t *testing.T, o func(*transport.Options), steps ...transporttest.Step) (*transporttest.Script, *tokens, string, error) {
	t.Helper()
	s, k := transporttest.NewScript(steps...), &tokens{}
	opts := options(s)
	if o != nil {
		o(&opts)
	}
	body, err := doAs(t.Context(), opts, k, get(t, service))
	return s, k, body, err
}

func TestFault_H7_UnauthorizedOnce(t *testing.T) {
	t.Parallel()
	for _, attempts := range []int{1, 4} {
		t.Run(fmt.Sprint(attempts), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, k, body, err := unauthorized(t, func(o *transport.Options) { o.MaxAttempts = attempts },
					transporttest.Respond(http.StatusUnauthorized, canary), transporttest.Respond(http.StatusOK, given))
				if body != given || err != nil || len(s.Requests()) != 2 || k.given != 2 || len(k.rejected) != 1 || k.rejected[0] != canary+"-1" {
					t.Fatalf("%q, %v, %d requests, tokens %+v", body, err, len(s.Requests()), k)
				}
				if s.Requests()[0].Header.Get("Authorization") != "Bearer "+canary+"-1" ||
					s.Requests()[1].Header.Get("Authorization") != "Bearer "+canary+"-2" || s.Requests()[1].At != 0 {
					t.Errorf("sent %+v", s.Requests())
				}
			})
		})
	}
	t.Run("no tokens, no second request", func(t *testing.T) {
		t.Parallel()
		s := transporttest.NewScript(transporttest.Respond(http.StatusUnauthorized, canary))
		_, err := do(t.Context(), options(s), get(t, service))
		wantError(t, err, transport.Error{Kind: transport.Status, Status: 401, Attempts: 1})
		if len(s.Requests()) != 1 || s.Requests()[0].Header.Get("Authorization") != "" {
			t.Errorf("sent %+v", s.Requests())
		}
	})
}

func TestFault_H8_UnauthorizedAlways(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, k, _, err := unauthorized(t, nil, transporttest.Respond(http.StatusUnauthorized, canary))
		wantError(t, err, transport.Error{Kind: transport.Status, Status: 401, Attempts: 2})
		if len(s.Requests()) != 2 || k.given != 2 || len(k.rejected) != 1 {
			t.Errorf("%d requests, tokens %+v", len(s.Requests()), k)
		}
	})
	t.Run("after a busy service", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s, k, _, err := unauthorized(t, nil, transporttest.Respond(http.StatusUnauthorized, canary), transporttest.Respond(http.StatusServiceUnavailable, canary),
				transporttest.Respond(http.StatusUnauthorized, canary))
			wantError(t, err, transport.Error{Kind: transport.Status, Status: 401, Attempts: 3})
			if len(s.Requests()) != 3 || k.given != 3 || len(k.rejected) != 1 {
				t.Errorf("%d requests, tokens %+v", len(s.Requests()), k)
			}
		})
	})
}

func TestFault_H9_Forbidden(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, k, _, err := unauthorized(t, nil, transporttest.Respond(http.StatusForbidden, canary, "Retry-After", "1"))
		wantError(t, err, transport.Error{Kind: transport.Status, Status: 403, Attempts: 1})
		if len(s.Requests()) != 1 || k.given != 1 || len(k.rejected) != 0 {
			t.Errorf("%d requests, tokens %+v", len(s.Requests()), k)
		}
	})
}

// A redirect takes credentials to where somebody else wants them.
func TestFault_H10_Redirect(t *testing.T) {
	t.Parallel()
	source, target := start(t, fakeapi.Options{TLS: true}), start(t, fakeapi.Options{TLS: true})
	plain := start(t, fakeapi.Options{})
	port := source.SIEMEndpoint()[strings.LastIndex(source.SIEMEndpoint(), ":"):]
	places := map[string]string{
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
		for name, place := range places {
			want++
			rt := overNetwork(t, transport.NewDialer(), append(source.CAPEM(), target.CAPEM()...), time.Now())
			req := get(t, source.SIEMEndpoint()+"/api/alerts?q="+canary)
			if want%2 == 0 {
				req.Method, req.Body = http.MethodPost, "client_secret="+canary
			}
			source.Script(fakeapi.Alerts, fakeapi.RedirectTo(status, place))
			_, err := doAs(t.Context(), options(rt), &tokens{}, req)
			wantError(t, err, transport.Error{Kind: transport.Redirected, Status: status, Attempts: 1})
			if got := len(source.Requests()); got != want {
				t.Fatalf("%d, %s: %d requests to the source, want %d", status, name, got, want)
			}
		}
	}
	for _, s := range []*fakeapi.Server{target, plain} {
		if got := s.Requests(); len(got) != 0 {
			t.Errorf("%d requests to a target, the first with %v %v", len(got), got[0].Header, got[0].Form)
		}
	}
	for _, r := range source.Requests() {
		if r.Path != "/siem/api/alerts" {
			t.Errorf("a request to %s", r.Path)
		}
	}
}

func TestFault_H11_OtherSuccess(t *testing.T) {
	t.Parallel()
	for _, status := range []int{201, 202, 203, 204, 205, 206, 207, 226, 299} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			s := start(t, fakeapi.Options{})
			body := given
			if status == 204 || status == 205 {
				body = ""
			}
			s.Script(fakeapi.Alerts, fakeapi.Always(fakeapi.Reply(status, nil, body)))
			_, err := do(t.Context(), options(overNetwork(t, transport.NewDialer(), nil, time.Now())), get(t, s.SIEMEndpoint()+"/api/alerts"))
			wantError(t, err, transport.Error{Kind: transport.Status, Status: status, Attempts: 1})
			if got := len(s.AlertRequests()); got != 1 {
				t.Errorf("%d requests", got)
			}
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
			s, _, err := scripted(t, time.Minute, transporttest.Respond(http.StatusOK, given, headers...))
			wantError(t, err, transport.Error{Kind: transport.Partial, Status: 200, Attempts: 1})
			if got := len(s.Requests()); got != 1 {
				t.Errorf("%d requests, want 1", got)
			}
		})
	}
}

func TestFault_H12_Empty(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{
		"0 bytes":         "Content-Length: 0\r\n\r\n",
		"0 bytes, chunks": "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"blanks":          "Content-Length: 4\r\n\r\n \r\n\t",
		"BOM":             "Content-Length: 3\r\n\r\n\uFEFF",
		"0 bytes of gzip": "Content-Encoding: gzip\r\nContent-Length: 0\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, fakeapi.Options{})
			s.Script(fakeapi.Alerts, fakeapi.Always(fakeapi.Raw("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"+answer, fakeapi.Close)))
			_, err := do(t.Context(), options(overNetwork(t, transport.NewDialer(), nil, time.Now())), get(t, s.SIEMEndpoint()+"/api/alerts"))
			if strings.Contains(name, "gzip") {
				wantError(t, err, transport.Error{Kind: transport.Encoding, Status: 200, Attempts: 1})
			} else if !errors.Is(err, errContent) {
				t.Errorf("got %v", err)
			}
			if got := len(s.AlertRequests()); got != 1 {
				t.Errorf("%d requests", got)
			}
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
			s.Script(fakeapi.Alerts, fakeapi.Always(fakeapi.ContentType(media, given)))
			body, err := do(t.Context(), options(overNetwork(t, transport.NewDialer(), nil, time.Now())), get(t, s.SIEMEndpoint()+"/api/alerts"))
			if ok && (body != given || err != nil) {
				t.Errorf("%q, %v", body, err)
			}
			if !ok {
				wantError(t, err, transport.Error{Kind: transport.MediaType, Status: 200, Attempts: 1})
			}
			if got := len(s.AlertRequests()); got != 1 {
				t.Errorf("%d requests", got)
			}
		})
	}
}

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
		"good":              {step: fakeapi.WithBody(fakeapi.Gzip(), given), ok: true},
		"x-gzip":            {step: encoded("X-GZIP", packed(given)), ok: true},
		"identity":          {step: encoded("identity", given), ok: true},
		"two members":       {step: encoded("gzip", packed(given[:9])+packed(given[9:])), ok: true},
		"bomb":              {step: fakeapi.GzipBomb(1 << 30), want: transport.TooLarge},
		"truncated":         {step: fakeapi.WithBody(fakeapi.GzipTruncated(), given), want: damaged},
		"truncated trailer": {step: encoded("gzip", packed(given)[:len(packed(given))-1]), want: damaged},
		"header only":       {step: encoded("gzip", packed(given)[:10]), want: damaged},
		"bad CRC":           {step: fakeapi.WithBody(fakeapi.GzipBadCRC(), given), want: damaged},
		"twice, said once":  {step: fakeapi.WithBody(fakeapi.GzipTwice(), given), want: transport.NotUTF8},
		"twice, said twice": {step: encoded("gzip, gzip", packed(packed(given))), want: damaged},
		"not compressed":    {step: encoded("gzip", given), want: damaged},
		"not said":          {step: fakeapi.ContentType("application/json", packed(given)), want: transport.NotUTF8},
		"bytes after it":    {step: encoded("gzip", packed(given)+given), want: damaged},
		"br":                {step: encoded("br", given), want: damaged},
		"deflate":           {step: encoded("deflate", given), want: damaged},
		"unknown":           {step: encoded(canary, given), want: damaged},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, fakeapi.Options{})
			s.Script(fakeapi.Alerts, fakeapi.Always(test.step))
			o := options(overNetwork(t, transport.NewDialer(), nil, time.Now()))
			var seen transport.LogEntry
			o.Log = func(_ context.Context, e transport.LogEntry) { seen = e }
			body, err := do(t.Context(), o, get(t, s.SIEMEndpoint()+"/api/alerts"))
			if test.ok && (body != given || err != nil) {
				t.Errorf("%q, %v", body, err)
			}
			if !test.ok {
				wantError(t, err, transport.Error{Kind: test.want, Status: 200, Attempts: 1})
			}
			if e, ok := errors.AsType[*transport.Error](err); ok && e.Kind == transport.TooLarge && (e.Bytes != limit || seen.Bytes > 100<<10) {
				t.Errorf("%d bytes decoded, %d read", e.Bytes, seen.Bytes)
			}
			if got := len(s.AlertRequests()); got != 1 {
				t.Errorf("%d requests", got)
			}
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
			body, err := do(t.Context(), options(overNetwork(t, transport.NewDialer(), nil, time.Now())), get(t, s.SIEMEndpoint()+"/api/alerts"))
			if test.size != 0 && (len(body) != test.size || err != nil) {
				t.Errorf("%d bytes, %v", len(body), err)
			}
			if test.size == 0 {
				wantError(t, err, transport.Error{Kind: transport.TooLarge, Status: 200, Attempts: 1})
				if e, ok := errors.AsType[*transport.Error](err); !ok || e.Bytes != limit {
					t.Errorf("%d bytes", e.Bytes)
				}
			}
			if got := len(s.AlertRequests()); got != 1 {
				t.Errorf("%d requests", got)
			}
		})
	}
	t.Run("another limit", func(t *testing.T) {
		t.Parallel()
		for size, ok := range map[int]bool{100: true, 101: false} {
			var body string
			client := transport.New(options(transporttest.NewScript(transporttest.Respond(http.StatusOK, array(size)))))
			err := client.Begin(parse(t, service), nil, 100).Do(t.Context(), get(t, service), readJSON(&body))
			if ok != (err == nil && len(body) == size) {
				t.Errorf("%d bytes: %v", size, err)
			}
		}
	})
}

func TestFault_H16_Headers(t *testing.T) {
	t.Parallel()
	interim := strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n", 8)
	final := fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(given), given)
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
			s.Script(fakeapi.Alerts, fakeapi.Always(fakeapi.WithBody(test.step, given)))
			body, err := do(t.Context(), options(overNetwork(t, transport.NewDialer(), s.CAPEM(), time.Now())), get(t, s.SIEMEndpoint()+"/api/alerts"))
			if test.ok && (body != given || err != nil) {
				t.Errorf("%q, %v", body, err)
			}
			if !test.ok {
				wantError(t, err, transport.Error{Kind: transport.Headers, Attempts: 1})
			}
			if got := len(s.AlertRequests()); got != 1 {
				t.Errorf("%d requests", got)
			}
		})
	}
}

// A deadline with a monotonic reading is kept whatever is done to the clock on
// the wall.
func TestFault_E3_WallClock(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	var deadline time.Time
	s := transporttest.NewScript(func(r *http.Request) (*http.Response, error) {
		deadline, _ = r.Context().Deadline()
		return transporttest.Respond(http.StatusOK, given)(r)
	})
	if _, err := do(ctx, options(s), get(t, service)); err != nil {
		t.Fatal(err)
	}
	if left := time.Until(deadline); !strings.Contains(deadline.String(), " m=+") || left <= 0 || left > time.Minute {
		t.Errorf("the attempt ends at %s", deadline)
	}
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
		defer cancel()
		s := transporttest.NewScript(transporttest.Stall("["))
		_, err := do(ctx, options(s), get(t, service))
		wantError(t, err, transport.Error{Kind: transport.OutOfTime, Status: 200, Attempts: 2})
		if took := time.Since(began); took != 90*time.Second {
			t.Errorf("took %s", took)
		}
	})
}
