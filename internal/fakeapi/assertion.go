package fakeapi

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
	"sync"
	"time"
)

// assertionType is the only client_assertion_type.
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// maxAssertionLifetime is the longest lifetime that the page "Microsoft identity
// platform application authentication certificate credentials" advises. Entra ID
// accepts longer ones.
const maxAssertionLifetime = 10 * time.Minute

// proofs holds the application's certificates, and the assertions that were used.
type proofs struct {
	mu           sync.Mutex
	certificates []*x509.Certificate
	used         map[string]bool // by jti
}

// RegisterCertificate adds a certificate to the application. Its key must be RSA.
func (s *Server) RegisterCertificate(certificate *x509.Certificate) {
	s.proofs.mu.Lock()
	defer s.proofs.mu.Unlock()
	s.proofs.certificates = append(s.proofs.certificates, certificate)
}

// A webToken is a JSON Web Token.
type webToken struct {
	header struct {
		Algorithm  string `json:"alg"`
		Thumbprint string `json:"x5t#S256"`
	}
	claims struct {
		Issuer    string `json:"iss"`
		Subject   string `json:"sub"`
		Audience  string `json:"aud"`
		ID        string `json:"jti"`
		NotBefore int64  `json:"nbf"`
		IssuedAt  int64  `json:"iat"`
		Expires   int64  `json:"exp"`
	}
	signed    []byte
	signature []byte
}

// parseWebToken decodes a token without checking it.
func parseWebToken(text string) (t webToken, ok bool) {
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return t, false
	}
	var decoded [3][]byte
	for i, part := range parts {
		var err error
		if decoded[i], err = base64.RawURLEncoding.DecodeString(part); err != nil {
			return t, false
		}
	}
	t.signed, t.signature = []byte(parts[0]+"."+parts[1]), decoded[2]
	return t, json.Unmarshal(decoded[0], &t.header) == nil && json.Unmarshal(decoded[1], &t.claims) == nil
}

// checkAssertion validates the client assertion in a form: one that the application
// signed with its certificate, or an OIDC token that its federated credential accepts.
func (s *Server) checkAssertion(form url.Values, endpoint string) *signInError {
	if form.Get("client_assertion_type") != assertionType {
		return missingParameter("client_assertion_type")
	}
	t, ok := parseWebToken(form.Get("client_assertion"))
	switch {
	case !ok:
		return assertionRefused(50027, "JWT token is invalid or malformed.")
	case t.header.Thumbprint == "":
		return s.checkFederated(t)
	}
	return s.checkSigned(t, endpoint)
}

// checkSigned validates an assertion of a certificate. That an ID works only once
// is a decision made here.
func (s *Server) checkSigned(t webToken, endpoint string) *signInError {
	if !s.proofs.signedBy(t) {
		return assertionRefused(700027, "Client assertion failed signature validation.")
	}
	lifetime := time.Duration(t.claims.Expires-t.claims.NotBefore) * time.Second
	switch c := t.claims; {
	case c.Issuer != s.opts.ClientID, c.Subject != s.opts.ClientID:
		return assertionRefused(700021, "Client assertion application identifier doesn't match 'client_id' parameter.")
	case !strings.EqualFold(c.Audience, endpoint):
		return assertionRefused(700023, "Client assertion audience claim does not match Realm issuer.")
	case !s.valid(t), c.IssuedAt == 0, lifetime > maxAssertionLifetime:
		return assertionRefused(700024, "Client assertion is not within its valid time range.")
	case !s.proofs.use(c.ID):
		return assertionRefused(700027, "Client assertion was used before, or has no ID.")
	}
	return nil
}

// valid reports whether a token is within its time range, with Entra ID's tolerance.
func (s *Server) valid(t webToken) bool {
	now := s.opts.Now()
	return !now.Before(time.Unix(t.claims.NotBefore, 0).Add(-clockSkew)) && !now.After(time.Unix(t.claims.Expires, 0).Add(clockSkew))
}

// signedBy reports whether a registered certificate signed the token with PS256.
func (p *proofs) signedBy(t webToken) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	digest := sha256.Sum256(t.signed)
	for _, certificate := range p.certificates {
		thumbprint := sha256.Sum256(certificate.Raw)
		key, ok := certificate.PublicKey.(*rsa.PublicKey)
		if ok && t.header.Thumbprint == base64.RawURLEncoding.EncodeToString(thumbprint[:]) {
			options := &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}
			return t.header.Algorithm == "PS256" && rsa.VerifyPSS(key, crypto.SHA256, digest[:], t.signature, options) == nil
		}
	}
	return false
}

// use reports whether an assertion's ID is new, and marks it as used.
func (p *proofs) use(id string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.used == nil {
		p.used = map[string]bool{}
	}
	fresh := id != "" && !p.used[id]
	p.used[id] = true
	return fresh
}

// checkFederated validates an OIDC token against the application's federated
// credential, which trusts the fake's own issuer.
func (s *Server) checkFederated(t webToken) *signInError {
	_, public := s.issuerKey()
	switch {
	case t.claims.Issuer != s.issuer():
		return assertionRefused(700211, "No matching federated identity record found for presented assertion issuer.")
	case t.claims.Subject != s.opts.Subject:
		return assertionRefused(700213, "No matching federated identity record found for presented assertion subject.")
	case t.claims.Audience != federatedAudience:
		return assertionRefused(700212, "No matching federated identity record found for presented assertion audience.")
	case !ed25519.Verify(public, t.signed, t.signature):
		return assertionRefused(700027, "Client assertion failed signature validation.")
	case !s.valid(t):
		return assertionRefused(700024, "Client assertion is not within its valid time range.")
	}
	return nil
}
