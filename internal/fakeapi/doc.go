// Package fakeapi is a fake of the two services that the provider calls: the v1
// token endpoint of Microsoft Entra ID and the Microsoft Defender ATP SIEM REST
// API. It is for tests and demonstrations. The provider does not import it, and
// it imports no package of the provider: shared types would repeat the client's
// mistakes.
//
//	server, err := fakeapi.Start(fakeapi.Options{Alerts: 50})
//	if err != nil { ... }
//	defer server.Close()
//	// point a client at server.Env(), or at server.AuthorityHost() and server.SIEMEndpoint()
//
// # Addresses
//
// One listener on a loopback address serves both services, each below a path
// prefix, so that a client that drops the path of a configured base address gets
// a 404:
//
//	POST {AuthorityHost}/{tenant}/oauth2/token    client credentials grant; its tokens are checked
//	GET  {SIEMEndpoint}/api/alerts                the detections, as a bare JSON array
//
// # Data
//
// Start generates detections from a seed: the same seed, count and clock give the
// same bytes. They have every shape that the service has used since 2017 (see
// generate.go), in random order. SetAlerts replaces the detections, ServeBody the
// whole body.
//
// # Recorder
//
// Every request is recorded, with or without a response, so that tests can assert
// which requests were sent, and how often.
//
// # Faults
//
// Script queues steps for an endpoint. Each request takes one step; with an empty
// queue the endpoint behaves normally. Steps control single bytes: responses that
// are truncated, stall, reset, have a wrong length or never end.
//
// # Sources
//
// The behaviour follows the Microsoft documentation pages "Pull
// Microsoft Defender for Endpoint alerts using SIEM REST API", "Microsoft
// Defender for Endpoint detections API fields" and "Azure AD authentication and
// authorization error codes". They do not document error bodies, order and unknown
// parameters: comments mark the decisions made here.
package fakeapi
