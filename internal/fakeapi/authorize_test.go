package fakeapi_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

// The pair in appendix B of RFC 7636.
const (
	verifier  = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
	challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
)

const (
	redirectAddress = "http://localhost:49152/signed-in"
	delegatedScope  = fakeapi.GraphResource + "/SecurityAlert.Read.All"
)

// A version is one of the two pairs of endpoints of Entra ID.
type version struct {
	name, path string // path ends with a slash
	parameter  string // names the resource
	value      string
}

var (
	v1 = version{"v1", "/oauth2/", "resource", fakeapi.DefaultResource}
	v2 = version{"v2", "/oauth2/v2.0/", "scope", delegatedScope + " offline_access"}
)

func (v version) query() url.Values {
	return url.Values{
		"client_id":             {fakeapi.DefaultClientID},
		"response_type":         {"code"},
		"redirect_uri":          {redirectAddress},
		"state":                 {"a state+with/=&?# é"},
		"code_challenge":        {challenge},
		"code_challenge_method": {"S256"},
		v.parameter:             {v.value},
	}
}

// changed returns the values after a change; a nil value removes the parameter.
func changed(values, change url.Values) url.Values {
	for key, value := range change {
		values[key] = value
		if value == nil {
			delete(values, key)
		}
	}
	return values
}

// authorizeAt sends a request to an authorization endpoint, as a browser.
func authorizeAt(t *testing.T, s *fakeapi.Server, tenant string, v version, query url.Values) received {
	t.Helper()
	address := s.AuthorityHost() + "/" + tenant + v.path + "authorize?" + query.Encode()
	return do(t, client(t, s), http.MethodGet, address, nil, "")
}

// redirected returns the address of a redirect, and its query.
func redirected(t *testing.T, got received) (*url.URL, url.Values) {
	t.Helper()
	wantStatus(t, "authorization request", got, http.StatusFound)
	to, err := url.Parse(got.Header.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	query, err := url.ParseQuery(to.RawQuery)
	if err != nil {
		t.Fatal(err)
	}
	return to, query
}

func TestAuthorize(t *testing.T) {
	t.Parallel()
	for _, v := range []version{v1, v2} {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, fakeapi.Options{})
			got := authorizeAt(t, s, fakeapi.DefaultTenantID, v, v.query())
			to, result := redirected(t, got)
			wantText(t, "Cache-Control", got.Header.Get("Cache-Control"), "no-store")
			wantText(t, "redirect address", to.Scheme+"://"+to.Host+to.Path, redirectAddress)
			wantText(t, "state", result.Get("state"), "a state+with/=&?# é")
			if len(result) != 3 || len(result.Get("code")) < 400 || len(result.Get("session_state")) != 36 {
				t.Errorf("redirect = %s, want a code, a state and a session_state", to)
			}
			_, again := redirected(t, authorizeAt(t, s, fakeapi.DefaultTenantID, v, v.query()))
			if again.Get("code") == result.Get("code") {
				t.Error("two codes are the same, want different ones")
			}
			requests := s.AuthorizeRequests()
			if len(requests) != 2 || len(s.TokenRequests()) != 0 {
				t.Fatalf("recorded = %d authorization and %d token requests, want 2 and 0", len(requests), len(s.TokenRequests()))
			}
			wantText(t, "recorded challenge", requests[0].Query.Get("code_challenge"), challenge)
			wantText(t, "recorded "+v.parameter, requests[0].Query.Get(v.parameter), v.value)
			if requests[0].Status != http.StatusFound {
				t.Errorf("recorded status = %d, want 302", requests[0].Status)
			}
		})
	}
}

