package fakeapi

import (
	"net/url"
	"strings"
	"sync"
)

// Rotation is what a refresh returns, and does to the refresh token that was sent.
type Rotation int

// The rotations.
const (
	RotateReusable Rotation = iota // a new refresh token; the old one stays valid, as in Entra ID
	RotateOneUse                   // a new refresh token; the old one is refused afterwards
	RotateNever                    // no refresh token; the old one stays valid
)

// refreshTokens holds the refresh tokens that were issued.
type refreshTokens struct {
	mu     sync.Mutex
	count  uint64
	issued map[string]*refreshToken
}

// refreshToken is a refresh token of the application in a tenant. It is not bound to
// a resource.
type refreshToken struct {
	tenant  string
	refused *signInError // why it is refused; nil: it is valid
}

// IssueRefreshToken returns a new refresh token, as if a person had signed in to
// Options.TenantID. Both token endpoints accept it.
func (s *Server) IssueRefreshToken() string {
	return s.refresh.issue(s.opts, strings.ToLower(s.opts.TenantID))
}

// RevokeRefreshTokens invalidates every refresh token issued so far, as a change of
// the person's password does. Access tokens stay valid.
func (s *Server) RevokeRefreshTokens() {
	s.refresh.refuse(grantRefused(50173, "The provided grant has expired due to it being revoked, a fresh auth token is "+
		"needed. The user might have changed or reset their password."))
}

// ExpireRefreshTokens invalidates every refresh token issued so far, as 90 days
// without use do. Access tokens stay valid.
func (s *Server) ExpireRefreshTokens() {
	s.refresh.refuse(grantRefused(700082, "The refresh token has expired due to inactivity. The token was inactive for "+
		"90.00:00:00."))
}

func (r *refreshTokens) issue(o Options, tenant string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.issued == nil {
		r.issued = map[string]*refreshToken{}
	}
	r.count++
	text := "1." + randomText(24, o.Seed, "refresh/"+tenant, r.count)
	r.issued[text] = &refreshToken{tenant: tenant}
	return text
}

func (r *refreshTokens) refuse(reason *signInError) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, token := range r.issued {
		token.refused = reason
	}
}

// grantRefresh validates a refresh token grant. The scope and the resource of the
// request, if any, need not be those of the sign-in: refresh tokens are valid for all
// permissions that the application has.
func (s *Server) grantRefresh(tenant string, form url.Values, a tokenAudience, t *tokenResponse) *signInError {
	if e := s.checkDelegated(tenant, form, a, "refresh_token"); e != nil {
		return e
	}
	if e := s.refresh.use(tenant, form.Get("refresh_token"), s.opts.Rotation); e != nil {
		return e
	}
	t.scope = a.permission
	if s.opts.Rotation != RotateNever {
		t.refresh = s.refresh.issue(s.opts, tenant)
	}
	return nil
}

// use returns the reason why a refresh token is refused, if any, and invalidates a
// valid one if it is for one use.
func (r *refreshTokens) use(tenant, text string, rotation Rotation) *signInError {
	r.mu.Lock()
	defer r.mu.Unlock()
	token, ok := r.issued[text]
	switch {
	case !ok:
		return grantMalformed()
	case token.tenant != tenant:
		return grantRefused(70000, "The provided refresh token is not valid in this tenant.")
	case token.refused != nil:
		return token.refused
	case rotation == RotateOneUse:
		token.refused = grantRefused(70008, "The provided authorization code or refresh token has expired: it was used before.")
	}
	return nil
}
