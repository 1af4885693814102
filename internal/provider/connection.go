package provider

import (
	"cmp"
	"context"
	"crypto/x509"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
	"github.com/mdatp/terraform-provider-mdatp/internal/entra"
	"github.com/mdatp/terraform-provider-mdatp/internal/inputfile"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

// A configuration is a configured provider block.
type configuration struct {
	// connect completes the settings at the first read and returns what all reads
	// share, or the errors of what is missing, unreadable or invalid. Callers share
	// the diagnostics and must not append to them.
	connect func() (*connection, diag.Diagnostics)
}

// A connection holds what the reads of all objects of a provider block share.
type connection struct {
	target
	tokens      func(tenant string) *entra.TokenSource // "": the provider's tenant
	reader      func(tenant string) alert.Source       // likewise
	checkTenant func(tenant string) diag.Diagnostics   // of a read
	warnings    *warnings                              // of the credential
	timeout     time.Duration                          // of a read
	maxResponse int64                                  // bytes
}

// connect returns the connection of settings that are valid as far as Configure
// knows. newClient sets the Base of the options.
func connect(s resolvedSettings, userAgent string, newClient func(transport.Options, *x509.CertPool) *transport.Client) (*connection, diag.Diagnostics) {
	signIn, diags := completeSettings(s)
	authorities, more := readAuthorities(caCertificatePath.in(s))
	if diags.Append(more...); diags.HasError() {
		return nil, diags
	}
	target := apis[apiSetting.in(s).value](s)
	target.service.origins, target.service.endpointOrigin = signIn.origins, addressOrigin(s, target.endpoint)
	maxResponse := int64(maxResponseMiB.in(s).value) << 20
	client := newClient(transport.Options{
		UserAgent:      userAgent,
		MaxAttempts:    maxAttempts.in(s).value,
		AttemptTimeout: attemptTimeout.in(s).value,
		Log:            logRequest,
	}, authorities)
	application := entra.NewApplication(entra.Options{
		AuthorityHost: target.authority,
		ClientID:      clientID.in(s).value,
		Credential:    signIn.credential,
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
		checkTenant: func(tenant string) (d diag.Diagnostics) {
			if signIn.onlyTenant != "" && tenant != "" && !strings.EqualFold(tenant, ownTenant) {
				d.AddAttributeError(path.Root(tenantID.name), "Another tenant than that of the credential",
					signIn.onlyTenant+" Remove tenant_id, or use another credential.")
			}
			return d
		},
		warnings:    signIn.warnings,
		timeout:     readTimeout.in(s).value,
		maxResponse: maxResponse,
	}, diags
}

// readAuthorities returns the authorities that the provider trusts; nil for the
// system's.
func readAuthorities(path resolved[string]) (*x509.CertPool, diag.Diagnostics) {
	if !path.set {
		return nil, nil
	}
	file := path.level.direct
	text, err := inputfile.Text(file.text, maxAuthorities)
	if err != nil {
		return nil, diag.Diagnostics{diag.NewErrorDiagnostic("Unreadable file of CA certificates", unreadable(file, err))}
	}
	authorities, err := transport.Authorities([]byte(text))
	if err != nil {
		return nil, diag.Diagnostics{diag.NewErrorDiagnostic("Invalid file of CA certificates",
			"The file that "+file.origin+" names cannot be used: "+err.Error()+".")}
	}
	return authorities, nil
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
