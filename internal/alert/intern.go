package alert

import "golang.org/x/text/unicode/norm"

// A symbol stands for a text that many alerts share, such as a title, so that a
// text is held once however many alerts carry it.
type symbol int32

// perName is what a name takes beside its text, roughly, with its place in the
// maps that go to Terraform.
const perName = 512

// nameless is the null text.
const nameless symbol = 0

type symbols struct {
	texts []string
	index map[string]symbol
	held  int // bytes, roughly
}

func newNames() symbols {
	return symbols{texts: []string{""}, index: map[string]symbol{"": nameless}}
}

// of returns the name of a text. Texts that differ only in their Unicode form
// are one, as they are to Terraform, which normalizes the keys of maps.
func (n *symbols) of(text []byte) symbol {
	if known, ok := n.index[string(text)]; ok {
		return known
	}
	normal := norm.NFC.String(string(text))
	known, ok := n.index[normal]
	if !ok {
		known = symbol(len(n.texts))
		n.texts = append(n.texts, normal)
		n.index[normal] = known
	}
	n.index[string(text)] = known
	n.held += 2*len(text) + perName
	return known
}

func (n *symbols) text(of symbol) string { return n.texts[of] }
