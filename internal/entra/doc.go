// Package entra signs in to Microsoft Entra ID: it exchanges the provider's
// credential for bearer tokens, with one [TokenSource] per tenant.
//
// # Sharing
//
// A TokenSource acquires a token at the first use and returns it to every read.
// Callers that come during an acquisition wait for its result; a caller whose
// context ends leaves at once, and the acquisition is cancelled when the last of
// them has left. A token is renewed before it ends: 5 minutes before, or at half
// its lifetime if that is later. Lifetimes are measured with the monotonic clock
// from expires_in, so that a wrong wall clock does no harm.
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
// golang.org/x/oauth2 makes the request and reads the response. Between it and
// the network stand package transport and a validation that accepts nothing but
// a whole, exact token response: on its own x/oauth2 follows redirects with the
// secret, takes any 2xx for success and quotes what it could not read.
package entra
