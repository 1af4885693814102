package main

import (
	_ "embed"
	"fmt"
	"path"
	"slices"
	"strings"
)

//go:embed equivalent.txt
var equivalentText string

// A key names a mutant by the text of its line, so that other changes of the file do
// not matter.
type key struct{ file, mutator, text string }

func (k key) String() string { return fmt.Sprintf("%s %s: %s", k.file, k.mutator, k.text) }

// equivalents counts the mutants that change nothing which a test could see. A key
// counts once for each mutant of its line.
type equivalents map[key]int

// parseEquivalents reads paragraphs of a mutant's key and, indented, the reason why it
// changes nothing.
func parseEquivalents(text string) (equivalents, error) {
	known := equivalents{}
	reasoned := true
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		switch {
		case line == "", strings.HasPrefix(line, "#"):
			continue
		case strings.HasPrefix(line, "\t"):
			reasoned = true
			continue
		}
		place, code, ok := strings.Cut(line, ": ")
		file, mutator, _ := strings.Cut(place, " ")
		if !ok || mutator == "" || !reasoned {
			return nil, fmt.Errorf("equivalent.txt: %q: want a mutant (file, space, mutator, colon, space, line of code) after the reason of the one before", line)
		}
		known[key{file, mutator, code}]++
		reasoned = false
	}
	if !reasoned {
		return nil, fmt.Errorf("equivalent.txt: the last mutant has no reason")
	}
	return known, nil
}

// take reports whether a mutant is listed, once for each time that it is.
func (e equivalents) take(k key) bool {
	if e[k] == 0 {
		return false
	}
	e[k]--
	return true
}

// unused returns the keys of a folder that no mutant took.
func (e equivalents) unused(dir string) []key {
	var unused []key
	for k, n := range e {
		if n > 0 && path.Dir(k.file) == dir {
			unused = append(unused, k)
		}
	}
	slices.SortFunc(unused, func(a, b key) int { return strings.Compare(a.String(), b.String()) })
	return unused
}
