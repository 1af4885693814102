package alert

import (
	"bytes"
	"iter"
	"regexp"
	"slices"
	"time"
	"unsafe"
)

// allFields is the number of fields of a detection: those of Fields, then those of Triage.
const allFields = len(Fields) + len(Triage)

// A Detection is one record of a response. Its texts lie in one buffer that
// Reset empties and the next detection reuses: the slices that methods return
// are valid until then. Clone makes a copy that lasts.
type Detection struct {
	Index     int       // position in the response, from 0; -1 if there are several responses
	Processed time.Time // instant of FieldLastProcessed
	Severity  Severity  // rank of the text of FieldSeverity; 0 counts as Unknown
	Replaced  int       // lone surrogates that became U+FFFD
	HasTriage bool      // the source tells the triage; setting a field of it sets this

	// Identity identifies a detection within its source: two with the same bytes
	// are duplicates, and one without an identity never is. A source appends to
	// Identity[:0], so that the next detection reuses it.
	Identity []byte

	text       []byte
	set        [(allFields + 63) / 64]uint64 // a bit per field: it is not null
	values     [allFields]int64              // a number, a bool as 0 or 1, a text as start<<32 | length
	additional []Additional
}

// An Additional is a member without a field in the table.
type Additional struct {
	Key  []byte // as sent, unquoted
	JSON []byte // its value, as JSON text without insignificant white space
}

// Reset clears the detection and sets its position in the response.
func (d *Detection) Reset(index int) {
	*d = Detection{Index: index, Identity: d.Identity[:0], text: d.text[:0], additional: d.additional[:0]}
}

// Clone returns a deep copy.
func (d *Detection) Clone() *Detection {
	c := *d
	c.text, c.Identity, c.additional = bytes.Clone(d.text), bytes.Clone(d.Identity), slices.Clone(d.additional)
	for i, member := range c.additional {
		c.additional[i] = Additional{bytes.Clone(member.Key), bytes.Clone(member.JSON)}
	}
	return &c
}

// size returns the memory that a clone takes, in bytes.
func (d *Detection) size() int {
	n := int(unsafe.Sizeof(*d)) + len(d.text) + len(d.Identity)
	for _, member := range d.additional {
		n += int(unsafe.Sizeof(member)) + len(member.Key) + len(member.JSON)
	}
	return n
}

// rank returns the severity, Unknown if the source did not set it: no gate may miss it.
func (d *Detection) rank() Severity {
	if d.Severity == 0 {
		return Unknown
	}
	return d.Severity
}

// NoField is no index of a field.
const NoField = -1

// maxCounted is the maximum length of a text that is counted.
const maxCounted = 256 << 10

// counted are the fields whose texts are counted, and so kept in NFC, up to three
// times as long.
var counted = [...]int{FieldSeverity, FieldCategory, FieldSource, FieldMachineGroup, FieldAlertTitle, FieldLastProcessed}

// maxTexts is the maximum length of all texts of a detection. In a list they exist
// several times over, and in NFC up to three times as long.
const maxTexts = 2 << 20

// IsLong reports whether the texts of a detection are too long together. A source
// rejects it, and so does a selection.
func (d *Detection) IsLong() bool {
	n := len(d.text)
	for _, member := range d.additional {
		n += len(member.Key) + len(member.JSON)
	}
	return n > maxTexts
}

// LongField returns the first field whose text is too long to be counted, or NoField.
// A source rejects such a detection, and so does a selection.
func (d *Detection) LongField() int {
	for _, field := range counted {
		if !d.IsNull(field) && d.values[field]&(1<<32-1) > maxCounted {
			return field
		}
	}
	return NoField
}

// grow makes room for texts with an end of each: a buffer that grows text by text takes
// several times their memory.
func (d *Detection) grow(texts [][]byte) {
	n := len(texts)
	for _, text := range texts {
		n += len(text)
	}
	d.text = slices.Grow(d.text, n)
}

func (d *Detection) setValue(field int, v int64) {
	d.set[field/64] |= 1 << (field % 64)
	d.values[field] = v
	d.HasTriage = d.HasTriage || field >= len(Fields)
}

