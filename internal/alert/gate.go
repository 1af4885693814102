package alert

import (
	"cmp"
	"slices"
	"time"
)

// A Gate fails a read with too many detections after the filters.
type Gate struct {
	Severity Severity // the lowest that counts; an unknown one always counts
	Allowed  int      // number of violations that are accepted
}

// An Outcome is a gate's decision on a read.
type Outcome string

// The outcomes of a gate. A read that is not complete can fail, but not pass.
const (
	Passed    Outcome = "passed"
	Failed    Outcome = "failed"    // there are more violations than allowed
	Undecided Outcome = "undecided" // there may be, as the limit truncated the result
)

// A Verdict is the outcome of a gate and the reasons for it.
type Verdict struct {
	Outcome    Outcome
	Violations int         // detections that the gate counts, allowed or not
	First      []Violation // the newest of them, ten at most
}

// A Violation is a detection that a gate counts.
type Violation struct {
	AlertID   string // as sent: text of the response
	Severity  Severity
	Processed time.Time // in UTC
}

// Judge returns the verdict on the detections kept. The selection must have been
// made with the same gate: with another, alert IDs may be missing.
func (g Gate) Judge(s *Selection) Verdict {
	const named = 10
	v := Verdict{Outcome: Passed}
	var first []*entry
	for e := range s.entries.all {
		if e.state != stateKept || e.severity < g.Severity {
			continue
		}
		v.Violations++
		if at, _ := slices.BinarySearchFunc(first, e, s.compareViolations); at < named {
			first = slices.Insert(first, at, e)
			first = first[:min(len(first), named)]
		}
	}
	for _, e := range first {
		v.First = append(v.First, Violation{s.alertID(e), e.severity, e.processed()})
	}
	switch {
	case v.Violations > g.Allowed:
		v.Outcome = Failed
	case s.truncated():
		v.Outcome = Undecided
	}
	return v
}

// compareViolations orders entries by the fields of a Violation: the newest first,
// then by alert ID, then the more severe.
func (s *Selection) compareViolations(e, f *entry) int {
	if order := e.compareAge(f); order != 0 {
		return order
	}
	return cmp.Or(cmp.Compare(s.alertID(e), s.alertID(f)), cmp.Compare(f.severity, e.severity))
}

// alertID returns the alert ID of an entry that has a detail.
func (s *Selection) alertID(e *entry) string {
	if e.detail == 0 {
		return ""
	}
	return s.details.at(e.detail - 1).alertID
}

// A Criterion is a part of a Filter, by the name of its argument.
type Criterion string

// The criteria of a filter.
const (
	NoCriterion   Criterion = ""
	ByMinSeverity Criterion = "min_severity"
	BySeverities  Criterion = "severities"
	ByCategories  Criterion = "categories"
	BySources     Criterion = "sources"
)

// BlindedBy returns the criterion of a filter that removes some of the severities
// that the gate counts, or NoCriterion.
func (g Gate) BlindedBy(f Filter) Criterion {
	lowest := max(g.Severity, Informational)
	if f.MinSeverity > lowest {
		return ByMinSeverity
	}
	for severity := lowest; severity <= High; severity++ {
		if !f.keepsSeverity(severity) {
			return BySeverities
		}
	}
	return NoCriterion
}
