package entra

import (
	"context"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

// Options describe an application and its credential. All are required, unless
// the credential does not use them.
type Options struct {
	AuthorityHost *url.URL // such as https://login.microsoftonline.com
	ClientID      string   // application ID, a GUID
	Credential    Credential
	Audience      Audience
	Timeout       time.Duration // of one sign-in, retries included
	Client        *transport.Client
}

// An Audience is the service that tokens are for, in the form of a token
// endpoint.
type Audience struct {
	path     string // of the token endpoint, below the tenant
	key      string // of the form field
	value    string
	resource string // the value without a scope's suffix
}

// Resource returns the audience with the given URI or application ID, for the
// v1 endpoint.
func Resource(resource string) Audience {
	return Audience{"oauth2/token", "resource", resource, resource}
}

// Scope returns the audience with the given address, for the v2 endpoint.
func Scope(address string) Audience {
	return Audience{"oauth2/v2.0/token", "scope", address + "/.default", address}
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
			acquire: acquirer(a.options, tenant),
		}
		a.tokenSources[key] = tokenSource
	}
	return tokenSource
}

// acquirer returns the function that gets a token of a tenant with the credential.
func acquirer(o Options, tenant string) func(context.Context) (token, error) {
	s := &signIn{
		client:    o.Client,
		authority: o.AuthorityHost,
		audience:  o.Audience,
		known:     Error{Tenant: tenant, ClientID: o.ClientID, Credential: o.Credential.name},
	}
	return func(ctx context.Context) (token, error) { return o.Credential.acquire(ctx, s) }
}
