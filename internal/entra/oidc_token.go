package entra

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"

	"github.com/mdatp/terraform-provider-mdatp/internal/records"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

// tokenExchangeAudience is the audience that Entra ID expects in OIDC tokens of other
// issuers.
const tokenExchangeAudience = "api://AzureADTokenExchange"

// GitHubActions returns the credential of a GitHub Actions job, which asks GitHub
// for an OIDC token:
//
//	GET {ACTIONS_ID_TOKEN_REQUEST_URL}&audience=api://AzureADTokenExchange
//	Authorization: Bearer {ACTIONS_ID_TOKEN_REQUEST_TOKEN}
//
// The response is {"value": "…"} (GitHub's page "OpenID Connect reference"). The
// error is a sentence that does not quote the arguments.
func GitHubActions(requestURL, requestToken string) (Credential, error) {
	return requested(GitHubOIDC, requestURL, requestToken, oidcTokenRequest{
		method: http.MethodGet,
		query:  url.Values{"audience": {tokenExchangeAudience}},
		member: "value",
	})
}

// AzureDevOps returns the credential of a job in Azure Pipelines, which asks Azure
// DevOps for an OIDC token of a service connection:
//
//	POST {SYSTEM_OIDCREQUESTURI}?api-version=7.1&serviceConnectionId={connection}
//	Authorization: Bearer {SYSTEM_ACCESSTOKEN}
//
// The response is {"oidcToken": "…"} (the page "Oidctoken - Create"). The error is
// a sentence that does not quote the arguments.
func AzureDevOps(requestURL, requestToken, serviceConnectionID string) (Credential, error) {
	return requested(AzureDevOpsOIDC, requestURL, requestToken, oidcTokenRequest{
		method: http.MethodPost,
		query:  url.Values{"api-version": {"7.1"}, "serviceConnectionId": {serviceConnectionID}},
		header: http.Header{
			"Content-Type":          {"application/json"},
			"X-Tfs-Fedauthredirect": {"Suppress"}, // 401 in place of a redirect to a sign-in page
		},
		member: "oidcToken",
	})
}

// An oidcTokenRequest is what differs between the services that issue OIDC tokens.
type oidcTokenRequest struct {
	method string
	url    *url.URL
	query  url.Values // added to the URL, unless it has the key
	header http.Header
	member string // of the response
}

func requested(name, requestURL, requestToken string, r oidcTokenRequest) (Credential, error) {
	base, err := transport.ParseRequestURL(requestURL)
	if err != nil {
		return Credential{}, err
	}
	query, err := url.ParseQuery(base.RawQuery)
	if err != nil {
		return Credential{}, errors.New("its query is malformed")
	}
	for key, values := range r.query {
		if query.Get(key) == "" {
			query[key] = values
		}
	}
	r.url = new(url.URL)
	*r.url = *base
	r.url.RawQuery = query.Encode()
	return federated(name, func(ctx context.Context, s *signIn) (string, error) {
		if !isToken(requestToken) {
			return "", s.bad("The request token is empty, or has a character that a token cannot have.")
		}
		return s.oidcToken(ctx, r, requestToken)
	}), nil
}

// oidcToken returns an OIDC token of the service.
func (s *signIn) oidcToken(ctx context.Context, r oidcTokenRequest, requestToken string) (text string, err error) {
	header := r.header.Clone()
	if header == nil {
		header = http.Header{}
	}
	header.Set("Authorization", "Bearer "+requestToken)
	err = s.client.Begin(r.url, nil, maxResponse).Do(ctx, transport.Request{
		Phase:  transport.PhaseOIDCToken,
		Method: r.method,
		URL:    r.url,
		Header: header,
	}, func(resp *transport.Response) error {
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			return err
		}
		members, err := records.Members(bytes.NewReader(body))
		if err != nil {
			return s.bad("The response of " + r.url.Host + " is not a JSON object.")
		}
		fields, ok := object(members), false
		if text, ok = fields.text(r.member); !ok || !isToken(text) || fields.foldedKey(r.member) != "" {
			return s.bad("The response of " + r.url.Host + " has no usable " + r.member + ".")
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	return text, nil
}
