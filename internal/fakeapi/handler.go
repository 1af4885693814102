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
	Token           Endpoint = iota // POST {AuthorityHost}/{tenant}/oauth2/token
	Alerts                          // GET {SIEMEndpoint}/api/alerts
	TokenV2                         // POST {AuthorityHost}/{tenant}/oauth2/v2.0/token
	Graph                           // GET {GraphEndpoint}/v1.0/security/alerts_v2
	GitHub                          // GET {GitHubRequestURL}
	AzureDevOps                     // POST {AzureDevOpsRequestURL}
	ManagedIdentity                 // GET {ManagedIdentityEndpoint} and {AppServiceEndpoint}
	Authorize                       // GET {AuthorityHost}/{tenant}/oauth2/authorize
	AuthorizeV2                     // GET {AuthorityHost}/{tenant}/oauth2/v2.0/authorize

	nowhere // any other path
)

// destination is the endpoint of a path.
type destination struct {
	endpoint Endpoint
	tenant   string // lower case, of the endpoints of Entra ID only
}

// graphPath is the path of Graph's alerts.
const graphPath = graphPrefix + "/v1.0/security/alerts_v2"

// route matches a path case-insensitively, with at most one trailing slash, as
// the services do.
func route(path string) destination {
	path = strings.TrimSuffix(strings.ToLower(path), "/")
	switch path {
	case siemPrefix + "/api/alerts":
		return destination{endpoint: Alerts}
	case graphPath:
		return destination{endpoint: Graph}
	case gitHubPath:
		return destination{endpoint: GitHub}
	case azureDevOpsPath:
		return destination{endpoint: AzureDevOps}
	case identityPath, appServicePath:
		return destination{endpoint: ManagedIdentity}
	}
	if rest, ok := strings.CutPrefix(path, authorityPrefix+"/"); ok {
		tenant, name, _ := strings.Cut(rest, "/")
		if endpoint, ok := entraEndpoints[name]; ok && tenant != "" {
			return destination{endpoint: endpoint, tenant: tenant}
		}
	}
	return destination{endpoint: nowhere}
}

// entraEndpoints are the endpoints of Entra ID, by the path below the tenant.
var entraEndpoints = map[string]Endpoint{
	"oauth2/token":          Token,
	"oauth2/v2.0/token":     TokenV2,
	"oauth2/authorize":      Authorize,
	"oauth2/v2.0/authorize": AuthorizeV2,
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
	case to.endpoint == nowhere && strings.HasPrefix(strings.ToLower(r.URL.Path), graphPrefix+"/"):
		e.send(s.graphNowhere(request))
		return
	case to.endpoint == nowhere:
		e.send(textResponse(http.StatusNotFound, "Not found."))
		return
	case to.endpoint == Token:
		e.normal = func() response { return s.grantToken(to.tenant, request, s.audienceV1()) }
	case to.endpoint == TokenV2:
		e.normal = func() response { return s.grantToken(to.tenant, request, s.audienceV2()) }
	case to.endpoint == Authorize:
		e.normal = func() response { return s.authorize(to.tenant, request, s.audienceV1()) }
	case to.endpoint == AuthorizeV2:
		e.normal = func() response { return s.authorize(to.tenant, request, s.audienceV2()) }
	case to.endpoint == GitHub:
		e.normal = func() response { return s.gitHub(request) }
	case to.endpoint == AzureDevOps:
		e.normal = func() response { return s.azureDevOps(request) }
	case to.endpoint == ManagedIdentity:
		e.normal = func() response { return s.managedIdentity(request) }
	case to.endpoint == Alerts:
		e.normal = func() response { return s.alerts(request) }
	case to.endpoint == Graph:
		e.normal = func() response { return s.graphAlerts(request) }
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
