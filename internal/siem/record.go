package siem

import (
	"bytes"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/text/unicode/norm"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

// A record is an alert in the making and what has to be known of it until it
// is complete.
type record struct {
	alert   alert.Alert
	seen    [len(alert.Fields)]bool
	scratch []byte // keys and values of unknown members
}

func (r *record) reset(index int) {
	r.alert.Reset(index)
	r.seen = [len(alert.Fields)]bool{}
	r.scratch = r.scratch[:0]
}

// unknown is the field of a member that the table does not know.
const unknown = -1

// A member is a key of a record, or what is wrong with it.
type member struct {
	field   int
	key     []byte // of an unknown member, unquoted, in r.scratch
	problem Problem
}

// name is the field's key in the table, "" when there is none: a key that the
// table does not know is text of the reply.
func (m member) name() string {
	if m.field == unknown {
		return ""
	}
	return alert.Fields[m.field].Key
}

// member finds out what a key, still quoted, stands for.
func (r *record) member(quoted jsontext.Value) (member, bool) {
	key := []byte(quoted[1 : len(quoted)-1])
	if bytes.IndexByte(key, '\\') >= 0 {
		// The error says that a lone surrogate was replaced.
		key, _ = jsontext.AppendUnquote([]byte(nil), []byte(quoted))
	}
	if field, ok := keys[string(key)]; ok {
		if r.seen[field] {
			return member{field: field, problem: TwoSpellings}, false
		}
		r.seen[field] = true
		return member{field: field}, true
	}
	if field, ok := folded[fold(string(key))]; ok {
		return member{field: field, problem: OtherCase}, false
	}
	return r.unknownMember(key)
}

// unknownMember keeps the key in the form in which Terraform keeps the keys of
// maps: two that are the same then must not become one.
func (r *record) unknownMember(key []byte) (member, bool) {
	key = r.keep(norm.NFC.Bytes(key))
	present := r.alert.Additional()
	if len(present) >= maxUnknown {
		return member{field: unknown, problem: TooManyKeys}, false
	}
	for i := range present {
		if bytes.Equal(present[i].Key, key) {
			return member{field: unknown, problem: DuplicateKey}, false
		}
	}
	return member{field: unknown, key: key}, true
}

func (r *record) keep(text []byte) []byte {
	start := len(r.scratch)
	r.scratch = append(r.scratch, text...)
	return r.scratch[start:len(r.scratch):len(r.scratch)]
}

// set takes the value of a member. null and "" are no value, whatever the type.
func (r *record) set(m member, value jsontext.Value) (Problem, bool) {
	if isUnset(value) {
		return 0, true
	}
	if m.field == unknown {
		return Malformed, r.setUnknown(m.key, value)
	}
	switch alert.Fields[m.field].Kind {
	case alert.Number:
		n, ok := number(value)
		r.alert.SetNumber(m.field, n)
		return WrongType, ok
	case alert.Bool:
		b, ok := boolean(value)
		r.alert.SetBool(m.field, b)
		return WrongType, ok
	}
	if value.Kind() != jsontext.KindString {
		return WrongType, false
	}
	return WrongType, r.setText(m.field, value)
}

func isUnset(value jsontext.Value) bool {
	return value.Kind() == jsontext.KindNull || string(value) == `""`
}

func (r *record) setText(field int, value jsontext.Value) bool {
	err := r.alert.SetText(field, func(text []byte) ([]byte, error) {
		if bytes.IndexByte(value, '\\') < 0 {
			return append(text, value[1:len(value)-1]...), nil
		}
		unquoted, err := jsontext.AppendUnquote(text, []byte(value))
		if err != nil { // a lone surrogate, now U+FFFD
			r.alert.Replaced++
		}
		return unquoted, nil
	})
	return err == nil
}

func (r *record) setUnknown(key []byte, value jsontext.Value) bool {
	text := jsontext.Value(r.keep(value))
	if err := text.Compact(jsontext.AllowInvalidUTF8(true)); err != nil {
		return false
	}
	r.alert.AddAdditional(key, text)
	return true
}

// number reads a whole number of 64 bits, exactly or not at all. The service
// has sent such as text.
func number(value jsontext.Value) (int64, bool) {
	n, err := strconv.ParseInt(string(bytes.Trim(value, `"`)), 10, 64)
	return n, err == nil
}

// boolean reads true or false. The service has sent such as text.
func boolean(value jsontext.Value) (b, ok bool) {
	switch string(value) {
	case `true`, `"true"`, `"True"`, `"TRUE"`:
		return true, true
	case `false`, `"false"`, `"False"`, `"FALSE"`:
		return false, true
	}
	return false, false
}

// complete checks the record's minimum and fills in what follows from it.
func (r *record) complete() (p Problem, field string, ok bool) {
	for _, field := range required {
		if r.alert.IsNull(field) {
			return MissingField, alert.Fields[field].Key, false
		}
	}
	processed, err := alert.ParseTime(string(r.alert.Text(alert.LastProcessed)))
	if err != nil {
		return NotTime, alert.Fields[alert.LastProcessed].Key, false
	}
	r.alert.Processed = processed
	r.alert.Severity = alert.ParseSeverity(string(r.alert.Text(alert.SeverityField)))
	return 0, "", true
}
