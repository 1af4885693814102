package entra

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

// The names of credentials, for users.
const (
	ClientSecret      = "client secret"
	ClientCertificate = "client certificate"
	OIDCToken         = "OIDC token"
	OIDCTokenFile     = "OIDC token file"
	GitHubOIDC        = "GitHub Actions OIDC token"
	AzureDevOpsOIDC   = "Azure DevOps OIDC token"
	Identity          = "managed identity"
	CLI               = "Azure CLI"
	Refresh           = "refresh token"
	AuthorizationCode = "authorization code" // of a CodeRequest
)

// A Credential is a way to get tokens. Functions of this package create them. It is
// safe for concurrent use, and prints as its name alone.
type Credential struct {
	name    string
	acquire func(context.Context, *signIn) (token, error)
}

// String returns the name, one of the constants above.
func (c Credential) String() string { return c.name }

// GoString returns the name.
func (c Credential) GoString() string { return c.name }

// A signIn holds what a credential needs to get tokens of one tenant.
type signIn struct {
	client    *transport.Client
	authority *url.URL
	audience  Audience
	known     Error // the fields that all errors have: tenant, client ID and credential
}

// endpoint returns the address of the token endpoint.
func (s *signIn) endpoint() *url.URL {
	return s.authority.JoinPath(s.known.Tenant, s.audience.folder, "token")
}

// bad returns the error of a credential that cannot be used.
func (s *signIn) bad(problem string) error {
	e := s.known.of(BadCredential)
	e.Problem = problem
	return e
}

// ended returns the error of an acquisition whose context ended.
func (s *signIn) ended(ctx context.Context) error {
	return transport.ContextError(ctx, transport.Error{Phase: transport.PhaseSignIn, Host: s.authority.Host})
}

// A proof returns the form fields of one token request that are new in each attempt:
// those that prove an identity.
type proof func(context.Context, *signIn) (url.Values, error)

// proving returns a credential that exchanges proofs for tokens.
func proving(name string, p proof) Credential {
	return Credential{name, func(ctx context.Context, s *signIn) (token, error) { return s.clientCredentials(ctx, p) }}
}

// Secret returns the credential with a client secret.
func Secret(text string) Credential {
	return proving(ClientSecret, func(context.Context, *signIn) (url.Values, error) {
		return url.Values{"client_secret": {text}}, nil
	})
}

// clientCredentials gets a token with the OAuth 2.0 client credentials grant.
func (s *signIn) clientCredentials(ctx context.Context, p proof) (token, error) {
	config := clientcredentials.Config{
		ClientID:       s.known.ClientID,
		TokenURL:       s.endpoint().String(),
		EndpointParams: url.Values{s.audience.key: {s.audience.value}},
		AuthStyle:      oauth2.AuthStyleInParams, // auto-detection sends a wrong secret in two requests
	}
	got, _, err := s.exchange(ctx, p, config.Token)
	return got, err
}

// exchange gets an access token and, if the response has one, a refresh token.
// retrieve is the grant's function of x/oauth2. Each attempt has a new proof.
func (s *signIn) exchange(ctx context.Context, p proof, retrieve func(context.Context) (*oauth2.Token, error)) (got token, refreshToken string, err error) {
	exchange := &tokenTransport{s, p}
	client := &http.Client{Transport: exchange}
	requested := time.Now()
	response, err := retrieve(context.WithValue(ctx, oauth2.HTTPClient, client))
	if err != nil {
		return token{}, "", exchange.cause(ctx, err)
	}
	lifetime := defaultLifetime
	if !response.Expiry.IsZero() {
		lifetime = time.Until(response.Expiry)
	}
	// The field RefreshToken repeats the one sent if the response has none.
	refreshToken, _ = response.Extra("refresh_token").(string)
	return newToken(response.AccessToken, requested, lifetime), refreshToken, nil
}
