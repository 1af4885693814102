package provider

import (
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/mdatp/terraform-provider-mdatp/internal/entra"
)

// oidcCredential is the credential of workload identity federation: a token, or else
// a request for one. Its settings go with any client ID. What a CI system sets by
// itself is used if it is complete, and AZURE_FEDERATED_TOKEN_FILE with use_oidc.
func oidcCredential(s resolvedSettings) credential {
	use, id := useOIDC.in(s), clientID.in(s)
	token, request, address, connection := oidcToken.in(s), oidcRequestToken.in(s), oidcRequestURL.in(s), connectionID.in(s)
	if use.set && !use.value {
		return credential{}
	}
	hasToken := token.set && (use.value || token.level.name != "AZURE_")
	byHand := use.value || hasToken || connection.set || request.set && request.level.name != "" || address.set && address.level.name != ""
	var problems []string
	if !hasToken {
		problems = requestProblems(token, request, address, connection)
	}
	if !byHand && (!id.set || len(problems) > 0) {
		return credential{} // only variables of a CI system
	}
	if !id.set {
		problems = append(problems, clientID.missing(id))
	}
	if hasToken {
		return credential{
			set: true, problems: problems, name: "the OIDC token from " + token.origin,
			settings: []providerArgument{clientID, oidcToken},
			origin: func() string {
				return "the client ID from " + clientID.in(s).origin + ", the OIDC token from " + oidcToken.in(s).origin
			},
			build: func(func(string)) (entra.Credential, diag.Diagnostics) {
				if path := token.level.file; path.set {
					return entra.AssertionFile(path.text), nil
				}
				return entra.Assertion(token.value), nil
			},
		}
	}
	name := "OIDC"
	switch {
	case request.set:
		name = "the OIDC request token from " + request.origin
	case address.set:
		name = "the OIDC request URL from " + address.origin
	case connection.set:
		name = "the service connection ID from " + connection.origin
	case use.set:
		name = "OIDC by " + use.origin
	}
	return credential{
		set: true, problems: problems, name: name,
		settings: []providerArgument{clientID},
		origin: func() string {
			text := "the client ID from " + clientID.in(s).origin + ", the OIDC request token from " + request.origin + ", the OIDC request URL from " + address.origin
			if connection.set {
				text += ", the service connection ID from " + connection.origin
			}
			return text
		},
		build: func(func(string)) (c entra.Credential, d diag.Diagnostics) {
			var err error
			if connection.set {
				c, err = entra.AzureDevOps(address.value, request.value, connection.value)
			} else {
				c, err = entra.GitHubActions(address.value, request.value)
			}
			if err != nil {
				d.AddError("Invalid OIDC request URL", "The value of "+address.origin+" cannot be used: "+err.Error()+".")
			}
			return c, d
		},
	}
}

// requestProblems returns what is wrong with the settings of requests for OIDC tokens.
// A token that a CI system sets is not sent to the address of another one.
func requestProblems(token, request, address, connection resolved[string]) []string {
	pipelines := func(r resolved[string]) bool { return strings.Contains(r.origin, " SYSTEM_") }
	switch {
	case !request.set && !address.set && !connection.set:
		token.empty = slices.Concat(token.empty, request.empty, address.empty)
		return []string{oidcToken.missing(token)}
	case !request.set && !address.set:
		return []string{oidcRequestToken.missing(request), oidcRequestURL.missing(address)}
	case !request.set:
		return []string{oidcRequestToken.missing(request)}
	case !address.set:
		return []string{oidcRequestURL.missing(address)}
	case request.level.name == "" && address.level.name == "" && pipelines(request) != pipelines(address):
		return []string{"OIDC request token: " + request.origin + " does not belong to " + address.origin + ". Set oidc_request_token and oidc_request_url."}
	case pipelines(address) && !connection.set:
		return []string{connectionID.missing(connection)}
	}
	return nil
}
