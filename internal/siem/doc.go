// Package siem reads the Microsoft Defender ATP SIEM REST API: one GET that
// returns detections as a bare JSON array.
//
//	GET {endpoint}/api/alerts?sinceTimeUtc=…&limit=…
//	Authorization: Bearer …
//
// It follows Microsoft's page "Pull Microsoft Defender for Endpoint alerts using
// SIEM REST API". Microsoft deprecated the API on 2023-12-31 and may turn it off
// at any time since 2024-12-31.
//
// # Responses
//
// Only status 200 with one array of valid detections, to the last byte, is a
// result. [Client.Read] hands each detection to its sink while the response comes
// in; those delivered before an error must be discarded. A truncated response is
// retried from the first detection.
//
// A detection has at least AlertId, Severity and LastProcessedTimeUtc. Package
// records rejects ambiguous objects; a number may be sent as a string, as some
// responses do. FullId and AlertPart identify a detection: two with the same pair
// are duplicates, and one without FullId never is. Half of a surrogate pair is an
// error in AlertId, FullId and Severity, and U+FFFD elsewhere.
package siem
