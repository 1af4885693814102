package entra

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"

	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

// maxResponse limits a token response, in bytes. A usual one has some 2 KiB.
const maxResponse = 256 << 10

// A tokenTransport is the round tripper below x/oauth2 for the token requests of
// one tenant. It sends them with package transport, and returns to x/oauth2 only
// bodies that are valid token responses. It has no state.
type tokenTransport struct {
	*signIn
	proof proof
}

// RoundTrip sends the request, with retries, and validates the response.
func (t *tokenTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	text, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(text))
	if err != nil {
		return nil, err
	}
	err = t.client.Begin(t.authority, nil, maxResponse).Do(req.Context(), transport.Request{
		Phase:  transport.PhaseSignIn,
		Method: req.Method,
		URL:    req.URL,
		Header: http.Header{"Content-Type": req.Header["Content-Type"]},
		NextBody: func(ctx context.Context) (string, error) {
			proof, err := t.proof(ctx, t.signIn)
			if err != nil {
				return "", err
			}
			maps.Copy(form, proof)
			return form.Encode(), nil
		},
		ParseError: t.parseError,
	}, func(r *transport.Response) error {
		var err error
		if text, err = io.ReadAll(r.Body); err != nil {
			return err
		}
		_, err = t.tokenFields(text, r.RequestID)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: http.StatusOK,
		Proto:      "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:  http.Header{"Content-Type": {"application/json"}},
		Body:    io.NopCloser(bytes.NewReader(text)),
		Request: req,
	}, nil
}

// cause returns the error of RoundTrip behind one of x/oauth2, whose own errors
// quote addresses and responses.
func (t *tokenTransport) cause(ctx context.Context, err error) error {
	var (
		wrapper *url.Error
		refused *Error
		failed  *transport.Error
	)
	switch {
	case errors.As(err, &wrapper) && (errors.As(wrapper.Err, &refused) || errors.As(wrapper.Err, &failed)):
		return wrapper.Err
	case ctx.Err() != nil:
		return t.ended(ctx)
	}
	return t.unusable("", "")
}
