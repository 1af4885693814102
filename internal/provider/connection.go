package provider

import (
	"context"
	"math"
	"strconv"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/mdatp/terraform-provider-mdatp/internal/entra"
	"github.com/mdatp/terraform-provider-mdatp/internal/siem"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

// A connection is a configured provider block. All its data sources share it.
type connection struct {
	tokens      func(tenant string) *entra.TokenSource // "" is the provider's tenant
	source      func(tenant string) *siem.Client       // likewise
	resource    string                                 // audience of the tokens
	timeout     time.Duration                          // of a read
	maxResponse int                                    // bytes
}

const (
	defaultAttempts       = "4"
	defaultAttemptTimeout = "60s"
	defaultTimeout        = "5m"
	defaultResponseMiB    = "256"
)

// connection makes the connection that the settings describe. What is wrong
// with them is in the diagnostics when it returns nil.
func (s *settings) connection(userAgent string) *connection {
	tenant := s.required(tenantID)
	options := entra.Options{
		ClientID:     s.required(clientID),
		ClientSecret: s.required(clientSecret),
		Resource:     s.or(siemResource, defaultResource),
		Timeout:      s.duration(readTimeout, defaultTimeout),
	}
	s.value(apiName)
	region := s.region()
	attempts := s.whole(maxAttempts, defaultAttempts)
	attempt := s.duration(attemptTimeout, defaultAttemptTimeout)
	size := s.whole(maxResponseMiB, defaultResponseMiB)
	if s.diagnostics.HasError() {
		return nil
	}

	authority, err := transport.ParseAddress(region.authorityHost)
	endpoint, err2 := transport.ParseAddress(region.siemEndpoint)
	if err != nil || err2 != nil {
		s.diagnostics.AddError("Internal error", "An address that was checked before cannot be read. Please report this.")
		return nil
	}
	options.AuthorityHost = authority
	options.Client = transport.New(transport.Options{
		Base:           transport.NewRoundTripper(),
		UserAgent:      userAgent,
		MaxAttempts:    int(attempts),
		AttemptTimeout: attempt,
		MaxBytes:       size << 20,
		Log:            logExchange,
	})
	application := entra.NewApplication(options)
	tokens := func(other string) *entra.TokenSource {
		if other == "" {
			other = tenant
		}
		return application.Tenant(other)
	}
	return &connection{
		timeout:     options.Timeout,
		maxResponse: int(min(size<<20, math.MaxInt32)),
		resource:    options.Resource,
		tokens:      tokens,
		source: func(other string) *siem.Client {
			return siem.New(endpoint, options.Client, tokens(other))
		},
	}
}

// region is the region with the addresses that replace its own.
func (s *settings) region() region {
	reported := len(*s.diagnostics)
	authority, endpoint := s.value(authorityHost), s.value(siemEndpoint)
	if refused := len(*s.diagnostics) > reported; refused || authority != "" && endpoint != "" {
		s.value(regionName)
		return region{authorityHost: authority, siemEndpoint: endpoint}
	}
	found, ok := findRegion(s.required(regionName))
	if !ok {
		return region{}
	}
	if authority != "" {
		found.authorityHost = authority
	}
	if endpoint != "" {
		found.siemEndpoint = endpoint
	}
	return found
}

// duration and whole read values that their checks have accepted; when one was
// refused, the diagnostics keep it from being used.

func (s *settings) duration(name, fallback string) time.Duration {
	d, err := time.ParseDuration(s.or(name, fallback))
	s.expect(name, err)
	return d
}

func (s *settings) whole(name, fallback string) int64 {
	n, err := strconv.ParseInt(s.or(name, fallback), 10, 64)
	s.expect(name, err)
	return n
}

func (s *settings) expect(name string, err error) {
	if err != nil {
		s.diagnostics.AddAttributeError(path.Root(name), "Internal error", "A value that was checked before cannot be read. Please report this.")
	}
}

// logExchange says of a request what TF_LOG may hold.
func logExchange(ctx context.Context, e transport.LogEntry) {
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
