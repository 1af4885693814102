package entra

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// responding returns a client to which every response is these bytes.
func responding(status int, body string) *transport.Client {
	return transport.New(transport.Options{
		Base: roundTrip(func(r *http.Request) (*http.Response, error) {
			return &http.Response{
				StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Request: r,
				Body: io.NopCloser(strings.NewReader(body)),
			}, nil
		}),
		MaxAttempts: 1, AttemptTimeout: time.Minute,
	})
}

// acquireFrom signs in at an endpoint that responds with these bytes.
func acquireFrom(ctx context.Context, status int, body string) (token, error) {
	return acquirer(Options{
		AuthorityHost: &url.URL{Scheme: "https", Host: "login.test"},
		ClientID:      "client", Credential: Secret("s3cr3t"), Audience: Resource("resource"), Client: responding(status, body),
	}, "tenant")(ctx)
}

// TestTokenResponse has what the fault tests do not.
func TestTokenResponse(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		body  string
		want  string // the token
		field string
	}{
		"as Entra ID sends it": {`{"token_type":"Bearer","expires_in":"3599","ext_expires_in":"3599","expires_on":"1","not_before":"1",` +
			`"resource":"https://graph.windows.net","access_token":"abc"}`, "abc", ""},
		"as the page prints it": {`{"token_type":"Bearer","expires_in":3599,"access_token":"abc"}`, "abc", ""},
		"unknown members":       {`{"token_type":"Bearer","x":{"access_token":"no"},"y":[null],"access_token":"abc","ACCESS":1}`, "abc", ""},
		"keys by escape":        {`{"token\u005ftype":"Bearer","access_toke\u006e":"abc"}`, "abc", ""},
		"for a year":            {`{"token_type":"Bearer","expires_in":31536000,"access_token":"abc"}`, "abc", ""},
		"error in other case":   {`{"Error":"x","token_type":"Bearer","access_token":"abc"}`, "", "error"},
		"everything wrong":      {`{"token_type":"x","access_token":"","expires_in":0}`, "", "token_type"},
		"empty object":          {`{}`, "", "token_type"},
		"number":                {`1`, "", ""},
		"unfinished string":     {`{"access_token":"abc`, "", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := acquireFrom(t.Context(), http.StatusOK, test.body)
			if test.want != "" {
				if got.value != test.want || err != nil {
					t.Errorf("acquire from %s = %q, %v, want %q", test.body, got.value, err, test.want)
				}
				return
			}
			if got.value != "" {
				t.Errorf("acquire from %s = %q, want no token", test.body, got.value)
			}
			e, ok := errors.AsType[*Error](err)
			if !ok {
				t.Fatalf("acquire from %s fails with %v, want an *Error", test.body, err)
			}
			if e.Kind != Unusable {
				t.Errorf("Kind = %q, want %q", e.Kind, Unusable)
			}
			if e.Field != test.field {
				t.Errorf("Field = %q, want %q", e.Field, test.field)
			}
		})
	}
}

