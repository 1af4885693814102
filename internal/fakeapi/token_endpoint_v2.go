package fakeapi

import (
	"net/http"
	"strings"
	"time"
)

// defaultScope is the end of a scope that requests all permissions granted to the
// application, the only form that the client credentials grant accepts.
const defaultScope = "/.default"

// tokenV2 returns the response of the v2 token endpoint, after the page "Use the
// Microsoft Graph security API" and those on the client credentials grant that it
// links to. Its tokens are for Graph; its numbers are always JSON numbers.
func (s *Server) tokenV2(tenant string, request *Request) response {
	return s.grantToken(tenant, request, tokenAudience{
		parameter: "scope",
		path:      "oauth2/v2.0/token",
		check:     s.checkScope,
		resource:  s.opts.GraphResource,
		body:      s.tokenBodyV2,
	})
}

func (s *Server) checkScope(tenant, scope string) *signInError {
	switch resource, ok := strings.CutSuffix(scope, defaultScope); {
	case !ok:
		return invalidScope()
	case resource != s.opts.GraphResource:
		return resourceNotFound(tenant)
	}
	return nil
}

func (s *Server) tokenBodyV2(access string, _ time.Time) []byte {
	lifetime := int64(s.opts.TokenLifetime / time.Second)
	return mustMarshal(struct {
		TokenType    string `json:"token_type"`
		ExpiresIn    int64  `json:"expires_in"`
		ExtExpiresIn int64  `json:"ext_expires_in"`
		AccessToken  string `json:"access_token"`
	}{"Bearer", lifetime, lifetime, access})
}

func invalidScope() *signInError {
	return &signInError{status: http.StatusBadRequest, name: "invalid_scope", code: 1002012,
		text: "The provided value for scope is not valid. Client credential flows must have a scope value with /.default " +
			"suffixed to the resource identifier (application ID URI)."}
}
