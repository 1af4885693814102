package records

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"
)

// A level reads one value of a record that has parts. It is reused by the next
// value at the same depth.
type level struct {
	json  *jsontext.Decoder
	input bytes.Buffer // of whole
	whole jsontext.Value
	seen  []bool // by field
}

// enter returns the level of a value that has parts.
func (o *Object) enter(whole jsontext.Value) *level {
	if o.depth == len(o.levels) {
		o.levels = append(o.levels, &level{json: jsontext.NewDecoder(&bytes.Buffer{})})
	}
	l := o.levels[o.depth]
	o.depth++
	l.whole, l.input = whole, *bytes.NewBuffer(whole)
	l.json.Reset(&l.input, lossy, jsontext.AllowDuplicateNames(true))
	return l
}

// next returns the next part. Unlike the decoder's own it is valid as long as the
// whole value.
func (l *level) next() (jsontext.Value, error) {
	value, err := l.json.ReadValue()
	if err != nil {
		return nil, err
	}
	end := l.json.InputOffset()
	return l.whole[end-int64(len(value)) : end], nil
}

// Elements calls each for the elements of an array in the record, which stay valid
// as long as the array. Its problem is WrongType for another value, or that of each.
// Members returns the error of a read that ends meanwhile.
func (o *Object) Elements(array jsontext.Value, each func(element jsontext.Value) Problem) Problem {
	if array.Kind() != jsontext.KindBeginArray {
		return WrongType
	}
	l := o.enter(array)
	defer func() { o.depth-- }()
	if _, err := l.json.ReadToken(); err != nil {
		return Malformed
	}
	for l.json.PeekKind() != jsontext.KindEndArray {
		element, err := l.next()
		if err != nil || o.response.take(element) != nil {
			return Malformed
		}
		if problem := each(element); problem != None {
			return problem
		}
	}
	return None
}

// Inner calls known for the members of an object in the record whose keys are in
// the table; it skips the others. Their values stay valid as long as the object. A
// duplicate known key and one in another case
// are problems, and any value but an object is WrongType. The error of the record
// names the key that has the problem.
func (o *Object) Inner(object jsontext.Value, table *Table, known func(field int, value jsontext.Value) Problem) Problem {
	if object.Kind() != jsontext.KindBeginObject {
		return WrongType
	}
	l := o.enter(object)
	defer func() { o.depth-- }()
	l.seen = append(l.seen[:0], make([]bool, len(table.names))...)
	if _, err := l.json.ReadToken(); err != nil {
		return Malformed
	}
	for l.json.PeekKind() != jsontext.KindEndObject {
		quoted, err := l.json.ReadValue()
		if err != nil {
			return Malformed
		}
		field, problem := table.find(quoted)
		switch {
		case field == unknownField:
			if l.json.SkipValue() != nil {
				return Malformed
			}
			continue
		case problem == None && l.seen[field]:
			problem = DuplicateKey
		}
		l.seen[field] = true
		if problem == None {
			value, err := l.next()
			if err != nil {
				return Malformed
			}
			problem = known(field, value)
		}
		if problem != None {
			o.addPath(table.names[field].Key)
			return problem
		}
	}
	return None
}

// find returns the field of a quoted key, with a problem if its case is another.
func (t *Table) find(quoted jsontext.Value) (field int, p Problem) {
	key := []byte(quoted[1 : len(quoted)-1])
	if bytes.ContainsRune(key, '\\') {
		// Half of a surrogate pair becomes U+FFFD, which no known key has.
		key, _ = jsontext.AppendUnquote(nil, []byte(quoted))
	}
	if known, ok := t.exact[string(key)]; ok {
		return known.field, None
	}
	if field, ok := t.inOtherCase(key); ok {
		return field, OtherCase
	}
	return unknownField, None
}

// addPath adds the key of an object around the value that has the problem.
func (o *Object) addPath(key string) {
	if o.path != "" {
		key += "." + o.path
	}
	o.path = key
}
