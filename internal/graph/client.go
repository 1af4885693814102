package graph

import (
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

const (
	versionPath = "/v1.0"
	alertsPath  = versionPath + "/security/alerts_v2"
)

// Options configure a Client. All are required.
type Options struct {
	Endpoint *url.URL // base address, with or without /v1.0
	Client   *transport.Client
	Tokens   transport.Tokens // of the tenant to read
	Pacer    *Pacer           // of the tenant and the application
	MaxBytes int64            // of all decoded responses of a read together
	MaxHeld  int              // memory for the newest alerts of a limit, in bytes
}

// A Client reads the alerts of one tenant. It is safe for concurrent use.
type Client struct {
	options Options
	url     *url.URL
	now     func() time.Time
	after   func(time.Duration) <-chan time.Time // as time.After
}

var _ alert.Source = (*Client)(nil)

// New returns a client.
func New(o Options) *Client {
	base := *o.Endpoint
	base.Path, base.RawPath = strings.TrimSuffix(base.Path, versionPath)+alertsPath, ""
	return &Client{options: o, url: &base, now: time.Now, after: time.After}
}

// defaultWindow is that of the SIEM API, so that both APIs read the same.
const defaultWindow = 2 * time.Hour

// Read hands the alerts of a query to the sink, of each the newest version that it
// saw. The window goes by lastUpdateDateTime. Its error is an [*Error], or one of
// packages records and transport, of the tokens or of the sink, or the context's;
// a [*SliceError] wraps it if the read was made of several requests.
func (c *Client) Read(ctx context.Context, q alert.Query, sink alert.Sink) (alert.Report, error) {
	r := newReading(c, q, sink)
	if err := r.run(ctx); err != nil {
		return alert.Report{}, err
	}
	return r.finish()
}

// start returns the start of the window of a query, by a clock.
func start(q alert.Query, now time.Time) time.Time {
	from := q.Since
	switch {
	case !q.Since.IsZero():
	case q.Ago.Duration > 0:
		from = now.Add(-q.Ago.Duration)
	default:
		from = now.Add(-defaultWindow)
	}
	return from.Truncate(tick)
}
