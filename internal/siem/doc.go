// Package siem reads the Microsoft Defender ATP SIEM REST API: one GET that
// returns raw detections as a bare JSON array.
//
//	GET {endpoint}/api/alerts?sinceTimeUtc=…&limit=…
//	Authorization: Bearer …
//
// It follows Microsoft's page "Pull Microsoft Defender for Endpoint alerts using
// SIEM REST API". Microsoft deprecated the API on 2023-12-31 and may turn it off
// at any time since 2024-12-31.
//
// # What counts as a reply
//
// A status of 200 whose whole body is one array of records, to the last byte.
// [Client.Read] hands over one record after another while the reply comes in,
// and returns nil only when it had all of it; whatever it handed over before an
// error is void. A reply that breaks off is asked for again, and the records
// start over.
//
// A record is an object with at least AlertId, Severity and
// LastProcessedTimeUtc. What can mean two things is an error rather than a
// guess: a key that is there twice, a known key in another case or in its old
// and new spelling at once, a text where a number should be. Keys that are not
// known are kept, so that nothing is lost when Microsoft adds one.
//
// # Bounds
//
// The decoder holds one record at a time, of at most 8 MiB with the white space
// around it and at most 256 keys that are not known.
package siem
