package records

import "fmt"

// A Problem is a kind of defect of a response.
type Problem string

// The problems of a response. None is the zero value.
const (
	None           Problem = ""
	NotArray       Problem = "not a JSON array"
	Malformed      Problem = "not JSON"
	Empty          Problem = "empty"
	TrailingData   Problem = "trailing data"
	NotObject      Problem = "record is not a JSON object"
	TooLargeRecord Problem = "record too large"
	DuplicateKey   Problem = "duplicate key"
	OtherCase      Problem = "key in another case"
	TwoSpellings   Problem = "old and new spelling of a key"
	TooManyKeys    Problem = "too many unknown keys"
	MissingField   Problem = "required field missing"
	WrongType      Problem = "wrong type"
	NotTime        Problem = "not a date and time"
)

// An Error reports why a response is not an array of valid records. It holds no
// text of the response.
type Error struct {
	Problem   Problem
	Index     int    // of the record, from 0; -1 when it is about the whole response
	Field     string // key in the table of fields, or ""
	Offset    int64  // bytes of the response that were read
	RequestID string // the service's ID of the request, or ""
}

// Error returns a short text for logs and tests; diagnostics are made from the fields.
func (e *Error) Error() string {
	return fmt.Sprintf("records: %s, record %d, field %q, offset %d", e.Problem, e.Index, e.Field, e.Offset)
}
