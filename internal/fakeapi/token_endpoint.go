package fakeapi

import (
	"encoding/json"
	"mime"
	"net/http"
	"time"
)

// clockSkew is the age of not_before.
const clockSkew = 5 * time.Minute

// audienceV1 returns the audience of the v1 endpoints: the client credentials grant
// as in the page "Pull Microsoft Defender for Endpoint alerts using SIEM REST API",
// the other grants as in "Authorize access to web applications using OAuth 2.0 and
// Azure Active Directory".
func (s *Server) audienceV1() tokenAudience {
	return tokenAudience{
		parameter:  "resource",
		path:       "oauth2/token",
		check:      s.checkResource,
		delegated:  s.checkDelegatedResource,
		resource:   s.opts.Resource,
		permission: "user_impersonation",
		body:       s.tokenBody,
	}
}

func (s *Server) checkResource(tenant, resource string) *signInError {
	if resource != s.opts.Resource {
		return resourceNotFound(tenant)
	}
	return nil
}

// checkDelegatedResource is checkResource for the grants of a person, who always
// gets a refresh token.
func (s *Server) checkDelegatedResource(tenant, resource string) (refresh bool, e *signInError) {
	return true, s.checkResource(tenant, resource)
}

// tokenAudience is what differs between the endpoints of v1 and v2: how a request
// names the resource, and the response.
type tokenAudience struct {
	parameter string
	path      string // of the token endpoint, below the tenant

	// check validates the parameter in a client credentials grant.
	check func(tenant, value string) *signInError
	// delegated validates the parameter in the requests for a person, and reports
	// whether it requests a refresh token.
	delegated func(tenant, value string) (refresh bool, e *signInError)

	resource   string // audience of the tokens
	permission string // scope of the tokens for a person
	body       func(t tokenResponse) []byte
}

// tokenResponse is the content of a response with a token. Only tokens for a person
// have a scope.
type tokenResponse struct {
	now            time.Time
	access         string
	scope, refresh string
}

// grantToken returns a token, or the error of the request.
func (s *Server) grantToken(tenant string, request *Request, a tokenAudience) response {
	if request.Method != http.MethodPost {
		return textResponse(http.StatusMethodNotAllowed, "Method not allowed.").with("Allow", http.MethodPost)
	}
	t := tokenResponse{now: s.opts.Now()}
	if e := s.grant(tenant, request, a, &t); e != nil {
		return s.signInResponse(e)
	}
	t.access = s.tokens.issue(s.opts, tenant, a.resource, t.now)
	return noStore(jsonResponse(http.StatusOK, a.body(t)))
}

// grant validates a request in the apparent order of Entra ID: tenant, form,
// application, secret or assertion, then what the grant type needs. It sets the
// members of the response that depend on the grant type.
func (s *Server) grant(tenant string, request *Request, a tokenAudience, t *tokenResponse) *signInError {
	if !s.tenants.has(tenant) {
		return tenantNotFound()
	}
	mediaType, _, _ := mime.ParseMediaType(request.Header.Get("Content-Type"))
	if mediaType != "application/x-www-form-urlencoded" {
		return missingParameter("grant_type")
	}
	switch request.Form.Get("grant_type") {
	case "authorization_code":
		return s.grantCode(tenant, request.Form, a, t)
	case "refresh_token":
		return s.grantRefresh(tenant, request.Form, a, t)
	default:
		return s.checkClientCredentials(tenant, request.Form, a)
	}
}

// tokenBody returns the body of the v1 endpoint, whose numbers are strings. Some
// documentation pages show numbers.
func (s *Server) tokenBody(t tokenResponse) []byte {
	lifetime := s.opts.TokenLifetime
	return mustMarshal(struct {
		TokenType    string `json:"token_type"`
		ExpiresIn    int64  `json:"expires_in,string"`
		ExtExpiresIn int64  `json:"ext_expires_in,string"`
		ExpiresOn    int64  `json:"expires_on,string"`
		NotBefore    int64  `json:"not_before,string"`
		Resource     string `json:"resource"`
		AccessToken  string `json:"access_token"`
		Scope        string `json:"scope,omitempty"`
		RefreshToken string `json:"refresh_token,omitempty"`
	}{
		TokenType:    "Bearer",
		ExpiresIn:    int64(lifetime / time.Second),
		ExtExpiresIn: int64(lifetime / time.Second),
		ExpiresOn:    t.now.Add(lifetime).Unix(),
		NotBefore:    t.now.Add(-clockSkew).Unix(),
		Resource:     s.opts.Resource,
		AccessToken:  t.access,
		Scope:        t.scope,
		RefreshToken: t.refresh,
	})
}

// noStore forbids caches to store the response.
func noStore(p response) response {
	return p.with("Cache-Control", "no-store").with("Pragma", "no-cache")
}

// mustMarshal marshals values of this package, which always have a JSON form.
func mustMarshal(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return text
}
