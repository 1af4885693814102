package entra

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// clientCredentials returns the OAuth 2.0 client credentials grant with a
// secret, as a function that gets one token.
func clientCredentials(o Options, tenant string) func(context.Context) (token, error) {
	config := clientcredentials.Config{
		ClientID:       o.ClientID,
		ClientSecret:   o.ClientSecret,
		TokenURL:       o.AuthorityHost.JoinPath(tenant, o.Audience.path).String(),
		EndpointParams: url.Values{o.Audience.key: {o.Audience.value}},
		AuthStyle:      oauth2.AuthStyleInParams, // unset, a wrong secret is sent twice
	}
	exchange := &tokenTransport{
		client:    o.Client,
		authority: o.AuthorityHost,
		known:     Error{Tenant: tenant, ClientID: o.ClientID},
	}
	client := &http.Client{Transport: exchange}
	return func(ctx context.Context) (token, error) {
		requested := time.Now()
		got, err := config.Token(context.WithValue(ctx, oauth2.HTTPClient, client))
		if err != nil {
			return token{}, exchange.cause(ctx, err)
		}
		lifetime := defaultLifetime
		if !got.Expiry.IsZero() {
			lifetime = time.Until(got.Expiry)
		}
		return newToken(got.AccessToken, requested, lifetime), nil
	}
}
