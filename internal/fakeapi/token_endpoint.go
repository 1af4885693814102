package fakeapi

import (
	"encoding/json"
	"mime"
	"net/http"
	"strconv"
	"time"
)

// clockSkew is how far not_before lies in the past.
const clockSkew = 5 * time.Minute

// token answers the token endpoint: the client credentials grant of the v1
// endpoint, as the page "Pull Microsoft Defender for Endpoint alerts using SIEM
// REST API" uses it.
func (s *Server) token(tenant string, request *Request) reply {
	if request.Method != http.MethodPost {
		return textReply(http.StatusMethodNotAllowed, "Method not allowed.").with("Allow", http.MethodPost)
	}
	if refusal := s.checkTokenRequest(tenant, request); refusal != nil {
		return s.signInReply(refusal)
	}
	now := s.opts.Now()
	access := s.tokens.issue(s.opts, tenant, now)
	return noStore(jsonReply(http.StatusOK, s.tokenBody(access, now)))
}

// checkTokenRequest makes the checks in the order in which Entra ID seems to:
// tenant, form, application, secret, resource.
func (s *Server) checkTokenRequest(tenant string, request *Request) *signInError {
	if !s.tenants.has(tenant) {
		return tenantNotFound()
	}
	mediaType, _, _ := mime.ParseMediaType(request.Header.Get("Content-Type"))
	if mediaType != "application/x-www-form-urlencoded" {
		return missingParameter("grant_type")
	}
	for _, name := range []string{"grant_type", "client_id", "client_secret", "resource"} {
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
	case form.Get("client_secret") != s.opts.ClientSecret:
		return wrongSecret(s.opts.ClientID)
	case form.Get("resource") != s.opts.Resource:
		return resourceNotFound(tenant)
	}
	return nil
}

// tokenBody is the reply of the v1 endpoint: the numbers are strings unless
// Options.NumericTokenFields.
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

// noStore marks a reply that no cache may keep.
func noStore(p reply) reply { return p.with("Cache-Control", "no-store").with("Pragma", "no-cache") }

// mustMarshal is for values of this package's own making, which always have a
// JSON form.
func mustMarshal(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return text
}
