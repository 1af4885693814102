package fakeapi

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// tokens are the access tokens issued and not revoked.
type tokens struct {
	mu     sync.Mutex
	count  uint64
	grants map[string]grant
}

// grant is what a token allows.
type grant struct {
	tenant  string
	expires time.Time
}

// RevokeTokens makes every token issued so far answer 401, as after a change of
// the application's secret. The next token works again.
func (s *Server) RevokeTokens() {
	s.tokens.mu.Lock()
	defer s.tokens.mu.Unlock()
	clear(s.tokens.grants)
}

// issue makes a token for a tenant. Its text depends on seed, tenant and
// number, not on the clock.
func (t *tokens) issue(o Options, tenant string, now time.Time) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.grants == nil {
		t.grants = map[string]grant{}
	}
	t.count++
	access := tokenText(o, tenant, t.count)
	t.grants[access] = grant{tenant: tenant, expires: now.Add(o.TokenLifetime)}
	return access
}

// find reads an Authorization header; ok is false unless it holds a token that
// is valid now.
func (t *tokens) find(authorization string, now time.Time) (g grant, ok bool) {
	scheme, access, _ := strings.Cut(authorization, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return grant{}, false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	g, ok = t.grants[access]
	return g, ok && now.Before(g.expires)
}

// tokenText has the three parts of a JSON Web Token. The signature is noise:
// the service's tokens are opaque to its clients, and a client that looked
// inside would find nothing to rely on.
func tokenText(o Options, tenant string, n uint64) string {
	encode := base64.RawURLEncoding.EncodeToString
	header := fmt.Sprintf(`{"typ":"JWT","alg":"RS256","kid":"%s"}`, hexID(40, o.Seed, "kid", 0))
	claims := fmt.Sprintf(`{"aud":"%s","tid":"%s","appid":"%s","uti":"%s","ver":"1.0"}`,
		o.Resource, tenant, o.ClientID, hexID(22, o.Seed, "uti", n))
	var signature [][]byte
	for part := range uint64(8) {
		sum := derive(o.Seed, "signature/"+tenant, n*8+part)
		signature = append(signature, sum[:])
	}
	return encode([]byte(header)) + "." + encode([]byte(claims)) + "." + encode(slices.Concat(signature...))
}
