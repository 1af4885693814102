package entra_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/entra"
	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport/transporttest"
)

func TestFault_A1_InvalidClient(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status int
		code   string
		sts    int
	}{
		"wrong secret":        {401, "invalid_client", 7000215},
		"expired secret":      {401, "invalid_client", 7000222},
		"unknown application": {400, "unauthorized_client", 700016},
		"unknown tenant":      {400, "invalid_request", 90002},
		"disabled":            {401, "unauthorized_client", 7000112},
		"unknown resource":    {400, "invalid_resource", 500011},
		"forbidden":           {403, "access_denied", 53003},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := transporttest.NewScript(refuses(test.status, test.code, test.sts))
				_, err := token(t.Context(), s)
				wantRefused(t, err, entra.Error{Status: test.status, Code: test.code, STS: test.sts, RequestID: traceID})
				wantRequests(t, s, 1)
			})
		})
	}
	for name, options := range map[string]fakeapi.Options{"plain": {}, "TLS": {TLS: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, options)
			source := network(t, s, time.Now())
			mustToken(t, source)
			s.Script(fakeapi.Token, fakeapi.Reply(401, nil, `{"error":"invalid_client","error_codes":[7000215],"trace_id":"`+traceID+`"}`))
			source.Invalidate(mustToken(t, source))
			_, err := source.Token(t.Context())
			wantRefused(t, err, entra.Error{Status: 401, Code: "invalid_client", STS: 7000215, RequestID: traceID})
			wantForms(t, s.TokenRequests(), 2)
		})
	}
}

func mustToken(t *testing.T, s *entra.TokenSource) string {
	t.Helper()
	access, err := s.Token(t.Context())
	if err != nil {
		t.Fatalf("Token() fails with %v, want a token", err)
	}
	if access == "" {
		t.Fatal("Token() is empty, want a token")
	}
	return access
}

func TestFault_A2_Transient(t *testing.T) {
	t.Parallel()
	for _, sts := range []int{90033, 90055} {
		for _, status := range []int{503, 400, 200} {
			t.Run(fmt.Sprint(sts, status), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					busy := refuses(status, "temporarily_unavailable", sts)
					s := transporttest.NewScript(busy)
					access, err := token(t.Context(), s)
					want := entra.Error{Status: status, Code: "temporarily_unavailable", STS: sts, RequestID: traceID}
					if status == 200 {
						want.Status = 0
					}
					wantRefused(t, err, want)
					if access != "" {
						t.Errorf("Token() = %q and an error, want no token", access)
					}
					wantRequests(t, s, 3)

					s = transporttest.NewScript(busy, busy, grants("t0ken", 3599))
					access, err = token(t.Context(), s)
					wantToken(t, access, err, "t0ken")
					wantRequests(t, s, 3)
				})
			})
		}
	}
	// A response with an error is never a token, even if it has one.
	t.Run("200 with an error and a token", func(t *testing.T) {
		t.Parallel()
		for _, object := range []string{`"invalid_grant"`, `null`, `{}`, `""`, `{"code":"x"}`} {
			body := `{"error":` + object + `,"access_token":"t0ken","token_type":"Bearer","expires_in":3599}`
			s := transporttest.NewScript(transporttest.Respond(200, body))
			access, err := token(t.Context(), s)
			if e, ok := errors.AsType[*entra.Error](err); !ok || e.Kind != entra.Refused {
				t.Errorf("Token() after the error %s fails with %v, want %s", object, err, entra.Refused)
			}
			if access != "" {
				t.Errorf("Token() after the error %s = %q, want no token", object, access)
			}
			wantRequests(t, s, 1)
		}
	})
}

