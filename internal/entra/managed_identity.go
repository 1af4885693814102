package entra

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

// ManagedIdentity returns the credential of a computer in Azure: its
// system-assigned identity, or if there is a client ID the user-assigned identity
// with that ID. The first request is the one without a header, the second that of
// App Service with a header:
//
//	GET http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=…[&client_id=…]
//	Metadata: true
//
//	GET {IDENTITY_ENDPOINT}?api-version=2019-08-01&resource=…[&client_id=…]
//	X-IDENTITY-HEADER: {IDENTITY_HEADER}
//
// after the pages "How to use managed identities for Azure resources on an Azure
// VM to acquire an access token" and "How to use managed identities for App
// Service and Azure Functions". A nil endpoint is that of the
// first request; [transport.ParseLocalAddress] reads others. Requests go through local, usually
// [transport.NewLocalRoundTripper].
//
// The service returns tokens from its cache, so that a rejected one may come again.
func ManagedIdentity(endpoint *url.URL, header string, local http.RoundTripper) Credential {
	if endpoint == nil {
		endpoint = &url.URL{Scheme: "http", Host: "169.254.169.254", Path: "/metadata/identity/oauth2/token"}
	}
	return Credential{Identity, func(ctx context.Context, s *signIn) (token, error) {
		return s.identityToken(ctx, endpoint, header, local)
	}}
}

func (s *signIn) identityToken(ctx context.Context, endpoint *url.URL, header string, local http.RoundTripper) (got token, err error) {
	query := url.Values{"api-version": {"2018-02-01"}, "resource": {s.audience.resource}}
	headers := http.Header{"Metadata": {"true"}}
	if header != "" {
		if !isToken(header) {
			return token{}, s.bad("IDENTITY_HEADER has a character that a header cannot have.")
		}
		query.Set("api-version", "2019-08-01")
		headers = http.Header{"X-Identity-Header": {header}}
	}
	if s.known.ClientID != "" {
		query.Set("client_id", s.known.ClientID)
	}
	target := *endpoint
	target.RawQuery = query.Encode()
	requested := time.Now()
	err = s.client.Local(local).Begin(endpoint, nil, maxResponse).Do(ctx, transport.Request{
		Phase:      transport.PhaseIdentity,
		Method:     http.MethodGet,
		URL:        &target,
		Header:     headers,
		ParseError: s.identityError,
	}, func(resp *transport.Response) error {
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			return err
		}
		got, err = s.localToken(text, resp.RequestID, requested)
		return err
	})
	if err != nil {
		return token{}, err
	}
	return got, nil
}

// identityError is parseError for the metadata service, which responds with 404
// and 410 while it is updated.
func (s *signIn) identityError(status int, body []byte) error {
	err := s.parseError(status, body)
	if status != http.StatusNotFound && status != http.StatusGone {
		return err
	}
	e, ok := errors.AsType[*Error](err)
	if !ok {
		e = s.known.of(Refused)
		e.Status = status
	}
	e.busy = true
	return e
}
