package entra

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// clientCredentials is the OAuth 2.0 client credentials grant with a secret.
func clientCredentials(o Options, tenant string) func(context.Context) (token, error) {
	config := clientcredentials.Config{
		ClientID:       o.ClientID,
		ClientSecret:   o.ClientSecret,
		TokenURL:       o.AuthorityHost.JoinPath(tenant, "oauth2", "token").String(),
		EndpointParams: url.Values{"resource": {o.Resource}},
		AuthStyle:      oauth2.AuthStyleInParams, // unset, a wrong secret is sent twice
	}
	return func(ctx context.Context) (token, error) {
		exchange := &tokenTransport{client: o.Client, tenant: tenant, clientID: o.ClientID}
		requested := time.Now()
		ctx = context.WithValue(ctx, oauth2.HTTPClient, &http.Client{Transport: exchange})
		got, err := config.Token(ctx)
		if err != nil {
			return token{}, exchange.cause(err)
		}
		return newToken(got.AccessToken, requested, exchange.lifetime), nil
	}
}

// cause is the error behind one of x/oauth2's, which quotes addresses and replies.
func (e *tokenTransport) cause(err error) error {
	if e.err != nil {
		return e.err
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return context.Canceled
	}
	return &Error{Kind: Unusable, Tenant: e.tenant, ClientID: e.clientID}
}
