package alert_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

// Every count but Detections is one of alerts, and an alert counts under the texts
// of its most severe detection, of equally severe ones the newest.
func TestAlertsAreCounted(t *testing.T) {
	t.Parallel()
	high := record{alertID: "a", severity: "High", category: "Malware", source: "EDR", group: "g", title: "T", processed: at10}
	low := record{alertID: "a", severity: "Low", category: "Exploit", source: "Antivirus", group: "h", title: "t", processed: at11}
	older := record{alertID: "a", severity: "High", category: "Ransomware", source: "Custom TI", title: "u", processed: midnight}
	other := record{alertID: "b", severity: "Low", category: "Exploit", source: "Antivirus", title: "t", processed: at10}
	for name, records := range map[string][]record{
		"severe one first": {high, low, older, other},
		"severe one last":  {other, older, low, high},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sum, _ := choose(t, alert.Query{}, alert.Filter{}, records...)
			wantNumber(t, "Detections", sum.Detections, 4)
			wantNumber(t, "Alerts", sum.Alerts, 2)
			wantCounts(t, "severity", sum.BySeverity, severities(0, 1, 0, 1, nil))
			wantCounts(t, "category", sum.ByCategory, map[string]int{"Malware": 1, "Exploit": 1})
			wantCounts(t, "source", sum.BySource, map[string]int{"EDR": 1, "Antivirus": 1})
			wantCounts(t, "machine group", sum.ByMachineGroup, map[string]int{"g": 1, "": 1})
			wantCounts(t, "title", sum.ByTitle, map[string]int{"T": 1, "t": 1})
			wantText(t, "Newest", sum.Newest, at11)
			wantText(t, "Oldest", sum.Oldest, midnight)
		})
	}
}

// An alert has the severity of its detections that the filter keeps.
func TestAlertsAfterTheFilter(t *testing.T) {
	t.Parallel()
	records := []record{{alertID: "a", severity: "Low"}, {alertID: "a", severity: "High"}}
	sum, _ := choose(t, alert.Query{}, alert.Filter{Severities: []alert.Severity{alert.Low}}, records...)
	wantNumber(t, "Alerts", sum.Alerts, 1)
	wantText(t, "MaxSeverity", sum.MaxSeverity, "Low")
	wantCounts(t, "severity", sum.BySeverity, severities(0, 1, 0, 0, nil))
}

// Detections without an alert ID are each an alert: one never hides behind another.
func TestAlertsWithoutID(t *testing.T) {
	t.Parallel()
	records := []excludable{
		{record: record{severity: "High"}}, {record: record{severity: "High"}}, {record: record{severity: "Low", title: "accepted"}},
		{record: record{severity: "Low", title: "accepted"}},
	}
	sum, _ := exclude(t, alert.Filter{Exclusions: []alert.Exclusion{{Title: "accepted"}}}, records)
	wantNumber(t, "Alerts", sum.Alerts, 2)
	wantNumber(t, "Excluded", sum.Excluded, 2)
	v := judge(t, alert.Gate{Severity: alert.High}, alert.SelectionOptions{}, records)
	wantNumber(t, "violations", v.Violations, 2)
	wantNumber(t, "detections of violations", v.Detections, 2)
}

// An alert is excluded only if an exclusion removed a detection of it and none is kept.
func TestExcludedAlerts(t *testing.T) {
	t.Parallel()
	filter := alert.Filter{MinSeverity: alert.Medium, Exclusions: []alert.Exclusion{{Title: "accepted"}}}
	for name, test := range map[string]struct {
		records          []record
		alerts, excluded int
	}{
		"one detection":             {[]record{{alertID: "a", title: "accepted"}}, 0, 1},
		"all detections":            {[]record{{alertID: "a", title: "accepted"}, {alertID: "a", title: "accepted", severity: "Low"}}, 0, 1},
		"another detection is kept": {[]record{{alertID: "a", title: "accepted"}, {alertID: "a", title: "other"}}, 1, 0},
		"another was filtered out":  {[]record{{alertID: "a", title: "accepted"}, {alertID: "a", title: "other", severity: "Low"}}, 0, 1},
		"filtered out alone":        {[]record{{alertID: "a", title: "other", severity: "Low"}}, 0, 0},
		"of one alert of two":       {[]record{{alertID: "a", title: "accepted"}, {alertID: "b", title: "other"}}, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sum, _ := choose(t, alert.Query{}, filter, test.records...)
			wantNumber(t, "Alerts", sum.Alerts, test.alerts)
			wantNumber(t, "Excluded", sum.Excluded, test.excluded)
		})
	}
}

