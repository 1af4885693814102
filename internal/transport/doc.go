// Package transport is the one HTTP client of the provider: sign-in and sources
// share it. It turns a request into one whole, readable reply or an [*Error].
//
// # The life of a request
//
// [Client.Do] sends a request and hands the reply to the caller's reader inside
// the attempt, so that a reply that breaks off in the middle is one more fault
// of the wire and is asked for again. An attempt is:
//
//  1. a token, if the request needs one (package entra shares and renews it)
//  2. the request itself, on a connection of its own, through the proxy of the
//     environment, over TLS 1.2 or later
//  3. the status: only 200 is an answer; a redirect never is
//  4. the headers: a JSON media type, an encoding that is understood, a whole body
//  5. the body: decompressed, checked to be UTF-8, bounded, read to its end
//
// # What is tried again
//
// What the wire did (refused, reset, cut, stalled) and what the service says of
// itself (408, 429, 500, 502, 503, 504) is tried again, up to MaxAttempts, after
// a wait with full jitter of at most 1 s, 2 s, 4 s and so on to 30 s, or as long
// as Retry-After says, if that is at most a minute and fits the time that is
// left. What a complete reply contains is an error at once. A 401 makes one new
// token and one more request.
//
// # What it never does
//
// It follows no redirect, sends nothing to another scheme, host or port than
// the request's base, sends credentials over plain HTTP to loopback hosts only,
// and puts no header, body or library error text into a log or an error.
package transport