func TestFault_A3_Throttled(t *testing.T) {
	t.Parallel()
	body := `{"error":"temporarily_unavailable","error_codes":[90055]}`
	t.Run("waits for Retry-After", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := transporttest.NewScript(transporttest.Respond(429, body, "Retry-After", "17"), grants("t0ken", 3599))
			access, err := token(t.Context(), s)
			wantToken(t, access, err, "t0ken")
			wantRequests(t, s, 2)
			if got := s.Requests()[1].At; got != 17*time.Second {
				t.Errorf("time of the retry = %s, want 17s", got)
			}
		})
	})
	t.Run("Retry-After a day", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := transporttest.NewScript(transporttest.Respond(429, body, "Retry-After", "86400"))
			_, err := token(t.Context(), s)
			wantTransport(t, err, transport.WaitTooLong, 429, 1)
			if e, ok := errors.AsType[*transport.Error](err); ok && e.Wait != 24*time.Hour {
				t.Errorf("Wait = %s, want 24h", e.Wait)
			}
			wantRequests(t, s, 1)
		})
	})
	t.Run("always", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := transporttest.NewScript(transporttest.Respond(429, body))
			_, err := token(t.Context(), s)
			wantTransport(t, err, transport.Status, 429, 3)
			wantRequests(t, s, 3)
		})
	})
	t.Run("AADSTS50196, a loop", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := transporttest.NewScript(refuses(400, "invalid_grant", 50196))
			_, err := token(t.Context(), s)
			wantRefused(t, err, entra.Error{Status: 400, Code: "invalid_grant", STS: 50196, RequestID: traceID})
			wantRequests(t, s, 1)
		})
	})
}

const good = `{"token_type":"Bearer","expires_in":"3599","access_token":"t0ken.t0ken.t0ken"}`

