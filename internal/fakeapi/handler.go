package fakeapi

import (
	"net"
	"net/http"
	"strings"
)

// Endpoint is one of the places that Script can make misbehave.
type Endpoint int

// The endpoints.
const (
	Token  Endpoint = iota // POST {AuthorityHost}/{tenant}/oauth2/token
	Alerts                 // GET {SIEMEndpoint}/api/alerts

	nowhere // any other path
)

// destination is what a path means.
type destination struct {
	endpoint Endpoint
	tenant   string // lower case, Token only
}

// route reads a path in any case, with at most one trailing slash, as both
// services do.
func route(path string) destination {
	path = strings.TrimSuffix(strings.ToLower(path), "/")
	if path == siemPrefix+"/api/alerts" {
		return destination{endpoint: Alerts}
	}
	rest, inAuthority := strings.CutPrefix(path, authorityPrefix+"/")
	tenant, isToken := strings.CutSuffix(rest, "/oauth2/token")
	if inAuthority && isToken && tenant != "" && !strings.Contains(tenant, "/") {
		return destination{endpoint: Token, tenant: tenant}
	}
	return destination{endpoint: nowhere}
}

// serve is the life of a request: record, take a step of the script, run it.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if !s.enter() {
		panic(http.ErrAbortHandler)
	}
	defer s.handlers.Done()

	request, err := s.requests.record(w, r)
	to := route(r.URL.Path)
	e := &exchange{server: s, w: w, r: r, request: request}
	switch {
	case tooLarge(err):
		e.send(textReply(http.StatusRequestEntityTooLarge, "Request too large."))
		return
	case err != nil:
		panic(http.ErrAbortHandler)
	case to.endpoint == nowhere:
		e.send(textReply(http.StatusNotFound, "Not found."))
		return
	case to.endpoint == Token:
		e.normal = func() reply { return s.token(to.tenant, request) }
	case to.endpoint == Alerts:
		e.normal = func() reply { return s.alerts(request) }
	}
	e.run(s.scripts.next(to.endpoint))
}

// enter admits a request unless Close has begun. It exists because a WaitGroup
// must not grow while it is waited for.
func (s *Server) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.handlers.Add(1)
	return true
}

// adopt makes Close close a hijacked connection, which net/http no longer does.
// It closes conn at once when Close was faster.
func (s *Server) adopt(conn net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hijacked[conn] = struct{}{}
	if s.closed {
		_ = conn.Close()
	}
}

// disown closes an adopted connection.
func (s *Server) disown(conn net.Conn) {
	s.mu.Lock()
	delete(s.hijacked, conn)
	s.mu.Unlock()
	_ = conn.Close()
}
