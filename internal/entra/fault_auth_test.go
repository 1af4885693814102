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
			now := time.Now()
			source := network(t, s, now)
			if access, err := source.Token(t.Context()); access == "" || err != nil {
				t.Fatalf("the right secret: %v", err)
			}
			s.Script(fakeapi.Token, fakeapi.Reply(401, nil, `{"error":"invalid_client","error_codes":[7000215],"trace_id":"`+traceID+`"}`))
			source.Invalidate(mustToken(t, source))
			_, err := source.Token(t.Context())
			wantRefused(t, err, entra.Error{Status: 401, Code: "invalid_client", STS: 7000215, RequestID: traceID})
			wantForm(t, s.TokenRequests(), 2)
		})
	}
}

func mustToken(t *testing.T, s *entra.TokenSource) string {
	t.Helper()
	access, err := s.Token(t.Context())
	if err != nil {
		t.Fatal(err)
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
					again := refuses(status, "temporarily_unavailable", sts)
					s := transporttest.NewScript(again)
					access, err := token(t.Context(), s)
					want := entra.Error{Status: status, Code: "temporarily_unavailable", STS: sts, RequestID: traceID}
					if status == 200 {
						want.Status = 0
					}
					wantRefused(t, err, want)
					if access != "" {
						t.Errorf("a token: %q", access)
					}
					wantRequests(t, s, 3)

					s = transporttest.NewScript(again, again, grants("t0ken", 3599))
					if access, err = token(t.Context(), s); access != "t0ken" || err != nil {
						t.Errorf("twice: %q, %v", access, err)
					}
					wantRequests(t, s, 3)
				})
			})
		}
	}
	// An error object is never a token, whatever stands next to it.
	t.Run("200 with an error and a token", func(t *testing.T) {
		t.Parallel()
		for _, object := range []string{`"invalid_grant"`, `null`, `{}`, `""`, `{"code":"x"}`} {
			s := transporttest.NewScript(transporttest.Respond(200, `{"error":`+object+`,"access_token":"t0ken","token_type":"Bearer","expires_in":3599}`))
			access, err := token(t.Context(), s)
			if e, ok := errors.AsType[*entra.Error](err); !ok || e.Kind != entra.Refused || access != "" {
				t.Errorf("error %s: %q, %v", object, access, err)
			}
			wantRequests(t, s, 1)
		}
	})
}

func TestFault_A3_Throttled(t *testing.T) {
	t.Parallel()
	body := `{"error":"temporarily_unavailable","error_codes":[90055]}`
	t.Run("waits as asked", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := transporttest.NewScript(transporttest.Respond(429, body, "Retry-After", "17"), grants("t0ken", 3599))
			access, err := token(t.Context(), s)
			wantRequests(t, s, 2)
			if access != "t0ken" || err != nil || s.Requests()[1].At != 17*time.Second {
				t.Errorf("%q, %v after %s", access, err, s.Requests()[1].At)
			}
		})
	})
	t.Run("asked for a day", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := transporttest.NewScript(transporttest.Respond(429, body, "Retry-After", "86400"))
			_, err := token(t.Context(), s)
			wantTransport(t, err, transport.WaitTooLong, 429, 1)
			if e, ok := errors.AsType[*transport.Error](err); !ok || e.Wait != 24*time.Hour {
				t.Errorf("got %v", err)
			}
			wantRequests(t, s, 1)
		})
	})
	t.Run("for ever", func(t *testing.T) {
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
	t.Run("by the wire", func(t *testing.T) {
		t.Parallel()
		for name, step := range map[string]fakeapi.Step{
			"cut at 0":      fakeapi.CutAfter(0),
			"cut":           fakeapi.CutAfter(50),
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
				wantForm(t, s.TokenRequests(), 3)
				s.ClearScript(fakeapi.Token)
				s.Script(fakeapi.Token, fakeapi.WithBody(step, good))
				synctest.Test(t, func(t *testing.T) {
					if access, err := network(t, s, time.Now()).Token(t.Context()); access == "" || err != nil {
						t.Errorf("once: %v", err)
					}
				})
				wantForm(t, s.TokenRequests(), 5)
			})
		}
	})
	unusable := entra.Error{Kind: entra.Unusable}
	for name, body := range map[string]string{
		"truncated":          good[:len(good)-1],
		"in the token":       good[:60],
		"empty":              "",
		"blanks":             " \n ",
		"twice":              good + good,
		"text after it":      good + "t0ken",
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
		"HTML page":  {transporttest.Respond(200, "<html>t0ken</html>", "Content-Type", "text/html"), transport.MediaType},
		"text/plain": {transporttest.Respond(200, "access_token=t0ken&token_type=Bearer", "Content-Type", "application/x-www-form-urlencoded"), transport.MediaType},
		"UTF-16":     {transporttest.Respond(200, "{\x00\"\x00", "Content-Type", "application/json; charset=utf-16"), transport.MediaType},
		"not UTF-8":  {transporttest.Respond(200, `{"access_token":"t0ken`+"\xff"+`"}`), transport.NotUTF8},
		"1 MiB":      {transporttest.Respond(200, `{"access_token":"`+strings.Repeat("t0ken", 1<<18)+`"}`), transport.TooLarge},
		"1 MiB gap":  {transporttest.Respond(200, good+strings.Repeat(" ", 1<<20)), transport.TooLarge},
		"gzip":       {transporttest.Respond(200, "t0ken", "Content-Encoding", "gzip"), transport.Encoding},
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
			if access, err := token(t.Context(), transporttest.NewScript(transporttest.Respond(200, body))); access != "t0ken.t0ken.t0ken" || err != nil {
				t.Errorf("%q, %v", access, err)
			}
		}
	})
}