func TestRefusal(t *testing.T) {
	t.Parallel()
	const id = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"
	for name, test := range map[string]struct {
		body string
		want Error
	}{
		"complete": {
			`{"error":"invalid_client","error_codes":[7000215,1],"trace_id":"` + id + `"}`,
			Error{Code: "invalid_client", STS: 7000215, RequestID: id},
		},
		"codes only":           {`{"error":"","error_codes":[50196]}`, Error{STS: 50196}},
		"code of other text":   {`{"error":"Invalid client: s3cr3t","error_codes":[1]}`, Error{STS: 1}},
		"long code":            {`{"error":"` + strings.Repeat("a", 41) + `"}`, Error{}},
		"code with a newline":  {`{"error":"invalid_client\n"}`, Error{}},
		"code as an object":    {`{"error":{"code":"x","message":"s3cr3t"}}`, Error{}},
		"trace that is no ID":  {`{"error":"a","trace_id":"s3cr3t"}`, Error{Code: "a"}},
		"trace with a newline": {`{"error":"a","trace_id":"` + id + `\n::error::"}`, Error{Code: "a"}},
		"codes as text":        {`{"error":"a","error_codes":["7000215"]}`, Error{Code: "a"}},
		"codes as a number":    {`{"error":"a","error_codes":7000215}`, Error{Code: "a"}},
		"no codes":             {`{"error":"a","error_codes":[]}`, Error{Code: "a"}},
		"null codes":           {`{"error":"a","error_codes":null}`, Error{Code: "a"}},
		"fraction":             {`{"error":"a","error_codes":[1.5]}`, Error{Code: "a"}},
		"negative":             {`{"error":"a","error_codes":[-1]}`, Error{Code: "a"}},
		"too large":            {`{"error":"a","error_codes":[99999999999999999999]}`, Error{Code: "a"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := test.want
			want.Kind, want.Tenant, want.ClientID, want.Credential, want.Status = Refused, "tenant", "client", ClientSecret, 400
			_, err := acquireFrom(t.Context(), http.StatusBadRequest, test.body)
			e, ok := errors.AsType[*Error](err)
			if !ok {
				t.Fatalf("acquire from %s fails with %v, want an *Error", test.body, err)
			}
			if *e != want {
				t.Errorf("acquire from %s fails with %+v, want %+v", test.body, *e, want)
			}
			if strings.Contains(err.Error(), "s3cr3t") {
				t.Errorf("acquire from %s fails with %v, want no secret in it", test.body, err)
			}
		})
	}
	for name, body := range map[string]string{
		"gateway's page": "<html>", "empty": "", "no error": `{"message":"x"}`, "truncated": `{"error":"invalid_client"`,
		"twice": `{"error":"a","error":"b"}`, "array": `["error"]`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := acquireFrom(t.Context(), http.StatusBadRequest, body)
			e, ok := errors.AsType[*transport.Error](err)
			if !ok {
				t.Fatalf("acquire from %s fails with %v, want a *transport.Error", body, err)
			}
			if e.Kind != transport.Status {
				t.Errorf("Kind = %q, want %q", e.Kind, transport.Status)
			}
			if e.Status != 400 {
				t.Errorf("Status = %d, want 400", e.Status)
			}
			if _, ok := errors.AsType[*Error](err); ok {
				t.Errorf("acquire from %s fails with %v, want no *Error in it", body, err)
			}
		})
	}
}

// x/oauth2 reads the bytes of the service, and the transport is stateless.
func TestTransportPassesTheBytesOn(t *testing.T) {
	t.Parallel()
	const body = ` {"token_type":"Bearer","access_token":"abc","refresh_token":"def"}` + "\n"
	exchange := &tokenTransport{
		&signIn{client: responding(http.StatusOK, "\uFEFF"+body), authority: &url.URL{Scheme: "https", Host: "login.test"}},
		func(context.Context, *signIn) (url.Values, error) { return nil, nil },
	}
	for range 2 {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://login.test/tenant", strings.NewReader("a=b"))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := exchange.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil {
			t.Errorf("ReadAll(body) = %v, want nil", err)
		}
		if string(text) != body {
			t.Errorf("body = %q, want %q", text, body)
		}
		if got := resp.Header.Get("Content-Type"); got != "application/json" {
			t.Errorf("Content-Type = %q, want application/json", got)
		}
	}
}

// An acquisition that runs out of time fails with another error than one that is
// cancelled.
func TestAcquisitionEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := transport.WithTimeout(t.Context(), time.Nanosecond, "")
	defer cancel()
	<-ctx.Done()
	_, err := acquireFrom(ctx, http.StatusOK, "{}")
	late, ok := errors.AsType[*transport.Error](err)
	if !ok {
		t.Fatalf("acquire after the timeout fails with %v, want a *transport.Error", err)
	}
	if late.Kind != transport.OutOfTime {
		t.Errorf("Kind = %q, want %q", late.Kind, transport.OutOfTime)
	}
	if late.Wait != time.Nanosecond {
		t.Errorf("Wait = %s, want 1ns", late.Wait)
	}
	if late.Host != "login.test" {
		t.Errorf("Host = %q, want login.test", late.Host)
	}
	ctx, cancel = context.WithCancel(t.Context())
	cancel()
	if _, err := acquireFrom(ctx, http.StatusOK, "{}"); !errors.Is(err, context.Canceled) {
		t.Errorf("acquire after cancel fails with %v, want %v", err, context.Canceled)
	}
	// Errors of x/oauth2 itself are not returned.
	exchange := &tokenTransport{signIn: &signIn{authority: &url.URL{Host: "login.test"}, known: Error{Tenant: "tenant"}}}
	for name, err := range map[string]error{
		"its own":          errors.New("oauth2: cannot parse json: s3cr3t"),
		"net/http's":       &url.Error{Op: "Post", URL: "https://s3cr3t", Err: errors.New("s3cr3t")},
		"another deadline": context.DeadlineExceeded,
	} {
		got := exchange.cause(t.Context(), err)
		if e, ok := errors.AsType[*Error](got); !ok || *e != (Error{Kind: Unusable, Tenant: "tenant"}) {
			t.Errorf("%s: cause(%v) = %v, want %s", name, err, got, Unusable)
		}
	}
	if got := exchange.cause(ctx, context.DeadlineExceeded); !errors.Is(got, context.Canceled) {
		t.Errorf("cause() of a cancelled acquisition = %v, want %v", got, context.Canceled)
	}
}

