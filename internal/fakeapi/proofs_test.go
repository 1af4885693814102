package fakeapi_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

// code returns the AADSTS code of a token response, 0 for a token.
func code(t *testing.T, got received) int {
	t.Helper()
	var body struct {
		Codes       []int  `json:"error_codes"`
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(got.body), &body); err != nil {
		t.Fatalf("body = %q: %v", got.body, err)
	}
	if (len(body.Codes) == 1) == (body.AccessToken != "") {
		t.Fatalf("body = %q, want a token or an error", got.body)
	}
	if len(body.Codes) == 0 {
		return 0
	}
	return body.Codes[0]
}

// withAssertion returns a form with an assertion in place of the secret.
func withAssertion(text string) url.Values {
	form := goodForm()
	form.Del("client_secret")
	form.Set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
	form.Set("client_assertion", text)
	return form
}

func TestSignedAssertions(t *testing.T) {
	t.Parallel()
	own, err := fakeapi.NewClientCertificate(time.Now(), time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	other, err := fakeapi.NewClientCertificate(time.Now(), time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, fakeapi.Options{})
	s.RegisterCertificate(own.Certificate)
	endpoint := s.AuthorityHost() + "/" + fakeapi.DefaultTenantID + "/oauth2/token"
	now, n := time.Now().Unix(), 0
	sign := func(by *fakeapi.ClientCertificate, method jwt.SigningMethod, named *fakeapi.ClientCertificate, claims map[string]any) string {
		t.Helper()
		n++
		all := jwt.MapClaims{
			"aud": endpoint, "iss": fakeapi.DefaultClientID, "sub": fakeapi.DefaultClientID,
			"jti": fmt.Sprint(n), "iat": now, "nbf": now, "exp": now + 600,
		}
		maps.Copy(all, claims)
		token := jwt.NewWithClaims(method, all)
		thumbprint := sha256.Sum256(named.Raw)
		token.Header["x5t#S256"] = base64.RawURLEncoding.EncodeToString(thumbprint[:])
		text, err := token.SignedString(by.Key)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	ps256 := jwt.SigningMethodPS256
	changed := func(key string, value any) string { return sign(own, ps256, own, map[string]any{key: value}) }
	for _, test := range []struct {
		name, text string
		want       int
	}{
		{"good", sign(own, ps256, own, nil), 0},
		{"another key", sign(other, ps256, own, nil), 700027},
		{"unknown certificate", sign(other, ps256, other, nil), 700027},
		{"RS256", sign(own, jwt.SigningMethodRS256, own, nil), 700027},
		{"another audience", changed("aud", "https://login.test"), 700023},
		{"audience of v2", changed("aud", strings.Replace(endpoint, "oauth2/", "oauth2/v2.0/", 1)), 700023},
		{"another issuer", changed("iss", "x"), 700021},
		{"another subject", changed("sub", "x"), 700021},
		{"expired", sign(own, ps256, own, map[string]any{"nbf": now - 1000, "exp": now - 400}), 700024},
		{"not yet valid", sign(own, ps256, own, map[string]any{"nbf": now + 400, "exp": now + 900}), 700024},
		{"too long", changed("exp", now+601), 700024},
		{"no expiry", changed("exp", nil), 700024},
		{"no time of issue", changed("iat", 0), 700024},
		{"first use", changed("jti", "again"), 0},
		{"second use", changed("jti", "again"), 700027},
		{"no ID", changed("jti", ""), 700027},
		{"not a token", "x", 50027},
		{"not base64", "a.!.c", 50027},
		{"not JSON", "eA.eA.eA", 50027},
	} {
		if got := code(t, postForm(t, s, fakeapi.DefaultTenantID, withAssertion(test.text))); got != test.want {
			t.Errorf("%s: AADSTS code = %d, want %d", test.name, got, test.want)
		}
	}
	form := withAssertion(sign(own, ps256, own, nil))
	form.Set("client_assertion_type", "x")
	if got := code(t, postForm(t, s, fakeapi.DefaultTenantID, form)); got != 900144 {
		t.Errorf("another client_assertion_type: AADSTS code = %d, want 900144", got)
	}
}

func TestOIDCTokens(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{})
	bearer := http.Header{"Authorization": {"Bearer " + fakeapi.DefaultRequestToken}}
	at := func(method, address string, header http.Header) received {
		return do(t, client(t, s), method, address, header, "")
	}
	member := func(got received, name string) string {
		t.Helper()
		var body map[string]any
		if err := json.Unmarshal([]byte(got.body), &body); err != nil {
			t.Fatalf("body = %q: %v", got.body, err)
		}
		text, _ := body[name].(string)
		return text
	}
	audience := url.QueryEscape("api://AzureADTokenExchange")
	github := member(at(http.MethodGet, s.GitHubRequestURL()+"&audience="+audience, bearer), "value")
	own := member(at(http.MethodGet, s.GitHubRequestURL(), bearer), "value")
	connection := "?api-version=7.1&serviceConnectionId=" + fakeapi.DefaultConnection
	devops := member(at(http.MethodPost, s.AzureDevOpsRequestURL()+connection, bearer), "oidcToken")
	for _, test := range []struct {
		name, text string
		want       int
	}{
		{"GitHub", github, 0}, {"GitHub again", github, 0}, {"GitHub's own audience", own, 700212}, {"Azure DevOps", devops, 0},
		{"another server's", start(t, fakeapi.Options{}).OIDCToken(), 700211},
	} {
		if got := code(t, postForm(t, s, fakeapi.DefaultTenantID, withAssertion(test.text))); got != test.want {
			t.Errorf("%s: AADSTS code = %d, want %d", test.name, got, test.want)
		}
	}
	for _, test := range []struct {
		method, address string
		header          http.Header
		want            int
	}{
		{http.MethodPost, s.GitHubRequestURL(), bearer, 405}, {http.MethodGet, s.GitHubRequestURL(), nil, 401},
		{http.MethodGet, s.AzureDevOpsRequestURL() + connection, bearer, 405},
		{http.MethodPost, s.AzureDevOpsRequestURL() + "?api-version=7.1", bearer, 404},
		{http.MethodPost, s.AzureDevOpsRequestURL() + strings.Replace(connection, "api-version", "x", 1), bearer, 404},
		{http.MethodPost, s.AzureDevOpsRequestURL() + connection, http.Header{"X-Tfs-Fedauthredirect": {"Suppress"}}, 401},
	} {
		wantStatus(t, test.method+" "+test.address, at(test.method, test.address, test.header), test.want)
	}
	if got, want := len(s.OIDCTokenRequests()), 9; got != want {
		t.Errorf("requests for OIDC tokens = %d, want %d", got, want)
	}
}

func TestManagedIdentity(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{})
	metadata, identity := http.Header{"Metadata": {"true"}}, http.Header{"X-Identity-Header": {fakeapi.DefaultIdentityHeader}}
	resource := "&resource=" + url.QueryEscape(fakeapi.DefaultResource)
	vm, app := s.ManagedIdentityEndpoint()+"?api-version=2018-02-01", s.AppServiceEndpoint()+"?api-version=2019-08-01"
	for _, test := range []struct {
		address string
		header  http.Header
		want    int
	}{
		{vm + resource, metadata, 200}, {app + resource, identity, 200}, {vm + resource + "&client_id=" + fakeapi.DefaultClientID, metadata, 200},
		{vm + resource, nil, 400}, {vm + resource, identity, 400}, {app + resource, metadata, 401}, {vm, metadata, 400},
		{vm + "&resource=x", metadata, 400}, {vm + resource + "&client_id=x", metadata, 400}, {vm + resource + "&client_id=", metadata, 400},
		{s.ManagedIdentityEndpoint() + "?api-version=x" + resource, metadata, 400},
		{vm + resource, http.Header{"Metadata": {"true"}, "X-Forwarded-For": {"x"}}, 400},
	} {
		got := do(t, client(t, s), http.MethodGet, test.address, test.header, "")
		wantStatus(t, test.address, got, test.want)
		if test.want == 200 && strings.Contains(got.body, `"expires_in"`) == strings.HasPrefix(test.address, app) {
			t.Errorf("body of %s = %s, want expires_in from a virtual machine alone", test.address, got.body)
		}
	}
	wantStatus(t, "POST", do(t, client(t, s), http.MethodPost, vm+resource, metadata, ""), http.StatusMethodNotAllowed)
}

