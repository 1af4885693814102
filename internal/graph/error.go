package graph

import (
	"fmt"
	"time"
)

// A Kind classifies an [Error].
type Kind string

// The kinds of errors. With each the read may lack alerts, so it has no result.
const (
	FilterIgnored Kind = "filter ignored" // an alert outside the requested time, or of another product
	BadLink       Kind = "bad link"       // @odata.nextLink leads elsewhere, repeats, or lost the filter
	Incomplete    Kind = "incomplete"     // a response has fewer alerts than there are, and no link to the rest
	Moving        Kind = "moving"         // the alerts kept changing during the read
	NoClock       Kind = "no clock"       // the response has no Date, so it is unknown when a window that ends now begins
	Warned        Kind = "warned"         // the response says with a header that a product's alerts are missing
)

// An Error reports that responses do not add up to a complete read. It holds no text
// of a response.
type Error struct {
	Kind      Kind
	RequestID string // the service's ID of the request, or ""
}

// Error returns a short text for logs and tests; diagnostics are made from the fields.
func (e *Error) Error() string { return fmt.Sprintf("graph: %s", e.Kind) }

// A SliceError is an error of one part of a read that needed several requests.
type SliceError struct {
	From, To time.Time // of lastUpdateDateTime; To is the zero time for a part without an end
	Err      error
}

// Error returns a short text for logs and tests.
func (e *SliceError) Error() string {
	return fmt.Sprintf("graph: from %s to %s: %v", e.From, e.To, e.Err)
}

// Unwrap returns the error of the request.
func (e *SliceError) Unwrap() error { return e.Err }
