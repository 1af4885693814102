package records

import (
	"errors"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

var errNotObject = errors.New("records: not one JSON object")

// Members reads a response that is one JSON object, and returns its values as
// JSON text by key. Duplicate keys and trailing data are errors. Its errors may
// quote the response.
func Members(r io.Reader) (map[string]jsontext.Value, error) {
	decoder := jsontext.NewDecoder(r)
	if decoder.PeekKind() != jsontext.KindBeginObject {
		return nil, errNotObject
	}
	if _, err := decoder.ReadToken(); err != nil {
		return nil, err
	}
	members := make(map[string]jsontext.Value)
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
		members[name] = value.Clone()
	}
	if _, err := decoder.ReadToken(); err != nil {
		return nil, err
	}
	if _, err := decoder.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, errNotObject
	}
	return members, nil
}
