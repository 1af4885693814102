// Package transport is the one HTTP client of the provider: sign-in and sources
// share it. It turns a request into one whole, readable response or an [*Error].
//
// # The life of a request
//
// [Client.Begin] starts a read of a service, and [Read.Do] sends its requests.
// The caller's reader consumes the response inside the attempt, so that a
// response truncated in the middle is retried like a refused connection. An
// attempt is:
//
//  1. a token, if the read has any (package entra shares and renews it)
//  2. the request, on a connection of its own, through the proxy of the
//     environment, with HTTP/1.1 over TLS 1.2 or later; plain HTTP has no proxy
//  3. the status: only 200 is a success; a redirect never is
//  4. the headers: a JSON media type, a known content encoding, no partial content
//  5. the body: decompressed, limited, checked to be UTF-8, read to its end
//
// # What is retried
//
// Network errors (refused, reset, truncated, stalled) and the statuses 408, 429,
// 500, 502, 503 and 504 are retried, up to MaxAttempts, after a wait with full
// jitter of at most 1 s, 2 s, 4 s and so on to 30 s, or after the time in
// Retry-After, if that is at most a minute and fits the remaining time. A 429
// without Retry-After waits 15 s longer. Invalid
// content of a complete response is an error at once. The first 401 of a read
// invalidates the token and sends one more request with a new one.
//
// # What it never does
//
// It follows no redirect; it sends nothing to another scheme, host or port than
// the read's base, and over plain HTTP nothing to a connection that is not
// loopback, whatever localhost resolves to; it puts no header, body or error text
// of a library into a log or an error.
package transport