// SetText sets a KindText or KindList field to a copy of text. An empty text is null.
func (d *Detection) SetText(field int, text []byte) {
	if len(text) == 0 {
		d.set[field/64] &^= 1 << (field % 64)
		return
	}
	d.setValue(field, int64(len(d.text))<<32|int64(len(text)))
	d.text = append(d.text, text...)
}

// SetTexts sets a KindText field to several texts, separated by ";". Without texts
// it is null.
func (d *Detection) SetTexts(field int, texts [][]byte) {
	d.grow(texts)
	start := len(d.text)
	for i, text := range texts {
		if i > 0 {
			d.text = append(d.text, ';')
		}
		d.text = append(d.text, text...)
	}
	d.setSince(field, start)
}

// setSince sets a field to the text added since the length of all texts was start.
func (d *Detection) setSince(field, start int) {
	if len(d.text) == start {
		d.SetText(field, nil)
		return
	}
	d.setValue(field, int64(start)<<32|int64(len(d.text)-start))
}

// CopyText sets a field to the text of another one of the same kind, which both
// then share.
func (d *Detection) CopyText(field, from int) {
	if !d.IsNull(from) {
		d.setValue(field, d.values[from])
	}
}

// listEnd ends each element of a list that SetList stored. No text contains it, as
// no UTF-8 does.
const listEnd = 0xff

// SetList sets a KindList field to copies of its elements. Unlike a list that was
// sent as one text, and set by SetText, it is not split at ";" and ",". Without
// elements it is null, which is an empty list.
func (d *Detection) SetList(field int, elements [][]byte) {
	d.grow(elements)
	start := len(d.text)
	for _, element := range elements {
		d.text = append(append(d.text, element...), listEnd)
	}
	d.setSince(field, start)
}

// SetNumber sets a KindNumber field.
func (d *Detection) SetNumber(field int, n int64) { d.setValue(field, n) }

// SetBool sets a KindBool field.
func (d *Detection) SetBool(field int, b bool) {
	d.setValue(field, 0)
	if b {
		d.values[field] = 1
	}
}

// AddAdditional adds a member without a field in the table. It keeps both
// slices, which must not change before the next Reset.
func (d *Detection) AddAdditional(name, value []byte) {
	d.additional = append(d.additional, Additional{name, value})
}

// IsNull reports whether a field is null.
func (d *Detection) IsNull(field int) bool { return d.set[field/64]>>(field%64)&1 == 0 }

// Text returns the text of a KindText field, or of a KindList field that was sent as
// one text, or nil if it is null.
func (d *Detection) Text(field int) []byte {
	if d.IsNull(field) {
		return nil
	}
	start := d.values[field] >> 32
	end := start + d.values[field]&(1<<32-1)
	return d.text[start:end:end]
}

// Number returns the value of a KindNumber field, 0 if it is null.
func (d *Detection) Number(field int) int64 {
	if d.IsNull(field) {
		return 0
	}
	return d.values[field]
}

// Bool returns the value of a KindBool field, false if it is null.
func (d *Detection) Bool(field int) bool { return d.Number(field) != 0 }

// List yields the elements of a KindList field: trimmed, without empty ones. A text is
// split at ";" if it has one, else at ",".
func (d *Detection) List(field int) iter.Seq[[]byte] {
	text, separator := d.Text(field), []byte{','}
	for _, other := range [...]byte{';', listEnd} {
		if bytes.IndexByte(text, other) >= 0 {
			separator = []byte{other}
		}
	}
	parts := bytes.SplitSeq(text, separator)
	return func(yield func([]byte) bool) {
		for part := range parts {
			if part = bytes.TrimSpace(part); len(part) > 0 && !yield(part) {
				return
			}
		}
	}
}

// Additional returns the members without a field in the table, in the order sent.
func (d *Detection) Additional() []Additional { return d.additional }

var plainID = regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}$`)

// IsPlainID reports whether an ID can be printed unchanged: it has no special
// meaning in a log or in Markdown. The IDs of both services pass.
func IsPlainID(id string) bool { return plainID.MatchString(id) }
