package alert

import (
	"cmp"
	"slices"
	"time"
)

// A Gate fails a read with too many alerts after the filters.
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
	Violations int         // alerts that the gate counts, allowed or not
	Detections int         // detections of these alerts
	First      []Violation // the newest of these alerts, ten at most
}

// A Violation is an alert that a gate counts.
type Violation struct {
	AlertID    string // as sent: text of the response
	Severity   Severity
	Detections int       // those kept
	Newest     time.Time // when the newest of them was processed, in UTC
}

// Judge returns the verdict on the alerts kept. The selection must have been
// made with the same gate: with another, alert IDs may be missing.
func (g Gate) Judge(s *Selection) Verdict {
	const named = 10
	v := Verdict{Outcome: Passed}
	for a := range s.groups {
		if a.detections == 0 || a.top.severity < g.Severity {
			continue
		}
		v.Violations++
		v.Detections += a.detections
		violation := Violation{s.alertID(a.top), a.top.severity, a.detections, a.newest.processed()}
		at, _ := slices.BinarySearchFunc(v.First, violation, Violation.compare)
		v.First = slices.Insert(v.First, at, violation)
		v.First = v.First[:min(len(v.First), named)]
	}
	switch {
	case v.Violations > g.Allowed:
		v.Outcome = Failed
	case s.truncated():
		v.Outcome = Undecided
	}
	return v
}

// compare orders violations: the newest first, then by alert ID, then the more severe.
func (v Violation) compare(w Violation) int {
	return cmp.Or(w.Newest.Compare(v.Newest), cmp.Compare(v.AlertID, w.AlertID), cmp.Compare(w.Severity, v.Severity), cmp.Compare(w.Detections, v.Detections))
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

	ByMachineGroups Criterion = "machine_groups"
	ByDeviceTags    Criterion = "device_created_machine_tags"
	ByCloudTags     Criterion = "cloud_created_machine_tags"
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