// oneReply gets a token by one reply, and says how long it is used: until then
// no other is asked for.
func oneReply(t *testing.T, body string) (access string, used time.Duration, err error) {
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
			if test.ok && (access == "" || err != nil) {
				t.Errorf("%q, %v", access, err)
			}
			if !test.ok {
				field := "access_token"
				if name == "lone surrogate" {
					field = "" // not JSON, for our reader
				}
				wantRefused(t, err, entra.Error{Kind: entra.Unusable, Field: field})
			}
			wantRequests(t, s, 1)
		})
	}
}

func TestFault_A6_Lifetime(t *testing.T) {
	t.Parallel()
	// A token is used until 5 minutes before its end, or for half its lifetime.
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
		// expires_on is a time of another computer's clock, and not looked at.
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
				access, got, err := oneReply(t, `{"token_type":"Bearer","access_token":"t0ken",`+member+`}`)
				if used == 0 {
					wantRefused(t, err, entra.Error{Kind: entra.Unusable, Field: "expires_in"})
					return
				}
				if access != "t0ken" || err != nil || got != used {
					t.Errorf("%q, %v, used for %s, want %s", access, err, got, used)
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
			if ok && (access != "t0ken" || err != nil) {
				t.Errorf("%q, %v", access, err)
			}
			if !ok {
				wantRefused(t, err, entra.Error{Kind: entra.Unusable, Field: "token_type"})
			}
			wantRequests(t, s, 1)
		})
	}
}

// numbered grants t0ken-1, t0ken-2 and so on.
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
	t.Run("before the end", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := transporttest.NewScript(numbered(3599))
			source := application(s, login(), nil).Tenant(tenant)
			for _, test := range []struct {
				at    time.Duration
				token string
			}{
				{0, "t0ken-1"}, {time.Second, "t0ken-1"}, {3299*time.Second - 1, "t0ken-1"}, {3299 * time.Second, "t0ken-2"},
				{6597 * time.Second, "t0ken-2"}, {6598 * time.Second, "t0ken-3"}, {100 * time.Hour, "t0ken-4"},
			} {
				time.Sleep(test.at - s.Age())
				if access := mustToken(t, source); access != test.token {
					t.Errorf("at %s: %q, want %q", test.at, access, test.token)
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
			err := client.Begin(login(), source, 99).Do(t.Context(), transport.Request{Phase: transport.PhaseRead, Method: http.MethodGet, URL: login()}, read)
			if got := strings.Join(used, ","); err != nil || got != "Bearer t0ken-1,Bearer t0ken-1,Bearer t0ken-2" {
				t.Errorf("%v, sent %s", err, got)
			}
			wantRequests(t, s, 2)
		})
	})
	t.Run("a slow reply counts", func(t *testing.T) {
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
	// Whatever the server's clock says, and so this computer's does.
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

func read(r *transport.Response) error {
	_, err := io.Copy(io.Discard, r.Body)
	return err
}

// everybody calls get a hundred times at once and returns what came.
func everybody(get func() (string, error)) map[string]int {
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
				// The first who asks decides how the tenant is spelt.
				want := func(when, access string, requests int, got map[string]int) {
					t.Helper()
					if len(got) != 1 || got[access] != 100 {
						t.Errorf("%s: %v", when, got)
					}
					wantRequests(t, s, requests)
				}
				app.Tenant(tenant)
				want("cold", "t0ken-1", 1, everybody(get))
				want("warm", "t0ken-1", 1, everybody(get))
				time.Sleep(time.Hour)
				want("at expiry", "t0ken-2", 2, everybody(get))
				rejected := func(access string) func() (string, error) {
					return func() (string, error) {
						app.Tenant(tenant).Invalidate(access)
						return get()
					}
				}
				want("rejected", "t0ken-3", 3, everybody(rejected("t0ken-2")))
				want("rejected late", "t0ken-3", 3, everybody(rejected("t0ken-1")))
				want("rejected late, another", "t0ken-3", 3, everybody(rejected("t0ken-2")))
			})
		})
	}
	t.Run("over the network", func(t *testing.T) {
		t.Parallel()
		s := start(t, fakeapi.Options{TLS: true})
		source := network(t, s, time.Now())
		if got := everybody(func() (string, error) { return source.Token(t.Context()) }); len(got) != 1 {
			t.Errorf("%d different results", len(got))
		}
		wantForm(t, s.TokenRequests(), 1)
	})
	t.Run("a failure is everybody's", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := transporttest.NewScript(transporttest.After(time.Second, refuses(401, "invalid_client", 7000215)))
			source := application(s, login(), nil).Tenant(tenant)
			if got := everybody(func() (string, error) { return source.Token(t.Context()) }); len(got) != 1 {
				t.Errorf("got %v", got)
			}
			wantRequests(t, s, 1)
		})
	})
	t.Run("tenants have their own", func(t *testing.T) {
		t.Parallel()
		s := transporttest.NewScript(numbered(3599))
		app := application(s, login(), nil)
		if a, b := mustToken(t, app.Tenant(tenant)), mustToken(t, app.Tenant("other.test")); a == b || app.Tenant("OTHER.test") != app.Tenant("other.TEST") {
			t.Errorf("%q and %q", a, b)
		}
		if got := s.Requests(); len(got) != 2 || got[1].URL != "https://login.test/base/other.test/oauth2/token" {
			t.Errorf("sent %+v", got)
		}
	})
}

