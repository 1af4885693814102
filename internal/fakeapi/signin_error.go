package fakeapi

import (
	"fmt"
	"html"
	"net/http"
)

// signInError is an error of Entra ID, after the page "Azure AD
// authentication and authorization error codes". Texts contain only configured
// values and parameter names: they must not echo a value that a client sends by
// mistake, such as its secret in another field.
type signInError struct {
	status int
	name   string
	code   int
	text   string
}

func missingParameter(name string) *signInError {
	return &signInError{status: http.StatusBadRequest, name: "invalid_request", code: 900144,
		text: fmt.Sprintf("The request body must contain the following parameter: '%s'.", name)}
}

func repeatedParameter(name string) *signInError {
	return &signInError{status: http.StatusBadRequest, name: "invalid_request", code: 9000411,
		text: fmt.Sprintf("The request is not properly formatted. The parameter '%s' is duplicated.", name)}
}

func unsupportedGrant() *signInError {
	return &signInError{status: http.StatusBadRequest, name: "unsupported_grant_type", code: 70003,
		text: "The app requested an unsupported grant type."}
}

func applicationNotFound(tenant string) *signInError {
	return &signInError{status: http.StatusBadRequest, name: "unauthorized_client", code: 700016,
		text: fmt.Sprintf("The application was not found in the directory '%s'. It has not been installed by the "+
			"administrator of the tenant, or the request went to the wrong tenant.", tenant)}
}

func wrongSecret(clientID string) *signInError {
	return &signInError{status: http.StatusUnauthorized, name: "invalid_client", code: 7000215,
		text: fmt.Sprintf("Invalid client secret provided. Send the secret's value, not its ID, for app '%s'.", clientID)}
}

// assertionRefused returns the error of a client assertion: 50027 (malformed),
// 700021 (another application), 700023 (audience), 700024 (time), 700027 (key or
// signature), 700211 (issuer), 700212 and 700213 (audience and subject of a
// federated credential).
func assertionRefused(code int, text string) *signInError {
	return &signInError{status: http.StatusUnauthorized, name: "invalid_client", code: code, text: text}
}

// tenantNotFound does not name the tenant: unlike in the other texts, it is not a
// configured one.
func tenantNotFound() *signInError {
	return &signInError{status: http.StatusBadRequest, name: "invalid_request", code: 90002,
		text: "The tenant was not found. Check the tenant ID, and that you are signing in to the correct cloud."}
}

func resourceNotFound(tenant string) *signInError {
	return &signInError{status: http.StatusBadRequest, name: "invalid_resource", code: 500011,
		text: fmt.Sprintf("The resource principal was not found in the tenant '%s'.", tenant)}
}

// signInReport is an error as Entra ID tells it.
type signInReport struct {
	description, now, trace, correlation, uri string
}

func (s *Server) report(e *signInError) signInReport {
	r := signInReport{
		now:         s.opts.Now().UTC().Format("2006-01-02 15:04:05Z"),
		trace:       s.ids.guid("trace"),
		correlation: s.ids.guid("correlation"),
		uri:         fmt.Sprintf("%s/error?code=%d", s.AuthorityHost(), e.code),
	}
	r.description = fmt.Sprintf("AADSTS%d: %s\r\nTrace ID: %s\r\nCorrelation ID: %s\r\nTimestamp: %s",
		e.code, e.text, r.trace, r.correlation, r.now)
	return r
}

// signInResponse returns the error in the shape of the token endpoints.
func (s *Server) signInResponse(e *signInError) response {
	r := s.report(e)
	body := mustMarshal(struct {
		Error         string `json:"error"`
		Description   string `json:"error_description"`
		Codes         []int  `json:"error_codes"`
		Timestamp     string `json:"timestamp"`
		TraceID       string `json:"trace_id"`
		CorrelationID string `json:"correlation_id"`
		URI           string `json:"error_uri"`
	}{e.name, r.description, []int{e.code}, r.now, r.trace, r.correlation, r.uri})
	return noStore(jsonResponse(e.status, body))
}

// signInPage returns the error as a page for the person at the browser. Its HTML is
// not that of Entra ID.
func (s *Server) signInPage(e *signInError) response {
	const page = "<!DOCTYPE html>\n<title>Sign in to your account</title>\n<h1>Sorry, but we're having trouble signing you in.</h1>\n<p>%s</p>\n"
	body := fmt.Sprintf(page, html.EscapeString(s.report(e).description))
	return noStore(textResponse(http.StatusBadRequest, body)).with("Content-Type", "text/html; charset=utf-8")
}