func TestFault_A4_DamagedReply(t *testing.T) {
	t.Parallel()
	t.Run("by the network", func(t *testing.T) {
		t.Parallel()
		for name, step := range map[string]fakeapi.Step{
			"first byte":    fakeapi.CutAfter(0),
			"truncated":     fakeapi.CutAfter(50),
			"last byte":     fakeapi.CutAfter(-1),
			"reset":         fakeapi.ResetAfter(30),
			"wrong length":  fakeapi.LieLength(9),
			"no last chunk": fakeapi.ChunkedUnterminated(),
			"bad chunk":     fakeapi.BadChunk(),
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				s := start(t, fakeapi.Options{})
				s.Script(fakeapi.Token, fakeapi.Always(fakeapi.WithBody(step, good)))
				synctest.Test(t, func(t *testing.T) {
					_, err := network(t, s, time.Now()).Token(t.Context())
					wantTransport(t, err, transport.Broken, 200, 3)
				})
				wantForms(t, s.TokenRequests(), 3)
				s.ClearScript(fakeapi.Token)
				s.Script(fakeapi.Token, fakeapi.WithBody(step, good))
				synctest.Test(t, func(t *testing.T) {
					access, err := network(t, s, time.Now()).Token(t.Context())
					wantAnyToken(t, access, err)
				})
				wantForms(t, s.TokenRequests(), 5)
			})
		}
	})
	unusable := entra.Error{Kind: entra.Unusable}
	for name, body := range map[string]string{
		"truncated":          good[:len(good)-1],
		"within the token":   good[:60],
		"empty":              "",
		"blanks":             " \n ",
		"twice":              good + good,
		"trailing text":      good + "t0ken",
		"array":              "[" + good + "]",
		"string":             `"t0ken"`,
		"null":               "null",
		"HTML":               "<html>t0ken</html>",
		"duplicate keys":     `{"access_token":"t0ken","access_token":"t0ken2","token_type":"Bearer","expires_in":3599}`,
		"escaped duplicate":  `{"access_token":"t0ken","access\u005ftoken":"t0ken2","token_type":"Bearer","expires_in":3599}`,
		"form":               "access_token=t0ken&token_type=Bearer&expires_in=3599",
		"single quotes":      `{'access_token':'t0ken'}`,
		"comment":            good + "// t0ken",
		"trailing comma":     `{"access_token":"t0ken",}`,
		"bad escape":         `{"access_token":"t0ken\x"}`,
		"control character":  "{\"access_token\":\"t0ken\n\",\"token_type\":\"Bearer\"}",
		"nested beyond":      `{"a":` + strings.Repeat("[", 20_000),
		"two marks":          "\uFEFF\uFEFF" + good,
		"duplicate in depth": `{"x":{"a":1,"a":2},"access_token":"t0ken","token_type":"Bearer"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := transporttest.NewScript(transporttest.Respond(200, body))
				_, err := token(t.Context(), s)
				wantRefused(t, err, unusable)
				wantRequests(t, s, 1)
			})
		})
	}
	for name, test := range map[string]struct {
		step transporttest.Step
		kind transport.Kind
	}{
		"HTML page": {transporttest.Respond(200, "<html>t0ken</html>", "Content-Type", "text/html"), transport.MediaType},
		"form type": {
			transporttest.Respond(200, "access_token=t0ken&token_type=Bearer", "Content-Type", "application/x-www-form-urlencoded"),
			transport.MediaType,
		},
		"UTF-16": {
			transporttest.Respond(200, "{\x00\"\x00", "Content-Type", "application/json; charset=utf-16"),
			transport.MediaType,
		},
		"not UTF-8": {transporttest.Respond(200, `{"access_token":"t0ken`+"\xff"+`"}`), transport.NotUTF8},
		"1 MiB":     {transporttest.Respond(200, `{"access_token":"`+strings.Repeat("t0ken", 1<<18)+`"}`), transport.TooLarge},
		"1 MiB gap": {transporttest.Respond(200, good+strings.Repeat(" ", 1<<20)), transport.TooLarge},
		"gzip":      {transporttest.Respond(200, "t0ken", "Content-Encoding", "gzip"), transport.Encoding},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := transporttest.NewScript(test.step)
			_, err := token(t.Context(), s)
			wantTransport(t, err, test.kind, 200, 1)
			wantRequests(t, s, 1)
		})
	}
	for _, status := range []int{201, 202, 204, 206, 299} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			s := transporttest.NewScript(transporttest.Respond(status, good))
			_, err := token(t.Context(), s)
			wantTransport(t, err, transport.Status, status, 1)
			wantRequests(t, s, 1)
		})
	}
	t.Run("good", func(t *testing.T) {
		t.Parallel()
		for _, body := range []string{good, "\uFEFF" + good, " " + good + "\r\n"} {
			access, err := token(t.Context(), transporttest.NewScript(transporttest.Respond(200, body)))
			wantToken(t, access, err, "t0ken.t0ken.t0ken")
		}
	})
}

// oneResponse gets a token from a response with this body, and returns how long
// it is used: the time until the second request.
func oneResponse(t *testing.T, body string) (access string, used time.Duration, err error) {
	t.Helper()
	s := transporttest.NewScript(transporttest.Respond(200, body))
	source := application(s, login(), nil).Tenant(tenant)
	began := time.Now()
	if access, err = source.Token(t.Context()); err != nil {
		wantRequests(t, s, 1)
		return "", 0, err
	}
	for len(s.Requests()) == 1 && time.Since(began) < 400*24*time.Hour {
		time.Sleep(500 * time.Millisecond)
		if _, err := source.Token(t.Context()); err != nil {
			return "", 0, err
		}
		used = time.Since(began)
	}
	return access, used, nil
}

func TestFault_A5_AccessToken(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 64<<10)
	for name, test := range map[string]struct {
		member string
		ok     bool
	}{
		"good":            {`"access_token":"t0ken"`, true},
		"every character": {`"access_token":"-._~+/=AZaz09!#$%&'*^` + "`" + `|"`, true},
		"escaped":         {`"access_token":"t0k\u0065n"`, true},
		"64 KiB":          {`"access_token":"` + long + `"`, true},
		"missing":         {`"refresh_token":"t0ken"`, false},
		"null":            {`"access_token":null`, false},
		"empty":           {`"access_token":""`, false},
		"number":          {`"access_token":123`, false},
		"object":          {`"access_token":{"t0ken":1}`, false},
		"CR LF":           {`"access_token":"t0ken\r\nX-Header: 1"`, false},
		"LF":              {`"access_token":"t0ken\n"`, false},
		"tab":             {`"access_token":"t0ken\t"`, false},
		"blank":           {`"access_token":"t0ken t0ken"`, false},
		"NUL":             {`"access_token":"t0ken\u0000"`, false},
		"DEL":             {`"access_token":"t0ken\u007f"`, false},
		"not ASCII":       {`"access_token":"t0kén"`, false},
		"lone surrogate":  {`"access_token":"t0ken\ud800"`, false},
		"64 KiB and 1":    {`"access_token":"` + long + `x"`, false},
		"100 KB":          {`"access_token":"` + strings.Repeat("t0ken", 20_000) + `"`, false},
		"other case":      {`"Access_Token":"t0ken"`, false},
		"in two cases":    {`"access_token":"t0ken","ACCESS_TOKEN":"t0ken2"`, false},
		"under another":   {`"id_token":"t0ken"`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := transporttest.NewScript(transporttest.Respond(200, `{"token_type":"Bearer","expires_in":"3599",`+test.member+`}`))
			access, err := token(t.Context(), s)
			if test.ok {
				wantAnyToken(t, access, err)
			}
			if !test.ok {
				field := "access_token"
				if name == "lone surrogate" {
					field = "" // malformed JSON to the reader
				}
				wantRefused(t, err, entra.Error{Kind: entra.Unusable, Field: field})
			}
			wantRequests(t, s, 1)
		})
	}
}

