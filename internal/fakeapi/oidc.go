package fakeapi

import (
	"crypto/ed25519"
	"encoding/base64"
	"net/http"
	"time"
)

// Paths of the services that issue OIDC tokens.
const (
	gitHubPath      = "/github/oidc"
	azureDevOpsPath = "/azuredevops/oidctoken"
)

// federatedAudience is the audience of OIDC tokens for Entra ID.
const federatedAudience = "api://AzureADTokenExchange"

// oidcTokenLifetime is the lifetime of OIDC tokens.
const oidcTokenLifetime = 10 * time.Minute

// GitHubRequestURL returns the value of ACTIONS_ID_TOKEN_REQUEST_URL in a job of
// GitHub Actions; the request token is DefaultRequestToken.
func (s *Server) GitHubRequestURL() string { return s.origin + gitHubPath + "?api-version=2.0" }

// AzureDevOpsRequestURL returns the value of SYSTEM_OIDCREQUESTURI in a job of Azure
// Pipelines; the access token is DefaultRequestToken, the service connection
// DefaultConnection.
func (s *Server) AzureDevOpsRequestURL() string { return s.origin + azureDevOpsPath }

// OIDCToken returns a new OIDC token that the application's federated credential
// accepts. The fake is its own issuer.
func (s *Server) OIDCToken() string { return s.oidcToken(federatedAudience) }

func (s *Server) issuer() string { return s.origin + "/issuer" }

// issuerKey returns the key pair of OIDC tokens. Real issuers use RSA keys.
func (s *Server) issuerKey() (ed25519.PrivateKey, ed25519.PublicKey) {
	seed := derive(s.opts.Seed, "issuer", 0)
	private := ed25519.NewKeyFromSeed(seed[:])
	return private, ed25519.PublicKey(private[len(private)-ed25519.PublicKeySize:])
}

func (s *Server) oidcToken(audience string) string {
	now := s.opts.Now()
	encode := base64.RawURLEncoding.EncodeToString
	signed := encode([]byte(`{"typ":"JWT","alg":"EdDSA","kid":"fake"}`)) + "." + encode(mustMarshal(map[string]any{
		"iss": s.issuer(),
		"sub": s.opts.Subject,
		"aud": audience,
		"jti": s.ids.guid("oidc token"),
		"nbf": now.Unix(),
		"iat": now.Unix(),
		"exp": now.Add(oidcTokenLifetime).Unix(),
	}))
	private, _ := s.issuerKey()
	return signed + "." + encode(ed25519.Sign(private, []byte(signed)))
}

// gitHub returns the response of GitHub's token service, after its page "OpenID
// Connect reference". Its errors are undocumented.
func (s *Server) gitHub(request *Request) response {
	switch {
	case request.Method != http.MethodGet:
		return textResponse(http.StatusMethodNotAllowed, "Method not allowed.").with("Allow", http.MethodGet)
	case request.Header.Get("Authorization") != "Bearer "+DefaultRequestToken:
		return jsonResponse(http.StatusUnauthorized, []byte(`{"message":"Unauthorized"}`))
	}
	audience := request.Query.Get("audience")
	if audience == "" {
		audience = "https://github.com/mdatp"
	}
	return jsonResponse(http.StatusOK, mustMarshal(map[string]any{"count": 1, "value": s.oidcToken(audience)}))
}

// azureDevOps returns the response of Azure DevOps, after the page "Oidctoken -
// Create". Without the header that suppresses it, a request that is not authorized
// is redirected to a sign-in page.
func (s *Server) azureDevOps(request *Request) response {
	query := request.Query
	switch {
	case request.Method != http.MethodPost:
		return textResponse(http.StatusMethodNotAllowed, "Method not allowed.").with("Allow", http.MethodPost)
	case request.Header.Get("Authorization") != "Bearer "+DefaultRequestToken:
		if request.Header.Get("X-TFS-FedAuthRedirect") == "Suppress" {
			return textResponse(http.StatusUnauthorized, "")
		}
		return textResponse(http.StatusFound, "Object moved.").with("Location", s.origin+"/_signin")
	case query.Get("api-version") == "", query.Get("serviceConnectionId") != DefaultConnection:
		return jsonResponse(http.StatusNotFound, []byte(`{"$id":"1","message":"The service connection was not found."}`))
	}
	return jsonResponse(http.StatusOK, mustMarshal(map[string]string{"oidcToken": s.OIDCToken()}))
}
