// Package login signs a person in with the OAuth 2.0 authorization code grant and
// returns a refresh token: it is what the command terraform-provider-mdatp login does,
// without its flags and its file.
//
// The sign-in itself happens in the person's browser, at the authorize endpoint of
// Entra ID. Entra ID then redirects the browser to this computer:
//
//	GET http://localhost:{free port}/?code=…&state=…
//
// as in RFC 8252, "OAuth 2.0 for Native Apps", 7.3. Only loopback addresses are listened
// on. The state is random and the code is bound to a verifier (PKCE, RFC 7636), so that
// neither another page of the browser nor another program of this computer can finish
// the sign-in: a callback with another state has status 400 and is counted, and the
// wait goes on.
//
// The first callback with the state decides. A code is redeemed once, and the person
// sees how that went on the page that the browser waits for. The pages are plain: they
// have no script, load nothing, and show nothing of the callback.
package login
