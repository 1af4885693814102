package provider

import (
	"cmp"
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
	"github.com/mdatp/terraform-provider-mdatp/internal/entra"
	"github.com/mdatp/terraform-provider-mdatp/internal/siem"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

// A connection is a configured provider block. The reads of all its objects share
// it.
type connection struct {
	service     service
	tokens      func(tenant string) *entra.TokenSource // "": the provider's tenant
	source      func(tenant string) alert.Source       // likewise
	resource    string                                 // audience of the tokens
	timeout     time.Duration                          // of a read
	maxResponse int64                                  // bytes
}

// newConnection returns the connection of settings that are all valid, and set if
// required. newClient sets the Base of the options.
func newConnection(s resolvedSettings, userAgent string, newClient func(transport.Options) *transport.Client) *connection {
	region := regionSetting.in(s).value
	endpoint := cmp.Or(siemEndpoint.in(s).value, region.siem)
	maxResponse := int64(maxResponseMiB.in(s).value) << 20
	client := newClient(transport.Options{
		UserAgent:      userAgent,
		MaxAttempts:    maxAttempts.in(s).value,
		AttemptTimeout: attemptTimeout.in(s).value,
		Log:            logRequest,
	})
	application := entra.NewApplication(entra.Options{
		AuthorityHost: cmp.Or(authorityHost.in(s).value, region.authority),
		ClientID:      clientID.in(s).value,
		ClientSecret:  clientSecret.in(s).value,
		Audience:      entra.Resource(siemResource.in(s).value),
		Timeout:       readTimeout.in(s).value,
		Client:        client,
	})
	tokens := func(tenant string) *entra.TokenSource {
		return application.Tenant(cmp.Or(tenant, tenantID.in(s).value))
	}
	return &connection{
		service:     siemService,
		tokens:      tokens,
		source:      func(tenant string) alert.Source { return siem.New(endpoint, client, tokens(tenant), maxResponse) },
		resource:    siemResource.in(s).value,
		timeout:     readTimeout.in(s).value,
		maxResponse: maxResponse,
	}
}

// logRequest logs the parts of a request that are not secret.
func logRequest(ctx context.Context, e transport.LogEntry) {
	tflog.Debug(ctx, "HTTP request", map[string]any{
		"method":      e.Method,
		"host":        e.Host,
		"path":        e.Path,
		"attempt":     e.Attempt,
		"status":      e.Status,
		"bytes":       e.Bytes,
		"duration_ms": e.Duration.Milliseconds(),
	})
}
