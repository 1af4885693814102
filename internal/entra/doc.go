// Package entra signs in to Microsoft Entra ID: it exchanges the provider's
// credential for bearer tokens, with one [TokenSource] per tenant.
//
// # Credentials
//
// A [Credential] is a proof of the identity of an application or a person, the form
// fields of one token request, or a service of this computer that returns tokens:
//
//	Secret           the secret itself
//	Certificate      an assertion that the certificate's key signs
//	Assertion        an OIDC token of another issuer
//	AssertionFile    the same from a file, read for each request
//	GitHubActions    the same from GitHub, requested for each request
//	AzureDevOps      the same from Azure DevOps, requested for each request
//	ManagedIdentity  the metadata service of a virtual machine, or App Service
//	AzureCLI         az account get-access-token
//	RefreshToken     the refresh token of a person, who signed in before
//	RefreshTokenFile the same from a file, read for each request and updated
//
// Every attempt of a token request has a new proof. An assertion of a certificate is
// a JSON Web Token as in the page "Microsoft identity platform application
// authentication certificate credentials":
//
//	{"alg": "PS256", "typ": "JWT", "x5t#S256": SHA-256 of the certificate}
//	{"aud": token endpoint, "iss": client ID, "sub": client ID, "jti": new GUID,
//	 "nbf": now, "iat": now, "exp": in 10 minutes}
//
// A credential that cannot be used, such as an expired certificate, is an [Error] of
// kind BadCredential before anything is sent to Entra ID. Errors name the credential
// and contain no text of it, of a peer or of a program.
//
// # Sharing
//
// A TokenSource acquires a token at the first use and returns it to every read.
// Callers during an acquisition wait for its result. A caller whose context ends
// returns at once; when no caller waits, the acquisition is cancelled. A caller that
// joined an acquisition which runs out of time starts another if it has time left.
//
// A token is renewed 5 minutes before it expires, or at half its lifetime if that is
// later. If the renewal fails, the token is used until it expires, with another
// renewal every 30 seconds. expires_in is measured with the monotonic clock: a wrong
// wall clock does no harm. Only services of this computer that have no expires_in
// are read by the wall clock.
//
// The metadata service and the Azure CLI have caches of their own. If they return a
// rejected token again, package transport returns the service's 401.
//
// Entra ID replaces a refresh token when it is used. Processes that share a file take
// turns: each locks it, reads it, exchanges the token, stores the newer one and unlocks
// it. If the file cannot be updated, the access token is used all the same. A refresh
// token from the settings is replaced in this process alone. Exchanges with one
// credential take turns too, for whatever tenant.
//
// # The requests
//
// The SIEM API takes tokens of the v1 endpoint, with a resource instead of a
// scope, as the page "Pull Microsoft Defender for Endpoint alerts using SIEM
// REST API" shows:
//
//	POST {authority host}/{tenant}/oauth2/token
//	grant_type=client_credentials&resource=…&client_id=…&{proof}
//
// Microsoft Graph takes tokens of the v2 endpoint, oauth2/v2.0/token with a scope.
// A refresh token is exchanged at the same endpoints, in the name of the person:
//
//	grant_type=refresh_token&refresh_token=…&client_id=…[&client_secret=…]&resource=…
//
// or with scope={address}/{permission} offline_access. A [CodeRequest] gets the first
// refresh token with the authorization code grant and PKCE (RFC 7636):
//
//	grant_type=authorization_code&code=…&redirect_uri=…&code_verifier=…&client_id=…
//	[&client_secret=…]&resource=…
//
// A code is valid once: this request is sent once, whatever its error.
//
// golang.org/x/oauth2 makes the request and reads the response, but by itself it
// follows redirects with the secret, accepts any 2xx as success and quotes a
// response that it cannot read. Package transport therefore sends the request, and
// only a whole, exact token response is passed on to x/oauth2.
package entra
