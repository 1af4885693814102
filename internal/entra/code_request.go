package entra

import (
	"context"
	"net/url"
	"sync/atomic"
	"time"

	"golang.org/x/oauth2"

	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

// A CodeRequest is one sign-in of a person to the application: its address, and the
// exchange of the authorization code, which the browser brings back, for a refresh
// token. It prints without its secrets.
type CodeRequest struct {
	signIn  *signIn
	timeout time.Duration
	config  *oauth2.Config

	state, verifier string
	redeemed        atomic.Bool
}

// NewCodeRequest returns a request with a random state and PKCE verifier. The
// credential in the options is not used; secret is that of a confidential client, or "".
func NewCodeRequest(o Options, tenant, secret, redirectURI string) *CodeRequest {
	o.Client = o.Client.Once() // a code is valid once
	s := newSignIn(o, tenant, AuthorizationCode)
	config := s.person(secret)
	config.RedirectURL = redirectURI
	return &CodeRequest{signIn: s, timeout: o.Timeout, config: config, state: oauth2.GenerateVerifier(), verifier: oauth2.GenerateVerifier()}
}

// String returns the name of the credential.
func (r *CodeRequest) String() string { return AuthorizationCode }

// GoString returns the name of the credential.
func (r *CodeRequest) GoString() string { return AuthorizationCode }

// State returns the state, which the redirect must bring back.
func (r *CodeRequest) State() string { return r.state }

// URL returns the address to open in a browser:
//
//	{authority host}/{tenant}/oauth2/authorize?response_type=code&client_id=…&resource=…
//	&redirect_uri=…&state=…&code_challenge=…&code_challenge_method=S256
func (r *CodeRequest) URL() string {
	return r.config.AuthCodeURL(r.state, r.audience(), oauth2.S256ChallengeOption(r.verifier))
}

func (r *CodeRequest) audience() oauth2.AuthCodeOption {
	return oauth2.SetAuthURLParam(r.signIn.audience.key, r.signIn.audience.delegated)
}

// Redeem returns the refresh token for a code. It sends one request, and none at a
// second call.
func (r *CodeRequest) Redeem(ctx context.Context, code string) (refreshToken string, err error) {
	switch {
	case !isToken(code):
		return "", r.signIn.bad("The authorization code is empty, longer than 64 KiB, or has a character that a code cannot have.")
	case !r.redeemed.CompareAndSwap(false, true):
		return "", r.signIn.bad("The authorization code was already redeemed.")
	}
	ctx, cancel := transport.WithTimeout(ctx, r.timeout, "")
	defer cancel()
	_, refreshToken, err = r.signIn.exchange(ctx, nothingNew, func(ctx context.Context) (*oauth2.Token, error) {
		return r.config.Exchange(ctx, code, r.audience(), oauth2.VerifierOption(r.verifier))
	})
	if err == nil && refreshToken == "" {
		err = r.signIn.unusable("refresh_token", "")
	}
	return refreshToken, err
}

// Refusal returns the error of a redirect with an OAuth error code in place of a code.
// It contains of both texts only what is checked: anybody can have written them.
func (r *CodeRequest) Refusal(code, description string) error {
	e := r.signIn.known.of(Refused)
	if codePattern.MatchString(code) {
		e.Code = code
	}
	e.STS = stsIn([]byte(description))
	return e
}

// nothingNew is the proof of a request that is sent once.
func nothingNew(context.Context, *signIn) (url.Values, error) { return nil, nil }
