// Package provider is the Terraform side of the provider: schemas, settings,
// reads, diagnostics; and the command login, which shares the settings. It reads
// through an [alert.Source]; only [target] and [service] values depend on an API.
// Package alert selects and counts detections.
//
// # Data flow
//
//	provider block -> settings, parsed once -> connection (one per provider block)
//	data source    -> request (query, filter, gate; converted once)
//	               -> alert.Source.Read -> alert.Selection
//	               -> Summary, Verdict (and the encoded list) -> state
//
// [newRequest] converts the arguments. Validation and reads share it, so that a
// read checks its arguments even if the client did not validate them.
//
// # The list
//
// Converting the list with the framework costs more than everything Terraform
// core does with it, so the list bypasses the framework. A data source's Read
// sets every attribute but the list; the server inserts the list, which package
// wire encoded while the response was read.
//
// # What is printed
//
// Diagnostics and logs contain no secret, no token and no text of an alert.
// Diagnostics are made from the fields of typed errors; error texts of libraries
// are not passed on.
package provider
