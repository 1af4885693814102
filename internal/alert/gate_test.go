package alert_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

func violation(id string, severity alert.Severity, processed string) alert.Violation {
	t, err := alert.ParseTime(processed)
	if err != nil {
		panic(err)
	}
	return alert.Violation{AlertID: id, Severity: severity, Detections: 1, Newest: t}
}

// judge selects from records for a gate and returns its verdict, which must be
// the same with a list and without.
func judge(t *testing.T, g alert.Gate, o alert.SelectionOptions, records []excludable) alert.Verdict {
	t.Helper()
	var verdicts [2]alert.Verdict
	for i, encode := range []func([]byte, *alert.Detection) []byte{nil, appendIndex} {
		o.Gate, o.Encode = &g, encode
		s := alert.NewSelection(o)
		var d alert.Detection
		for i, r := range records {
			r.fillExcludable(t, &d, i)
			mustAdd(t, s, &d)
		}
		verdicts[i] = g.Judge(s)
	}
	if !reflect.DeepEqual(verdicts[0], verdicts[1]) {
		t.Errorf("%+v.Judge with a list = %+v, want %+v as without", g, verdicts[1], verdicts[0])
	}
	return verdicts[0]
}

func wantViolations(t *testing.T, got, want []alert.Violation) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("first violations = %v, want %v", got, want)
	}
}

func TestViolations(t *testing.T) {
	t.Parallel()
	records := []excludable{
		{record: record{alertID: "info", severity: "Informational", processed: at10}},
		{record: record{alertID: "low", severity: "LOW", processed: at10, category: "c"}},
		{record: record{alertID: "medium", severity: "Medium", processed: at11}},
		{record: record{alertID: "high", severity: "high", processed: "2026-03-01T13:00:00.25+01:00", category: "c"}},
		{record: record{alertID: "odd", severity: "Critical", processed: at11, fullID: "f"}},
	}
	info := violation("info", alert.Informational, at10)
	low := violation("low", alert.Low, at10)
	medium := violation("medium", alert.Medium, at11)
	high := violation("high", alert.High, "2026-03-01T12:00:00.25Z")
	unknown := violation("odd", alert.Unknown, at11)
	unknownExcluded := alert.Filter{Exclusions: []alert.Exclusion{{AlertID: "odd"}}}
	for name, test := range map[string]struct {
		threshold alert.Severity
		filter    alert.Filter
		want      []alert.Violation
	}{
		"all":                  {alert.Informational, alert.Filter{}, []alert.Violation{high, medium, unknown, info, low}},
		"low":                  {alert.Low, alert.Filter{}, []alert.Violation{high, medium, unknown, low}},
		"medium":               {alert.Medium, alert.Filter{}, []alert.Violation{high, medium, unknown}},
		"high":                 {alert.High, alert.Filter{}, []alert.Violation{high, unknown}},
		"unknown ones":         {alert.Unknown, alert.Filter{}, []alert.Violation{unknown}},
		"after the filter":     {alert.Medium, alert.Filter{Categories: []string{"c"}}, []alert.Violation{high}},
		"none":                 {alert.Informational, alert.Filter{Categories: []string{"d"}}, nil},
		"after the exclusions": {alert.High, unknownExcluded, []alert.Violation{high}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := judge(t, alert.Gate{Severity: test.threshold}, alert.SelectionOptions{Filter: test.filter}, records)
			wantNumber(t, "violations", v.Violations, len(test.want))
			wantViolations(t, v.First, test.want)
		})
	}
}