// A gate counts and names each alert once.
func TestViolationsOfOneAlert(t *testing.T) {
	t.Parallel()
	records := []excludable{
		{record: record{alertID: "a", severity: "High", processed: at10}},
		{record: record{alertID: "a", severity: "Low", processed: at11}},
		{record: record{alertID: "b", severity: "High", processed: midnight}},
		{record: record{alertID: "a", severity: "High", processed: midnight}},
		{record: record{alertID: "c", severity: "Low", processed: at11}},
	}
	v := judge(t, alert.Gate{Severity: alert.High, Allowed: 2}, alert.SelectionOptions{}, records)
	if v.Outcome != alert.Passed {
		t.Errorf("outcome = %q, want %q", v.Outcome, alert.Passed)
	}
	wantNumber(t, "violations", v.Violations, 2)
	wantNumber(t, "detections of violations", v.Detections, 4)
	a, b := violation("a", alert.High, at11), violation("b", alert.High, midnight)
	a.Detections = 3
	wantViolations(t, v.First, []alert.Violation{a, b})
}

// An expected alert of the reference: the records of it that are kept, by position
// and the top one first. None: they are excluded.
type expected struct {
	kept, excluded []int
}

// expectedAlerts is a second implementation of grouping. survivors are the
// outcomes of records by position.
func expectedAlerts(records []excludable, survivors map[int]int) []*expected {
	byID := map[string]*expected{}
	for i, outcome := range survivors {
		id := records[i].alertID
		if id == "" {
			id = fmt.Sprint("alone ", i)
		}
		if byID[id] == nil {
			byID[id] = new(expected)
		}
		switch outcome {
		case isKept:
			byID[id].kept = append(byID[id].kept, i)
		case isExcluded:
			byID[id].excluded = append(byID[id].excluded, i)
		}
	}
	all := slices.Collect(maps.Values(byID))
	for _, e := range all {
		for j := range e.kept {
			if before(records[e.kept[j]], records[e.kept[0]]) {
				e.kept[0], e.kept[j] = e.kept[j], e.kept[0]
			}
		}
	}
	return all
}

// before reports whether an alert counts under the texts of a rather than of b.
func before(a, b excludable) bool {
	if x, y := rankOf(a.severity), rankOf(b.severity); x != y {
		return x > y
	}
	if x, y := instantOf(a.processed), instantOf(b.processed); x != y {
		return x > y
	}
	texts := func(r excludable) []string {
		severity := ""
		if rankOf(r.severity) == 5 {
			severity = r.severity
		}
		return []string{severity, r.category, r.source, r.group, sameTitle[r.title]}
	}
	return slices.Compare(texts(a), texts(b)) < 0
}

// newestOf returns the position of the newest of records.
func newestOf(records []excludable, positions []int) int {
	return slices.MaxFunc(positions, func(i, j int) int {
		return instantOf(records[i].processed) - instantOf(records[j].processed)
	})
}

// TestPropertyAlerts: every count equals that of the reference, in any order of arrival.
func TestPropertyAlerts(t *testing.T) {
	t.Parallel()
	shared := 0
	everyCase(t, func(t *testing.T, r *rand.Rand) {
		records, rules := randomExcludables(r), randomRules(r)
		for i := range records {
			records[i].alertID = pick(r, []string{"x", "x", "y", "z", ""})
		}
		filter, keeps := randomFilter(r)
		filter.Exclusions = rules
		sum, _ := exclude(t, filter, records)

		alerts, excluded, detections := 0, 0, 0
		category, source, title := map[string]int{}, map[string]int{}, map[string]int{}
		severity := severities(0, 0, 0, 0, nil)
		for _, e := range expectedAlerts(records, outcomes(records, rules, keeps)) {
			if len(e.kept) == 0 {
				if len(e.excluded) > 0 {
					excluded++
				}
				continue
			}
			if len(e.kept) > 1 {
				shared++
			}
			detections += len(e.kept)
			alerts++
			top := records[e.kept[0]]
			if rank := rankOf(top.severity); rank < 5 {
				severity[alert.Severities[rank-1]]++
			} else {
				severity[top.severity]++
			}
			category[top.category]++
			source[top.source]++
			title[sameTitle[top.title]]++
		}
		wantNumber(t, "Alerts", sum.Alerts, alerts)
		wantNumber(t, "Excluded", sum.Excluded, excluded)
		wantNumber(t, "Detections", sum.Detections, detections)
		wantCounts(t, "severity", sum.BySeverity, severity)
		wantCounts(t, "category", sum.ByCategory, category)
		wantCounts(t, "source", sum.BySource, source)
		wantCounts(t, "title", sum.ByTitle, title)
		if t.Failed() {
			t.Logf("records: %s\nrules: %+v\nfilter: %+v", strings.ReplaceAll(fmt.Sprintf("%+v", records), "} ", "}\n"), rules, filter)
		}
	})
	if least := cases() / 10; shared < least {
		t.Errorf("alerts of several detections in all cases = %d, want at least %d", shared, least)
	}
}
