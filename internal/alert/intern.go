package alert

import "golang.org/x/text/unicode/norm"

// A symbol is an interned string: a text such as a title is held once, however
// many alerts have it.
type symbol int32

// Memory of a symbol and of another spelling of it, without their texts, while
// slice and map have most room left. Measured, as is the sixteenth by which the
// allocator rounds texts up.
const (
	symbolBytes = 88
	aliasBytes  = 60
	rounding    = 16
)

// symbols are the interned strings of a selection. Spellings that differ in
// their Unicode form only are one, as they are to Terraform, which normalizes
// the keys of maps.
type symbols struct {
	texts []string // in NFC
	index map[string]symbol
	held  int // bytes
}

// newSymbols returns the null text and the known severities, each of which has
// its rank as symbol.
func newSymbols() symbols {
	n := symbols{texts: []string{""}, index: map[string]symbol{"": 0}}
	for _, severity := range Severities {
		n.of([]byte(severity))
	}
	return n
}

// of returns the symbol of a text.
func (n *symbols) of(text []byte) symbol {
	if known, ok := n.index[string(text)]; ok {
		return known
	}
	sent := string(text)
	normal := norm.NFC.String(sent) // sent itself if it is normal
	known, ok := n.index[normal]
	if !ok {
		known = symbol(len(n.texts))
		n.texts = append(n.texts, normal)
		n.index[normal] = known
		n.held += symbolBytes + len(normal) + len(normal)/rounding
	}
	if normal != sent {
		n.index[sent] = known
		n.held += aliasBytes + len(sent) + len(sent)/rounding
	}
	return known
}
