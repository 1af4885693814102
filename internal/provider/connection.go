package provider

import (
	"cmp"
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
	"github.com/mdatp/terraform-provider-mdatp/internal/entra"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

// A connection is a configured provider block. The reads of all its objects share
// it.
type connection struct {
	target
	tokens      func(tenant string) *entra.TokenSource // "": the provider's tenant
	reader      func(tenant string) alert.Source       // likewise
	timeout     time.Duration                          // of a read
	maxResponse int64                                  // bytes
}

// newConnection returns the connection of settings that are all valid, and set if
// required. newClient sets the Base of the options.
func newConnection(s resolvedSettings, userAgent string, newClient func(transport.Options) *transport.Client) *connection {
	target := apis[apiSetting.in(s).value](s)
	maxResponse := int64(maxResponseMiB.in(s).value) << 20
	client := newClient(transport.Options{
		UserAgent:      userAgent,
		MaxAttempts:    maxAttempts.in(s).value,
		AttemptTimeout: attemptTimeout.in(s).value,
		Log:            logRequest,
	})
	application := entra.NewApplication(entra.Options{
		AuthorityHost: target.authority,
		ClientID:      clientID.in(s).value,
		ClientSecret:  clientSecret.in(s).value,
		Audience:      target.audience,
		Timeout:       readTimeout.in(s).value,
		Client:        client,
	})
	ownTenant := tenantID.in(s).value
	tokens := func(tenant string) *entra.TokenSource { return application.Tenant(cmp.Or(tenant, ownTenant)) }
	return &connection{
		target: target,
		tokens: tokens,
		reader: func(tenant string) alert.Source {
			return target.source(cmp.Or(tenant, ownTenant), client, tokens(tenant), maxResponse)
		},
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
