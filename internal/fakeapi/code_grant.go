package fakeapi

import (
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"sync"
	"time"
)

// codeLifetime is how long a code is accepted.
const codeLifetime = 10 * time.Minute

// challengeLength is the length of a code challenge: of a SHA-256 in base64url.
const challengeLength = 43

// codes holds the authorization codes that were issued.
type codes struct {
	mu     sync.Mutex
	count  uint64
	issued map[string]*authorizationCode
}

// authorizationCode is what a code was issued for.
type authorizationCode struct {
	tenant    string
	resource  string
	redirect  string // redirect_uri, in the client's spelling
	challenge string
	refresh   bool // a refresh token was requested
	expires   time.Time
	redeemed  bool
}

func (c *codes) issue(o Options, code authorizationCode) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.issued == nil {
		c.issued = map[string]*authorizationCode{}
	}
	c.count++
	text := "1." + randomText(12, o.Seed, "code/"+code.tenant, c.count)
	c.issued[text] = &code
	return text
}

// grantCode validates an authorization code grant and redeems the code.
func (s *Server) grantCode(tenant string, form url.Values, a tokenAudience, t *tokenResponse) *signInError {
	if e := s.checkDelegated(tenant, form, a, "code", "redirect_uri"); e != nil {
		return e
	}
	if e := refuseRepeated(form, "code_verifier"); e != nil {
		return e
	}
	refresh, e := s.codes.redeem(tenant, form, a.resource, t.now)
	if e != nil {
		return e
	}
	t.scope = a.permission
	if refresh {
		t.refresh = s.refresh.issue(s.opts, tenant)
	}
	return nil
}

// redeem marks a code as used, and reports whether a refresh token was requested with
// it. A request that is refused does not use up the code.
func (c *codes) redeem(tenant string, form url.Values, resource string, now time.Time) (refresh bool, e *signInError) {
	c.mu.Lock()
	defer c.mu.Unlock()
	code, ok := c.issued[form.Get("code")]
	verifier := form.Get("code_verifier")
	switch {
	case !ok:
		return false, grantMalformed()
	case code.tenant != tenant:
		return false, grantRefused(700005, "Provided Authorization Code is intended to use against other tenant, thus rejected.")
	case code.redeemed:
		return false, grantRefused(54005, "OAuth2 Authorization code was already redeemed, please retry with a new valid "+
			"code or use an existing refresh token.")
	case !now.Before(code.expires):
		return false, grantRefused(70008, "The provided authorization code or refresh token has expired due to inactivity. "+
			"Send a new interactive authorization request for this user and resource.")
	case code.redirect != form.Get("redirect_uri"):
		return false, otherRedirectAddress()
	case verifier == "":
		return false, grantRefused(50148, "The code_verifier does not match the code_challenge supplied in the "+
			"authorization request for PKCE.")
	case challenge(verifier) != code.challenge:
		return false, grantRefused(501481, "The Code_Verifier does not match the code_challenge supplied in the "+
			"authorization request.")
	case code.resource != resource:
		// The code of this error is a decision made here.
		return false, grantRefused(70000, "The code was issued for another resource.")
	}
	code.redeemed = true
	return code.refresh, nil
}

// challenge returns the S256 challenge of a verifier.
func challenge(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