func TestFault_A6_Lifetime(t *testing.T) {
	t.Parallel()
	// A token is used until 5 minutes before its expiry, or for half its lifetime.
	for member, used := range map[string]time.Duration{
		`"expires_in":"3599"`:   3299 * time.Second,
		`"expires_in":3599`:     3299 * time.Second,
		`"expires_in":"86400"`:  86100 * time.Second,
		`"expires_in":601`:      301 * time.Second,
		`"expires_in":600`:      300 * time.Second,
		`"expires_in":"10"`:     5 * time.Second,
		`"expires_in":1`:        500 * time.Millisecond,
		`"not_expires_in":3599`: 150 * time.Second,
		`"expires_in":null`:     150 * time.Second,
		// expires_on is a time of another computer's clock, and ignored.
		`"expires_in":"3599","expires_on":"0"`:                   3299 * time.Second,
		`"expires_in":"3599","expires_on":"1"`:                   3299 * time.Second,
		`"expires_in":"3599","expires_on":"99999999999"`:         3299 * time.Second,
		`"expires_in":"3599","expires_on":"x","not_before":"99"`: 3299 * time.Second,
		`"expires_on":"99999999999"`:                             150 * time.Second,
		`"expires_in":3599,"ext_expires_in":999999`:              3299 * time.Second,

		`"expires_in":3599.5`:                0,
		`"expires_in":"3599.5"`:              0,
		`"expires_in":3599.0`:                0,
		`"expires_in":0`:                     0,
		`"expires_in":"0"`:                   0,
		`"expires_in":-0`:                    0,
		`"expires_in":-5`:                    0,
		`"expires_in":"-5"`:                  0,
		`"expires_in":1e3`:                   0,
		`"expires_in":1e99`:                  0,
		`"expires_in":"1e99"`:                0,
		`"expires_in":"abc"`:                 0,
		`"expires_in":""`:                    0,
		`"expires_in":" 3599"`:               0,
		`"expires_in":"+3599"`:               0,
		`"expires_in":"0x10"`:                0,
		`"expires_in":"3_599"`:               0,
		`"expires_in":true`:                  0,
		`"expires_in":[3599]`:                0,
		`"expires_in":{}`:                    0,
		`"expires_in":31536001`:              0,
		`"expires_in":2147483648`:            0,
		`"expires_in":4294967297`:            0,
		`"expires_in":"9223372036854775808"`: 0,
		`"Expires_In":3599`:                  0,
		`"expires_in":3599,"EXPIRES_IN":1`:   0,
	} {
		t.Run(member, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				access, got, err := oneResponse(t, `{"token_type":"Bearer","access_token":"t0ken",`+member+`}`)
				if used == 0 {
					wantRefused(t, err, entra.Error{Kind: entra.Unusable, Field: "expires_in"})
					return
				}
				wantToken(t, access, err, "t0ken")
				if got != used {
					t.Errorf("time that the token was used = %s, want %s", got, used)
				}
			})
		})
	}
}

func TestFault_A7_TokenType(t *testing.T) {
	t.Parallel()
	for member, ok := range map[string]bool{
		`"token_type":"Bearer"`: true, `"token_type":"bearer"`: true, `"token_type":"BEARER"`: true,
		`"token_type":"pop"`: false, `"token_type":"mac"`: false, `"token_type":""`: false, `"token_type":null`: false,
		`"token_type":"Bearer "`: false, `"token_type":"Bearer\n"`: false, `"token_type":1`: false, `"token_type":["Bearer"]`: false,
		`"kind":"Bearer"`: false, `"Token_Type":"Bearer"`: false, `"token_type":"Bearer","TOKEN_TYPE":"pop"`: false,
		`"token_type":"t0ken"`: false,
	} {
		t.Run(member, func(t *testing.T) {
			t.Parallel()
			s := transporttest.NewScript(transporttest.Respond(200, `{"access_token":"t0ken","expires_in":"3599",`+member+`}`))
			access, err := token(t.Context(), s)
			if ok {
				wantToken(t, access, err, "t0ken")
			}
			if !ok {
				wantRefused(t, err, entra.Error{Kind: entra.Unusable, Field: "token_type"})
			}
			wantRequests(t, s, 1)
		})
	}
}

