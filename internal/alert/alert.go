package alert

import (
	"bytes"
	"iter"
	"regexp"
	"time"
)

// An Alert is one record of a reply. Its texts lie in one buffer that Reset
// empties and the next record reuses: what a method returns is valid until then.
type Alert struct {
	Index     int       // position in the reply, from 0
	Processed time.Time // LastProcessedTimeUtc as an instant
	Severity  Severity  // rank of the severity's text
	Replaced  int       // lone surrogates that became U+FFFD

	text       []byte
	values     [len(Fields)]value
	additional []Additional
}

// value is where a field's value is: a text by its place in the buffer, a
// number or bool (0, 1) in itself.
type value struct {
	set        bool
	start, end int
	number     int64
}

// An Additional is a member that the field table does not know.
type Additional struct {
	Key  []byte // as sent, unquoted
	JSON []byte // its value, as JSON text without insignificant white space
}

// Reset makes a an empty alert at the given position of the reply.
func (a *Alert) Reset(index int) {
	*a = Alert{Index: index, text: a.text[:0], additional: a.additional[:0]}
}

// Buffer returns the buffer that holds the alert's texts, for SetText.
func (a *Alert) Buffer() []byte { return a.text }

// SetText sets a Text or List field to what was appended to Buffer since the
// last text. An empty one is null.
func (a *Alert) SetText(field int, buffer []byte) {
	start := len(a.text)
	a.text = buffer
	a.values[field] = value{set: len(buffer) > start, start: start, end: len(buffer)}
}

// SetNumber sets a Number field.
func (a *Alert) SetNumber(field int, n int64) { a.values[field] = value{set: true, number: n} }

// SetBool sets a Bool field.
func (a *Alert) SetBool(field int, b bool) {
	a.values[field] = value{set: true}
	if b {
		a.values[field].number = 1
	}
}

// AddAdditional adds a member that the table does not know; it keeps both slices.
func (a *Alert) AddAdditional(key, json []byte) {
	a.additional = append(a.additional, Additional{key, json})
}

// IsNull reports whether a field is null.
func (a *Alert) IsNull(field int) bool { return !a.values[field].set }

// Text returns the text of a Text field, as sent, or nil when it is null.
func (a *Alert) Text(field int) []byte {
	v := &a.values[field]
	if !v.set {
		return nil
	}
	return a.text[v.start:v.end:v.end]
}

// Number returns the value of a Number field, 0 when it is null.
func (a *Alert) Number(field int) int64 { return a.values[field].number }

// Bool returns the value of a Bool field, false when it is null.
func (a *Alert) Bool(field int) bool { return a.values[field].number != 0 }

// List yields the elements of a List field: trimmed, without empty ones.
func (a *Alert) List(field int) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for part := range bytes.FieldsFuncSeq(a.Text(field), isSeparator) {
			if part = bytes.TrimSpace(part); len(part) > 0 && !yield(part) {
				return
			}
		}
	}
}

func isSeparator(r rune) bool { return r == ';' || r == ',' }

// Additional returns the members that the table does not know, in the order sent.
func (a *Alert) Additional() []Additional { return a.additional }

var plainID = regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}$`)

// IsPlainID reports whether an ID can be printed as it is: it cannot act in a
// log or in Markdown. The IDs of both services pass.
func IsPlainID(id string) bool { return plainID.MatchString(id) }
