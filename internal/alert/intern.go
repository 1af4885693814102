package alert

import "golang.org/x/text/unicode/norm"

// A symbol is an interned string: a text such as a title is held once, however
// many detections have it.
type symbol int32

// symbolBytes is the memory of a symbol without its text, aliasBytes that of
// another spelling of it, both when slice and map have the most room left, and
// 1/rounding the part by which the allocator rounds texts up. All are measured.
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

// newSymbols returns the symbols of the null text and of the known severities. The
// symbol of a severity equals its rank.
func newSymbols() symbols {
	s := symbols{texts: []string{""}, index: map[string]symbol{"": 0}}
	for _, severity := range Severities {
		s.of([]byte(severity))
	}
	return s
}

// of returns the symbol of a text.
func (s *symbols) of(text []byte) symbol {
	if known, ok := s.index[string(text)]; ok {
		return known
	}
	sent := string(text)
	normal := norm.NFC.String(sent) // sent itself if it is normal
	known, ok := s.index[normal]
	if !ok {
		known = symbol(len(s.texts))
		s.texts = append(s.texts, normal)
		s.index[normal] = known
		s.held += symbolBytes + len(normal) + len(normal)/rounding
	}
	if normal != sent {
		s.index[sent] = known
		s.held += aliasBytes + len(sent) + len(sent)/rounding
	}
	return known
}