// numbered returns a step that issues t0ken-1, t0ken-2 and so on.
func numbered(seconds int) transporttest.Step {
	n := 0
	var mu sync.Mutex
	return func(r *http.Request) (*http.Response, error) {
		mu.Lock()
		defer mu.Unlock()
		n++
		return grants("t0ken-"+strconv.Itoa(n), seconds)(r)
	}
}

func TestFault_A8_Expiry(t *testing.T) {
	t.Parallel()
	t.Run("before the expiry", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := transporttest.NewScript(numbered(3599))
			source := application(s, login(), nil).Tenant(tenant)
			for _, test := range []struct {
				at   time.Duration
				want string
			}{
				{0, "t0ken-1"}, {time.Second, "t0ken-1"}, {3299*time.Second - 1, "t0ken-1"}, {3299 * time.Second, "t0ken-2"},
				{6597 * time.Second, "t0ken-2"}, {6598 * time.Second, "t0ken-3"}, {100 * time.Hour, "t0ken-4"},
			} {
				time.Sleep(test.at - s.Age())
				if got := mustToken(t, source); got != test.want {
					t.Errorf("Token() at %s = %q, want %q", test.at, got, test.want)
				}
			}
			wantRequests(t, s, 4)
		})
	})
	t.Run("in a back-off", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := transporttest.NewScript(numbered(90))
			source := application(s, login(), nil).Tenant(tenant)
			var used []string
			service := roundTrip(func(r *http.Request) (*http.Response, error) {
				used = append(used, r.Header.Get("Authorization"))
				if len(used) < 3 {
					return transporttest.Respond(503, "", "Retry-After", "30")(r)
				}
				return transporttest.Respond(200, "[]")(r)
			})
			client := transport.New(transport.Options{Base: service, MaxAttempts: 4, AttemptTimeout: time.Minute})
			req := transport.Request{Phase: transport.PhaseRead, Method: http.MethodGet, URL: login()}
			if err := client.Begin(login(), source, 99).Do(t.Context(), req, read); err != nil {
				t.Errorf("Do() = %v, want nil", err)
			}
			if got, want := strings.Join(used, ","), "Bearer t0ken-1,Bearer t0ken-1,Bearer t0ken-2"; got != want {
				t.Errorf("Authorization sent = %s, want %s", got, want)
			}
			wantRequests(t, s, 2)
		})
	})
	t.Run("a slow response counts", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := transporttest.NewScript(transporttest.After(50*time.Second, numbered(3599)))
			source := application(s, login(), nil).Tenant(tenant)
			mustToken(t, source)
			time.Sleep(3299*time.Second - 1 - s.Age())
			mustToken(t, source)
			wantRequests(t, s, 1)
			time.Sleep(time.Nanosecond)
			mustToken(t, source)
			wantRequests(t, s, 2)
		})
	})
	// The clocks of the server and of this computer do not matter.
	for _, skew := range []time.Duration{-15 * time.Minute, 15 * time.Minute, -24 * time.Hour} {
		t.Run("clock "+skew.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				now := time.Now().Add(skew)
				body := fmt.Sprintf(`{"token_type":"Bearer","access_token":"t0ken","expires_in":"3599","expires_on":"%d","not_before":"%d"}`,
					now.Add(3599*time.Second).Unix(), now.Unix())
				s := transporttest.NewScript(transporttest.Respond(200, body, "Date", now.UTC().Format(http.TimeFormat)))
				source := application(s, login(), nil).Tenant(tenant)
				mustToken(t, source)
				time.Sleep(3299*time.Second - 1)
				mustToken(t, source)
				wantRequests(t, s, 1)
				time.Sleep(time.Nanosecond)
				mustToken(t, source)
				wantRequests(t, s, 2)
			})
		})
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// read consumes a response.
func read(r *transport.Response) error {
	_, err := io.Copy(io.Discard, r.Body)
	return err
}

// concurrently calls get a hundred times at once and counts the tokens and errors
// that it returned.
func concurrently(get func() (string, error)) map[string]int {
	var (
		all sync.WaitGroup
		mu  sync.Mutex
		got = map[string]int{}
	)
	for range 100 {
		all.Go(func() {
			access, err := get()
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				access = err.Error()
			}
			got[access]++
		})
	}
	all.Wait()
	return got
}

