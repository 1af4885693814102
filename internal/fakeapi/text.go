package fakeapi

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// unset is the form of a string without a value in a record.
type unset int

const (
	unsetEmpty  unset = iota // "" since 2018
	unsetNull                // null until then
	unsetAbsent              // no key at all, in some records of 2018
)

// object writes one JSON object as text, with the keys in the order of the calls.
// A marshalled struct would repeat the client's field list.
type object struct {
	text   []byte
	unset  unset
	escape bool // write non-ASCII characters as \u escapes
	keys   int
}

func (o *object) key(name string) {
	if o.keys > 0 {
		o.text = append(o.text, ',')
	}
	o.keys++
	o.text = append(o.text, '"')
	o.text = append(o.text, name...)
	o.text = append(o.text, '"', ':')
}

func (o *object) string(name, value string) {
	if value == "" && o.unset == unsetAbsent {
		return
	}
	o.key(name)
	if value == "" && o.unset == unsetNull {
		o.text = append(o.text, "null"...)
		return
	}
	o.text = appendString(o.text, value, o.escape)
}

func (o *object) number(name string, value int64) {
	o.key(name)
	o.text = strconv.AppendInt(o.text, value, 10)
}

// flag writes a boolean, or null for nil unless unset keys are omitted.
func (o *object) flag(name string, value *bool) {
	if value == nil && o.unset == unsetAbsent {
		return
	}
	o.key(name)
	if value == nil {
		o.text = append(o.text, "null"...)
		return
	}
	o.text = strconv.AppendBool(o.text, *value)
}

// raw writes a value that is JSON already.
func (o *object) raw(name, value string) {
	o.key(name)
	o.text = append(o.text, value...)
}

// list writes an array of strings.
func (o *object) list(name string, values []string) {
	o.key(name)
	o.text = append(o.text, '[')
	for i, value := range values {
		if i > 0 {
			o.text = append(o.text, ',')
		}
		o.text = appendString(o.text, value, o.escape)
	}
	o.text = append(o.text, ']')
}

const hexDigits = "0123456789abcdef"

// appendString appends a JSON string. If escape is true, it escapes non-ASCII
// characters with \u and slashes with a backslash, as some serialisers do.
func appendString(text []byte, s string, escape bool) []byte {
	text = append(text, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\' || r == '/' && escape:
			text = append(text, '\\', byte(r))
		case r == '\r':
			text = append(text, `\r`...)
		case r == '\n':
			text = append(text, `\n`...)
		case r == '\t':
			text = append(text, `\t`...)
		case r < ' ' || r > '~' && r <= 0xffff && escape:
			text = appendUnit(text, r)
		case r > 0xffff && escape:
			high, low := utf16.EncodeRune(r)
			text = appendUnit(appendUnit(text, high), low)
		default:
			text = utf8.AppendRune(text, r)
		}
	}
	return append(text, '"')
}

// appendUnit appends one UTF-16 code unit as a \u escape.
func appendUnit(text []byte, unit rune) []byte {
	return append(text, '\\', 'u',
		hexDigits[unit>>12&0xf], hexDigits[unit>>8&0xf], hexDigits[unit>>4&0xf], hexDigits[unit&0xf])
}
