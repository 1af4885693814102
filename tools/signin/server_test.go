package signin

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"sync"
	"testing"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

const tenant = "6f1c9a7e-2b53-4d0c-9a36-1d5f0b7c2e84"

// A tokenServer is the foreign token server at the addresses of one version of Entra
// ID's endpoints. Its issuer is the token endpoint: Entra ID expects that as the
// audience of assertions, the server its issuer.
type tokenServer struct {
	*httptest.Server
	issuer string

	mu       sync.Mutex
	requests []url.Values // the forms of the token requests, as they were sent
}

// startTokenServer starts a server for the endpoints below folder, such as oauth2/v2.0.
func startTokenServer(t *testing.T, folder string, apps *applications) *tokenServer {
	t.Helper()
	s := &tokenServer{Server: httptest.NewUnstartedServer(nil)}
	address := "http://" + s.Listener.Addr().String()
	authorize, token := "/"+tenant+"/"+folder+"/authorize", "/"+tenant+"/"+folder+"/token"
	s.issuer = address + token
	s.Config.Handler = s.adapt(token, exampleop.SetupServer(s.issuer, apps, nil, false,
		op.WithCustomAuthEndpoint(op.NewEndpointWithURL(authorize, address+authorize)),
		op.WithCustomTokenEndpoint(op.NewEndpointWithURL(token, s.issuer))))
	s.Start()
	t.Cleanup(s.Close)
	return s
}

// adapt maps the two forms in which Entra ID differs from the server, which ignores
// fields that it does not know.
func (s *tokenServer) adapt(tokenPath string, server http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			http.Error(w, "form", http.StatusBadRequest)
			return
		}
		grant := r.PostForm.Get("grant_type")
		if r.URL.Path == tokenPath {
			s.record(r.PostForm)
		}
		// A resource of the v1 endpoints is the scope {resource}/.default, for persons
		// with a refresh token. The server only has scopes.
		if resource := r.Form.Get("resource"); resource != "" && !r.Form.Has("scope") {
			scope := resource + "/.default"
			if grant != string(oidc.GrantTypeClientCredentials) {
				scope += " " + oidc.ScopeOfflineAccess
			}
			r.Form.Set("scope", scope)
		}
		// An assertion that authenticates an application (RFC 7523, 2.2) becomes one that
		// is the grant (2.1): with client credentials the server only has secrets.
		if grant == string(oidc.GrantTypeClientCredentials) && r.PostForm.Get("client_assertion_type") == oidc.ClientAssertionTypeJWTAssertion {
			r.Form.Set("grant_type", string(oidc.GrantTypeBearer))
			r.Form.Set("assertion", r.PostForm.Get("client_assertion"))
		}
		server.ServeHTTP(w, r)
	})
}

func (s *tokenServer) record(form url.Values) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, form)
}

// sent returns one field of all token requests.
func (s *tokenServer) sent(field string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var values []string
	for _, request := range s.requests {
		values = append(values, request.Get(field))
	}
	return values
}

// checkSent checks a field of the token requests.
func (s *tokenServer) checkSent(t *testing.T, field string, want ...string) {
	t.Helper()
	if got := s.sent(field); !slices.Equal(got, want) {
		t.Errorf("%s of the token requests = %q, want %q", field, got, want)
	}
}
