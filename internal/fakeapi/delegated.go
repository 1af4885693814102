package fakeapi

import "net/url"

// checkDelegated validates what the grants for a person have in common: the
// parameters, the application, its secret or assertion, and the resource, which may
// be absent: then it is the one that the person signed in for.
func (s *Server) checkDelegated(tenant string, form url.Values, a tokenAudience, names ...string) *signInError {
	if e := requireOnce(form, append([]string{"grant_type", "client_id"}, names...)...); e != nil {
		return e
	}
	if e := refuseRepeated(form, "client_secret", "client_assertion_type", "client_assertion", a.parameter); e != nil {
		return e
	}
	if form.Get("client_id") != s.opts.ClientID {
		return applicationNotFound(tenant)
	}
	if e := s.authenticateClient(form, s.AuthorityHost()+"/"+tenant+"/"+a.path); e != nil {
		return e
	}
	if form.Get(a.parameter) == "" {
		return nil
	}
	_, e := a.delegated(tenant, form.Get(a.parameter))
	return e
}

// authenticateClient checks the secret or the assertion of a confidential client, and
// that a public client sends neither.
func (s *Server) authenticateClient(form url.Values, endpoint string) *signInError {
	secret, assertion := form.Get("client_secret"), form.Get("client_assertion")
	switch none := secret == "" && assertion == ""; {
	case s.opts.PublicClient && none:
		return nil
	case s.opts.PublicClient:
		return secretOfPublicClient()
	case none:
		return clientNotAuthenticated()
	case assertion != "":
		return s.checkAssertion(form, endpoint)
	case secret != s.opts.ClientSecret:
		return wrongSecret(s.opts.ClientID)
	}
	return nil
}
