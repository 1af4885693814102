package fakeapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

// wantCode fails the test unless a text contains this AADSTS code.
func wantCode(t *testing.T, request, text string, code int) {
	t.Helper()
	if want := fmt.Sprintf("AADSTS%d: ", code); !strings.Contains(text, want) {
		t.Errorf("%s: %q, want it to contain %q", request, text, want)
	}
}

// postToken sends a request to the token endpoint of a version.
func postToken(t *testing.T, s *fakeapi.Server, tenant string, v version, form url.Values) received {
	t.Helper()
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	return do(t, client(t, s), http.MethodPost, s.AuthorityHost()+"/"+tenant+v.path+"token", header, form.Encode())
}

// newCode signs in at the authorization endpoint of a version.
func newCode(t *testing.T, s *fakeapi.Server, v version) string {
	t.Helper()
	_, result := redirected(t, authorizeAt(t, s, fakeapi.DefaultTenantID, v, v.query()))
	if result.Get("code") == "" {
		t.Fatalf("redirect with %v, want a code", result)
	}
	return result.Get("code")
}

func codeForm(v version, code string) url.Values {
	return url.Values{
		"grant_type":    {"authorization_code"},
		"client_id":     {fakeapi.DefaultClientID},
		"client_secret": {fakeapi.DefaultClientSecret},
		"code":          {code},
		"code_verifier": {verifier},
		"redirect_uri":  {redirectAddress},
		v.parameter:     {v.value},
	}
}

func refreshForm(v version, token string) url.Values {
	return url.Values{
		"grant_type":    {"refresh_token"},
		"client_id":     {fakeapi.DefaultClientID},
		"client_secret": {fakeapi.DefaultClientSecret},
		"refresh_token": {token},
		v.parameter:     {v.value},
	}
}

// granted is a token response for a person.
type granted struct {
	TokenType string          `json:"token_type"`
	ExpiresIn json.RawMessage `json:"expires_in"`
	Access    string          `json:"access_token"`
	Scope     string          `json:"scope"`
	Refresh   string          `json:"refresh_token"`
}

func wantGranted(t *testing.T, request string, got received) granted {
	t.Helper()
	wantStatus(t, request, got, http.StatusOK)
	var g granted
	if err := json.Unmarshal([]byte(got.body), &g); err != nil || g.Access == "" || g.TokenType != "Bearer" {
		t.Fatalf("%s: body = %s, %v, want an access token", request, got.body, err)
	}
	wantText(t, request+": Cache-Control", got.Header.Get("Cache-Control"), "no-store")
	return g
}

// wantRefused fails the test unless a token response is this error.
func wantRefused(t *testing.T, request string, got received, status int, name string, want int) {
	t.Helper()
	wantStatus(t, request, got, status)
	if got := code(t, got); got != want {
		t.Errorf("%s: AADSTS code = %d, want %d", request, got, want)
	}
	if !strings.HasPrefix(got.body, `{"error":"`+name+`",`) {
		t.Errorf("%s: body = %s, want error %s", request, got.body, name)
	}
}

// wantAccess fails the test unless the API of a version accepts an access token, and
// the other refuses it.
func wantAccess(t *testing.T, s *fakeapi.Server, v version, access string) {
	t.Helper()
	header := http.Header{"Authorization": {"Bearer " + access}}
	siem, graph := http.StatusOK, http.StatusUnauthorized
	if v == v2 {
		siem, graph = graph, siem
	}
	get := func(address string) received { return do(t, client(t, s), http.MethodGet, address, header, "") }
	wantStatus(t, "SIEM API, "+v.name, get(s.SIEMEndpoint()+"/api/alerts"), siem)
	wantStatus(t, "Graph, "+v.name, get(s.GraphEndpoint()+"/v1.0/security/alerts_v2"), graph)
}
