package graph

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"github.com/mdatp/terraform-provider-mdatp/internal/entra"
	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

// address reads an address of a fake.
func address(t testing.TB, text string) *transport.Address {
	t.Helper()
	parsed, err := transport.ParseAddress(text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// newTestClient returns a client of a fake, which signs in to it.
func newTestClient(t testing.TB, server *fakeapi.Server, attempts int) *Client {
	t.Helper()
	client := transport.New(transport.Options{
		Base: transport.NewRoundTripper(nil), UserAgent: "test", MaxAttempts: attempts, AttemptTimeout: time.Minute,
	})
	application := entra.NewApplication(entra.Options{
		AuthorityHost: address(t, server.AuthorityHost()),
		ClientID:      fakeapi.DefaultClientID,
		Credential:    entra.Secret(fakeapi.DefaultClientSecret),
		Audience:      entra.Scope(fakeapi.GraphResource),
		Timeout:       time.Minute,
		Client:        client,
	})
	c := New(Options{
		Endpoint: address(t, server.GraphEndpoint()), Client: client, Tokens: application.Tenant(fakeapi.DefaultTenantID),
		Pacer: &Pacer{rate.NewLimiter(rate.Inf, 0)}, MaxBytes: 256 << 20, MaxHeld: 64 << 20,
	})
	return c
}

// rawAlerts are alerts in the form that json.Marshal copies.
func rawAlerts(alerts []fakeapi.GraphAlert) []json.RawMessage {
	raw := make([]json.RawMessage, len(alerts))
	for i, each := range alerts {
		raw[i] = json.RawMessage(each)
	}
	return raw
}

// A staticToken is a source of one token.
type staticToken string

func (s staticToken) Token(context.Context) (string, error) { return string(s), nil }
func (s staticToken) Invalidate(string)                     {}
