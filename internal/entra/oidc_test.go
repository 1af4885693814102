package entra_test

import (
	"encoding/base64"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/entra"
	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport/transporttest"
)

// TestAssertion signs in with an OIDC token from the settings.
func TestAssertion(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{TLS: true})
	for _, audience := range audiences {
		oidcToken := s.OIDCToken()
		mustToken(t, signsIn(t, s, entra.Assertion(oidcToken), audience))
		sent := s.TokenRequests()
		if got := assertionIn(t, sent[len(sent)-1]).text; got != oidcToken {
			t.Errorf("assertion sent = %q, want %q", got, oidcToken)
		}
	}
	for name, text := range map[string]string{
		"empty": "", "blank": canary + " " + canary, "CR LF": canary + "\r\n", "not ASCII": canary + "é", "long": canary + strings.Repeat("x", 64<<10),
	} {
		before := len(s.Requests())
		_, err := signsIn(t, s, entra.Assertion(text), entra.Resource(resource)).Token(t.Context())
		wantBad(t, err, entra.OIDCToken, `^The OIDC token is empty, `, canary)
		if got := len(s.Requests()); got != before {
			t.Errorf("%s: requests = %d, want %d", name, got, before)
		}
	}
}

// TestAssertionRefused has OIDC tokens that the federated credential does not accept.
func TestAssertionRefused(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{})
	subject := start(t, fakeapi.Options{Subject: "repo:evil/example:ref:refs/heads/main"})
	forged := s.OIDCToken()
	hour := start(t, fakeapi.Options{Now: func() time.Time { return time.Now().Add(-time.Hour) }})
	for name, test := range map[string]struct {
		text string
		sts  int
	}{
		"another issuer": {subject.OIDCToken(), 700211},
		"another clock":  {hour.OIDCToken(), 700211},
		"not a token":    {canary, 50027},
		"damaged":        {"x" + s.OIDCToken(), 50027},
		"forged":         {forged[:strings.LastIndex(forged, ".")] + "." + base64.RawURLEncoding.EncodeToString(make([]byte, 64)), 700027},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := signsIn(t, s, entra.Assertion(test.text), entra.Resource(resource)).Token(t.Context())
			wantSignIn(t, err, entra.Error{Kind: entra.Refused, Credential: entra.OIDCToken, Status: 401, Code: "invalid_client", STS: test.sts},
				test.text)
		})
	}
}

// TestAssertionFile reads the file for every token request.
func TestAssertionFile(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{})
	path := filepath.Join(t.TempDir(), "token")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	source := signsIn(t, s, entra.AssertionFile(path), entra.Resource(resource))
	_, err := source.Token(t.Context())
	wantBad(t, err, entra.OIDCTokenFile, `^The file of the OIDC token cannot be used: there is no such file\.$`)
	for i, form := range []string{"%s", "%s\n", "\uFEFF%s\r\n", " \t%s \n\n"} {
		oidcToken := s.OIDCToken()
		write(strings.Replace(form, "%s", oidcToken, 1))
		source.Invalidate(mustToken(t, source))
		if i > 0 {
			source.Invalidate(mustToken(t, source))
		}
		mustToken(t, source)
		sent := s.TokenRequests()
		if got := assertionIn(t, sent[len(sent)-1]).text; got != oidcToken {
			t.Errorf("assertion sent from the form %q = %q, want %q", form, got, oidcToken)
		}
	}
	for content, want := range map[string]string{
		"":                                   "it is empty",
		"\uFEFF \r\n":                        "it is empty",
		canary + " " + canary:                "it has a character that a token cannot have",
		canary + "\n" + canary:               "it has a character that a token cannot have",
		canary + "\u00e9":                    "it has a character that a token cannot have",
		"\ufeff\ufeff" + canary:              "it has a character that a token cannot have",
		canary + strings.Repeat("x", 64<<10): "it is larger than 64 KiB",
		canary + strings.Repeat(" ", 64<<10): "it is larger than 64 KiB",
		strings.Repeat("\x00", 100):          "it has a character that a token cannot have",
	} {
		write(content)
		_, err := signsIn(t, s, entra.AssertionFile(path), entra.Resource(resource)).Token(t.Context())
		wantBad(t, err, entra.OIDCTokenFile, `: `+want+`\.$`, canary, path)
	}
	_, err = signsIn(t, s, entra.AssertionFile(t.TempDir()), entra.Resource(resource)).Token(t.Context())
	wantBad(t, err, entra.OIDCTokenFile, `: it is not a regular file\.$`)
	if filepath.Separator == '/' {
		_, err = signsIn(t, s, entra.AssertionFile("/dev/zero"), entra.Resource(resource)).Token(t.Context())
		wantBad(t, err, entra.OIDCTokenFile, `: it is not a regular file\.$`)
	}
}

