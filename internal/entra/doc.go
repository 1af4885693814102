// Package entra signs in to Microsoft Entra ID: it exchanges the provider's
// credential for bearer tokens, with one [TokenSource] per tenant.
//
// # Sharing
//
// A TokenSource acquires a token at the first use and returns it to every read.
// Callers during an acquisition wait for its result. A caller whose context ends
// returns at once; when no caller waits, the acquisition is cancelled. A token is
// renewed 5 minutes before it expires, or at half its lifetime if that is later.
// expires_in is measured with the monotonic clock: a wrong wall clock does no harm.
//
// # The request
//
// The SIEM API takes tokens of the v1 endpoint, with a resource instead of a
// scope, as the page "Pull Microsoft Defender for Endpoint alerts using SIEM
// REST API" shows:
//
//	POST {authority host}/{tenant}/oauth2/token
//	grant_type=client_credentials&resource=…&client_id=…&client_secret=…
//
// golang.org/x/oauth2 makes the request and reads the response, but by itself it
// follows redirects with the secret, accepts any 2xx as success and quotes a
// response that it cannot read. Package transport therefore sends the request, and
// only a whole, exact token response is passed on to x/oauth2.
package entra
