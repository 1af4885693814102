package fakeapi

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
)

// alerts returns the response of the alerts endpoint, after the page "Pull
// Microsoft Defender for Endpoint alerts using SIEM REST API". The page documents
// the statuses of errors and not their bodies: those here are plain sentences.
func (s *Server) alerts(request *Request) response {
	return s.alertsResponse(request).with("request-id", s.ids.guid("request"))
}

func (s *Server) alertsResponse(request *Request) response {
	if request.Method != http.MethodGet {
		return textResponse(http.StatusMethodNotAllowed, "Method not allowed.").with("Allow", http.MethodGet)
	}
	now := s.opts.Now()
	grant, problem := s.tokens.find(request.Header.Get("Authorization"), s.opts.Resource, now)
	if problem != tokenValid {
		challenge := fmt.Sprintf(`Bearer authorization_uri="%s/%s/oauth2/authorize", error="invalid_token"`,
			s.AuthorityHost(), s.opts.TenantID)
		return textResponse(http.StatusUnauthorized, "Malformed request or invalid token.").
			with("WWW-Authenticate", challenge)
	}
	if body := s.servedBody(); body != nil {
		return response{status: http.StatusOK, header: http.Header{"Content-Type": {"application/json"}}, body: body, verbatim: true}
	}
	q, err := parseQuery(request.RawQuery, now, s.opts.NoDefaultWindow)
	var malformed *parameterError
	if errors.As(err, &malformed) {
		return textResponse(http.StatusBadRequest, malformed.Error())
	}
	return jsonResponse(http.StatusOK, array(q.apply(s.tenants.records(grant.tenant))))
}

// ServeBody makes exactly these bytes, as 200 application/json, the response to
// every authorised alerts request: without filters and compression, whatever the
// parameters. The slice is not copied. An empty slice is an empty body; nil
// restores normal behaviour.
func (s *Server) ServeBody(body []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.body = body
}

func (s *Server) servedBody() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.body
}

// array joins records into a JSON array.
func array(records []record) []byte {
	size := len("[]")
	for _, r := range records {
		size += len(r.text) + len(",")
	}
	var out bytes.Buffer
	out.Grow(size)
	out.WriteByte('[')
	for i, r := range records {
		if i > 0 {
			out.WriteByte(',')
		}
		out.Write(r.text)
	}
	out.WriteByte(']')
	return out.Bytes()
}
