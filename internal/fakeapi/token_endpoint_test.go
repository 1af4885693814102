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

func TestTokenReply(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{Now: atNoon})
	got := postForm(t, s, strings.ToUpper(fakeapi.DefaultTenantID), goodForm())
	if got.StatusCode != http.StatusOK || got.Header.Get("Cache-Control") != "no-store" ||
		got.Header.Get("Content-Type") != "application/json; charset=utf-8" {
		t.Fatalf("status %d, header %v", got.StatusCode, got.Header)
	}
	before, access, _ := strings.Cut(got.body, `"access_token":"`)
	const want = `{"token_type":"Bearer","expires_in":"3599","ext_expires_in":"3599",` +
		`"expires_on":"1773147599","not_before":"1773143700","resource":"https://graph.windows.net",`
	if before != want {
		t.Errorf("got  %s\nwant %s", before, want)
	}
	if strings.Count(access, ".") != 2 || len(access) < 400 {
		t.Errorf("access token %q does not have the shape of a JSON Web Token", access)
	}
}

func TestTokenReplyNumeric(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{Now: atNoon, NumericTokenFields: true, TokenLifetime: 90500 * time.Millisecond})
	got := postForm(t, s, fakeapi.DefaultTenantID, goodForm())
	const want = `"expires_in":90,"ext_expires_in":90,"expires_on":1773144090,"not_before":1773143700,`
	if !strings.Contains(got.body, want) {
		t.Errorf("got %s, want it to have %s", got.body, want)
	}
}

func TestTokenErrors(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{Now: atNoon})
	const secret = "canary-Wrong~Secret+1"
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
		"wrong resource": {change: url.Values{"resource": {"https://graph.microsoft.com"}}, status: 400, error: "invalid_resource",
			text: "AADSTS500011: "},
		"other grant": {change: url.Values{"grant_type": {"password"}}, status: 400, error: "unsupported_grant_type",
			text: "AADSTS70003: "},
		"no grant_type": {change: url.Values{"grant_type": nil}, status: 400, error: "invalid_request",
			text: "AADSTS900144: The request body must contain the following parameter: 'grant_type'."},
		"no resource": {change: url.Values{"resource": nil}, status: 400, error: "invalid_request",
			text: "AADSTS900144: The request body must contain the following parameter: 'resource'."},
		"no client_id": {change: url.Values{"client_id": nil}, status: 400, error: "invalid_request",
			text: "AADSTS900144: The request body must contain the following parameter: 'client_id'."},
		"no client_secret": {change: url.Values{"client_secret": nil}, status: 400, error: "invalid_request",
			text: "AADSTS900144: The request body must contain the following parameter: 'client_secret'."},
		"a parameter twice": {change: url.Values{"client_secret": {secret, secret}}, status: 400, error: "invalid_request",
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
			if got.StatusCode != test.status || response.Error != test.error || !strings.HasPrefix(response.Description, test.text) {
				t.Errorf("status %d, error %q, description %q", got.StatusCode, response.Error, response.Description)
			}
			end := "\r\nTrace ID: " + response.Trace + "\r\nCorrelation ID: " + response.Correlation + "\r\nTimestamp: 2026-03-10 12:00:00Z"
			if !strings.HasSuffix(response.Description, end) || len(response.Trace) != 36 || response.Timestamp != "2026-03-10 12:00:00Z" {
				t.Errorf("description %q, want the end %q", response.Description, end)
			}
			if len(response.Codes) != 1 || !strings.Contains(response.URI, "/error?code=") {
				t.Errorf("codes %v, URI %q", response.Codes, response.URI)
			}
			if strings.Contains(got.body, "canary") || strings.Contains(got.body, "fake.Secret") {
				t.Errorf("the response echoes values of the request: %s", got.body)
			}
		})
	}
}

func TestTokenRequestForm(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{})
	address := s.AuthorityHost() + "/" + fakeapi.DefaultTenantID + "/oauth2/token"
	tests := map[string]struct {
		method, mediaType, body string
		status                  int
	}{
		"GET":           {http.MethodGet, "", "", 405},
		"JSON":          {http.MethodPost, "application/json", goodForm().Encode(), 400},
		"no media type": {http.MethodPost, "", goodForm().Encode(), 400},
		"charset":       {http.MethodPost, "application/x-www-form-urlencoded; charset=UTF-8", goodForm().Encode(), 200},
		"no form":       {http.MethodPost, "application/x-www-form-urlencoded", "%zz", 400},
		"huge":          {http.MethodPost, "application/x-www-form-urlencoded", strings.Repeat("a", 1<<20+1), 413},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := do(t, client(t, s), test.method, address, http.Header{"Content-Type": {test.mediaType}}, test.body)
			if got.err != nil || got.StatusCode != test.status {
				t.Errorf("got %v, %v, want %d", got.Response, got.err, test.status)
			}
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
		t.Error("two tokens are the same")
	}
	if again := sign(same); again != one {
		t.Error("the same seed gives another first token")
	}
	if sign(other) == one {
		t.Error("another seed gives the same token")
	}
}