func TestFault_A9_Parallel(t *testing.T) {
	t.Parallel()
	for name, wait := range map[string]time.Duration{"fast": 0, "slow": 2 * time.Second} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := transporttest.NewScript(transporttest.After(wait, numbered(3599)))
				app := application(s, login(), nil)
				get := func() (string, error) { return app.Tenant(strings.ToUpper(tenant)).Token(t.Context()) }
				// The first caller of Tenant decides the spelling of the tenant.
				want := func(when, access string, requests int, got map[string]int) {
					t.Helper()
					if len(got) != 1 || got[access] != 100 {
						t.Errorf("%s: tokens = %v, want 100 times %s", when, got, access)
					}
					wantRequests(t, s, requests)
				}
				app.Tenant(tenant)
				want("cold", "t0ken-1", 1, concurrently(get))
				want("warm", "t0ken-1", 1, concurrently(get))
				time.Sleep(time.Hour)
				want("at expiry", "t0ken-2", 2, concurrently(get))
				rejected := func(access string) func() (string, error) {
					return func() (string, error) {
						app.Tenant(tenant).Invalidate(access)
						return get()
					}
				}
				want("rejected", "t0ken-3", 3, concurrently(rejected("t0ken-2")))
				want("rejected late", "t0ken-3", 3, concurrently(rejected("t0ken-1")))
				want("rejected late, another", "t0ken-3", 3, concurrently(rejected("t0ken-2")))
			})
		})
	}
	t.Run("over the network", func(t *testing.T) {
		t.Parallel()
		s := start(t, fakeapi.Options{TLS: true})
		source := network(t, s, time.Now())
		if got := concurrently(func() (string, error) { return source.Token(t.Context()) }); len(got) != 1 {
			t.Errorf("different results of Token() = %d, want 1", len(got))
		}
		wantForms(t, s.TokenRequests(), 1)
	})
	t.Run("a shared failure", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := transporttest.NewScript(transporttest.After(time.Second, refuses(401, "invalid_client", 7000215)))
			source := application(s, login(), nil).Tenant(tenant)
			if got := concurrently(func() (string, error) { return source.Token(t.Context()) }); len(got) != 1 {
				t.Errorf("results of Token() = %v, want one error", got)
			}
			wantRequests(t, s, 1)
		})
	})
	t.Run("tenants have their own", func(t *testing.T) {
		t.Parallel()
		s := transporttest.NewScript(numbered(3599))
		app := application(s, login(), nil)
		if a, b := mustToken(t, app.Tenant(tenant)), mustToken(t, app.Tenant("other.test")); a == b {
			t.Errorf("Token() of two tenants = %q and %q, want different tokens", a, b)
		}
		if app.Tenant("OTHER.test") != app.Tenant("other.TEST") {
			t.Error("Tenant(OTHER.test) != Tenant(other.TEST), want the same source")
		}
		sent := s.Requests()
		if len(sent) != 2 {
			t.Fatalf("token requests sent = %d, want 2", len(sent))
		}
		if got, want := sent[1].URL, "https://login.test/base/other.test/oauth2/token"; got != want {
			t.Errorf("URL of the second request = %s, want %s", got, want)
		}
	})
}