// A gate fails above what is allowed; otherwise, if the limit may have truncated
// the read, it neither fails nor passes.
func TestJudge(t *testing.T) {
	t.Parallel()
	records := []excludable{
		{record: record{alertID: "a", severity: "High"}},
		{record: record{alertID: "b", severity: "High"}},
		{record: record{alertID: "c", severity: "Low"}},
	}
	for name, test := range map[string]struct {
		gate       alert.Gate
		limit      int
		records    int
		want       alert.Outcome
		violations int
	}{
		"no alerts":                {alert.Gate{Severity: alert.High}, 0, 0, alert.Passed, 0},
		"no alerts, with limit":    {alert.Gate{Severity: alert.High}, 1, 0, alert.Passed, 0},
		"none":                     {alert.Gate{Severity: alert.Unknown}, 0, 3, alert.Passed, 0},
		"fewer than allowed":       {alert.Gate{Severity: alert.High, Allowed: 3}, 0, 3, alert.Passed, 2},
		"as many as allowed":       {alert.Gate{Severity: alert.High, Allowed: 2}, 0, 3, alert.Passed, 2},
		"one more than allowed":    {alert.Gate{Severity: alert.High, Allowed: 1}, 0, 3, alert.Failed, 2},
		"the zero gate counts all": {alert.Gate{}, 0, 3, alert.Failed, 3},
		"a limit that is not met":  {alert.Gate{Severity: alert.High, Allowed: 2}, 4, 3, alert.Passed, 2},
		"truncated, none":          {alert.Gate{Severity: alert.Unknown}, 3, 3, alert.Undecided, 0},
		"truncated, allowed":       {alert.Gate{Severity: alert.High, Allowed: 2}, 3, 3, alert.Undecided, 2},
		"truncated, beyond limit":  {alert.Gate{Severity: alert.High, Allowed: 2}, 2, 3, alert.Undecided, 2},
		"truncated, failed anyway": {alert.Gate{Severity: alert.High, Allowed: 1}, 3, 3, alert.Failed, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := judge(t, test.gate, alert.SelectionOptions{Query: alert.Query{Limit: test.limit}}, records[:test.records])
			if v.Outcome != test.want {
				t.Errorf("outcome = %q, want %q", v.Outcome, test.want)
			}
			wantNumber(t, "violations", v.Violations, test.violations)
			wantNumber(t, "violations named", len(v.First), test.violations)
		})
	}
}

// A severity that the source did not set is unknown, which every gate counts, and
// the source's alert is not changed.
func TestJudgeWithoutSeverity(t *testing.T) {
	t.Parallel()
	g := alert.Gate{Severity: alert.Unknown}
	s := alert.NewSelection(alert.SelectionOptions{Filter: alert.Filter{MinSeverity: alert.High}, Gate: &g})
	a := newAlert(t, record{alertID: "a"})
	a.Severity = 0
	mustAdd(t, s, a)
	if v := g.Judge(s); v.Outcome != alert.Failed {
		t.Errorf("outcome = %q, want %q", v.Outcome, alert.Failed)
	}
	wantNumber(t, "UnknownSeverity.Count", s.Summary().Anomalies.UnknownSeverity.Count, 1)
	if a.Severity != 0 {
		t.Errorf("severity of the alert after Add = %d, want 0", a.Severity)
	}
}

func TestBlindedBy(t *testing.T) {
	t.Parallel()
	list := func(listed ...alert.Severity) alert.Filter { return alert.Filter{Severities: listed} }
	least := func(severity alert.Severity) alert.Filter { return alert.Filter{MinSeverity: severity} }
	others := alert.Filter{
		Categories: []string{"c"}, Sources: []string{"s"}, Exclusions: []alert.Exclusion{{AlertID: "a"}},
	}
	for _, test := range []struct {
		gate   alert.Severity
		filter alert.Filter
		want   alert.Criterion
	}{
		{alert.Informational, alert.Filter{}, alert.NoCriterion},
		{alert.High, others, alert.NoCriterion},

		{alert.Informational, least(alert.Informational), alert.NoCriterion},
		{alert.Informational, least(alert.Low), alert.ByMinSeverity},
		{alert.Medium, least(alert.Low), alert.NoCriterion},
		{alert.Medium, least(alert.Medium), alert.NoCriterion},
		{alert.Medium, least(alert.High), alert.ByMinSeverity},
		{alert.High, least(alert.High), alert.NoCriterion},
		{alert.High, least(alert.Unknown), alert.ByMinSeverity},
		{alert.Unknown, least(alert.Unknown), alert.NoCriterion},

		{alert.High, list(alert.High), alert.NoCriterion},
		{alert.High, list(alert.Low), alert.BySeverities},
		{alert.Medium, list(alert.High), alert.BySeverities},
		{alert.Medium, list(alert.Medium), alert.BySeverities},
		{alert.Medium, list(alert.High, alert.Medium), alert.NoCriterion},
		{alert.Informational, list(alert.Informational, alert.Low, alert.Medium, alert.High), alert.NoCriterion},
		{alert.Informational, list(alert.Informational, alert.Low, alert.High), alert.BySeverities},
		{alert.High, list(alert.Unknown), alert.BySeverities},
		{alert.Unknown, list(alert.Low), alert.NoCriterion},

		{0, alert.Filter{}, alert.NoCriterion},
		{0, least(alert.Informational), alert.NoCriterion},
		{0, least(alert.Low), alert.ByMinSeverity},
		{0, list(alert.High), alert.BySeverities},
		{alert.Medium, alert.Filter{MinSeverity: alert.High, Severities: []alert.Severity{alert.Low}}, alert.ByMinSeverity},
	} {
		if got := (alert.Gate{Severity: test.gate}).BlindedBy(test.filter); got != test.want {
			t.Errorf("Gate{%v}.BlindedBy(%+v) = %q, want %q", test.gate, test.filter, got, test.want)
		}
	}
}

