// Package provider is the Terraform side of the provider: schemas, settings,
// reads, diagnostics. What it reads comes from packages siem and entra; what an
// alert is and which alerts count, from package alert.
//
// The way of the data, in the order a reader meets it:
//
//	configuration -> settings -> connection (one per provider block)
//	data source   -> alert.Query, alert.Filter -> siem.Source -> alert.Selection
//	              -> alert.Summary (and the encoded list) -> state
//
// # The list
//
// The plugin framework needs longer to convert a list of alerts than Terraform
// does to take it in: its read path is left out. A data source's Read fills every
// attribute but the list; the server puts the list, which was encoded while the
// reply came in, into the reply that goes to Terraform.
//
// # What is printed
//
// Diagnostics and logs hold no secret, no token and no text of an alert.
// diagnostics.go makes them from the fields of typed errors; the error texts of
// libraries are not passed on.
package provider