func TestTokensExpireByTheMonotonicClock(t *testing.T) {
	t.Parallel()
	got, err := acquireFrom(t.Context(), http.StatusOK, `{"token_type":"Bearer","access_token":"abc","expires_in":"3599"}`)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []time.Time{got.expires, got.renew} {
		if !strings.Contains(at.String(), " m=+") {
			t.Errorf("time of a token = %s, want a monotonic reading", at)
		}
	}
}

// The value of a panic could hold a secret.
func TestPanicsAreErrors(t *testing.T) {
	t.Parallel()
	s := &TokenSource{timeout: time.Minute, acquire: func(context.Context) (token, error) { panic("s3cr3t") }}
	access, err := s.Token(t.Context())
	if !errors.Is(err, errPanic) {
		t.Fatalf("Token() fails with %v, want %v", err, errPanic)
	}
	if access != "" {
		t.Errorf("Token() = %q, want no token", access)
	}
	if strings.Contains(err.Error(), "s3cr3t") {
		t.Errorf("Token() fails with %v, want no value of the panic in it", err)
	}
	s.acquire = func(context.Context) (token, error) { return newToken("abc", time.Now(), time.Hour), nil }
	if access, err := s.Token(t.Context()); access != "abc" || err != nil {
		t.Errorf("Token() after a panic = %q, %v, want abc", access, err)
	}
}

// FuzzTokenResponse holds that every response of a token endpoint is a token that
// a header can hold and that expires within a year, or an error that quotes
// nothing of it.
func FuzzTokenResponse(f *testing.F) {
	for _, body := range []string{
		`{"token_type":"Bearer","expires_in":"3599","ext_expires_in":"3599","expires_on":"1","resource":"r","access_token":"qzqzqz"}`,
		`{"token_type":"Bearer","expires_in":3599,"access_token":"qzqzqz"}`,
		`{"token_type":"bearer","access_token":"qzqzqz"}`,
		`{"token_type":"Bearer","expires_in":1e99,"access_token":"qzqzqz\r\n"}`,
		`{"error":"invalid_client","error_description":"AADSTS7000215: qzqzqz","error_codes":[7000215],"trace_id":"0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"}`,
		`{"error":"qzqzqz","error_codes":[90033]}`,
		"\uFEFF{}", "null", "[]", "{", `{"a":1,"a":2}`, `{"access_token":"qzqzqz","Access_Token":"b"}`, "<html>qzqzqz", "\xff\xfe{\x00",
	} {
		f.Add(200, body)
		f.Add(400, body)
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		if status < 200 || status > 599 {
			status = 200
		}
		got, err := acquireFrom(t.Context(), status, body)
		if err != nil {
			if got != (token{}) {
				t.Fatalf("acquire = %q and the error %v, want no token", got.value, err)
			}
			code := ""
			if e, ok := errors.AsType[*Error](err); ok {
				code = e.Code + e.RequestID
				if code != "" && !codePattern.MatchString(e.Code) && !transport.IsGUID(e.RequestID) {
					t.Fatalf("Code = %q, RequestID = %q, want a code or a GUID", e.Code, e.RequestID)
				}
			}
			if strings.Contains(err.Error(), "qzqzqz") && code == "" {
				t.Fatalf("acquire fails with %v, want nothing of the response in it", err)
			}
			if strings.Contains(err.Error(), "s3cr3t") {
				t.Fatalf("acquire fails with %v, want no secret in it", err)
			}
			return
		}
		if status != 200 {
			t.Fatalf("acquire from status %d = %q, want an error", status, got.value)
		}
		if !isToken(got.value) {
			t.Fatalf("acquire = %q, want a token that a header can hold", got.value)
		}
		left := time.Until(got.expires)
		if left <= 0 && got.expires.Sub(got.renew) > time.Second {
			t.Fatalf("token expires in %s, want a positive time", left)
		}
		if left > maxLifetime {
			t.Fatalf("token expires in %s, want at most %s", left, maxLifetime)
		}
		if got.renew.After(got.expires) {
			t.Fatalf("token is renewed at %s, want not after %s", got.renew, got.expires)
		}
		// encoding/json accepts more, but must read the same token.
		var fields struct {
			AccessToken string `json:"access_token"`
		}
		if err := json.Unmarshal([]byte(strings.TrimPrefix(body, "\uFEFF")), &fields); err != nil || fields.AccessToken != got.value {
			t.Fatalf("acquire = %q, want what encoding/json reads, %q, %v", got.value, fields.AccessToken, err)
		}
	})
}
