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
	seen    [len(alert.Fields)]spelling
	unknown [][]byte // keys that the table does not know, unquoted
	scratch []byte   // where they and their values are

	// The keys of the record before, in their order: those of the next are
	// nearly always the same, which saves looking them up.
	order    []orderedKey
	position int
}

type orderedKey struct {
	quoted []byte
	known  key
}

func (r *record) reset(index int) {
	r.alert.Reset(index)
	r.seen = [len(alert.Fields)]spelling{}
	r.unknown, r.scratch = r.unknown[:0], r.scratch[:0]
	r.position = 0
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
	r.position++
	if i := r.position - 1; i < len(r.order) && bytes.Equal(r.order[i].quoted, quoted) {
		return r.knownMember(r.order[i].known)
	}
	name := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(name, '\\') >= 0 {
		var err error
		if name, err = jsontext.AppendUnquote([]byte(nil), []byte(quoted)); err != nil { // a lone surrogate, now U+FFFD
			r.alert.Replaced++
		}
	}
	if known, ok := keys[string(name)]; ok {
		r.remember(quoted, known)
		return r.knownMember(known)
	}
	if field, ok := folded[fold(string(name))]; ok {
		return member{field: field, problem: OtherCase}, false
	}
	return r.unknownMember(name)
}

// remember puts a key at its place in the order, if there is one.
func (r *record) remember(quoted []byte, known key) {
	i := r.position - 1
	if i == len(r.order) && i < len(alert.Fields) {
		r.order = append(r.order, orderedKey{})
	}
	if i < len(r.order) {
		r.order[i] = orderedKey{append(r.order[i].quoted[:0], quoted...), known}
	}
}

func (r *record) knownMember(k key) (member, bool) {
	before := r.seen[k.field]
	r.seen[k.field] = k.spelling
	switch before {
	case absent:
		return member{field: k.field}, true
	case k.spelling:
		return member{field: k.field, problem: DuplicateKey}, false
	}
	return member{field: k.field, problem: TwoSpellings}, false
}

// unknownMember keeps the key in the form in which Terraform keeps the keys of
// maps: two that are the same then must not become one.
func (r *record) unknownMember(name []byte) (member, bool) {
	name = r.keep(norm.NFC.Bytes(name))
	for _, before := range r.unknown {
		if bytes.Equal(before, name) {
			return member{field: unknown, problem: DuplicateKey}, false
		}
	}
	if len(r.unknown) == maxUnknown {
		return member{field: unknown, problem: TooManyKeys}, false
	}
	r.unknown = append(r.unknown, name)
	return member{field: unknown, key: name}, true
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
		return r.setUnknown(m.key, value)
	}
	switch alert.Fields[m.field].Kind {
	case alert.KindNumber:
		n, ok := number(value)
		r.alert.SetNumber(m.field, n)
		return WrongType, ok
	case alert.KindBool:
		b, ok := boolean(value)
		r.alert.SetBool(m.field, b)
		return WrongType, ok
	}
	if value.Kind() != jsontext.KindString {
		return WrongType, false
	}
	r.setText(m.field, value)
	return 0, true
}

func isUnset(value jsontext.Value) bool {
	return value.Kind() == jsontext.KindNull || string(value) == `""`
}

func (r *record) setText(field int, value jsontext.Value) {
	text := r.alert.Buffer()
	if bytes.IndexByte(value, '\\') < 0 {
		r.alert.SetText(field, append(text, value[1:len(value)-1]...))
		return
	}
	text, err := jsontext.AppendUnquote(text, []byte(value))
	if err != nil { // a lone surrogate, now U+FFFD
		r.alert.Replaced++
	}
	r.alert.SetText(field, text)
}

// setUnknown keeps a value as JSON text. Here too a key that is there twice is
// an error, at any depth.
func (r *record) setUnknown(key []byte, value jsontext.Value) (Problem, bool) {
	if !value.IsValid(loneSurrogates) {
		return DuplicateKey, false
	}
	text := jsontext.Value(r.keep(value))
	if err := text.Compact(loneSurrogates); err != nil {
		return Malformed, false
	}
	r.alert.AddAdditional(key, text)
	return 0, true
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
	processed, err := alert.ParseTime(string(r.alert.Text(alert.FieldLastProcessed)))
	if err != nil {
		return NotTime, alert.Fields[alert.FieldLastProcessed].Key, false
	}
	r.alert.Processed = processed
	r.alert.Severity = alert.ParseSeverity(string(r.alert.Text(alert.FieldSeverity)))
	return 0, "", true
}