func TestFault_A10_Cancelled(t *testing.T) {
	t.Parallel()
	t.Run("one leaves, the others stay", func(t *testing.T) {
		t.Parallel()
		for _, first := range []bool{true, false} {
			synctest.Test(t, func(t *testing.T) {
				s := transporttest.NewScript(transporttest.After(10*time.Second, grants("t0ken", 3599)))
				source := application(s, login(), nil).Tenant(tenant)
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(3*time.Second, cancel)
				var all sync.WaitGroup
				leaver := func() {
					access, err := source.Token(ctx)
					if !errors.Is(err, context.Canceled) {
						t.Errorf("Token() of the one that leaves fails with %v, want %v", err, context.Canceled)
					}
					if access != "" {
						t.Errorf("Token() of the one that leaves = %q, want no token", access)
					}
					if took := s.Age(); took != 3*time.Second {
						t.Errorf("Token() of the one that leaves took %s, want 3s", took)
					}
				}
				if first {
					all.Go(leaver)
					synctest.Wait()
				}
				for range 10 {
					all.Go(func() {
						access, err := source.Token(t.Context())
						wantToken(t, access, err, "t0ken")
						if took := s.Age(); took != 10*time.Second {
							t.Errorf("Token() of the others took %s, want 10s", took)
						}
					})
				}
				synctest.Wait()
				if !first {
					all.Go(leaver)
				}
				all.Wait()
				wantRequests(t, s, 1)
			})
		}
	})
	t.Run("all leave", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			cancelled := make(chan struct{})
			s := transporttest.NewScript(func(r *http.Request) (*http.Response, error) {
				defer close(cancelled)
				return transporttest.Hang(r)
			}, grants("t0ken", 3599))
			source := application(s, login(), nil).Tenant(tenant)
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(3*time.Second, cancel)
			if got := concurrently(func() (string, error) { return source.Token(ctx) }); got[context.Canceled.Error()] != 100 {
				t.Errorf("results of Token() = %v, want 100 times %v", got, context.Canceled)
			}
			<-cancelled // with the last of them
			if took := s.Age(); took != 3*time.Second {
				t.Errorf("request cancelled after %s, want 3s", took)
			}
			if got := mustToken(t, source); got != "t0ken" {
				t.Errorf("next Token() = %q, want t0ken", got)
			}
			wantRequests(t, s, 2)
		})
	})
	t.Run("one runs out of time", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := transporttest.NewScript(transporttest.Hang)
			source := application(s, login(), nil).Tenant(tenant)
			ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
			defer cancel()
			_, err := source.Token(ctx)
			wantTransport(t, err, transport.OutOfTime, 0, 0)
			if took := s.Age(); took != 90*time.Second {
				t.Errorf("Token() took %s, want 1m30s", took)
			}
			wantRequests(t, s, 2)
		})
	})
	t.Run("without a deadline", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := transporttest.NewScript(transporttest.Hang)
			source := application(s, login(), func(o *transport.Options) { o.MaxAttempts = 20 }).Tenant(tenant)
			_, err := source.Token(t.Context())
			e, ok := errors.AsType[*transport.Error](err)
			if !ok || e.Kind != transport.OutOfTime {
				t.Fatalf("Token() fails with %v, want %s", err, transport.OutOfTime)
			}
			if e.Wait != 5*time.Minute {
				t.Errorf("Wait = %s, want 5m", e.Wait)
			}
			if took := s.Age(); took != 5*time.Minute {
				t.Errorf("Token() took %s, want 5m", took)
			}
		})
	})
	t.Run("before the request", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := transporttest.NewScript(numbered(3599))
			source := application(s, login(), nil).Tenant(tenant)
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if _, err := source.Token(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("Token() fails with %v, want %v", err, context.Canceled)
			}
			ctx, cancel = context.WithDeadline(t.Context(), time.Now())
			defer cancel()
			source.Invalidate("x")
			_, err := source.Token(ctx)
			wantTransport(t, err, transport.OutOfTime, 0, 0)
			wantRequests(t, s, 0)
		})
	})
	t.Run("over the network", func(t *testing.T) {
		t.Parallel()
		s := start(t, fakeapi.Options{})
		s.Script(fakeapi.Token, fakeapi.Stall(5))
		source := network(t, s, time.Now())
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		_, err := source.Token(ctx)
		wantTransport(t, err, transport.OutOfTime, 0, 0)
		mustToken(t, source)
		wantForms(t, s.TokenRequests(), 2)
	})
}

func TestFault_A11_Redirect(t *testing.T) {
	t.Parallel()
	source, target := start(t, fakeapi.Options{TLS: true}), start(t, fakeapi.Options{TLS: true})
	want := 0
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, location := range []string{
			target.AuthorityHost() + "/" + tenant + "/oauth2/token",
			source.AuthorityHost() + "/other/oauth2/token",
			"http" + strings.TrimPrefix(target.AuthorityHost(), "https") + "/" + tenant + "/oauth2/token",
		} {
			want++
			source.Script(fakeapi.Token, fakeapi.RedirectTo(status, location))
			_, err := network(t, source, time.Now()).Token(t.Context())
			wantTransport(t, err, transport.Redirected, status, 1)
			wantForms(t, source.TokenRequests(), want)
		}
	}
	if got := target.Requests(); len(got) != 0 {
		t.Errorf("requests to the target = %d, want 0; the first has %v %v", len(got), got[0].Header, got[0].Form)
	}
	for _, r := range source.Requests() {
		if want := "/entra/" + tenant + "/oauth2/token"; r.Path != want {
			t.Errorf("path of a request = %s, want %s", r.Path, want)
		}
	}
}
