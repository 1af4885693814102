package alert

import (
	"bytes"
	"iter"
	"regexp"
	"slices"
	"time"
	"unsafe"
)

// An Alert is one detection of a response. Its texts lie in one buffer that
// Reset empties and the next detection reuses: the slices that methods return
// are valid until then. Clone makes a copy that lasts.
type Alert struct {
	Index     int       // position in the response, from 0
	Processed time.Time // instant of FieldLastProcessed
	Severity  Severity  // rank of the text of FieldSeverity; 0 counts as Unknown
	Replaced  int       // lone surrogates that became U+FFFD

	// Identity identifies a detection within its source: two with the same bytes
	// are duplicates, and one without an identity never is. A source appends to
	// Identity[:0], so that the next detection reuses it.
	Identity []byte

	text       []byte
	set        [(len(Fields) + 63) / 64]uint64 // a bit per field: it is not null
	values     [len(Fields)]int64              // a number, a bool as 0 or 1, a text as start<<32 | length
	additional []Additional
}

// An Additional is a member without a field in the table.
type Additional struct {
	Key  []byte // as sent, unquoted
	JSON []byte // its value, as JSON text without insignificant white space
}

// Reset clears the detection and sets its position in the response.
func (a *Alert) Reset(index int) {
	*a = Alert{Index: index, Identity: a.Identity[:0], text: a.text[:0], additional: a.additional[:0]}
}

// Clone returns a deep copy.
func (a *Alert) Clone() *Alert {
	c := *a
	c.text, c.Identity, c.additional = bytes.Clone(a.text), bytes.Clone(a.Identity), slices.Clone(a.additional)
	for i, member := range c.additional {
		c.additional[i] = Additional{bytes.Clone(member.Key), bytes.Clone(member.JSON)}
	}
	return &c
}

// size returns the memory that a clone takes, in bytes.
func (a *Alert) size() int {
	n := int(unsafe.Sizeof(*a)) + len(a.text) + len(a.Identity)
	for _, member := range a.additional {
		n += int(unsafe.Sizeof(member)) + len(member.Key) + len(member.JSON)
	}
	return n
}

// rank returns the severity, Unknown if the source did not set it: no gate may miss it.
func (a *Alert) rank() Severity {
	if a.Severity == 0 {
		return Unknown
	}
	return a.Severity
}

func (a *Alert) setValue(field int, v int64) {
	a.set[field/64] |= 1 << (field % 64)
	a.values[field] = v
}

// SetText sets a KindText or KindList field to a copy of text. An empty text is null.
func (a *Alert) SetText(field int, text []byte) {
	if len(text) == 0 {
		a.set[field/64] &^= 1 << (field % 64)
		return
	}
	a.setValue(field, int64(len(a.text))<<32|int64(len(text)))
	a.text = append(a.text, text...)
}

// SetNumber sets a KindNumber field.
func (a *Alert) SetNumber(field int, n int64) { a.setValue(field, n) }

// SetBool sets a KindBool field.
func (a *Alert) SetBool(field int, b bool) {
	a.setValue(field, 0)
	if b {
		a.values[field] = 1
	}
}

// AddAdditional adds a member without a field in the table. It keeps both
// slices, which must not change before the next Reset.
func (a *Alert) AddAdditional(name, value []byte) {
	a.additional = append(a.additional, Additional{name, value})
}

// IsNull reports whether a field is null.
func (a *Alert) IsNull(field int) bool { return a.set[field/64]>>(field%64)&1 == 0 }

// Text returns the text of a KindText or KindList field as sent, or nil if it is null.
func (a *Alert) Text(field int) []byte {
	if a.IsNull(field) {
		return nil
	}
	start := a.values[field] >> 32
	end := start + a.values[field]&(1<<32-1)
	return a.text[start:end:end]
}

// Number returns the value of a KindNumber field, 0 if it is null.
func (a *Alert) Number(field int) int64 {
	if a.IsNull(field) {
		return 0
	}
	return a.values[field]
}

// Bool returns the value of a KindBool field, false if it is null.
func (a *Alert) Bool(field int) bool { return a.Number(field) != 0 }

// List yields the elements of a KindList field: trimmed, without empty ones.
func (a *Alert) List(field int) iter.Seq[[]byte] {
	isSeparator := func(r rune) bool { return r == ';' || r == ',' }
	return func(yield func([]byte) bool) {
		for part := range bytes.FieldsFuncSeq(a.Text(field), isSeparator) {
			if part = bytes.TrimSpace(part); len(part) > 0 && !yield(part) {
				return
			}
		}
	}
}

// Additional returns the members without a field in the table, in the order sent.
func (a *Alert) Additional() []Additional { return a.additional }

var plainID = regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}$`)

// IsPlainID reports whether an ID can be printed unchanged: it has no special
// meaning in a log or in Markdown. The IDs of both services pass.
func IsPlainID(id string) bool { return plainID.MatchString(id) }
