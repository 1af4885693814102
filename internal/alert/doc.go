// Package alert is the domain of the provider: what an alert is, which alerts
// a read asks for, which of them it keeps, and what they add up to.
//
// It is pure. It knows neither HTTP nor JSON nor Terraform, and imports nothing
// else of this module. A source (package siem) fills one [Alert] after another
// and hands each to a [Selection]; when the whole reply was read and found
// valid, the selection's [Summary] and its ordered records are the result.
//
// # The field table
//
// [Fields] is the one place that knows the alert's fields. The decoder, the
// Terraform schema, the encoded value and the generated documentation all come
// from it, so a new field of the service is one new line there.
//
// # Order of work
//
// A read goes through these steps, whichever service answers: window, machine
// groups and tags (the service's part), limit (the newest N), duplicates
// collapsed, exclusions, severity, categories, sources, counts.
//
// Nothing here ever drops a record because it is odd. A severity that is not
// known ranks above all others, a record without a full_id is never taken for
// a duplicate, and a record outside the window is kept and noted.
package alert
