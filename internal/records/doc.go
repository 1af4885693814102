// Package records reads JSON responses strictly and within bounds. The services
// share it: the SIEM API's array of detections goes through [Array], a page of
// Microsoft Graph's alerts through [Page], the token response of Entra ID through
// [Members].
//
// A response that can mean two things is an error rather than a guess: a duplicate
// key, a known key in another case or in its old and its new spelling at once,
// trailing data, a value of another type. Unknown keys are passed on, so that
// nothing is lost when the service adds one. encoding/json accepts most of these
// silently; this package reads tokens of jsontext, one record at a time, so that
// memory does not grow with the response.
//
// [Object.Inner] and [Object.Elements] read what a record holds in objects and
// arrays. There, members without a field in the table are skipped.
//
// A record has at most 8 MiB, the white space around it included, and at most 256
// unknown keys, each of at most 4 KiB with a value of at most 1 MiB, and of at most 2 MiB
// together. A text has at most 2 MiB as JSON. What is kept of a record is limited by package alert.
//
// An [*Error] holds no text of the response. Errors of the underlying reader are
// returned unchanged, for package transport.
package records
