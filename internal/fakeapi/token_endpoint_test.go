package fakeapi_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

func TestTokenResponse(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{Now: atNoon})
	got := postForm(t, s, strings.ToUpper(fakeapi.DefaultTenantID), goodForm())
	wantStatus(t, "token request", got, http.StatusOK)
	wantText(t, "Cache-Control", got.Header.Get("Cache-Control"), "no-store")
	wantText(t, "Content-Type", got.Header.Get("Content-Type"), "application/json; charset=utf-8")
	before, access, _ := strings.Cut(got.body, `"access_token":"`)
	const want = `{"token_type":"Bearer","expires_in":"3599","ext_expires_in":"3599",` +
		`"expires_on":"1773147599","not_before":"1773143700","resource":"https://graph.windows.net",`
	wantText(t, "body before the access token", before, want)
	if strings.Count(access, ".") != 2 {
		t.Errorf("access token = %q, want the three parts of a JSON Web Token", access)
	}
	if len(access) < 400 {
		t.Errorf("access token = %q, want at least 400 characters", access)
	}
}

func TestTokenLifetimeInWholeSeconds(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{Now: atNoon, TokenLifetime: 90500 * time.Millisecond})
	got := postForm(t, s, fakeapi.DefaultTenantID, goodForm())
	const want = `"expires_in":"90","ext_expires_in":"90","expires_on":"1773144090","not_before":"1773143700",`
	if !strings.Contains(got.body, want) {
		t.Errorf("body = %s, want it to contain %s", got.body, want)
	}
}

func TestTokenErrors(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{Now: atNoon})
	const secret = "canary-Wrong~Secret+1"
	missing := func(parameter string) string {
		return "AADSTS900144: The request body must contain the following parameter: '" + parameter + "'."
	}
	tests := map[string]struct {
		tenant string
		change url.Values // nil value: the parameter is omitted
		status int
		error  string
		text   string // start of error_description
	}{
		"wrong secret": {change: url.Values{"client_secret": {secret}}, status: 401, error: "invalid_client",
			text: "AADSTS7000215: Invalid client secret provided."},
		"unknown application": {change: url.Values{"client_id": {secret}}, status: 400, error: "unauthorized_client",
			text: "AADSTS700016: "},
		"unknown tenant": {tenant: "0d3ad5b8-0000-4000-8000-5f0d7e1c9b42", status: 400, error: "invalid_request",
			text: "AADSTS90002: "},
		"wrong resource": {change: url.Values{"resource": {"https://graph.microsoft.com"}}, status: 400,
			error: "invalid_resource", text: "AADSTS500011: "},
		"other grant": {change: url.Values{"grant_type": {"password"}}, status: 400, error: "unsupported_grant_type",
			text: "AADSTS70003: "},
		"no grant_type": {change: url.Values{"grant_type": nil}, status: 400, error: "invalid_request",
			text: missing("grant_type")},
		"no resource": {change: url.Values{"resource": nil}, status: 400, error: "invalid_request",
			text: missing("resource")},
		"no client_id": {change: url.Values{"client_id": nil}, status: 400, error: "invalid_request",
			text: missing("client_id")},
		"no client_secret": {change: url.Values{"client_secret": nil}, status: 400, error: "invalid_request",
			text: missing("client_secret")},
		"a duplicate parameter": {change: url.Values{"client_secret": {secret, secret}}, status: 400, error: "invalid_request",
			text: "AADSTS9000411: "},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			form := goodForm()
			for key, value := range test.change {
				form[key] = value
			}
			tenant := test.tenant
			if tenant == "" {
				tenant = fakeapi.DefaultTenantID
			}
			got := postForm(t, s, tenant, form)
			var response struct {
				Error       string `json:"error"`
				Description string `json:"error_description"`
				Codes       []int  `json:"error_codes"`
				Timestamp   string `json:"timestamp"`
				Trace       string `json:"trace_id"`
				Correlation string `json:"correlation_id"`
				URI         string `json:"error_uri"`
			}
			if err := json.Unmarshal([]byte(got.body), &response); err != nil {
				t.Fatal(err)
			}
			wantStatus(t, name, got, test.status)
			wantText(t, "error", response.Error, test.error)
			if !strings.HasPrefix(response.Description, test.text) {
				t.Errorf("error_description = %q, want it to start with %q", response.Description, test.text)
			}
			const now = "2026-03-10 12:00:00Z"
			end := "\r\nTrace ID: " + response.Trace + "\r\nCorrelation ID: " + response.Correlation + "\r\nTimestamp: " + now
			if !strings.HasSuffix(response.Description, end) {
				t.Errorf("error_description = %q, want it to end with %q", response.Description, end)
			}
			if len(response.Trace) != 36 {
				t.Errorf("trace_id = %q, want 36 characters", response.Trace)
			}
			wantText(t, "timestamp", response.Timestamp, now)
			if len(response.Codes) != 1 {
				t.Errorf("error_codes = %v, want one", response.Codes)
			}
			if !strings.Contains(response.URI, "/error?code=") {
				t.Errorf("error_uri = %q, want it to contain /error?code=", response.URI)
			}
			if strings.Contains(got.body, "canary") || strings.Contains(got.body, "fake.Secret") {
				t.Errorf("body = %s, want no values of the request in it", got.body)
			}
		})
	}
}

func TestTokenRequestForm(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{})
	address := s.AuthorityHost() + "/" + fakeapi.DefaultTenantID + "/oauth2/token"
	const form = "application/x-www-form-urlencoded"
	tests := map[string]struct {
		method, mediaType, body string
		status                  int
	}{
		"GET":           {http.MethodGet, "", "", 405},
		"JSON":          {http.MethodPost, "application/json", goodForm().Encode(), 400},
		"no media type": {http.MethodPost, "", goodForm().Encode(), 400},
		"charset":       {http.MethodPost, form + "; charset=UTF-8", goodForm().Encode(), 200},
		"not a form":    {http.MethodPost, form, "%zz", 400},
		"huge":          {http.MethodPost, form, strings.Repeat("a", 1<<20+1), 413},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := do(t, client(t, s), test.method, address, http.Header{"Content-Type": {test.mediaType}}, test.body)
			wantStatus(t, name, got, test.status)
		})
	}
}

func TestTokensDifferAndDependOnTheSeed(t *testing.T) {
	t.Parallel()
	first, same := start(t, fakeapi.Options{}), start(t, fakeapi.Options{Seed: 1})
	other := start(t, fakeapi.Options{Seed: 2})
	sign := func(s *fakeapi.Server) string {
		return signIn(t, s, fakeapi.DefaultTenantID).Get("Authorization")
	}
	one, two := sign(first), sign(first)
	if one == two {
		t.Error("two tokens of a server are the same, want different ones")
	}
	if again := sign(same); again != one {
		t.Error("the first tokens of one seed differ, want the same")
	}
	if sign(other) == one {
		t.Error("the first tokens of two seeds are the same, want different ones")
	}
}
