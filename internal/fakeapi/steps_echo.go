package fakeapi

import (
	"maps"
	"net/url"
	"slices"
	"strings"
)

// Echo is a response that repeats every value of the request, as a careless service or
// a proxy for debugging does: in the members and headers that a client could print. It
// is JSON, but with no status a valid response.
func Echo(status int) Step {
	return Step{run: func(e *exchange) {
		var sent []string
		for _, part := range []map[string][]string{e.r.Header, e.request.Query, e.request.Form} {
			for _, name := range slices.Sorted(maps.Keys(part)) {
				sent = append(sent, part[name]...)
			}
		}
		text := strings.Join(sent, " ")
		e.send(jsonResponse(status, mustMarshal(map[string]any{
			"error": text, "error_description": "AADSTS7000215: " + text, "error_codes": []int{7000215}, "error_uri": text,
			"trace_id": text, "message": text, "value": text, "oidcToken": text, "token_type": text,
		})).
			with("Www-Authenticate", text).
			with("Location", e.server.origin+"/echo?"+url.QueryEscape(text)).
			with("X-Ms-Request-Id", text).
			with("Retry-After", text))
	}}
}
