package fakeapi

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// graphJSON is the content type of Graph's lists.
const graphJSON = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"

// graphAlerts returns the response of Graph's alerts, after the page "List
// alerts_v2". Responses are computed one after the other, so that the moves of
// OnGraphRequest have one order.
func (s *Server) graphAlerts(request *Request) response {
	s.graph.turn.Lock()
	defer s.graph.turn.Unlock()
	s.graph.startRequest()

	now := s.opts.Now()
	grant, problem := s.tokens.find(request.Header.Get("Authorization"), GraphResource, now)
	if problem != tokenValid {
		return s.graphUnauthorized(request, now, problem)
	}
	if request.Method != http.MethodGet {
		return s.graphError(request, now, http.StatusMethodNotAllowed, "Request_BadRequest",
			"Specified HTTP method is not allowed for the request target.").with("Allow", http.MethodGet)
	}
	query, err := s.parseGraphQuery(request.RawQuery)
	if err != nil {
		return s.graphError(request, now, http.StatusBadRequest, "BadRequest", err.Error())
	}
	records := s.graph.records(grant.tenant)
	body := s.graphPage(query, records, s.graphAddress(request), prefers(request.Header, unknownMembers))
	response := jsonResponse(http.StatusOK, body).with("Content-Type", graphJSON)
	return response.withGraphHeaders(request, now, s.ids.guid("request"))
}

// graphAddress returns the address of Graph's alerts as the client reached it.
func (s *Server) graphAddress(request *Request) string {
	scheme, _, _ := strings.Cut(s.origin, "://")
	return scheme + "://" + request.Host + graphPath
}

// graphNowhere returns the response to another path below GraphEndpoint: 400 and
// not 404, as a client gets it whose base address lacks the version or has it
// twice.
func (s *Server) graphNowhere(request *Request) response {
	segments := strings.Split(strings.Trim(request.Path[len(graphPrefix):], "/"), "/")
	message := "Invalid version: " + segments[0]
	if strings.EqualFold(segments[0], "v1.0") {
		message = fmt.Sprintf("Resource not found for the segment '%s'.", segments[min(1, len(segments)-1)])
	}
	return s.graphError(request, s.opts.Now(), http.StatusBadRequest, "BadRequest", message)
}

// withGraphHeaders sets the headers that Graph sends with every response.
func (p response) withGraphHeaders(request *Request, now time.Time, id string) response {
	return p.with("request-id", id).
		with("client-request-id", clientRequestID(request, id)).
		with("x-ms-ags-diagnostic", `{"ServerInfo":{"DataCenter":"Nowhere","Slice":"E","Ring":"1","ScaleUnit":"000"}}`).
		with("Date", now.UTC().Format(http.TimeFormat))
}

// clientRequestID echoes the client's id of a request; without one it is Graph's.
func clientRequestID(request *Request, id string) string {
	if own := request.Header.Get("client-request-id"); own != "" {
		return own
	}
	return id
}

// prefers reports whether a Prefer header has this preference.
func prefers(header http.Header, preference string) bool {
	for _, item := range strings.Split(strings.Join(header.Values("Prefer"), ","), ",") {
		if strings.EqualFold(strings.TrimSpace(item), preference) {
			return true
		}
	}
	return false
}
