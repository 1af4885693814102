package signin

import (
	"context"
	"crypto/rsa"
	"errors"
	"strings"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// The registered applications.
const (
	publicID       = "3d2e7b51-8c04-4f6a-b1d9-70a5e2c94f13"
	confidentialID = "b84a06c2-5e9f-4137-8d2a-c6f3910e7b5d"
	daemonID       = "e917f4d8-0a6b-4c25-93e1-5b7d2f80a46c"

	confidentialSecret = "confidential~secret"
	daemonSecret       = "daemon secret+of/this=test&"
)

// A person of the example's store.
const (
	userID       = "id2"
	userName     = "test-user2"
	userPassword = "verysecure"
)

// applications is the example's storage with the registrations of these tests.
type applications struct {
	*storage.Storage
	permission string // of persons, a scope
	everything string // the daemon's scope
	key        *rsa.PublicKey
}

func newApplications(permission, everything string, key *rsa.PublicKey) *applications {
	return &applications{
		storage.NewStorageWithClients(storage.NewUserStore("http://localhost:0"), map[string]*storage.Client{
			publicID:       storage.NativeClient(publicID, "http://localhost"),
			confidentialID: storage.WebClient(confidentialID, confidentialSecret, "http://localhost"),
		}),
		permission, everything, key,
	}
}

// GetClientByClientID returns an application that persons sign in to.
func (a *applications) GetClientByClientID(ctx context.Context, id string) (op.Client, error) {
	client, err := a.Storage.GetClientByClientID(ctx, id)
	if err != nil {
		return nil, err
	}
	return application{client, a.permission}, nil
}

// An application is registered for mobile and desktop: with http://localhost any port
// is its redirect URI. Its access tokens are signed.
type application struct {
	op.Client
	scope string
}

func (application) ApplicationType() op.ApplicationType { return op.ApplicationTypeNative }
func (application) AccessTokenType() op.AccessTokenType { return op.AccessTokenTypeJWT }
func (a application) IsScopeAllowed(scope string) bool  { return scope == a.scope }

func (a application) AuthMethod() oidc.AuthMethod {
	if a.Client.AuthMethod() == oidc.AuthMethodBasic {
		return oidc.AuthMethodPost
	}
	return a.Client.AuthMethod()
}

// A daemon is an application that signs in by itself.
type daemon struct{ application }

func (daemon) AuthMethod() oidc.AuthMethod { return oidc.AuthMethodPost }

func (daemon) GrantTypes() []oidc.GrantType {
	return []oidc.GrantType{oidc.GrantTypeClientCredentials}
}

// ClientCredentials returns the daemon for its secret.
func (a *applications) ClientCredentials(_ context.Context, id, secret string) (op.Client, error) {
	if id != daemonID || secret != daemonSecret {
		return nil, errors.New("wrong client ID or secret")
	}
	return daemon{application{storage.NativeClient(daemonID), a.everything}}, nil
}

// ClientCredentialsTokenRequest returns what the daemon gets for scopes.
func (a *applications) ClientCredentialsTokenRequest(ctx context.Context, id string, scopes []string) (op.TokenRequest, error) {
	granted, err := a.ValidateJWTProfileScopes(ctx, id, scopes)
	return &oidc.JWTTokenRequest{Subject: id, Audience: []string{id}, Scopes: granted}, err
}

// GetKeyByIDAndClientID returns the key of the daemon's certificate. Entra ID finds it
// by the thumbprint, so that assertions have no key ID.
func (a *applications) GetKeyByIDAndClientID(_ context.Context, keyID, id string) (*jose.JSONWebKey, error) {
	if id != daemonID || keyID != "" {
		return nil, errors.New("unknown client or key")
	}
	return &jose.JSONWebKey{Use: "sig", Key: a.key}, nil
}

// ValidateJWTProfileScopes accepts the daemon's one scope.
func (a *applications) ValidateJWTProfileScopes(_ context.Context, id string, scopes []string) ([]string, error) {
	if id != daemonID || len(scopes) != 1 || scopes[0] != a.everything {
		return nil, oidc.ErrInvalidScope()
	}
	return scopes, nil
}

// JWTProfileTokenType returns that access tokens for assertions are signed too.
func (*applications) JWTProfileTokenType(context.Context, op.TokenRequest) (op.AccessTokenType, error) {
	return op.AccessTokenTypeJWT, nil
}

// GetPrivateClaimsFromScopes returns the scopes as the claim of Entra ID's tokens.
func (*applications) GetPrivateClaimsFromScopes(_ context.Context, _, _ string, scopes []string) (map[string]any, error) {
	return map[string]any{"scp": strings.Join(scopes, " ")}, nil
}
