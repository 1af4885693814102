package siem

import (
	"errors"
	"fmt"
)

// A Problem says what is wrong with a reply.
type Problem uint8

// The problems of a reply.
const (
	NotArray       Problem = iota // the reply is no JSON array
	Malformed                     // not JSON
	Empty                         // nothing but white space
	DuplicateKey                  // a key is there twice in one object
	TrailingData                  // something follows the array
	NotObject                     // a record is no JSON object
	MissingField                  // a required field is missing, null or empty
	WrongType                     // a field's value is not of its type
	NotTime                       // LastProcessedTimeUtc is no date and time
	OtherCase                     // a known key in another case
	TwoSpellings                  // a field under its old and its new key
	TooManyKeys                   // a record with too many unknown keys
	TooLargeRecord                // a record that passes the bound
)

// An Error says why a reply is not a list of alerts. It holds no text of the reply.
type Error struct {
	Problem   Problem
	Index     int    // of the record, from 0; -1 when it is about the whole reply
	Field     string // key of the field table, or ""
	Offset    int64  // bytes of the reply that were read
	RequestID string // as the service names the request, or ""
}

// Error returns a short text for logs and tests; diagnostics are made from the fields.
func (e *Error) Error() string {
	return fmt.Sprintf("siem: problem %d, record %d, field %q, offset %d", e.Problem, e.Index, e.Field, e.Offset)
}

func asError(err error) (*Error, bool) { return errors.AsType[*Error](err) }
