package fakeapi

import (
	"encoding/json"
	"mime"
	"net/http"
	"strconv"
	"time"
)

// clockSkew is the age of not_before.
const clockSkew = 5 * time.Minute

// token returns the response of the v1 token endpoint: the client credentials grant
// as in the page "Pull Microsoft Defender for Endpoint alerts
// using SIEM REST API".
func (s *Server) token(tenant string, request *Request) response {
	return s.grantToken(tenant, request, tokenAudience{
		parameter: "resource",
		path:      "oauth2/token",
		check:     s.checkResource,
		resource:  s.opts.Resource,
		body:      s.tokenBody,
	})
}

func (s *Server) checkResource(tenant, resource string) *signInError {
	if resource != s.opts.Resource {
		return resourceNotFound(tenant)
	}
	return nil
}

// tokenAudience is what differs between the two token endpoints: how a request
// names the resource, and the response.
type tokenAudience struct {
	parameter string
	path      string // below the tenant
	check     func(tenant, value string) *signInError
	resource  string // audience of the tokens
	body      func(access string, now time.Time) []byte
}

// grantToken returns a token, or the error of the request.
func (s *Server) grantToken(tenant string, request *Request, a tokenAudience) response {
	if request.Method != http.MethodPost {
		return textResponse(http.StatusMethodNotAllowed, "Method not allowed.").with("Allow", http.MethodPost)
	}
	if e := s.checkTokenRequest(tenant, request, a); e != nil {
		return s.signInResponse(e)
	}
	now := s.opts.Now()
	access := s.tokens.issue(s.opts, tenant, a.resource, now)
	return noStore(jsonResponse(http.StatusOK, a.body(access, now)))
}

// checkTokenRequest validates a request in the apparent order of Entra ID: tenant,
// form, application, secret or assertion, resource.
func (s *Server) checkTokenRequest(tenant string, request *Request, a tokenAudience) *signInError {
	if !s.tenants.has(tenant) {
		return tenantNotFound()
	}
	mediaType, _, _ := mime.ParseMediaType(request.Header.Get("Content-Type"))
	if mediaType != "application/x-www-form-urlencoded" {
		return missingParameter("grant_type")
	}
	names := []string{"grant_type", "client_id", "client_secret", a.parameter}
	if request.Form.Has("client_assertion") {
		names = []string{"grant_type", "client_id", "client_assertion_type", "client_assertion", a.parameter}
	}
	for _, name := range names {
		if request.Form.Get(name) == "" {
			return missingParameter(name)
		}
		if len(request.Form[name]) > 1 {
			return repeatedParameter(name)
		}
	}
	switch form := request.Form; {
	case form.Get("grant_type") != "client_credentials":
		return unsupportedGrant()
	case form.Get("client_id") != s.opts.ClientID:
		return applicationNotFound(tenant)
	case form.Has("client_assertion"):
		if e := s.checkAssertion(form, s.AuthorityHost()+"/"+tenant+"/"+a.path); e != nil {
			return e
		}
	case form.Get("client_secret") != s.opts.ClientSecret:
		return wrongSecret(s.opts.ClientID)
	}
	return a.check(tenant, request.Form.Get(a.parameter))
}

// tokenBody returns the body of the v1 endpoint: numbers are strings unless
// Options.NumericTokenFields is set.
func (s *Server) tokenBody(access string, now time.Time) []byte {
	number := func(n int64) json.RawMessage {
		text := strconv.FormatInt(n, 10)
		if !s.opts.NumericTokenFields {
			text = `"` + text + `"`
		}
		return json.RawMessage(text)
	}
	lifetime := s.opts.TokenLifetime
	return mustMarshal(struct {
		TokenType    string          `json:"token_type"`
		ExpiresIn    json.RawMessage `json:"expires_in"`
		ExtExpiresIn json.RawMessage `json:"ext_expires_in"`
		ExpiresOn    json.RawMessage `json:"expires_on"`
		NotBefore    json.RawMessage `json:"not_before"`
		Resource     string          `json:"resource"`
		AccessToken  string          `json:"access_token"`
	}{
		TokenType:    "Bearer",
		ExpiresIn:    number(int64(lifetime / time.Second)),
		ExtExpiresIn: number(int64(lifetime / time.Second)),
		ExpiresOn:    number(now.Add(lifetime).Unix()),
		NotBefore:    number(now.Add(-clockSkew).Unix()),
		Resource:     s.opts.Resource,
		AccessToken:  access,
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
