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

// application signs in with what Options leave out: the values above.
func application(rt http.RoundTripper, authority *url.URL, change func(*transport.Options)) *entra.Application {
	o := transport.Options{Base: rt, UserAgent: "test/1", MaxAttempts: 3, AttemptTimeout: time.Minute}
	if change != nil {
		change(&o)
	}
	return entra.NewApplication(entra.Options{
		AuthorityHost: authority,
		ClientID:      clientID,
		ClientSecret:  secret,
		Audience:      entra.Resource(resource),
		Timeout:       5 * time.Minute,
		Client:        transport.New(o),
	})
}

func login() *url.URL { return &url.URL{Scheme: "https", Host: "login.test", Path: "/base"} }

// wantRequests checks how many there were and that each was the one request
// that there is.
func wantRequests(t *testing.T, s *transporttest.Script, n int) {
	t.Helper()
	seen := s.Requests()
	if len(seen) != n {
		t.Errorf("%d token requests, want %d", len(seen), n)
	}
	want := url.Values{"grant_type": {"client_credentials"}, "client_id": {clientID}, "client_secret": {secret}, "resource": {resource}}
	for _, r := range seen {
		form, err := url.ParseQuery(r.Body)
		if err != nil || form.Encode() != want.Encode() {
			t.Errorf("sent the form %q, %v, want %q", r.Body, err, want.Encode())
		}
		if address := "https://login.test/base/" + tenant + "/oauth2/token"; r.Method != http.MethodPost || r.URL != address {
			t.Errorf("sent %s %s, want POST %s", r.Method, r.URL, address)
		}
		if got := r.Header.Get("Content-Type"); got != "application/x-www-form-urlencoded" {
			t.Errorf("sent the Content-Type %q", got)
		}
		if got := r.Header.Get("Authorization"); got != "" {
			t.Errorf("sent the Authorization %q, want none", got)
		}
	}
}

// grants is a token that lives for so many seconds.
func grants(access string, seconds any) transporttest.Step {
	body, err := json.Marshal(map[string]any{"access_token": access, "token_type": "Bearer", "expires_in": seconds})
	if err != nil {
		panic(err)
	}
	return transporttest.Respond(http.StatusOK, string(body))
}

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

// quotesNothing looks for the secret, and for the tokens of these tests.
func quotesNothing(t *testing.T, err error) {
	t.Helper()
	transporttest.QuotesNothing(t, err, secret, "t0ken")
}

func wantRefused(t *testing.T, err error, want entra.Error) {
	t.Helper()
	e, ok := errors.AsType[*entra.Error](err)
	if !ok {
		t.Fatalf("got %v", err)
	}
	want.Tenant, want.ClientID = tenant, clientID
	want.Kind = cmp.Or(want.Kind, entra.Refused)
	if *e != want {
		t.Errorf("got %+v, want %+v", *e, want)
	}
	quotesNothing(t, err)
}

func wantTransport(t *testing.T, err error, kind transport.Kind, status, attempts int) {
	t.Helper()
	e, ok := errors.AsType[*transport.Error](err)
	if !ok || e.Kind != kind || e.Status != status || e.Attempts != attempts || e.Phase != transport.PhaseSignIn {
		t.Errorf("got %v, want %s, status %d, attempts %d", err, kind, status, attempts)
	}
	quotesNothing(t, err)
}

func start(t *testing.T, o fakeapi.Options) *fakeapi.Server {
	t.Helper()
	o.Alerts, o.TenantID, o.ClientID, o.ClientSecret, o.Resource = -1, tenant, clientID, secret, resource
	return transporttest.Start(t, o)
}

// network is an application that signs in at a fake, over a real connection.
func network(t *testing.T, s *fakeapi.Server, now time.Time) *entra.TokenSource {
	t.Helper()
	authority, err := transport.ParseAddress(s.AuthorityHost())
	if err != nil {
		t.Fatal(err)
	}
	rt := transporttest.Trust(t, transport.NewRoundTripper(), now, s.CAPEM())
	return application(rt, authority, nil).Tenant(tenant)
}

// wantForm checks requests that a fake recorded.
func wantForm(t *testing.T, requests []fakeapi.Request, n int) {
	t.Helper()
	if len(requests) != n {
		t.Errorf("%d token requests, want %d", len(requests), n)
	}
	for _, r := range requests {
		if r.Method != http.MethodPost || r.Form.Get("client_secret") != secret || r.Form.Get("client_id") != clientID || r.RawQuery != "" {
			t.Errorf("sent %s %v", r.Method, r.Form)
		}
	}
}

// token asks a new application for one token.
func token(ctx context.Context, s *transporttest.Script) (string, error) {
	return application(s, login(), nil).Tenant(tenant).Token(ctx)
}
