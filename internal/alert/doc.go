// Package alert is the domain of the provider: what an alert is, which alerts a
// read asks for, which of them it keeps, what they add up to, and whether a gate
// accepts them.
//
// It knows neither HTTP nor JSON nor Terraform, and imports nothing else of this
// module. A [Source] (package siem) fills one [Alert] after another and hands each
// to a [Sink], which is a [Selection] in the end. When the source has read the whole
// response and found it valid, the selection's [Summary], its list and the [Verdict]
// of a [Gate] are the result. Before the selection, a [Batch] holds back a page
// until it is whole, and a [Newest] applies a limit that the service does not have.
//
// # The field table
//
// [Fields] is the one place that knows the alert's fields. The decoder, the
// Terraform schema, the encoded value and the generated documentation all come
// from it, so a new field of the service is one new line there.
//
// # Order of work
//
// A read goes through these steps, whichever the service: window, machine
// groups and tags (the service's part), limit (the newest N), duplicates,
// exclusions, severity, categories, sources, counts, gate.
//
// No detection is dropped because it is unusual. An unknown severity ranks above
// all others, a detection without an identity is never a duplicate, and one outside
// the window is kept and reported as an anomaly.
//
// # Memory
//
// A selection for counts takes 100 to 120 bytes for each detection, whatever its
// size: texts that are only compared are hashed under a random key of the
// selection, and those that are counted are interned. All memory is counted, and
// [ErrTooLarge] ends the read at the bound.
package alert