func TestFault_A10_Cancelled(t *testing.T) {
	t.Parallel()
	t.Run("one leaves, the others go on", func(t *testing.T) {
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
					if took := s.Age(); !errors.Is(err, context.Canceled) || access != "" || took != 3*time.Second {
						t.Errorf("the one that leaves: %q, %v after %s", access, err, took)
					}
				}
				if first {
					all.Go(leaver)
					synctest.Wait()
				}
				for range 10 {
					all.Go(func() {
						access, err := source.Token(t.Context())
						if took := s.Age(); access != "t0ken" || err != nil || took != 10*time.Second {
							t.Errorf("the others: %q, %v after %s", access, err, took)
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
			given := make(chan struct{})
			s := transporttest.NewScript(func(r *http.Request) (*http.Response, error) {
				defer close(given)
				return transporttest.Hang(r)
			}, grants("t0ken", 3599))
			source := application(s, login(), nil).Tenant(tenant)
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(3*time.Second, cancel)
			if got := everybody(func() (string, error) { return source.Token(ctx) }); got[context.Canceled.Error()] != 100 {
				t.Errorf("got %v", got)
			}
			<-given // the request was given up with the last of them
			if took := s.Age(); took != 3*time.Second {
				t.Errorf("given up after %s", took)
			}
			if access := mustToken(t, source); access != "t0ken" {
				t.Errorf("the next one: %q", access)
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
				t.Errorf("took %s", took)
			}
			wantRequests(t, s, 2)
		})
	})
	t.Run("nobody waits for ever", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := transporttest.NewScript(transporttest.Hang)
			source := application(s, login(), func(o *transport.Options) { o.MaxAttempts = 20 }).Tenant(tenant)
			_, err := source.Token(t.Context())
			e, ok := errors.AsType[*transport.Error](err)
			if took := s.Age(); !ok || e.Kind != transport.OutOfTime || e.Wait != 5*time.Minute || took != 5*time.Minute {
				t.Errorf("%v after %s", err, took)
			}
		})
	})
	t.Run("before it asks", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := transporttest.NewScript(numbered(3599))
			source := application(s, login(), nil).Tenant(tenant)
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if _, err := source.Token(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
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
		if access, err := source.Token(t.Context()); access == "" || err != nil {
			t.Errorf("the next one: %v", err)
		}
		wantForm(t, s.TokenRequests(), 2)
	})
}

func TestFault_A11_Redirect(t *testing.T) {
	t.Parallel()
	source, target := start(t, fakeapi.Options{TLS: true}), start(t, fakeapi.Options{TLS: true})
	want := 0
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, place := range []string{
			target.AuthorityHost() + "/" + tenant + "/oauth2/token",
			source.AuthorityHost() + "/other/oauth2/token",
			"http" + strings.TrimPrefix(target.AuthorityHost(), "https") + "/" + tenant + "/oauth2/token",
		} {
			want++
			source.Script(fakeapi.Token, fakeapi.RedirectTo(status, place))
			_, err := network(t, source, time.Now()).Token(t.Context())
			wantTransport(t, err, transport.Redirected, status, 1)
			wantForm(t, source.TokenRequests(), want)
		}
	}
	if got := target.Requests(); len(got) != 0 {
		t.Errorf("%d requests to the target, the first with %v %v", len(got), got[0].Header, got[0].Form)
	}
	for _, r := range source.Requests() {
		if r.Path != "/entra/"+tenant+"/oauth2/token" {
			t.Errorf("a request to %s", r.Path)
		}
	}
}
