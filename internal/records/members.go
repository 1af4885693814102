package records

import (
	"errors"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

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
