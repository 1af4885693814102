package fakeapi

import (
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Paths of the managed identity: of a virtual machine and of App Service.
const (
	identityPath   = "/metadata/identity/oauth2/token"
	appServicePath = "/msi/token"
)

// identityCache holds the tokens of the managed identity, by resource. Like the
// real services, the fake returns a token again until it expires, also a revoked one.
type identityCache struct {
	mu     sync.Mutex
	tokens map[string]identityToken
}

type identityToken struct {
	access  string
	expires time.Time
}

// ManagedIdentityEndpoint returns the address that stands for that of the metadata
// service of a virtual machine. Its identity is Options.ClientID.
func (s *Server) ManagedIdentityEndpoint() string { return s.origin + identityPath }

// AppServiceEndpoint returns the value of IDENTITY_ENDPOINT in App Service;
// IDENTITY_HEADER is DefaultIdentityHeader.
func (s *Server) AppServiceEndpoint() string { return s.origin + appServicePath }

// managedIdentity returns the response of the metadata service or of App Service,
// after the pages "How to use managed identities for Azure resources on an Azure VM
// to acquire an access token" and "How to use managed identities for App Service
// and Azure Functions".
func (s *Server) managedIdentity(request *Request) response {
	query := request.Query
	appService := request.Path == appServicePath
	version := "2018-02-01"
	if appService {
		version = "2019-08-01"
	}
	refused := func(status int, text string) response {
		if appService {
			return jsonResponse(status, mustMarshal(map[string]any{"statusCode": status, "message": text}))
		}
		return jsonResponse(status, mustMarshal(map[string]string{"error": "invalid_request", "error_description": text}))
	}
	switch resource := query.Get("resource"); {
	case request.Method != http.MethodGet:
		return textResponse(http.StatusMethodNotAllowed, "Method not allowed.").with("Allow", http.MethodGet)
	case appService && request.Header.Get("X-IDENTITY-HEADER") != DefaultIdentityHeader:
		return refused(http.StatusUnauthorized, "The identity header is missing or wrong.")
	case !appService && request.Header.Get("Metadata") != "true":
		return refused(http.StatusBadRequest, "Required metadata header not specified")
	case request.Header.Get("X-Forwarded-For") != "":
		return refused(http.StatusBadRequest, "The request was forwarded")
	case query.Get("api-version") != version:
		return refused(http.StatusBadRequest, "Invalid api-version")
	case resource != s.opts.Resource && resource != GraphResource:
		return refused(http.StatusBadRequest, "Invalid resource")
	case query.Has("client_id") && query.Get("client_id") != s.opts.ClientID:
		return refused(http.StatusBadRequest, "Identity not found")
	default:
		return noStore(jsonResponse(http.StatusOK, s.identityBody(resource, appService)))
	}
}

// identityBody returns a token response: App Service has no expires_in.
func (s *Server) identityBody(resource string, appService bool) []byte {
	now := s.opts.Now()
	t := s.identity.get(resource, now, func() identityToken {
		return identityToken{s.tokens.issue(s.opts, s.opts.TenantID, resource, now), now.Add(s.opts.TokenLifetime)}
	})
	body := map[string]string{
		"access_token": t.access,
		"client_id":    s.opts.ClientID,
		"expires_on":   strconv.FormatInt(t.expires.Unix(), 10),
		"resource":     resource,
		"token_type":   "Bearer",
	}
	if !appService {
		seconds := strconv.FormatInt(int64(t.expires.Sub(now)/time.Second), 10)
		body["expires_in"], body["ext_expires_in"] = seconds, seconds
		body["not_before"] = strconv.FormatInt(now.Add(-clockSkew).Unix(), 10)
	}
	return mustMarshal(body)
}

func (c *identityCache) get(resource string, now time.Time, issue func() identityToken) identityToken {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.tokens == nil {
		c.tokens = map[string]identityToken{}
	}
	if !now.Before(c.tokens[resource].expires) {
		c.tokens[resource] = issue()
	}
	return c.tokens[resource]
}
