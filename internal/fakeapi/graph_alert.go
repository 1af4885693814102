package fakeapi

import (
	"bytes"
	"encoding/json"
	"slices"
)

// GraphAlert is the JSON text of one alert of Graph.
type GraphAlert []byte

// Get returns a property of the alert that is a string; "" for any other.
func (a GraphAlert) Get(property string) string {
	var value string
	if start, end := a.find(property); start >= 0 {
		_ = json.Unmarshal(a[start:end], &value)
	}
	return value
}

// ID returns the id of the alert.
func (a GraphAlert) ID() string { return a.Get("id") }

// Set returns a copy of the alert with another value of a property, and every other
// byte unchanged. A property that the alert lacks is appended. It panics if value
// has no JSON form.
func (a GraphAlert) Set(property string, value any) GraphAlert {
	text := mustMarshal(value)
	if start, end := a.find(property); start >= 0 {
		return slices.Concat(a[:start], text, a[end:])
	}
	end := bytes.LastIndexByte(a, '}')
	if end < 0 {
		return slices.Clone(a)
	}
	name := append(mustMarshal(property), ':')
	if bytes.HasSuffix(bytes.TrimSpace(a[:end]), []byte("{")) {
		return slices.Concat(a[:end], name, text, a[end:])
	}
	return slices.Concat(a[:end], []byte(","), name, text, a[end:])
}

// find returns the place of a property's value, -1 for none.
func (a GraphAlert) find(property string) (start, end int) {
	decoder := json.NewDecoder(bytes.NewReader(a))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return -1, -1
	}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			break
		}
		var value json.RawMessage
		if decoder.Decode(&value) != nil {
			break
		}
		if name == property {
			end = int(decoder.InputOffset())
			return end - len(value), end
		}
	}
	return -1, -1
}
