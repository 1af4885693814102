package graph

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/mdatp/terraform-provider-mdatp/internal/records"
)

// texts reads the texts of one alert. They stay valid as long as the value that
// they are a part of.
type texts struct{ object *records.Object }

func (t *texts) reset(o *records.Object) { t.object = o }

// read returns the text of a string; null is none.
func (t *texts) read(value jsontext.Value) ([]byte, records.Problem) {
	switch value.Kind() {
	case jsontext.KindNull:
		return nil, records.None
	case jsontext.KindString:
		text := t.object.Text(value)
		if bytes.IndexByte(value, '\\') >= 0 {
			text = bytes.Clone(text) // the next text takes its place
		}
		return text, records.None
	}
	return nil, records.WrongType
}

// readList returns the texts of an array of strings, without null and ""; null is an
// empty array.
func (t *texts) readList(array jsontext.Value) ([][]byte, records.Problem) {
	if array.Kind() == jsontext.KindNull {
		return nil, records.None
	}
	var list [][]byte
	problem := t.object.Elements(array, func(element jsontext.Value) records.Problem {
		text, problem := t.read(element)
		if len(text) > 0 {
			list = append(list, text)
		}
		return problem
	})
	return list, problem
}
