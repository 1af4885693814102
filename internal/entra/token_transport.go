package entra

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

// maxReply bounds a token reply, which has some 2 KiB.
const maxReply = 256 << 10

// An tokenTransport is the round tripper under x/oauth2 for one token request. It
// sends the request with package transport and passes on a reply of its own
// making, with what was read from the service's and nothing else.
type tokenTransport struct {
	client           *transport.Client
	tenant, clientID string

	lifetime time.Duration // of the token
	err      error         // why there is none
}

// RoundTrip sends the request, as often as package transport finds right.
func (e *tokenTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	form, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	var reply tokenResponse
	e.err = e.client.Do(req.Context(), transport.Request{
		Phase:      transport.PhaseSignIn,
		Method:     req.Method,
		URL:        req.URL,
		Header:     http.Header{"Content-Type": req.Header["Content-Type"]},
		Body:       string(form),
		MaxBytes:   maxReply,
		ParseError: e.refused,
	}, func(r *transport.Response) (err error) {
		reply, err = e.read(r)
		return err
	})
	if e.err != nil {
		return nil, e.err
	}
	e.lifetime = reply.lifetime
	return response(req, reply)
}

func response(req *http.Request, reply tokenResponse) (*http.Response, error) {
	body, err := json.Marshal(map[string]any{
		"access_token": reply.accessToken,
		"token_type":   "Bearer",
		"expires_in":   int64(reply.lifetime / time.Second),
	})
	if err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: http.StatusOK,
		Proto:      "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:  http.Header{"Content-Type": {"application/json"}},
		Body:    io.NopCloser(bytes.NewReader(body)),
		Request: req,
	}, nil
}
