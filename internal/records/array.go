package records

import (
	"errors"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

const (
	maxRecord  = 8 << 20
	maxUnknown = 256
)

// lossy lets the escape of half a surrogate pair pass, which Windows file names
// may contain. Package transport has rejected bytes that are not UTF-8.
var lossy = jsontext.AllowInvalidUTF8(true)

// Array reads a response that is one array of objects with the known keys of
// table. It calls read for each object while the response comes in, and returns
// nil only for a whole, valid array; what was read before an error must be
// discarded. requestID is for errors.
//
// The error is an [*Error], one that read returned, or the reader's own.
func Array(r io.Reader, requestID string, table *Table, read func(*Object) error) error {
	bound := &boundedReader{r: r}
	a := array{
		// An Object detects duplicate keys itself, which costs less.
		json:      jsontext.NewDecoder(bound, lossy, jsontext.AllowDuplicateNames(true)),
		bound:     bound,
		requestID: requestID,
		index:     -1,
	}
	err := a.records(newObject(table, &a), read)
	switch {
	case err != nil && bound.exceeded:
		return a.error(TooLargeRecord, "")
	case isSyntax(err), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return a.error(Malformed, "")
	}
	return err
}

// An array is the state of reading one response.
type array struct {
	json      *jsontext.Decoder
	bound     *boundedReader
	requestID string
	index     int // of the record being read; -1 outside of all
}

func (a *array) records(o *Object, read func(*Object) error) error {
	a.bound.left = maxRecord
	if first, err := a.json.ReadToken(); errors.Is(err, io.EOF) {
		return a.error(Empty, "")
	} else if err != nil {
		return err
	} else if first.Kind() != jsontext.KindBeginArray {
		return a.error(NotArray, "")
	}
	for {
		a.bound.left = maxRecord
		kind := a.json.PeekKind()
		if kind == jsontext.KindEndArray || kind == jsontext.KindInvalid {
			break
		}
		a.index++
		if kind != jsontext.KindBeginObject {
			return a.error(NotObject, "")
		}
		o.reset()
		if err := read(o); err != nil {
			return err
		}
	}
	a.index = -1
	if _, err := a.json.ReadToken(); err != nil {
		return err
	}
	switch _, err := a.json.ReadToken(); {
	case errors.Is(err, io.EOF):
		return nil
	case err == nil, isSyntax(err):
		return a.error(TrailingData, "")
	default:
		return err
	}
}

func (a *array) error(p Problem, field string) *Error {
	return &Error{Problem: p, Index: a.index, Field: field, Offset: a.json.InputOffset(), RequestID: a.requestID}
}

// isSyntax reports an error whose text quotes the response.
func isSyntax(err error) bool {
	_, ok := errors.AsType[*jsontext.SyntacticError](err)
	return ok
}

// A boundedReader returns at most left bytes, so that neither a record nor white
// space can make the decoder's buffer grow without end.
type boundedReader struct {
	r        io.Reader
	left     int
	exceeded bool
}

var errBound = errors.New("records: record too large")

func (b *boundedReader) Read(p []byte) (int, error) {
	if b.left <= 0 {
		b.exceeded = true
		return 0, errBound
	}
	n, err := b.r.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}