// An issuer is a service that issues OIDC tokens to a job.
type issuer struct {
	name       string
	endpoint   fakeapi.Endpoint
	member     string
	credential func(s *fakeapi.Server, requestToken string) (entra.Credential, error)
}

var issuers = []issuer{
	{entra.GitHubOIDC, fakeapi.GitHub, "value", func(s *fakeapi.Server, requestToken string) (entra.Credential, error) {
		return entra.GitHubActions(s.GitHubRequestURL(), requestToken)
	}},
	{entra.AzureDevOpsOIDC, fakeapi.AzureDevOps, "oidcToken", func(s *fakeapi.Server, requestToken string) (entra.Credential, error) {
		return entra.AzureDevOps(s.AzureDevOpsRequestURL(), requestToken, fakeapi.DefaultConnection)
	}},
}

// TestOIDCTokens signs in with OIDC tokens of GitHub and Azure DevOps.
func TestOIDCTokens(t *testing.T) {
	t.Parallel()
	for _, i := range issuers {
		t.Run(i.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, fakeapi.Options{TLS: true})
			credential := must[entra.Credential](t)(i.credential(s, fakeapi.DefaultRequestToken))
			for _, audience := range audiences {
				source := signsIn(t, s, credential, audience)
				source.Invalidate(mustToken(t, source))
				mustToken(t, source)
			}
			if got := len(s.OIDCTokenRequests()); got != 4 {
				t.Errorf("requests for OIDC tokens = %d, want one for each of 4 sign-ins", got)
			}
			r := s.OIDCTokenRequests()[0]
			if got, want := r.Header.Get("Authorization"), "Bearer "+fakeapi.DefaultRequestToken; got != want {
				t.Errorf("Authorization = %q, want %q", got, want)
			}
			if len(r.Form) != 0 {
				t.Errorf("form = %v, want none", r.Form)
			}
			method, query := http.MethodGet, "api-version=2.0&audience=api%3A%2F%2FAzureADTokenExchange"
			if i.endpoint == fakeapi.AzureDevOps {
				method, query = http.MethodPost, "api-version=7.1&serviceConnectionId="+fakeapi.DefaultConnection
			}
			if r.Method != method || r.RawQuery != query {
				t.Errorf("request = %s ?%s, want %s ?%s", r.Method, r.RawQuery, method, query)
			}
			for _, r := range s.TokenRequests() {
				if got := assertionIn(t, r).claims["sub"]; got != fakeapi.DefaultSubject {
					t.Errorf("subject of the assertion = %v, want %s", got, fakeapi.DefaultSubject)
				}
			}
		})
	}
}

