package transporttest

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Step handles one request of a Script.
type Step func(*http.Request) (*http.Response, error)

// A Sent is a request as a Script received it.
type Sent struct {
	At     time.Duration // since NewScript
	Method string
	URL    string
	Header http.Header
	Body   string
}

// A Script is a round tripper that takes one step for each request, and the last
// step again and again. It is safe for concurrent use.
type Script struct {
	began time.Time
	steps []Step

	mu   sync.Mutex
	sent []Sent
}

// NewScript returns a script of at least one step.
func NewScript(steps ...Step) *Script { return &Script{began: time.Now(), steps: steps} }

// RoundTrip records the request and returns the result of the next step.
func (s *Script) RoundTrip(r *http.Request) (*http.Response, error) {
	var text []byte
	if r.Body != nil {
		var err error
		text, err = io.ReadAll(r.Body)
		_ = r.Body.Close()
		if err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	s.sent = append(s.sent, Sent{time.Since(s.began), r.Method, r.URL.String(), r.Header.Clone(), string(text)})
	next := s.steps[min(len(s.sent), len(s.steps))-1]
	s.mu.Unlock()
	return next(r)
}

// Requests returns the requests so far, in the order in which they came.
func (s *Script) Requests() []Sent {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.sent)
}

// Age returns the time since NewScript.
func (s *Script) Age() time.Duration { return time.Since(s.began) }

// Respond returns a step with a whole response. Headers come in pairs; without a
// Content-Type among them it is JSON.
func Respond(status int, body string, headers ...string) Step {
	return RespondFrom(status, func(*http.Request) io.Reader { return strings.NewReader(body) }, headers...)
}

// RespondFrom is Respond with a body that is made for each request.
func RespondFrom(status int, body func(*http.Request) io.Reader, headers ...string) Step {
	return func(r *http.Request) (*http.Response, error) {
		header := http.Header{}
		for i := 0; i < len(headers); i += 2 {
			header.Add(headers[i], headers[i+1])
		}
		if header["Content-Type"] == nil {
			header.Set("Content-Type", "application/json; charset=utf-8")
		}
		return &http.Response{StatusCode: status, Header: header, Request: r, Body: io.NopCloser(body(r))}, nil
	}
}

// Fail returns a step without a response.
func Fail(err error) Step {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

// Hang is a step without a response, until the request is cancelled.
func Hang(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// After returns a step that waits before another, unless the request is
// cancelled first.
func After(wait time.Duration, s Step) Step {
	return func(r *http.Request) (*http.Response, error) {
		select {
		case <-time.After(wait):
			return s(r)
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
}

// Break returns a step with a response of the given status whose body ends with
// an error.
func Break(status int, body string, err error) Step {
	return RespondFrom(status, func(*http.Request) io.Reader {
		return io.MultiReader(strings.NewReader(body), failingReader(func() error { return err }))
	})
}

// Stall returns a step with a response whose body stops until the request is
// cancelled.
func Stall(body string) Step {
	return RespondFrom(http.StatusOK, func(r *http.Request) io.Reader {
		return io.MultiReader(strings.NewReader(body), failingReader(func() error {
			<-r.Context().Done()
			return r.Context().Err()
		}))
	})
}

// A failingReader returns an error at every Read.
type failingReader func() error

func (f failingReader) Read([]byte) (int, error) { return 0, f() }