// A tenant ID is case-insensitive, whoever issues the token.
func TestManagedIdentityInTenantWithCapitals(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{TenantID: "Tenant.Example", Alerts: 3, NoDefaultWindow: true})
	got := do(t, client(t, s), http.MethodGet, s.ManagedIdentityEndpoint()+"?api-version=2018-02-01&resource="+url.QueryEscape(fakeapi.DefaultResource),
		http.Header{"Metadata": {"true"}}, "")
	var token struct {
		Access string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(got.body), &token); err != nil {
		t.Fatal(err)
	}
	got = do(t, client(t, s), http.MethodGet, s.SIEMEndpoint()+"/api/alerts", http.Header{"Authorization": {"Bearer " + token.Access}}, "")
	if n := len(ids(t, got.body)); n != 3 {
		t.Errorf("detections = %d, want 3: %s", n, got.body)
	}
}

func TestAzureCLI(t *testing.T) {
	t.Parallel()
	if filepath.Separator != '/' {
		t.Skip("the program is a shell script")
	}
	s := start(t, fakeapi.Options{})
	dir := t.TempDir()
	program, err := s.WriteAzureCLI(dir)
	if err != nil {
		t.Fatal(err)
	}
	run := func(last string) (string, error) {
		out, err := exec.CommandContext(t.Context(), program, "account", "get-access-token", "--output", "json", last,
			"--tenant="+fakeapi.DefaultTenantID).Output()
		return string(out), err
	}
	out, err := run("--resource=" + fakeapi.DefaultResource)
	if err != nil || !strings.Contains(out, `"tokenType":"Bearer"`) {
		t.Errorf("az = %q, %v, want a token", out, err)
	}
	if out, err := run("--resource=x"); err == nil || out != "" {
		t.Errorf("az with another resource = %q, %v, want an error", out, err)
	}
	log, err := os.ReadFile(filepath.Join(dir, fakeapi.AzureCLILog))
	if err != nil || strings.Count(string(log), "\n") != 2 {
		t.Errorf("log = %q, %v, want 2 lines", log, err)
	}
	if _, err := s.WriteAzureCLI(filepath.Join(dir, "absent")); err == nil {
		t.Error("WriteAzureCLI() into no folder = nil, want an error")
	}
}