func TestAuthorizeRedirectAddresses(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{})
	for _, test := range []struct{ address, want string }{ // want "": an error page
		{"http://localhost", "http://localhost/"},
		{"http://localhost:1", "http://localhost:1/"},
		{"http://localhost:1/", "http://localhost:1/"},
		{"http://127.0.0.1:65535/a/b", "http://127.0.0.1:65535/a/b"},
		{"https://localhost:1", ""},
		{"http://[::1]:1", ""},
		{"http://localhost.example.com", ""},
		{"http://localhost@example.com", ""},
		{"http://user@localhost", ""},
		{"http://localhost?x=1", ""},
		{"http://localhost/#x", ""},
		{"http:localhost", ""},
		{"http://localhost:x", ""},
		{"urn:ietf:wg:oauth:2.0:oob", ""},
	} {
		got := authorizeAt(t, s, fakeapi.DefaultTenantID, v1, changed(v1.query(), url.Values{"redirect_uri": {test.address}}))
		if test.want == "" {
			wantPage(t, test.address, got, 50011)
			continue
		}
		if to, _ := redirected(t, got); to.Scheme+"://"+to.Host+to.Path != test.want {
			t.Errorf("redirect to %s = %s, want %s", test.address, to, test.want)
		}
	}
}

// wantPage fails the test unless the response is an error page, not a redirect.
func wantPage(t *testing.T, request string, got received, code int) {
	t.Helper()
	wantStatus(t, request, got, http.StatusBadRequest)
	wantText(t, request+": Content-Type", got.Header.Get("Content-Type"), "text/html; charset=utf-8")
	wantText(t, request+": Location", got.Header.Get("Location"), "")
	wantCode(t, request, got.body, code)
}

func TestAuthorizePages(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{})
	for name, test := range map[string]struct {
		tenant string
		change url.Values
		code   int
	}{
		"unknown tenant":         {tenant: "0d3ad5b8-0000-4000-8000-5f0d7e1c9b42", code: 90002},
		"no client_id":           {change: url.Values{"client_id": nil}, code: 900144},
		"unknown application":    {change: url.Values{"client_id": {"canary"}}, code: 700016},
		"no redirect_uri":        {change: url.Values{"redirect_uri": nil}, code: 900971},
		"two redirect addresses": {change: url.Values{"redirect_uri": {redirectAddress, "http://canary"}}, code: 9000411},
		"another redirect_uri":   {change: url.Values{"redirect_uri": {"https://canary.example.com"}}, code: 50011},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tenant := test.tenant
			if tenant == "" {
				tenant = fakeapi.DefaultTenantID
			}
			got := authorizeAt(t, s, tenant, v2, changed(v2.query(), test.change))
			wantPage(t, name, got, test.code)
			if strings.Contains(got.body, "canary") {
				t.Errorf("body = %s, want no values of the request in it", got.body)
			}
		})
	}
	address := s.AuthorityHost() + "/" + fakeapi.DefaultTenantID + "/oauth2/authorize"
	wantStatus(t, "POST", do(t, client(t, s), http.MethodPost, address, nil, ""), http.StatusMethodNotAllowed)
}

