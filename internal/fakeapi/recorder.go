package fakeapi

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"
)

// maxRequestBody is the size limit of a request body in bytes. A token request has
// about 200.
const maxRequestBody = 1 << 20

// Request is one recorded request.
type Request struct {
	Time     time.Time // arrival by the real clock, so that differences measure a client's delays
	Method   string
	Host     string // the Host header
	Path     string // decoded, in the client's spelling
	RawQuery string
	Query    url.Values
	Form     url.Values // the body parsed as a form; empty if it is not one
	Header   http.Header
	Status   int // status of the response; 0 if it was broken on purpose or is still in progress
}

// Requests returns copies of all requests so far in order of arrival, those to
// unknown paths included.
func (s *Server) Requests() []Request {
	return s.requests.list(func(string) bool { return true })
}

// TokenRequests returns the requests to the token endpoints, of any tenant and
// method.
func (s *Server) TokenRequests() []Request {
	return s.requests.list(func(path string) bool {
		e := route(path).endpoint
		return e == Token || e == TokenV2
	})
}

// AuthorizeRequests returns the requests to the authorization endpoints, of any
// tenant and method.
func (s *Server) AuthorizeRequests() []Request {
	return s.requests.list(func(path string) bool {
		e := route(path).endpoint
		return e == Authorize || e == AuthorizeV2
	})
}

// GraphRequests returns the requests to Graph's alerts, of any method.
func (s *Server) GraphRequests() []Request {
	return s.requests.list(func(path string) bool { return route(path).endpoint == Graph })
}

// OIDCTokenRequests returns the requests for OIDC tokens of GitHub and Azure DevOps, of
// any method.
func (s *Server) OIDCTokenRequests() []Request {
	return s.requests.list(func(path string) bool {
		e := route(path).endpoint
		return e == GitHub || e == AzureDevOps
	})
}

// IdentityRequests returns the requests for tokens of the managed identity, of any
// method.
func (s *Server) IdentityRequests() []Request {
	return s.requests.list(func(path string) bool { return route(path).endpoint == ManagedIdentity })
}

// AlertRequests returns the requests to the alerts of the SIEM API, of any method.
func (s *Server) AlertRequests() []Request {
	return s.requests.list(func(path string) bool { return route(path).endpoint == Alerts })
}

type recorder struct {
	mu   sync.Mutex
	seen []*Request
}

// record reads the body and appends the request. A body over maxRequestBody is an
// error, but the request is recorded too.
func (l *recorder) record(w http.ResponseWriter, r *http.Request) (*Request, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequestBody))
	form, formErr := url.ParseQuery(string(body))
	if formErr != nil {
		form = nil
	}
	request := &Request{
		Time:     time.Now(),
		Method:   r.Method,
		Host:     r.Host,
		Path:     r.URL.Path,
		RawQuery: r.URL.RawQuery,
		Query:    r.URL.Query(),
		Form:     form,
		Header:   r.Header.Clone(),
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seen = append(l.seen, request)
	return request, err
}

// recordStatus stores the status. Call it before the first byte of the response is
// written: a client that has the response must find its status.
func (l *recorder) recordStatus(request *Request, status int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	request.Status = status
}

func (l *recorder) list(keep func(path string) bool) []Request {
	l.mu.Lock()
	defer l.mu.Unlock()
	var requests []Request
	for _, r := range l.seen {
		if keep(r.Path) {
			requests = append(requests, *r)
		}
	}
	return slices.Clip(requests)
}

// tooLarge distinguishes a body over maxRequestBody from an incomplete one.
func tooLarge(err error) bool {
	var limit *http.MaxBytesError
	return errors.As(err, &limit)
}
