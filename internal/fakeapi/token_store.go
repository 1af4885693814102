package fakeapi

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// tokens holds the access tokens that were issued and not revoked.
type tokens struct {
	mu     sync.Mutex
	count  uint64
	grants map[string]grant
}

// grant is what a token is valid for.
type grant struct {
	tenant   string // in lower case
	audience string // the resource
	expires  time.Time
}

// RevokeTokens invalidates every token issued so far, as a change of the
// application's secret does: requests with them get a 401. The next token is valid.
func (s *Server) RevokeTokens() {
	s.tokens.mu.Lock()
	defer s.tokens.mu.Unlock()
	clear(s.tokens.grants)
}

// issue returns a new token for a resource in a tenant. Its text depends on seed,
// tenant, resource and count, not on the clock.
func (t *tokens) issue(o Options, tenant, resource string, now time.Time) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.grants == nil {
		t.grants = map[string]grant{}
	}
	t.count++
	access := tokenText(o, tenant, resource, t.count)
	t.grants[access] = grant{tenant: strings.ToLower(tenant), audience: resource, expires: now.Add(o.TokenLifetime)}
	return access
}

// A tokenProblem is the reason why a service refuses a token.
type tokenProblem int

const (
	tokenValid tokenProblem = iota
	tokenAbsent
	tokenUnknown // never issued, or revoked
	tokenExpired
	tokenForeign // of another resource
)

// find returns the grant of the token in an Authorization header, and the reason
// why a resource refuses it, if any.
func (t *tokens) find(authorization, resource string, now time.Time) (grant, tokenProblem) {
	scheme, access, _ := strings.Cut(authorization, " ")
	if !strings.EqualFold(scheme, "Bearer") || access == "" {
		return grant{}, tokenAbsent
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	switch g, ok := t.grants[access]; {
	case !ok:
		return grant{}, tokenUnknown
	case g.audience != resource:
		return grant{}, tokenForeign
	case !now.Before(g.expires):
		return grant{}, tokenExpired
	default:
		return g, tokenValid
	}
}

// tokenText returns a token in the three parts of a JSON Web Token. The signature is
// random: tokens are opaque to clients.
func tokenText(o Options, tenant, resource string, n uint64) string {
	encode := base64.RawURLEncoding.EncodeToString
	header := fmt.Sprintf(`{"typ":"JWT","alg":"RS256","kid":"%s"}`, hexID(40, o.Seed, "kid", 0))
	claims := fmt.Sprintf(`{"aud":"%s","tid":"%s","appid":"%s","uti":"%s","ver":"1.0"}`,
		resource, tenant, o.ClientID, hexID(22, o.Seed, "uti", n))
	return encode([]byte(header)) + "." + encode([]byte(claims)) + "." + randomText(8, o.Seed, "signature/"+tenant, n)
}

// randomText returns the URL-safe text of parts times 32 bytes, which depend only on
// the arguments.
func randomText(parts, seed uint64, label string, n uint64) string {
	var all [][]byte
	for part := range parts {
		sum := derive(seed, label, n*parts+part)
		all = append(all, sum[:])
	}
	return base64.RawURLEncoding.EncodeToString(slices.Concat(all...))
}
