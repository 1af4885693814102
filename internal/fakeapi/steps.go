package fakeapi

import "net/http"

// Normal is the normal response, compressed if the client accepts that. It leaves a
// gap in a script of faults.
func Normal() Step {
	return Step{run: func(e *exchange) {
		p := e.response()
		if p.status == http.StatusOK && !p.verbatim {
			p.header.Set("Vary", "Accept-Encoding")
			if acceptsGzip(e.r.Header) {
				p = p.compressed()
			}
		}
		e.send(p)
	}}
}

// Reply is a complete response with the correct Content-Length: from a gateway, a
// throttle, or the service itself. A nil header means a JSON content type;
// otherwise exactly these headers are sent, besides Date and Content-Length.
func Reply(status int, header http.Header, body string) Step {
	if header == nil {
		header = http.Header{"Content-Type": {jsonType}}
	}
	p := response{status: status, header: header.Clone(), body: []byte(body)}
	return Step{run: func(e *exchange) { e.send(p) }}
}

// RedirectTo is a redirect: of a moved service, a captive portal, or an attacker
// who wants the client's credentials sent to url.
func RedirectTo(status int, url string) Step {
	header := http.Header{"Content-Type": {"text/html; charset=utf-8"}, "Location": {url}}
	return Reply(status, header, "<html><body>Object moved.</body></html>")
}

// ContentType is a 200 with another media type: the sign-in page of a proxy, an
// error page, a charset that JSON does not allow. An empty mediaType sends no
// Content-Type.
func ContentType(mediaType, body string) Step {
	header := http.Header{}
	if mediaType != "" {
		header.Set("Content-Type", mediaType)
	}
	return Reply(http.StatusOK, header, body)
}
