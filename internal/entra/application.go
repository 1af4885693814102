package entra

import (
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

// Options describe an application and how it signs in. All are required.
type Options struct {
	AuthorityHost *url.URL // such as https://login.microsoftonline.com
	ClientID      string   // application ID, a GUID
	ClientSecret  string
	Resource      string // audience of the tokens
	Timeout       time.Duration
	Client        *transport.Client
}

// An Application signs in to any number of tenants.
type Application struct {
	options Options

	mu      sync.Mutex
	sources map[string]*TokenSource // by tenant in lower case
}

// NewApplication returns an application. It sends nothing.
func NewApplication(o Options) *Application {
	return &Application{options: o, sources: make(map[string]*TokenSource)}
}

// Tenant returns the tokens of the application in a tenant, given as a GUID or
// a verified domain. Everybody who asks for one tenant shares them.
func (a *Application) Tenant(tenant string) *TokenSource {
	a.mu.Lock()
	defer a.mu.Unlock()
	key := strings.ToLower(tenant)
	source, ok := a.sources[key]
	if !ok {
		source = &TokenSource{
			host:    a.options.AuthorityHost.Host,
			timeout: a.options.Timeout,
			acquire: clientCredentials(a.options, tenant),
		}
		a.sources[key] = source
	}
	return source
}
