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

// An Audience is the service that tokens are for, in the form of a version of the
// endpoints.
type Audience struct {
	folder    string // of the endpoints, below the tenant
	key       string // of the form field
	value     string // for an application by itself
	delegated string // for an application in the name of a person
	resource  string // the value without a scope's suffix
}

// Resource returns the audience with the given URI or application ID, for the
// v1 endpoints.
func Resource(resource string) Audience {
	return Audience{"oauth2", "resource", resource, resource, resource}
}

// Scope returns the audience with the given address, for the v2 endpoints. The
// permissions are those that a person delegates, such as SecurityAlert.Read.All;
// without any they are those of the application's registration.
func Scope(address string, permissions ...string) Audience {
	scopes := []string{address + "/.default"}
	if len(permissions) > 0 {
		scopes = nil
	}
	for _, permission := range permissions {
		scopes = append(scopes, address+"/"+permission)
	}
	delegated := strings.Join(append(scopes, "offline_access"), " ") // offline_access: with a refresh token
	return Audience{"oauth2/v2.0", "scope", address + "/.default", delegated, address}
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
	s := newSignIn(o, tenant, o.Credential.name)
	return func(ctx context.Context) (token, error) { return o.Credential.acquire(ctx, s) }
}

func newSignIn(o Options, tenant, credential string) *signIn {
	return &signIn{
		client:    o.Client,
		authority: o.AuthorityHost,
		audience:  o.Audience,
		known:     Error{Tenant: tenant, ClientID: o.ClientID, Credential: credential},
	}
}
