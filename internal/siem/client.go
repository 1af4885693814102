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

// A Client reads the detections of one tenant.
type Client struct {
	url      *url.URL
	client   *transport.Client
	tokens   transport.Tokens
	maxBytes int64
}

var _ alert.Source = (*Client)(nil)

// New returns a client. The endpoint is the API's base address, with or without
// /api/alerts; the tenant is that of the tokens; maxBytes limits the decoded
// response of a read.
func New(endpoint *url.URL, client *transport.Client, tokens transport.Tokens, maxBytes int64) *Client {
	address := *endpoint
	if !strings.HasSuffix(strings.ToLower(address.Path), alertsPath) {
		address = *endpoint.JoinPath(alertsPath)
	}
	return &Client{url: &address, client: client, tokens: tokens, maxBytes: maxBytes}
}

// Read requests the detections of a query and hands them to the sink in the order
// of the response, as [alert.Source] describes. Its error is a [*records.Error],
// one of package transport, of the tokens or of the sink, or the context's.
func (c *Client) Read(ctx context.Context, q alert.Query, sink alert.Sink) error {
	address := *c.url
	address.RawQuery = parameters(q).Encode()
	return c.client.Begin(c.url, c.tokens, c.maxBytes).Do(ctx, transport.Request{
		Phase:  transport.PhaseRead,
		Method: http.MethodGet,
		URL:    &address,
	}, func(r *transport.Response) error {
		sink.Reset()
		return decode(r.Body, r.RequestID, sink.Add)
	})
}
