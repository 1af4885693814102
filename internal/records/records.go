package records

import (
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// A Problem is a kind of defect of a response.
type Problem string

// The problems of a response. None is the zero value.
const (
	None           Problem = ""
	NotArray       Problem = "not a JSON array"
	Malformed      Problem = "not JSON"
	Empty          Problem = "empty"
	TrailingData   Problem = "trailing data"
	NotObject      Problem = "not a JSON object"
	TooLargeRecord Problem = "record too large"
	DuplicateKey   Problem = "duplicate key"
	OtherCase      Problem = "key in another case"
	TwoSpellings   Problem = "old and new spelling of a key"
	TooManyKeys    Problem = "too many unknown keys"
	MissingField   Problem = "required field missing"
	WrongType      Problem = "wrong type"
	NotTime        Problem = "not a date and time"
	LossyText      Problem = "lossy text"
	ErrorMember    Problem = "error in place of records"
	TooManyItems   Problem = "too many elements of a list"
	LongText       Problem = "text too long"
	LongTexts      Problem = "texts too long together"
	LargeUnknown   Problem = "unknown key or its value too large"
)

// An Error reports why a response is not an array or a page of valid records. It holds no
// text of the response.
type Error struct {
	Problem   Problem
	Index     int    // of the record, from 0; -1 for a problem of the whole response
	Field     string // key in the table of fields, or ""; below another key "key.key"
	Offset    int64  // bytes of the response that were read
	RequestID string // the service's ID of the request, or ""
}

// Error returns a short text for logs and tests; diagnostics are made from the fields.
func (e *Error) Error() string {
	return fmt.Sprintf("records: %s, record %d, field %q, offset %d", e.Problem, e.Index, e.Field, e.Offset)
}

const (
	maxRecord  = 8 << 20
	maxText    = 2 << 20 // as JSON
	maxUnknown = 256
	// An unknown member is checked for duplicate keys and normalized, which takes many
	// times its size.
	maxUnknownKey   = 4 << 10
	maxUnknownValue = 1 << 20
	maxUnknownAll   = 2 << 20 // of a record, keys in NFC
)

// lossy accepts the escape of a lone surrogate, which Windows file names may
// contain. Package transport has rejected bytes that are not UTF-8.
var lossy = jsontext.AllowInvalidUTF8(true)

// Array reads a response that is one array of objects with the known keys of
// table. It calls read for each object while the response comes in, and returns
// nil only for a whole, valid array; objects read before an error must be
// discarded. requestID is for errors.
//
// The error is an [*Error], one that read returned, or the reader's own.
func Array(r io.Reader, requestID string, table *Table, read func(*Object) error) error {
	response := newResponse(r, requestID)
	if err := response.begin(jsontext.KindBeginArray, NotArray); err != nil {
		return err
	}
	if err := response.objects(table, read); err != nil {
		return err
	}
	return response.end()
}

// Members reads a response that is one JSON object, and returns its values as
// JSON text by key. Duplicate keys, invalid UTF-8 and trailing data are errors.
// Its errors may quote the response.
func Members(r io.Reader) (map[string]jsontext.Value, error) {
	var members map[string]jsontext.Value
	if err := json.UnmarshalRead(r, &members); err != nil {
		return nil, err
	}
	if members == nil {
		return nil, errors.New("records: null in place of an object")
	}
	return members, nil
}

// A response is the state of reading one response.
type response struct {
	json      *jsontext.Decoder
	bound     *boundedReader
	requestID string
	index     int // of the record being read; -1 outside of all
	unchecked int // bytes of values taken since the last check
}

// take returns the error of the underlying reader if its read has ended. Values of
// several MiB are read from the decoder's buffer, which knows nothing of the context.
func (r *response) take(value jsontext.Value) error {
	const often = 256 << 10
	if r.unchecked += len(value); r.unchecked < often {
		return nil
	}
	r.unchecked = 0
	if _, err := r.bound.r.Read(nil); err != nil && err != io.EOF {
		r.bound.err = err
	}
	return r.bound.err
}

func newResponse(r io.Reader, requestID string) *response {
	bound := &boundedReader{r: r, left: maxRecord}
	return &response{
		// An Object detects duplicate keys itself, which costs less.
		json:      jsontext.NewDecoder(bound, lossy, jsontext.AllowDuplicateNames(true)),
		bound:     bound,
		requestID: requestID,
		index:     -1,
	}
}

// begin reads the first token, which must be of a kind; other is the problem of
// a response that begins with another one.
func (r *response) begin(kind jsontext.Kind, other Problem) error {
	first, err := r.json.ReadToken()
	switch {
	case errors.Is(err, io.EOF):
		return r.error(Empty, "")
	case err == nil && first.Kind() != kind:
		return r.error(other, "")
	}
	return r.explain(err)
}

// objects reads the elements of an array and its end.
func (r *response) objects(table *Table, read func(*Object) error) error {
	o := newObject(table, r)
	for {
		r.bound.left = maxRecord
		kind := r.json.PeekKind()
		if kind == jsontext.KindEndArray || kind == jsontext.KindInvalid {
			break
		}
		r.index++
		if kind != jsontext.KindBeginObject {
			return r.error(NotObject, "")
		}
		o.reset()
		if err := read(o); err != nil {
			return err
		}
	}
	r.index = -1
	_, err := r.json.ReadToken()
	return r.explain(err)
}

// end makes sure that the response ends here.
func (r *response) end() error {
	switch _, err := r.json.ReadToken(); {
	case errors.Is(err, io.EOF):
		return nil
	case r.bound.err == nil && (err == nil || isSyntax(err)):
		return r.error(TrailingData, "")
	default:
		return r.explain(err)
	}
}

// explain replaces the decoder's errors, which quote the response. Within a value the
// decoder wraps an error of the reader in one of its own.
func (r *response) explain(err error) error {
	switch {
	case err != nil && r.bound.err != nil:
		return r.bound.err
	case err != nil && r.bound.exceeded:
		return r.error(TooLargeRecord, "")
	case isSyntax(err), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return r.error(Malformed, "")
	}
	return err
}

func (r *response) error(p Problem, field string) *Error {
	return &Error{Problem: p, Index: r.index, Field: field, Offset: r.json.InputOffset(), RequestID: r.requestID}
}

// isSyntax reports whether an error is the decoder's, whose text quotes the response.
func isSyntax(err error) bool {
	_, ok := errors.AsType[*jsontext.SyntacticError](err)
	return ok
}

// A boundedReader returns at most left bytes, so that neither a record nor white
// space can make the decoder's buffer grow without limit.
type boundedReader struct {
	r        io.Reader
	left     int
	exceeded bool
	err      error // of r, other than io.EOF
}

var errBound = errors.New("records: record too large")

func (b *boundedReader) Read(p []byte) (int, error) {
	if b.left <= 0 {
		b.exceeded = true
		return 0, errBound
	}
	n, err := b.r.Read(p[:min(len(p), b.left)])
	b.left -= n
	if err != nil && err != io.EOF {
		b.err = err
	}
	return n, err
}
