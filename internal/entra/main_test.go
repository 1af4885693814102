package entra_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/entra"
	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport/transporttest"
)

func TestMain(m *testing.M) { transporttest.Main(m) }

const (
	tenant   = "3b0c6a52-9d41-4f7e-8a15-c27e90d4f316"
	clientID = "e81f2d07-54ab-4c36-b9e0-6f13a8752c4d"
	secret   = "s3cr3t~C4nary/+="
	resource = "https://graph.windows.net"
	traceID  = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"
)

// application returns an application with the values above and these options.
func application(rt http.RoundTripper, authority *url.URL, change func(*transport.Options)) *entra.Application {
	o := transport.Options{Base: rt, UserAgent: "test/1", MaxAttempts: 3, AttemptTimeout: time.Minute}
	if change != nil {
		change(&o)
	}
	return entra.NewApplication(entra.Options{
		AuthorityHost: authority,
		ClientID:      clientID,
		Credential:    entra.Secret(secret),
		Audience:      entra.Resource(resource),
		Timeout:       5 * time.Minute,
		Client:        transport.New(o),
	})
}

func login() *url.URL { return &url.URL{Scheme: "https", Host: "login.test", Path: "/base"} }

// wantRequests fails the test unless this many requests were sent, each with the
// values above.
func wantRequests(t *testing.T, s *transporttest.Script, n int) {
	t.Helper()
	seen := s.Requests()
	if len(seen) != n {
		t.Errorf("token requests sent = %d, want %d", len(seen), n)
	}
	address := "https://login.test/base/" + tenant + "/oauth2/token"
	want := url.Values{"grant_type": {"client_credentials"}, "client_id": {clientID}, "client_secret": {secret}, "resource": {resource}}
	for _, r := range seen {
		form, err := url.ParseQuery(r.Body)
		if err != nil {
			t.Errorf("ParseQuery(%q) = %v, want nil", r.Body, err)
		}
		if form.Encode() != want.Encode() {
			t.Errorf("form sent = %q, want %q", r.Body, want.Encode())
		}
		if got, want := r.Method+" "+r.URL, "POST "+address; got != want {
			t.Errorf("request = %s, want %s", got, want)
		}
		if got, want := r.Header.Get("Content-Type"), "application/x-www-form-urlencoded"; got != want {
			t.Errorf("Content-Type = %q, want %q", got, want)
		}
		if got := r.Header.Get("Authorization"); got != "" {
			t.Errorf("Authorization = %q, want none", got)
		}
	}
}

// grants returns a step that issues a token with this lifetime in seconds.
func grants(access string, seconds any) transporttest.Step {
	body, err := json.Marshal(map[string]any{"access_token": access, "token_type": "Bearer", "expires_in": seconds})
	if err != nil {
		panic(err)
	}
	return transporttest.Respond(http.StatusOK, string(body))
}

// refuses returns a step with an error of Entra ID that quotes the secret.
func refuses(status int, name string, codes ...int) transporttest.Step {
	if codes == nil {
		codes = []int{}
	}
	body, err := json.Marshal(map[string]any{
		"error": name, "error_codes": codes, "trace_id": traceID,
		"error_description": fmt.Sprintf("AADSTS%d: %s\r\nTrace ID: %s", codes, strings.Join(transporttest.Forms(secret), " "), traceID),
	})
	if err != nil {
		panic(err)
	}
	return transporttest.Respond(status, string(body))
}

// quotesNothing fails the test if an error contains the secret or a token.
func quotesNothing(t *testing.T, err error) {
	t.Helper()
	transporttest.QuotesNothing(t, err, secret, "t0ken")
}

// wantToken fails the test unless Token returned this token.
func wantToken(t *testing.T, access string, err error, want string) {
	t.Helper()
	if err != nil {
		t.Errorf("Token() fails with %v, want the token %q", err, want)
	}
	if access != want {
		t.Errorf("Token() = %q, want %q", access, want)
	}
}

// wantAnyToken fails the test unless Token returned a token.
func wantAnyToken(t *testing.T, access string, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("Token() fails with %v, want a token", err)
	}
	if access == "" {
		t.Error("Token() is empty, want a token")
	}
}

// wantRefused fails the test unless err is this error of the application above;
// without a Kind it is Refused.
func wantRefused(t *testing.T, err error, want entra.Error) {
	t.Helper()
	e, ok := errors.AsType[*entra.Error](err)
	if !ok {
		t.Fatalf("error = %v, want an *entra.Error", err)
	}
	want.Tenant, want.ClientID, want.Credential = tenant, clientID, entra.ClientSecret
	want.Kind = cmp.Or(want.Kind, entra.Refused)
	if *e != want {
		t.Errorf("error = %+v, want %+v", *e, want)
	}
	quotesNothing(t, err)
}

// wantTransport fails the test unless err is a [*transport.Error] of a sign-in.
func wantTransport(t *testing.T, err error, kind transport.Kind, status, attempts int) {
	t.Helper()
	e, ok := errors.AsType[*transport.Error](err)
	if !ok {
		t.Fatalf("error = %v, want a *transport.Error", err)
	}
	if e.Kind != kind {
		t.Errorf("Kind = %q, want %q", e.Kind, kind)
	}
	if e.Status != status {
		t.Errorf("Status = %d, want %d", e.Status, status)
	}
	if e.Attempts != attempts {
		t.Errorf("Attempts = %d, want %d", e.Attempts, attempts)
	}
	if e.Phase != transport.PhaseSignIn {
		t.Errorf("Phase = %q, want %q", e.Phase, transport.PhaseSignIn)
	}
	quotesNothing(t, err)
}

// start starts a fake that knows the application above.
func start(t *testing.T, o fakeapi.Options) *fakeapi.Server {
	t.Helper()
	o.Alerts, o.TenantID, o.ClientID, o.ClientSecret, o.Resource = -1, tenant, clientID, secret, resource
	return transporttest.Start(t, o)
}

// network returns a token source that signs in at a fake, over a real connection.
func network(t *testing.T, s *fakeapi.Server, now time.Time) *entra.TokenSource {
	t.Helper()
	authority, err := transport.ParseAddress(s.AuthorityHost())
	if err != nil {
		t.Fatal(err)
	}
	rt := transporttest.Trust(t, transport.NewRoundTripper(nil), now, s.CAPEM())
	return application(rt, authority, nil).Tenant(tenant)
}

// wantForms fails the test unless a fake recorded this many token requests, each
// with the values above.
func wantForms(t *testing.T, requests []fakeapi.Request, n int) {
	t.Helper()
	if len(requests) != n {
		t.Errorf("token requests received = %d, want %d", len(requests), n)
	}
	for _, r := range requests {
		if r.Method != http.MethodPost {
			t.Errorf("method = %s, want POST", r.Method)
		}
		if got := r.Form.Get("client_id"); got != clientID {
			t.Errorf("client_id = %q, want %q", got, clientID)
		}
		if got := r.Form.Get("client_secret"); got != secret {
			t.Errorf("client_secret = %q, want %q", got, secret)
		}
		if r.RawQuery != "" {
			t.Errorf("query = %q, want none", r.RawQuery)
		}
	}
}

// token returns the token of a new application.
func token(ctx context.Context, s *transporttest.Script) (string, error) {
	return application(s, login(), nil).Tenant(tenant).Token(ctx)
}
