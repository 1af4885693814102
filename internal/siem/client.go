package siem

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
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

// Read requests the detections of a query and passes them to the sink in the order
// of the response, as [alert.Source] describes. Its error is a [*records.Error],
// one of package transport, of the tokens or of the sink, or the context's.
func (c *Client) Read(ctx context.Context, q alert.Query, sink alert.Sink) (alert.Report, error) {
	address := *c.url
	address.RawQuery = parameters(q).Encode()
	return alert.Report{}, c.client.Begin(c.url, c.tokens, c.maxBytes).Do(ctx, transport.Request{
		Phase:  transport.PhaseRead,
		Method: http.MethodGet,
		URL:    &address,
	}, func(r *transport.Response) error {
		sink.Reset()
		return decode(r.Body, r.RequestID, sink.Add)
	})
}

// timeLayout is .NET's format "o" of a UTC DateTime, with seven fractional digits.
const timeLayout = "2006-01-02T15:04:05.0000000Z"

// parameters returns those of a query, spelled as on Microsoft's page. An unset one
// is omitted: the API has a default. Lists repeat the key.
func parameters(q alert.Query) url.Values {
	values := url.Values{ // an empty list adds nothing to the address
		"machinegroups":            q.MachineGroups,
		"DeviceCreatedMachineTags": q.DeviceTags,
		"CloudCreatedMachineTags":  q.CloudTags,
	}
	if !q.Since.IsZero() {
		values.Set("sinceTimeUtc", q.Since.UTC().Format(timeLayout))
	}
	if !q.Until.IsZero() {
		values.Set("untilTimeUtc", q.Until.UTC().Format(timeLayout))
	}
	if q.Ago.Text != "" {
		values.Set("ago", inDays(q.Ago.Text))
	}
	if q.Limit > 0 {
		values.Set("limit", strconv.Itoa(q.Limit))
	}
	return values
}

// inDays converts a duration in weeks to days. ISO 8601 has weeks, but XmlConvert,
// with which .NET services usually read durations, does not, and the API might
// replace an invalid duration with its default, a shorter window.
func inDays(ago string) string {
	number, starts := strings.CutPrefix(ago, "P")
	number, ends := strings.CutSuffix(number, "W")
	weeks, err := strconv.ParseUint(number, 10, 32)
	if !starts || !ends || err != nil {
		return ago
	}
	return "P" + strconv.FormatUint(7*weeks, 10) + "D"
}
