// Package fakeapi imitates the two services that this provider's SIEM mode
// talks to: the v1 token endpoint of Microsoft Entra ID and the Microsoft
// Defender ATP SIEM REST API. It serves tests and demonstrations; nothing in
// the provider imports it, and it imports nothing of the provider: a fake that
// shared the client's types would agree with the client's mistakes.
//
//	server, err := fakeapi.Start(fakeapi.Options{Alerts: 50})
//	if err != nil { ... }
//	defer server.Close()
//	// point a client at server.Env(), or at server.AuthorityHost() and server.SIEMEndpoint()
//
// # Addresses
//
// One listener on a loopback address serves both services, each below a path
// prefix, so that a client which drops the path of a configured base address
// gets 404 instead of an answer:
//
//	POST {AuthorityHost}/{tenant}/oauth2/token    client credentials, tokens that are checked later
//	GET  {SIEMEndpoint}/api/alerts                the detections, as a bare JSON array
//
// # Data
//
// Start generates detections from a seed: same seed, count and clock, same
// bytes. They come in every shape the service has used since 2017 (see
// generate.go), in no useful order. SetAlerts replaces them by records of the
// test's own, ServeBody by a whole body.
//
// # Recorder
//
// Every request is recorded, answered or not: tests assert what was sent, how
// often, and what was not sent at all.
//
// # Faults
//
// Script queues steps for an endpoint. Each request takes one step, and when
// the queue is empty the service behaves again. Steps work at the level of
// bytes: replies that are cut, stall, reset, lie about their length or never
// end. Those marked "HTTP/1.1 only" take over the connection; on HTTP/2, where
// no handler can, they reset the stream.
//
// # Sources
//
// What the service does follows the Microsoft documentation pages "Pull
// Microsoft Defender for Endpoint alerts using SIEM REST API", "Microsoft
// Defender for Endpoint detections API fields" and "Azure AD authentication and
// authorization error codes". What they leave open (error bodies, order,
// unknown parameters) is decided here and said where it is.
package fakeapi