// TestOIDCTokenFaults has faults of the services that issue OIDC tokens. Nothing is sent
// to Entra ID.
func TestOIDCTokenFaults(t *testing.T) {
	t.Parallel()
	const requestToken = fakeapi.DefaultRequestToken
	for _, i := range issuers {
		for name, fault := range proofFaults(transport.PhaseOIDCToken) {
			t.Run(i.name+" "+name, func(t *testing.T) {
				t.Parallel()
				s := start(t, fakeapi.Options{})
				s.Script(i.endpoint, fakeapi.Always(fault.step))
				credential := must[entra.Credential](t)(i.credential(s, requestToken))
				_, err := signsIn(t, s, credential, entra.Resource(resource)).Token(t.Context())
				wantFailed(t, err, transport.PhaseOIDCToken, fault.kind, fault.status, canary, requestToken)
				if got := len(s.OIDCTokenRequests()); got != fault.times {
					t.Errorf("requests for OIDC tokens = %d, want %d", got, fault.times)
				}
				if got := len(s.TokenRequests()); got != 0 {
					t.Errorf("token requests = %d, want 0", got)
				}
			})
		}
		t.Run(i.name+" responses", func(t *testing.T) {
			t.Parallel()
			s := start(t, fakeapi.Options{})
			member := `"` + i.member + `":`
			for _, body := range []string{
				"", "null", "[]", `"` + canary + `"`, "{", "{}", `{` + member + `""}`, `{` + member + `null}`, `{` + member + `1}`,
				`{` + member + `"` + canary + `\r\n"}`, `{` + member + `"` + canary + ` ` + canary + `"}`,
				`{` + member + `"` + strings.Repeat("x", 65<<10) + `"}`, `{` + strings.ToUpper(member) + `"` + canary + `"}`,
				`{` + member + `"` + canary + `",` + member + `"x"}`, `{` + member + `"` + canary + `",` + strings.ToUpper(member) + `"x"}`,
				`{` + member + `"` + canary + `"}{}`,
			} {
				s.Script(i.endpoint, fakeapi.WithBody(fakeapi.Normal(), body))
				credential := must[entra.Credential](t)(i.credential(s, requestToken))
				_, err := signsIn(t, s, credential, entra.Resource(resource)).Token(t.Context())
				wantBad(t, err, i.name, `^The response of 127\.0\.0\.1:[0-9]+ (is not a JSON object|has no usable `+i.member+`)\.$`, canary, requestToken)
			}
			if got := len(s.TokenRequests()); got != 0 {
				t.Errorf("token requests = %d, want 0", got)
			}
		})
		t.Run(i.name+" wrong request token", func(t *testing.T) {
			t.Parallel()
			s := start(t, fakeapi.Options{})
			credential := must[entra.Credential](t)(i.credential(s, canary))
			_, err := signsIn(t, s, credential, entra.Resource(resource)).Token(t.Context())
			wantFailed(t, err, transport.PhaseOIDCToken, transport.Status, 401, canary)
			credential = must[entra.Credential](t)(i.credential(s, canary+"\r\nX-Header: 1"))
			_, err = signsIn(t, s, credential, entra.Resource(resource)).Token(t.Context())
			wantBad(t, err, i.name, `^The request token is empty, or has a character that a token cannot have\.$`, canary)
		})
		t.Run(i.name+" slow", func(t *testing.T) {
			t.Parallel()
			s := start(t, fakeapi.Options{})
			s.Script(i.endpoint, fakeapi.Always(fakeapi.Stall(1)))
			wantOutOfTime(t, signsIn(t, s, must[entra.Credential](t)(i.credential(s, requestToken)), entra.Resource(resource)))
		})
		t.Run(i.name+" redirect", func(t *testing.T) {
			t.Parallel()
			s, target := start(t, fakeapi.Options{}), start(t, fakeapi.Options{})
			s.Script(i.endpoint, fakeapi.RedirectTo(307, target.GitHubRequestURL()))
			credential := must[entra.Credential](t)(i.credential(s, requestToken))
			_, err := signsIn(t, s, credential, entra.Resource(resource)).Token(t.Context())
			wantFailed(t, err, transport.PhaseOIDCToken, transport.Redirected, 307, requestToken)
			if got := len(target.Requests()); got != 0 {
				t.Errorf("requests to the target = %d, want 0", got)
			}
		})
	}
	// An error of Entra ID that repeats the OIDC token.
	t.Run("refused", func(t *testing.T) {
		t.Parallel()
		s := start(t, fakeapi.Options{})
		oidcToken := s.OIDCToken()
		s.Script(fakeapi.Token, fakeapi.Reply(401, http.Header{"Content-Type": {"application/json"}},
			`{"error":"invalid_client","error_description":"`+oidcToken+`","error_codes":[700213],"trace_id":"`+oidcToken+`"}`))
		_, err := signsIn(t, s, entra.Assertion(oidcToken), entra.Resource(resource)).Token(t.Context())
		wantSignIn(t, err, entra.Error{Kind: entra.Refused, Credential: entra.OIDCToken, Status: 401, Code: "invalid_client", STS: 700213}, oidcToken)
	})
}

// TestOIDCTokenAddresses has the addresses of the services.
func TestOIDCTokenAddresses(t *testing.T) {
	t.Parallel()
	for address, ok := range map[string]bool{
		"https://pipelines.test/x//idtoken/a/b?api-version=2.0": true,
		"http://127.0.0.1:1/x":  true,
		"http://pipelines.test": false, "": false, "pipelines.test": false, "https://u:" + canary + "@pipelines.test": false,
		"https://pipelines.test/?%zz" + canary: false, "https://" + canary + ".test/#x": false,
	} {
		_, github := entra.GitHubActions(address, "x")
		_, devops := entra.AzureDevOps(address, "x", "y")
		for _, err := range []error{github, devops} {
			if (err == nil) != ok {
				t.Errorf("credential of %s = %v, want success: %t", address, err, ok)
			}
			transporttest.QuotesNothing(t, err, canary)
		}
	}
}
