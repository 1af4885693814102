package entra

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

// Options describe an application and its credential. All are required.
type Options struct {
	AuthorityHost *url.URL // such as https://login.microsoftonline.com
	ClientID      string   // application ID, a GUID
	ClientSecret  string
	Audience      Audience
	Timeout       time.Duration // of one sign-in, retries included
	Client        *transport.Client
}

// An Audience is the service that tokens are for, in the form of a token
// endpoint.
type Audience struct {
	path  string // of the token endpoint, below the tenant
	key   string // of the form field
	value string
}

// Resource returns the audience with the given URI or application ID, for the
// v1 endpoint.
func Resource(resource string) Audience { return Audience{"oauth2/token", "resource", resource} }

// Scope returns the audience with the given address, for the v2 endpoint.
func Scope(address string) Audience {
	return Audience{"oauth2/v2.0/token", "scope", address + "/.default"}
}

// An Application signs in to any number of tenants.
type Application struct {
	options Options

	mu           sync.Mutex
	tokenSources map[string]*TokenSource // by tenant in lower case
}

// NewApplication returns an application. It sends nothing.
func NewApplication(o Options) *Application {
	return &Application{options: o, tokenSources: make(map[string]*TokenSource)}
}

// Tenant returns the token source of a tenant, which is named by its GUID or a
// verified domain. There is one for each name, case-insensitively.
func (a *Application) Tenant(tenant string) *TokenSource {
	a.mu.Lock()
	defer a.mu.Unlock()
	key := strings.ToLower(tenant)
	tokenSource, ok := a.tokenSources[key]
	if !ok {
		tokenSource = &TokenSource{
			host:    a.options.AuthorityHost.Host,
			timeout: a.options.Timeout,
			acquire: clientCredentials(a.options, tenant),
		}
		a.tokenSources[key] = tokenSource
	}
	return tokenSource
}

// clientCredentials returns the OAuth 2.0 client credentials grant with a
// secret, as a function that gets one token.
func clientCredentials(o Options, tenant string) func(context.Context) (token, error) {
	config := clientcredentials.Config{
		ClientID:       o.ClientID,
		ClientSecret:   o.ClientSecret,
		TokenURL:       o.AuthorityHost.JoinPath(tenant, o.Audience.path).String(),
		EndpointParams: url.Values{o.Audience.key: {o.Audience.value}},
		AuthStyle:      oauth2.AuthStyleInParams, // auto-detection sends a wrong secret in two requests
	}
	exchange := &tokenTransport{
		client:    o.Client,
		authority: o.AuthorityHost,
		known:     Error{Tenant: tenant, ClientID: o.ClientID},
	}
	client := &http.Client{Transport: exchange}
	return func(ctx context.Context) (token, error) {
		requested := time.Now()
		got, err := config.Token(context.WithValue(ctx, oauth2.HTTPClient, client))
		if err != nil {
			return token{}, exchange.cause(ctx, err)
		}
		lifetime := defaultLifetime
		if !got.Expiry.IsZero() {
			lifetime = time.Until(got.Expiry)
		}
		return newToken(got.AccessToken, requested, lifetime), nil
	}
}
