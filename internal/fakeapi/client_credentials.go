package fakeapi

import "net/url"

// checkClientCredentials validates a client credentials grant.
func (s *Server) checkClientCredentials(tenant string, form url.Values, a tokenAudience) *signInError {
	names := []string{"grant_type", "client_id", "client_secret", a.parameter}
	if form.Has("client_assertion") {
		names = []string{"grant_type", "client_id", "client_assertion_type", "client_assertion", a.parameter}
	}
	if e := requireOnce(form, names...); e != nil {
		return e
	}
	switch {
	case form.Get("grant_type") != "client_credentials":
		return unsupportedGrant()
	case form.Get("client_id") != s.opts.ClientID:
		return applicationNotFound(tenant)
	case form.Has("client_assertion"):
		if e := s.checkAssertion(form, s.AuthorityHost()+"/"+tenant+"/"+a.path); e != nil {
			return e
		}
	case form.Get("client_secret") != s.opts.ClientSecret:
		return wrongSecret(s.opts.ClientID)
	}
	return a.check(tenant, form.Get(a.parameter))
}
