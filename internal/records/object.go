package records

import (
	"bytes"
	"hash/maphash"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/text/unicode/norm"
)

// A Name is the key of a known field.
type Name struct {
	Key string // as the service spells it
	Old string // an earlier spelling, or ""
}

// A Table holds the known keys of a kind of object. A field is an index into the
// names that NewTable received.
type Table struct {
	names   []Name
	exact   map[string]knownKey
	folded  map[string]int // field by case-folded key
	longest int            // bytes of a key
	// A bit for each length of a key, the last for all from 63 up. Only a key of such
	// a length can be a known one in another case, if it is ASCII.
	lengths uint64
}

type knownKey struct {
	field    int
	spelling spelling
}

// A spelling is the form in which an object has the key of a field.
type spelling uint8

const (
	absent spelling = iota
	current
	old
)

// NewTable returns the table of these names.
func NewTable(names []Name) *Table {
	t := &Table{names: names, exact: make(map[string]knownKey), folded: make(map[string]int)}
	for field, name := range names {
		t.add(name.Key, knownKey{field, current})
		if name.Old != "" {
			t.add(name.Old, knownKey{field, old})
		}
	}
	return t
}

func (t *Table) add(key string, known knownKey) {
	t.exact[key] = known
	t.folded[fold(key)] = known.field
	t.longest = max(t.longest, len(key))
	t.lengths |= lengthBit(key)
}

func lengthBit[T string | []byte](key T) uint64 { return 1 << min(len(key), 63) }

// maxCaseGrowth is how much longer a letter can be in another case: the Kelvin sign
// has three bytes, k has one.
const maxCaseGrowth = 3

// inOtherCase returns the field whose key differs from an unknown one in case only.
func (t *Table) inOtherCase(key []byte) (field int, ok bool) {
	if len(key) > maxCaseGrowth*t.longest {
		return unknownField, false
	}
	isASCII := utf8.RuneCount(key) == len(key)
	if isASCII && t.lengths&lengthBit(key) == 0 {
		return unknownField, false // without the cost of folding
	}
	field, ok = t.folded[fold(string(key))]
	return field, ok
}

// fold returns the same text for keys that differ in case only. ToUpper also maps
// letters such as the long s (U+017F) to ASCII, which ToLower alone does not.
func fold(key string) string { return strings.ToLower(strings.ToUpper(key)) }

// An Object is the record being read. It is valid during the call that received
// it, as are the keys and values that it passes on.
type Object struct {
	response *response
	table    *Table

	seen     []spelling          // by field
	unknown  [][]byte            // keys that are not in the table, unquoted
	hashes   map[uint64]struct{} // of unknown
	scratch  []byte              // holds them and their values
	text     []byte              // of the last string that had an escape
	replaced int

	levels []*level // of the values being read by Inner and Elements
	depth  int
	path   string // of the key within a field that has a problem

	// The keys of the previous object in their order, a cache: consecutive
	// records nearly always repeat them.
	order    []cachedKey
	position int
}

type cachedKey struct {
	quoted []byte
	known  knownKey
}

// unknownField is the field of a member whose key is not in the table.
const unknownField = -1

func newObject(table *Table, r *response) *Object {
	return &Object{
		response: r, table: table, seen: make([]spelling, len(table.names)), order: make([]cachedKey, len(table.names)),
		hashes: make(map[uint64]struct{}),
	}
}

func (o *Object) reset() {
	clear(o.seen)
	o.unknown, o.scratch = o.unknown[:0], o.scratch[:0]
	clear(o.hashes)
	o.position, o.replaced = 0, 0
	o.depth, o.path = 0, ""
}

// Index returns the position of the object in the response, from 0.
func (o *Object) Index() int { return o.response.index }

// Replaced returns the number of keys and texts with a lone surrogate, which became
// U+FFFD.
func (o *Object) Replaced() int { return o.replaced }

// Error returns an error about the object and, if it is not -1, one of its fields.
// After a problem of Inner it names the key within the field too.
func (o *Object) Error(p Problem, field int) error {
	name := ""
	if field != unknownField {
		name = o.table.names[field].Key
		if o.path != "" {
			name += "." + o.path
		}
	}
	return o.response.error(p, name)
}

// A Target takes the members of an object.
type Target interface {
	// Known takes the JSON value of a field of the table, null and "" too.
	Known(field int, value jsontext.Value) Problem
	// Unknown takes any other member with a value: its key, unquoted and in NFC,
	// and compact JSON.
	Unknown(key, value []byte)
}

