package fakeapi

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// defaultScope is the end of a scope that requests all permissions granted to the
// application, the only form that the client credentials grant accepts.
const defaultScope = "/.default"

// delegatedPermission is the end of a scope that requests the permission of a person
// to read alerts.
const delegatedPermission = "/SecurityAlert.Read.All"

// audienceV2 returns the audience of the v2 endpoints, after the page "Use the
// Microsoft Graph security API" and those on the grants that it links to. Its tokens
// are for Graph; its numbers are always JSON numbers.
func (s *Server) audienceV2() tokenAudience {
	return tokenAudience{
		parameter:  "scope",
		path:       "oauth2/v2.0/token",
		check:      s.checkScope,
		delegated:  s.checkDelegatedScope,
		resource:   GraphResource,
		permission: GraphResource + delegatedPermission,
		body:       s.tokenBodyV2,
	}
}

func (s *Server) checkScope(tenant, scope string) *signInError {
	switch resource, ok := strings.CutSuffix(scope, defaultScope); {
	case !ok:
		return invalidScope()
	case resource != GraphResource:
		return resourceNotFound(tenant)
	}
	return nil
}

// checkDelegatedScope validates the scopes in a request for a person: the permission
// to read alerts, or all that were granted, and those of OpenID Connect.
func (s *Server) checkDelegatedScope(_, scope string) (refresh bool, e *signInError) {
	scopes := strings.Fields(scope)
	permitted := false
	for _, one := range scopes {
		switch one {
		case GraphResource + delegatedPermission, GraphResource + defaultScope:
			permitted = true
		case "offline_access", "openid", "profile", "email":
		default:
			return false, unknownScope()
		}
	}
	if !permitted {
		return false, unknownScope()
	}
	return slices.Contains(scopes, "offline_access"), nil
}

func (s *Server) tokenBodyV2(t tokenResponse) []byte {
	lifetime := int64(s.opts.TokenLifetime / time.Second)
	return mustMarshal(struct {
		TokenType    string `json:"token_type"`
		ExpiresIn    int64  `json:"expires_in"`
		ExtExpiresIn int64  `json:"ext_expires_in"`
		AccessToken  string `json:"access_token"`
		Scope        string `json:"scope,omitempty"`
		RefreshToken string `json:"refresh_token,omitempty"`
	}{"Bearer", lifetime, lifetime, t.access, t.scope, t.refresh})
}

func invalidScope() *signInError {
	return &signInError{status: http.StatusBadRequest, name: "invalid_scope", code: 1002012,
		text: "The provided value for scope is not valid. Client credential flows must have a scope value with /.default " +
			"suffixed to the resource identifier (application ID URI)."}
}

// unknownScope does not name the scope, unlike Entra ID.
func unknownScope() *signInError {
	return &signInError{status: http.StatusBadRequest, name: "invalid_scope", code: 70011,
		text: "The provided value for the input parameter 'scope' is not valid."}
}
