// Package fakeapi is a fake of the services that the provider calls: the sign-in
// endpoints of Microsoft Entra ID, the Microsoft Defender ATP SIEM REST API, and the
// alerts of Microsoft Graph. It is for tests and demonstrations. The provider does
// not import it, and it imports no package of the provider: shared types would repeat
// the client's mistakes.
//
//	server, err := fakeapi.Start(fakeapi.Options{Alerts: 50})
//	if err != nil { ... }
//	defer server.Close()
//	// point a client at server.Env(), or at server.AuthorityHost() and the endpoints
//
// # Addresses
//
// One listener on a loopback address serves all services, each below a path
// prefix, so that a client that drops the path of a configured base address gets
// a 404:
//
//	POST {AuthorityHost}/{tenant}/oauth2/token           tokens for a resource, the SIEM API
//	POST {AuthorityHost}/{tenant}/oauth2/v2.0/token      tokens for a scope, in Graph
//	GET  {AuthorityHost}/{tenant}/oauth2/authorize       authorization codes for a resource
//	GET  {AuthorityHost}/{tenant}/oauth2/v2.0/authorize  authorization codes for a scope
//	GET  {SIEMEndpoint}/api/alerts                       the detections, as a bare JSON array
//	GET  {GraphEndpoint}/v1.0/security/alerts_v2         the alerts, in pages
//	GET  {GitHubRequestURL}                              OIDC tokens of a job in GitHub Actions
//	POST {AzureDevOpsRequestURL}                         OIDC tokens of a job in Azure Pipelines
//	GET  {ManagedIdentityEndpoint}                       tokens of the managed identity of a virtual machine
//	GET  {AppServiceEndpoint}                            tokens of the managed identity of App Service
//
// Tokens are checked: each API refuses those of the other.
//
// # Credentials
//
// The token endpoints accept the secret of Options; an assertion that is signed with
// a certificate of RegisterCertificate, once; and an OIDC token of the fake's own
// issuer for Options.Subject, from OIDCToken, GitHub or Azure DevOps. NewClientCertificate
// makes certificates, WriteAzureCLI a program az. Signatures, audiences, issuers,
// subjects and times are checked.
//
// The grants are client_credentials, authorization_code and refresh_token. The
// authorization endpoints respond as to a browser in which a person is signed in: they
// redirect to a loopback address with a code that works once, within ten minutes, with
// the verifier of its S256 challenge. RefuseConsent, PublicClient and Rotation in
// Options change the outcome. IssueRefreshToken replaces a sign-in;
// RevokeRefreshTokens and ExpireRefreshTokens end all of them. Tokens of all grants
// give the same access.
//
// # Data
//
// Start generates detections from a seed: the same seed, count and clock give the
// same bytes. They have every shape that the service has used since 2017 (see
// generate.go), in random order. SetAlerts replaces the detections, ServeBody the
// whole body.
//
// Graph shows the same data: one alert for the detections with one AlertId, updated
// when the newest of them was processed. SetGraphAlerts replaces the alerts,
// UpdateGraph moves them between two requests or, within OnGraphRequest, during a
// read.
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
// The options GraphNoCount, GraphCount, GraphSilentPages, GraphLink and
// GraphIgnoreFilter are faults of Graph that last: valid responses that are wrong.
//
// # Sources
//
// The behaviour follows the Microsoft documentation pages "Pull
// Microsoft Defender for Endpoint alerts using SIEM REST API", "Microsoft
// Defender for Endpoint detections API fields", "Azure AD authentication and
// authorization error codes", "Microsoft identity platform application
// authentication certificate credentials", "Microsoft identity platform and OAuth 2.0
// authorization code flow", "Authorize access to web applications using OAuth 2.0 and
// Azure Active Directory", "Redirect URI (reply URL) outline and restrictions", "List
// alerts_v2", "Use the Microsoft Graph security API" and "Microsoft Graph error
// responses and resource types". Those on the SIEM API do not document error bodies,
// order and unknown parameters, those on Graph neither the form of links nor which
// query options are refused: comments mark the decisions made here.
package fakeapi
