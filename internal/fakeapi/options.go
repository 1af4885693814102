package fakeapi

import "time"

// The defaults of Options. The identifiers are invented; the secret contains the
// characters that a client must encode in a form.
const (
	DefaultTenantID     = "3b0c6a52-9d41-4f7e-8a15-c27e90d4f316"
	DefaultClientID     = "e81f2d07-54ab-4c36-b9e0-6f13a8752c4d"
	DefaultClientSecret = "fake.Secret~For+Tests/Only_0="
	DefaultResource     = "https://graph.windows.net"

	DefaultSubject        = "repo:mdatp/example:ref:refs/heads/main"
	DefaultRequestToken   = "fake.Request~Token+For/Tests_1="
	DefaultConnection     = "5d2e9c31-7f04-4b6a-9e18-c3a05b7d6f42"
	DefaultIdentityHeader = "fake.Identity~Header+For/Tests_2="

	DefaultAlerts        = 120
	DefaultGraphPage     = 1000
	DefaultTokenLifetime = 3599 * time.Second
)

// GraphResource is the audience of the v2 endpoints, the only one that Graph accepts.
const GraphResource = "https://graph.microsoft.com"

// Options configure Start. The zero value is a complete configuration.
type Options struct {
	// Seed determines generated data, tokens and request ids. Default 1.
	Seed uint64

	// Alerts is the number of generated detections, default DefaultAlerts.
	// Negative means none.
	Alerts int

	// Now is the clock of data, windows and token lifetimes; default time.Now.
	// It is called from many goroutines. The generated LastProcessedTimeUtc
	// values lie before Now at Start: most within two hours, some within a day,
	// a tail within seven days. Recorded requests carry the real time.
	Now func() time.Time

	// TenantID (GUID or domain), ClientID and ClientSecret are the credentials
	// accepted; defaults are the constants above.
	TenantID, ClientID, ClientSecret string

	// Subject is the subject of the application's federated credential, and of the ID
	// tokens that the fake issues. Default DefaultSubject.
	Subject string

	// PublicClient makes the application a public client in the grants for a person:
	// no secret or assertion is needed, and one that is sent is refused. The client
	// credentials grant is not affected.
	PublicClient bool

	// RefuseConsent makes the person refuse consent at the authorization endpoints.
	RefuseConsent bool

	// Rotation is what a refresh returns, and does to the refresh token that was sent.
	Rotation Rotation

	// Resource is the audience of the v1 endpoints, the only one that the SIEM
	// API accepts. Default DefaultResource.
	Resource string

	// GraphPage is the largest number of alerts in one response of Graph. A larger
	// $top is clamped. Default DefaultGraphPage.
	GraphPage int

	// GraphNoCount refuses $count with 400.
	GraphNoCount bool

	// GraphCount returns a wrong @odata.count, from the numbers of alerts that match
	// the filter and that the tenant has; nil is the first.
	GraphCount func(matching, tenant int) int

	// GraphSilentPages omits @odata.nextLink although more alerts match.
	GraphSilentPages bool

	// GraphLink rewrites the @odata.nextLink of each response, "" for none: loops,
	// another host or path, a lost filter, pages without end. Calls do not overlap.
	GraphLink func(link string) string

	// GraphIgnoreFilter checks $filter, but returns all alerts.
	GraphIgnoreFilter bool

	// TokenLifetime is how long a token is accepted; expires_in gives it in
	// whole seconds. Default DefaultTokenLifetime.
	TokenLifetime time.Duration

	// NoDefaultWindow returns all records for a request without a time parameter,
	// not only those of the last two hours.
	NoDefaultWindow bool

	// Addr is the listening address. Only loopback is accepted. Default
	// "127.0.0.1:0", a free port.
	Addr string

	// TLS serves https with a fresh self-signed certificate (see CAPEM), and
	// HTTP/1.1 as without it: the steps take over the connection.
	TLS bool
}

func (o Options) withDefaults() Options {
	orDefault(&o.Seed, 1)
	orDefault(&o.Alerts, DefaultAlerts)
	orDefault(&o.TenantID, DefaultTenantID)
	orDefault(&o.ClientID, DefaultClientID)
	orDefault(&o.ClientSecret, DefaultClientSecret)
	orDefault(&o.Subject, DefaultSubject)
	orDefault(&o.Resource, DefaultResource)
	orDefault(&o.GraphPage, DefaultGraphPage)
	orDefault(&o.TokenLifetime, DefaultTokenLifetime)
	orDefault(&o.Addr, "127.0.0.1:0")
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

func orDefault[T comparable](value *T, fallback T) {
	var zero T
	if *value == zero {
		*value = fallback
	}
}
