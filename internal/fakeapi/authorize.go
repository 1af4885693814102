package fakeapi

import (
	"net/http"
	"net/url"
	"strings"
)

// authorize returns the response of an authorization endpoint to the browser of a
// person who is signed in and consents, so prompt is ignored. The pages do not say
// which errors are sent to the redirect address: here it is all of them, except when
// tenant, application or the address itself is wrong.
func (s *Server) authorize(tenant string, request *Request, a tokenAudience) response {
	if request.Method != http.MethodGet {
		return textResponse(http.StatusMethodNotAllowed, "Method not allowed.").with("Allow", http.MethodGet)
	}
	query := request.Query
	to, e := s.checkRedirect(tenant, query)
	if e != nil {
		return s.signInPage(e)
	}
	refresh, e := s.checkAuthorization(tenant, query, a)
	if e == nil && s.opts.RefuseConsent {
		e = consentRefused()
	}
	if e != nil {
		r := s.report(e)
		return redirect(to, query, url.Values{"error": {e.name}, "error_description": {r.description}, "error_uri": {r.uri}})
	}
	code := s.codes.issue(s.opts, authorizationCode{
		tenant:    tenant,
		resource:  a.resource,
		redirect:  query.Get("redirect_uri"),
		challenge: query.Get("code_challenge"),
		refresh:   refresh,
		expires:   s.opts.Now().Add(codeLifetime),
	})
	return redirect(to, query, url.Values{"code": {code}, "session_state": {s.ids.guid("session")}})
}

// checkRedirect validates what must be right before anything is sent to the redirect
// address, and returns the address.
func (s *Server) checkRedirect(tenant string, query url.Values) (*url.URL, *signInError) {
	if !s.tenants.has(tenant) {
		return nil, tenantNotFound()
	}
	if e := requireOnce(query, "client_id"); e != nil {
		return nil, e
	}
	if e := refuseRepeated(query, "redirect_uri"); e != nil {
		return nil, e
	}
	address := query.Get("redirect_uri")
	to, err := url.Parse(address)
	switch {
	case query.Get("client_id") != s.opts.ClientID:
		return nil, applicationNotFound(tenant)
	case address == "":
		return nil, noRedirectAddress()
	case err != nil, !registered(to), strings.ContainsAny(address, "?#"):
		return nil, unknownRedirectAddress(s.opts.ClientID)
	}
	return to, nil
}

// registered reports whether the application has this redirect address. It has those
// of a native application: plain HTTP to the browser's own machine, on any port.
// That any path is registered is a decision made here.
func registered(u *url.URL) bool {
	host := u.Hostname()
	return u.Scheme == "http" && u.User == nil && (host == "localhost" || host == "127.0.0.1")
}

// checkAuthorization validates the other parameters, and reports whether they request
// a refresh token. Entra ID requires neither a code challenge nor S256, and takes the
// resource from the token request too; the fake is stricter.
func (s *Server) checkAuthorization(tenant string, query url.Values, a tokenAudience) (refresh bool, e *signInError) {
	if e := requireOnce(query, "response_type", a.parameter, "code_challenge", "code_challenge_method"); e != nil {
		return false, e
	}
	if e := refuseRepeated(query, "response_mode", "state"); e != nil {
		return false, e
	}
	mode := query.Get("response_mode")
	switch {
	case query.Get("response_type") != "code":
		return false, unsupportedResponseType()
	case mode != "" && mode != "query":
		return false, unsupportedResponseMode()
	case query.Get("code_challenge_method") != "S256":
		return false, wrongChallengeMethod()
	case len(query.Get("code_challenge")) != challengeLength:
		return false, wrongChallengeSize()
	}
	return a.delegated(tenant, query.Get(a.parameter))
}

// redirect sends the browser to the redirect address with a result and the state of
// the request. As in the page "Redirect URI (reply URL) outline and restrictions", an
// address without a path gets a slash.
func redirect(to *url.URL, query, result url.Values) response {
	if query.Has("state") {
		result.Set("state", query.Get("state"))
	}
	if to.Path == "" {
		to.Path = "/"
	}
	to.RawQuery = result.Encode()
	return noStore(textResponse(http.StatusFound, "Object moved.")).with("Location", to.String())
}
