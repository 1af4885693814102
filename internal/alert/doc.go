// Package alert is the domain of the provider: the fields of a detection, the
// query and the filter of a read, the counts, and the gate. A [Detection] is one
// record of a service; an alert is what people see in the portal, one detection or more.
//
// It does not depend on HTTP, JSON or Terraform, and imports nothing else of this
// module. A [Source] (package siem) fills one [Detection] after another and hands each
// to a [Sink], such as a [Selection]. When the source has read the whole response
// and found it valid, the selection's [Summary], its list and the [Verdict] of a
// [Gate] are the result. Two more sinks are for APIs unlike the SIEM API: a [Batch]
// keeps a page until it is complete, a [Newest] applies a limit that the API lacks.
//
// # The field table
//
// [Fields] is the only list of a detection's fields. The decoder, the
// Terraform schema, the encoded value and the generated documentation all come
// from it, so a new field of the service is one new line there. [Triage] is the same
// for what only Microsoft Graph tells, and its fields are stored like the others.
//
// # Order of work
//
// A read has these steps with every service: window, machine groups and tags (the
// service's part), limit (the newest N), duplicates, exclusions, severity,
// categories, sources, grouping by alert ID, counts, gate. The gate counts alerts;
// so do all counts but those of the response and of the list.
//
// No detection is dropped for an anomaly. An unknown severity ranks above
// all others, a detection without an identity is never a duplicate, and one outside
// the window is kept and reported as an anomaly.
//
// # Memory
//
// A selection for counts takes 120 to 145 bytes for each detection, whatever its
// size: texts that are only compared are hashed with a random secret of the
// selection, and those that are counted are interned. All memory is counted, and
// [ErrTooLarge] ends the read at the bound.
package alert