// Members reads the object to its end and passes its members to the target.
func (o *Object) Members(target Target) error {
	json := o.response.json
	if _, err := json.ReadToken(); err != nil {
		return o.response.explain(err)
	}
	return o.members(func(field int, key []byte) error {
		value, err := json.ReadValue()
		if err != nil {
			return o.response.explain(err)
		}
		if err := o.response.take(value); err != nil {
			return err
		}
		problem := None
		if field != unknownField && IsLong(value) {
			problem = LongText
		} else if field != unknownField {
			problem = target.Known(field, value)
		} else if !IsUnset(value) {
			if value, problem = o.compact(value); problem == None {
				target.Unknown(key, value)
			}
		}
		if problem != None && o.response.bound.err == nil {
			return o.Error(problem, field)
		}
		return o.response.bound.err
	})
}

// members reads the keys of the object to its end, and calls read to read the
// value of each: of a field, or of an unknown key.
func (o *Object) members(read func(field int, key []byte) error) error {
	json := o.response.json
	for json.PeekKind() != jsontext.KindEndObject {
		quoted, err := json.ReadValue()
		if err != nil {
			return o.response.explain(err)
		}
		field, key, problem := o.member(quoted)
		if problem != None {
			return o.Error(problem, field)
		}
		if err := read(field, key); err != nil {
			return err
		}
	}
	_, err := json.ReadToken()
	return o.response.explain(err)
}

// member returns the field of a quoted key, or unknownField and the key.
func (o *Object) member(quoted jsontext.Value) (field int, key []byte, p Problem) {
	i := o.position
	o.position++
	if i < len(o.order) && bytes.Equal(o.order[i].quoted, quoted) {
		field, p = o.see(o.order[i].known)
		return field, nil, p
	}
	key = o.Text(quoted)
	if known, ok := o.table.exact[string(key)]; ok {
		if i < len(o.order) {
			o.order[i] = cachedKey{append(o.order[i].quoted[:0], quoted...), known}
		}
		field, p = o.see(known)
		return field, nil, p
	}
	if field, ok := o.table.inOtherCase(key); ok {
		return field, nil, OtherCase
	}
	key, p = o.seeUnknown(key)
	return unknownField, key, p
}

func (o *Object) see(k knownKey) (field int, p Problem) {
	before := o.seen[k.field]
	o.seen[k.field] = k.spelling
	switch before {
	case absent:
		return k.field, None
	case k.spelling:
		return k.field, DuplicateKey
	}
	return k.field, TwoSpellings
}

// seeUnknown keeps the key in NFC, because Terraform normalizes the keys of maps:
// two keys that are equal in NFC would become one.
func (o *Object) seeUnknown(key []byte) ([]byte, Problem) {
	if len(key) > maxUnknownKey {
		return nil, LargeUnknown
	}
	if key = o.keep(norm.NFC.Bytes(key)); len(o.scratch) > maxUnknownAll {
		return nil, LargeUnknown
	}
	hash := maphash.Bytes(hashSeed, key)
	if _, known := o.hashes[hash]; known && slices.ContainsFunc(o.unknown, func(k []byte) bool { return bytes.Equal(k, key) }) {
		return nil, DuplicateKey
	}
	if len(o.unknown) == maxUnknown {
		return nil, TooManyKeys
	}
	o.unknown, o.hashes[hash] = append(o.unknown, key), struct{}{}
	return key, None
}

var hashSeed = maphash.MakeSeed()

func (o *Object) keep(text []byte) []byte {
	start := len(o.scratch)
	o.scratch = append(o.scratch, text...)
	return o.scratch[start:len(o.scratch):len(o.scratch)]
}

// compact returns a copy of a value without insignificant white space. A
// duplicate key is an error at any depth.
func (o *Object) compact(value jsontext.Value) (jsontext.Value, Problem) {
	if len(value) > maxUnknownValue || len(o.scratch)+len(value) > maxUnknownAll {
		return nil, LargeUnknown
	}
	if !value.IsValid(lossy) {
		return nil, DuplicateKey
	}
	text := jsontext.Value(o.keep(value))
	if err := text.Compact(lossy); err != nil {
		return nil, Malformed
	}
	return text, None
}

// Text returns the text of a JSON string; it is valid until the next call. A lone
// surrogate becomes U+FFFD and counts as replaced.
func (o *Object) Text(quoted jsontext.Value) []byte {
	if !bytes.ContainsRune(quoted, '\\') {
		return quoted[1 : len(quoted)-1]
	}
	var err error
	o.text = slices.Grow(o.text[:0], len(quoted)) // in steps it would take several times that
	if o.text, err = jsontext.AppendUnquote(o.text, []byte(quoted)); err != nil {
		o.replaced++
	}
	return o.text
}

// IsLong reports whether a value is a text that is too long. Members checks the values
// of fields itself, not those within them.
func IsLong(value jsontext.Value) bool {
	return len(value) > maxText && value.Kind() == jsontext.KindString
}

// IsUnset reports whether a value is null or "", which count as no value.
func IsUnset(value jsontext.Value) bool {
	return value.Kind() == jsontext.KindNull || string(value) == `""`
}
