package graph

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/mdatp/terraform-provider-mdatp/internal/records"
)

// maxElements is the maximum number of elements of all lists of one alert. An
// alert of 8 MiB has room for millions, each of which takes more memory than in
// the response.
const maxElements = 1 << 16

// texts reads the texts of one alert. They stay valid as long as the value that
// they are a part of.
type texts struct {
	object   *records.Object
	elements int // of lists
}

func (t *texts) reset(o *records.Object) { *t = texts{object: o} }

// each calls read for the elements of an array; null is an empty one.
func (t *texts) each(array jsontext.Value, read func(element jsontext.Value) records.Problem) records.Problem {
	if array.Kind() == jsontext.KindNull {
		return records.None
	}
	return t.object.Elements(array, func(element jsontext.Value) records.Problem {
		if t.elements++; t.elements > maxElements {
			return records.TooManyItems
		}
		return read(element)
	})
}

// read returns the text of a string; null is none.
func (t *texts) read(value jsontext.Value) ([]byte, records.Problem) {
	switch value.Kind() {
	case jsontext.KindNull:
		return nil, records.None
	case jsontext.KindString:
		if records.IsLong(value) {
			return nil, records.LongText
		}
		text := t.object.Text(value)
		if bytes.ContainsRune(value, '\\') {
			text = bytes.Clone(text) // the next text takes its place
		}
		return text, records.None
	}
	return nil, records.WrongType
}

// readList returns the texts of an array of strings, without null and "".
func (t *texts) readList(array jsontext.Value) ([][]byte, records.Problem) {
	var list [][]byte
	problem := t.each(array, func(element jsontext.Value) records.Problem {
		text, problem := t.read(element)
		if len(text) > 0 {
			list = append(list, text)
		}
		return problem
	})
	return list, problem
}
