package records

import "strings"

// A Name is the key of a known field.
type Name struct {
	Key string // as the service spells it
	Old string // an earlier spelling, or ""
}

// A Table holds the known keys of a kind of object. A field is an index into the
// names that the table was made of.
type Table struct {
	names  []Name
	exact  map[string]knownKey
	folded map[string]int // field by key in any case
}

type knownKey struct {
	field    int
	spelling spelling
}

// spelling is how a field was spelled in an object.
type spelling uint8

const (
	absent spelling = iota
	current
	old
)

// NewTable returns the table of the given names.
func NewTable(names []Name) *Table {
	t := &Table{names: names, exact: make(map[string]knownKey), folded: make(map[string]int)}
	for field, name := range names {
		t.exact[name.Key] = knownKey{field, current}
		t.folded[fold(name.Key)] = field
		if name.Old != "" {
			t.exact[name.Old] = knownKey{field, old}
			t.folded[fold(name.Old)] = field
		}
	}
	return t
}

// fold maps keys to one text if they differ in case only. Upper case first: it
// also joins letters such as the Kelvin sign with their ASCII form.
func fold(key string) string { return strings.ToLower(strings.ToUpper(key)) }
