package entra

import (
	"errors"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// An object is a JSON object by key, its values as JSON text.
type object map[string]jsontext.Value

var errNotObject = errors.New("entra: not one JSON object")

// readObject reads one JSON object and the end of the text. Duplicate keys are
// an error.
func readObject(r io.Reader) (object, error) {
	decoder := jsontext.NewDecoder(r)
	if decoder.PeekKind() != jsontext.KindBeginObject {
		return nil, errNotObject
	}
	if _, err := decoder.ReadToken(); err != nil {
		return nil, err
	}
	fields := object{}
	for decoder.PeekKind() != jsontext.KindEndObject {
		key, err := decoder.ReadToken()
		if err != nil {
			return nil, err
		}
		name := key.String()
		value, err := decoder.ReadValue()
		if err != nil {
			return nil, err
		}
		fields[name] = value.Clone()
	}
	if _, err := decoder.ReadToken(); err != nil {
		return nil, err
	}
	if _, err := decoder.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, errNotObject
	}
	return fields, nil
}

// text returns a member that is a JSON string.
func (o object) text(key string) (string, bool) {
	value := o[key]
	if value.Kind() != jsontext.KindString {
		return "", false
	}
	text, err := jsontext.AppendUnquote(nil, value)
	return string(text), err == nil
}

// foldedKey returns the first of the keys that is present in another case.
func (o object) foldedKey(keys ...string) string {
	for _, key := range keys {
		for present := range o {
			if present != key && strings.EqualFold(present, key) {
				return key
			}
		}
	}
	return ""
}
