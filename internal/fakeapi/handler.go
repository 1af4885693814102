package fakeapi

import (
	"net"
	"net/http"
	"strings"
)

// Endpoint is a path whose behaviour Script changes.
type Endpoint int

// The endpoints.
const (
	Token  Endpoint = iota // POST {AuthorityHost}/{tenant}/oauth2/token
	Alerts                 // GET {SIEMEndpoint}/api/alerts

	nowhere // any other path
)

// destination is the endpoint of a path.
type destination struct {
	endpoint Endpoint
	tenant   string // lower case, Token only
}

// route matches a path case-insensitively, with at most one trailing slash, as
// both services do.
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

// serve records a request, takes a step of the script and runs it.
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
		e.send(textResponse(http.StatusRequestEntityTooLarge, "Request too large."))
		return
	case err != nil:
		panic(http.ErrAbortHandler)
	case to.endpoint == nowhere:
		e.send(textResponse(http.StatusNotFound, "Not found."))
		return
	case to.endpoint == Token:
		e.normal = func() response { return s.token(to.tenant, request) }
	case to.endpoint == Alerts:
		e.normal = func() response { return s.alerts(request) }
	}
	e.run(s.scripts.next(to.endpoint))
}

// enter admits a request unless Close has begun: a WaitGroup must not grow during
// Wait.
func (s *Server) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.handlers.Add(1)
	return true
}

// adopt registers a hijacked connection, which net/http no longer closes, for
// Close. If Close has begun, it closes conn at once.
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
