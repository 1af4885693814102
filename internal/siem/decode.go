package siem

import (
	"errors"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

const (
	maxRecord  = 8 << 20
	maxUnknown = 256
)

// decode reads a reply to its end and hands over each record as it comes. It
// returns nil only for a whole, valid array. An error is an [*Error] or the
// reader's own.
func decode(r io.Reader, add func(*alert.Alert)) error {
	d := newDecoder(r)
	if err := d.array(add); err != nil {
		return d.explain(err)
	}
	return nil
}

// loneSurrogates lets the escape of half a surrogate pair pass, which Windows
// file names may hold. Bytes that are not UTF-8 package transport has refused.
var loneSurrogates = jsontext.AllowInvalidUTF8(true)

// A decoder reads one reply.
type decoder struct {
	json   *jsontext.Decoder
	bound  *boundedReader
	record record
	index  int // of the record being read
}

func newDecoder(r io.Reader) *decoder {
	bound := &boundedReader{r: r}
	// A record looks after its own duplicate keys, which costs less.
	return &decoder{json: jsontext.NewDecoder(bound, loneSurrogates, jsontext.AllowDuplicateNames(true)), bound: bound, index: -1}
}

func (d *decoder) array(add func(*alert.Alert)) error {
	d.bound.allow(maxRecord)
	if first, err := d.json.ReadToken(); errors.Is(err, io.EOF) {
		return d.problem(Empty, "")
	} else if err != nil {
		return err
	} else if first.Kind() != jsontext.KindBeginArray {
		return d.problem(NotArray, "")
	}
	for {
		d.bound.allow(maxRecord)
		kind := d.json.PeekKind()
		if kind == jsontext.KindEndArray || kind == jsontext.KindInvalid {
			break
		}
		d.index++
		if kind != jsontext.KindBeginObject {
			return d.problem(NotObject, "")
		}
		if err := d.object(); err != nil {
			return err
		}
		add(&d.record.alert)
	}
	d.index = -1
	return d.end()
}

// end expects the end of the array and then of the reply.
func (d *decoder) end() error {
	if _, err := d.json.ReadToken(); err != nil {
		return err
	}
	switch _, err := d.json.ReadToken(); {
	case errors.Is(err, io.EOF):
		return nil
	case err == nil, isSyntax(err):
		return d.problem(TrailingData, "")
	default:
		return err
	}
}

// object reads one record.
func (d *decoder) object() error {
	if _, err := d.json.ReadToken(); err != nil {
		return err
	}
	d.record.reset(d.index)
	for d.json.PeekKind() != jsontext.KindEndObject {
		key, err := d.json.ReadValue()
		if err != nil {
			return err
		}
		m, ok := d.record.member(key)
		if !ok {
			return d.problem(m.problem, m.name())
		}
		value, err := d.json.ReadValue()
		if err != nil {
			return err
		}
		if problem, ok := d.record.set(m, value); !ok {
			return d.problem(problem, m.name())
		}
	}
	if _, err := d.json.ReadToken(); err != nil {
		return err
	}
	if problem, field, ok := d.record.complete(); !ok {
		return d.problem(problem, field)
	}
	return nil
}

func (d *decoder) problem(p Problem, field string) *Error {
	return &Error{Problem: p, Index: d.index, Field: field, Offset: d.json.InputOffset()}
}

// explain translates the decoder's errors, which quote the reply. What the
// reader below reported is passed on: package transport knows what it means.
func (d *decoder) explain(err error) error {
	switch {
	case d.bound.exceeded:
		return d.problem(TooLargeRecord, "")
	case isSyntax(err), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return d.problem(Malformed, "")
	}
	return err
}

func isSyntax(err error) bool {
	_, ok := errors.AsType[*jsontext.SyntacticError](err)
	return ok
}

// A boundedReader gives at most as many bytes as it was last allowed, so that
// neither a record nor white space can make the decoder's buffer grow without end.
type boundedReader struct {
	r        io.Reader
	left     int
	exceeded bool
}

var errBound = errors.New("siem: record too large")

func (b *boundedReader) allow(n int) { b.left = n }

func (b *boundedReader) Read(p []byte) (int, error) {
	if b.left <= 0 {
		b.exceeded = true
		return 0, errBound
	}
	n, err := b.r.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}
