package fakeapi

import (
	"fmt"
	"net/http"
	"time"
)

// graphError returns an error in Graph's envelope, after the page "Microsoft Graph
// error responses and resource types".
func (s *Server) graphError(request *Request, now time.Time, status int, code, message string) response {
	id := s.ids.guid("request")
	type inner struct {
		Date            string `json:"date"`
		RequestID       string `json:"request-id"`
		ClientRequestID string `json:"client-request-id"`
	}
	type envelope struct {
		Code    string `json:"code"`
		Message string `json:"message"`
		Inner   inner  `json:"innerError"`
	}
	body := mustMarshal(struct {
		Error envelope `json:"error"`
	}{envelope{code, message, inner{now.UTC().Format("2006-01-02T15:04:05"), id, clientRequestID(request, id)}}})
	return jsonResponse(status, body).with("Content-Type", "application/json").withGraphHeaders(request, now, id)
}

// graphUnauthorized returns the 401 of a token that Graph refuses.
func (s *Server) graphUnauthorized(request *Request, now time.Time, problem tokenProblem) response {
	message := map[tokenProblem]string{
		tokenAbsent:  "Access token is empty.",
		tokenUnknown: "Signature is invalid.",
		tokenExpired: "Lifetime validation failed, the token is expired.",
		tokenForeign: "Access token validation failure. Invalid audience.",
	}[problem]
	challenge := fmt.Sprintf(`Bearer realm="", authorization_uri="%s/common/oauth2/authorize", client_id="%s"`,
		s.AuthorityHost(), guid(0, "graph", 0))
	return s.graphError(request, now, http.StatusUnauthorized, "InvalidAuthenticationToken", message).
		with("WWW-Authenticate", challenge)
}
