package siem

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

const alertsPath = "/api/alerts"

// A Client reads the alerts of one tenant.
type Client struct {
	url    *url.URL
	client *transport.Client
	tokens transport.Tokens
}

// New returns a source. The endpoint is the API's base address, with or without
// /api/alerts; the tenant is the one that the tokens are for.
func New(endpoint *url.URL, client *transport.Client, tokens transport.Tokens) *Client {
	address := *endpoint
	if !strings.HasSuffix(strings.ToLower(address.Path), alertsPath) {
		address = *endpoint.JoinPath(alertsPath)
	}
	return &Client{url: &address, client: client, tokens: tokens}
}

// A Sink takes the alerts of a reply.
type Sink interface {
	Reset()             // forget what came: the reply starts over
	Add(a *alert.Alert) // the next alert, valid during the call
}

// Read asks for the alerts of a query and hands them to the sink in the order
// of the reply. Until it has returned nil, what the sink got is void. Its error
// is an [*Error], one of package transport or of the token source, or the
// context's.
func (s *Client) Read(ctx context.Context, q alert.Query, sink Sink) error {
	address := *s.url
	address.RawQuery = parameters(q).Encode()
	return s.client.Do(ctx, transport.Request{
		Phase:  transport.PhaseRead,
		Method: http.MethodGet,
		URL:    &address,
		Tokens: s.tokens,
	}, func(r *transport.Response) error {
		sink.Reset()
		err := decode(r.Body, sink.Add)
		if e, ok := asError(err); ok {
			e.RequestID = r.RequestID
		}
		return err
	})
}