func TestAuthorizeErrorsAreRedirected(t *testing.T) {
	t.Parallel()
	s, refusing := start(t, fakeapi.Options{Now: atNoon}), start(t, fakeapi.Options{Now: atNoon, RefuseConsent: true})
	for name, test := range map[string]struct {
		server  *fakeapi.Server
		version version
		change  url.Values
		error   string
		code    int
	}{
		"consent refused":             {refusing, v1, nil, "access_denied", 65004},
		"consent refused, v2":         {refusing, v2, nil, "access_denied", 65004},
		"consent refused, no scope":   {refusing, v2, url.Values{"scope": nil}, "invalid_request", 900144},
		"no response_type":            {s, v1, url.Values{"response_type": nil}, "invalid_request", 900144},
		"another response_type":       {s, v1, url.Values{"response_type": {"token"}}, "unsupported_response_type", 70005},
		"another response_mode":       {s, v1, url.Values{"response_mode": {"form_post"}}, "invalid_request", 70007},
		"no resource":                 {s, v1, url.Values{"resource": nil}, "invalid_request", 900144},
		"another resource":            {s, v1, url.Values{"resource": {"https://canary"}}, "invalid_resource", 500011},
		"scope, not resource":         {s, v1, url.Values{"resource": nil, "scope": {v2.value}}, "invalid_request", 900144},
		"resource, not scope":         {s, v2, url.Values{"scope": nil, "resource": {v1.value}}, "invalid_request", 900144},
		"a scope of another resource": {s, v2, url.Values{"scope": {"https://canary/.default"}}, "invalid_scope", 70011},
		"another permission":          {s, v2, url.Values{"scope": {delegatedScope + " https://graph.microsoft.com/Mail.Read"}}, "invalid_scope", 70011},
		"no permission":               {s, v2, url.Values{"scope": {"openid offline_access"}}, "invalid_scope", 70011},
		"no challenge":                {s, v2, url.Values{"code_challenge": nil}, "invalid_request", 900144},
		"short challenge":             {s, v2, url.Values{"code_challenge": {challenge[1:]}}, "invalid_request", 501491},
		"no challenge method":         {s, v2, url.Values{"code_challenge_method": nil}, "invalid_request", 900144},
		"plain challenge":             {s, v2, url.Values{"code_challenge_method": {"plain"}}, "invalid_request", 50149},
		"two challenges":              {s, v2, url.Values{"code_challenge": {challenge, challenge}}, "invalid_request", 9000411},
		"two response modes":          {s, v2, url.Values{"response_mode": {"query", "query"}}, "invalid_request", 9000411},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := authorizeAt(t, test.server, fakeapi.DefaultTenantID, test.version, changed(test.version.query(), test.change))
			to, result := redirected(t, got)
			wantText(t, "redirect address", to.Scheme+"://"+to.Host+to.Path, redirectAddress)
			wantText(t, "error", result.Get("error"), test.error)
			wantText(t, "state", result.Get("state"), "a state+with/=&?# é")
			wantText(t, "code", result.Get("code"), "")
			wantCode(t, name, result.Get("error_description"), test.code)
			if !strings.HasSuffix(result.Get("error_description"), "\r\nTimestamp: 2026-03-10 12:00:00Z") {
				t.Errorf("error_description = %q, want it to end with the time", result.Get("error_description"))
			}
			if strings.Contains(to.String(), "canary") {
				t.Errorf("redirect = %s, want no values of the request but the state", to)
			}
		})
	}
}

func TestAuthorizeAcceptsOptionalParameters(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{})
	for name, change := range map[string]url.Values{
		"response_mode": {"response_mode": {"query"}},
		"prompt":        {"prompt": {"select_account"}},
		"no state":      {"state": nil},
		"empty state":   {"state": {""}},
		"OpenID scopes": {"scope": {"openid profile email " + delegatedScope}},
		"default scope": {"scope": {fakeapi.GraphResource + "/.default offline_access"}},
	} {
		query := changed(v2.query(), change)
		_, result := redirected(t, authorizeAt(t, s, fakeapi.DefaultTenantID, v2, query))
		if result.Get("code") == "" || result.Get("state") != query.Get("state") || result.Has("state") != query.Has("state") {
			t.Errorf("%s: redirect with %v, want a code and the state of the request", name, result)
		}
	}
}

func TestAuthorizeScripts(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{})
	s.Script(fakeapi.Authorize, fakeapi.Reply(http.StatusTeapot, nil, ""))
	s.Script(fakeapi.AuthorizeV2, fakeapi.Reply(http.StatusServiceUnavailable, nil, ""))
	wantStatus(t, "v1", authorizeAt(t, s, fakeapi.DefaultTenantID, v1, v1.query()), http.StatusTeapot)
	wantStatus(t, "v2", authorizeAt(t, s, fakeapi.DefaultTenantID, v2, v2.query()), http.StatusServiceUnavailable)
	wantStatus(t, "v2 after the script", authorizeAt(t, s, fakeapi.DefaultTenantID, v2, v2.query()), http.StatusFound)
}
