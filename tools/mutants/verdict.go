package main

import (
	"cmp"
	"strings"
)

// A verdict counts the mutants of one package.
type verdict struct {
	killed, lived, equivalent, timedOut, notViable int
	notable                                        []mutant // survivors and those that timed out
}

// judge counts the mutants, and marks in known those that are found.
func judge(mutants []mutant, known equivalents) verdict {
	var v verdict
	for _, m := range mutants {
		switch m.status {
		case "KILLED":
			v.killed++
			continue
		case "NOT VIABLE":
			v.notViable++
			continue
		}
		switch isKnown := known.take(m.key); {
		case m.status == "TIMED OUT":
			v.timedOut++
		case isKnown:
			v.equivalent++
			continue
		default:
			v.lived++
		}
		v.notable = append(v.notable, m)
	}
	return v
}

// efficacy is in percent.
func (v verdict) efficacy() float64 {
	if v.lived == 0 {
		return 100
	}
	return 100 * float64(v.killed) / float64(v.killed+v.lived)
}

func (m mutant) compare(other mutant) int {
	return cmp.Or(strings.Compare(m.file, other.file), cmp.Compare(m.line, other.line),
		cmp.Compare(m.column, other.column), strings.Compare(m.mutator, other.mutator))
}
