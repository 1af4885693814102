package transport

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// A Request describes the HTTP request of a Do, the same at every attempt.
type Request struct {
	Phase  Phase
	Method string
	URL    *url.URL // with the scheme, host and port of the read's base
	Header http.Header
	Body   string

	// NextBody returns the body of the next attempt, in place of Body; nil for the
	// same body at every attempt. Its error ends the Do.
	NextBody func(context.Context) (string, error)

	// Pace returns when an attempt may be sent, or the context ends; nil does not wait.
	Pace func(context.Context)

	// ParseError returns the error of a response other than 200, from its status
	// and at most the first 64 KiB of its body. If it is nil, or returns nil, the
	// error is an [*Error] with the status. If the error has a method Transient()
	// bool that returns true, the request is retried.
	ParseError func(status int, body []byte) error
}

// newRequest makes the HTTP request that attempts send copies of. Its error is
// an [*Error] of kind Invalid.
func (r *Read) newRequest(ctx context.Context, req Request) (*http.Request, error) {
	httpReq, err := http.NewRequestWithContext(ctx, req.Method, req.URL.String(), http.NoBody)
	if err != nil || !r.client.carriesCredentials(req.URL) || origin(req.URL) != origin(r.base) {
		return nil, Error{Phase: req.Phase, Host: req.URL.Host}.of(Invalid)
	}
	for key, values := range req.Header {
		httpReq.Header[key] = values
	}
	httpReq.Header.Set("Accept", "application/json")
	httpReq.Header.Set("Accept-Encoding", "gzip")
	httpReq.Header.Set("User-Agent", r.client.options.UserAgent)
	return httpReq, nil
}

// An attempt is one request of a Do.
type attempt struct {
	*Read
	request    Request
	known      Error          // the known fields of the attempt's errors
	bytes      int64          // of the body, before decompression
	retryAfter *time.Duration // the wait in the header; nil without a valid one
}

// send sends a copy of the template, with token unless it is "", and calls read with
// the response.
func (a *attempt) send(ctx context.Context, template *http.Request, token, body string, read func(*Response) error) error {
	ctx, cancel := context.WithTimeout(ctx, a.client.options.AttemptTimeout)
	defer cancel()
	trace := &attemptTrace{ctx: ctx, plain: template.URL.Scheme == "http"}
	httpReq := template.Clone(trace.context())
	setBody(httpReq, body)
	if token != "" {
		httpReq.Header.Set("Authorization", "Bearer "+token)
	}
	started := time.Now()
	defer func() {
		if log := a.client.options.Log; log != nil {
			log(ctx, LogEntry{
				Method: a.request.Method, Host: a.request.URL.Host, Path: a.request.URL.Path,
				Attempt: a.known.Attempts, Status: a.known.Status, Bytes: a.bytes, Duration: time.Since(started),
			})
		}
	}()
	resp, err := a.client.options.Base.RoundTrip(httpReq)
	if err != nil {
		return a.known.of(networkKind(trace.cause(err)))
	}
	defer resp.Body.Close()
	return a.receive(ctx, resp, read)
}

// setBody sets the body of a request that net/http cannot resend by itself.
func setBody(req *http.Request, body string) {
	if body == "" {
		return
	}
	req.Body = io.NopCloser(strings.NewReader(body))
	req.ContentLength = int64(len(body))
}