// A verdict names the ten newest violations and counts all.
func TestViolationsFirstTen(t *testing.T) {
	t.Parallel()
	var records []excludable
	for i := range 37 {
		processed := fmt.Sprintf("2026-03-01T10:00:%02dZ", i)
		records = append(records, excludable{record: record{alertID: fmt.Sprint(i), severity: "High", processed: processed}})
	}
	var want []alert.Violation
	for i := range 10 {
		want = append(want, violation(fmt.Sprint(36-i), alert.High, records[36-i].processed))
	}
	v := judge(t, alert.Gate{Severity: alert.High}, alert.SelectionOptions{}, records)
	wantNumber(t, "violations", v.Violations, 37)
	wantViolations(t, v.First, want)

	late := excludable{record: record{alertID: "late", severity: "High", processed: at11}}
	v = judge(t, alert.Gate{Severity: alert.High}, alert.SelectionOptions{}, append(records, late))
	wantNumber(t, "violations with one more", v.Violations, 38)
	wantViolations(t, v.First, append([]alert.Violation{violation("late", alert.High, at11)}, want[:9]...))
}

// TestPropertyViolations: a gate counts the violations among the alerts kept, and
// names the first ten by time and alert ID, independent of arrival.
func TestPropertyViolations(t *testing.T) {
	t.Parallel()
	everyCase(t, func(t *testing.T, r *rand.Rand) {
		records, rules := randomExcludables(r), randomRules(r)
		for range r.IntN(3) {
			records = append(records, randomExcludables(r)...)
		}
		filter, keeps := randomFilter(r)
		filter.Exclusions = rules
		g := alert.Gate{Severity: alert.Severity(1 + r.IntN(5)), Allowed: r.IntN(4)}
		v := judge(t, g, alert.SelectionOptions{Filter: filter}, records)

		var want []alert.Violation
		detections := 0
		for _, e := range expectedAlerts(records, outcomes(records, rules, keeps)) {
			if len(e.kept) == 0 {
				continue
			}
			top := records[e.kept[0]]
			if rank := rankOf(top.severity); rank >= int(g.Severity) {
				found := violation(top.alertID, alert.Severity(rank), records[newestOf(records, e.kept)].processed)
				found.Detections = len(e.kept)
				detections += found.Detections
				want = append(want, found)
			}
		}
		wantNumber(t, "detections of violations", v.Detections, detections)
		wantNumber(t, "violations", v.Violations, len(want))
		outcome := alert.Passed
		if len(want) > g.Allowed {
			outcome = alert.Failed
		}
		if v.Outcome != outcome {
			t.Errorf("outcome with %d violations, %d allowed = %q, want %q", len(want), g.Allowed, v.Outcome, outcome)
		}
		slices.SortFunc(want, func(a, b alert.Violation) int {
			return cmp.Or(b.Newest.Compare(a.Newest), cmp.Compare(a.AlertID, b.AlertID), int(b.Severity)-int(a.Severity), b.Detections-a.Detections)
		})
		wantViolations(t, v.First, want[:min(10, len(want))])
		if t.Failed() {
			t.Logf("records: %+v\nrules: %+v\nfilter: %+v\ngate: %+v", records, rules, filter, g)
		}
	})
}
