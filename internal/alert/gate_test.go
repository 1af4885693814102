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
	return alert.Violation{AlertID: id, Severity: severity, Processed: t}
}

// judge selects from records for a gate, without a list and with one, which
// must not change the verdict, and returns it.
func judge(t *testing.T, g alert.Gate, o alert.SelectionOptions, records []accepted) alert.Verdict {
	t.Helper()
	var verdicts [2]alert.Verdict
	for i, encode := range []func([]byte, *alert.Alert) []byte{nil, appendIndex} {
		o.Gate, o.Encode = &g, encode
		s := alert.NewSelection(o)
		var a alert.Alert
		for i, r := range records {
			r.fillAccepted(t, &a, i)
			mustAdd(t, s, &a)
		}
		verdicts[i] = g.Judge(s)
	}
	if !reflect.DeepEqual(verdicts[0], verdicts[1]) {
		t.Errorf("%+v.Judge is %+v without a list, and with one %+v", g, verdicts[0], verdicts[1])
	}
	return verdicts[0]
}

func wantViolations(t *testing.T, got, want []alert.Violation) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("the first violations are %v, want %v", got, want)
	}
}

func TestViolations(t *testing.T) {
	t.Parallel()
	records := []accepted{
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
	odd := violation("odd", alert.Unknown, at11)
	for name, test := range map[string]struct {
		threshold alert.Severity
		filter    alert.Filter
		want      []alert.Violation
	}{
		"all":                  {alert.Informational, alert.Filter{}, []alert.Violation{high, medium, odd, info, low}},
		"low":                  {alert.Low, alert.Filter{}, []alert.Violation{high, medium, odd, low}},
		"medium":               {alert.Medium, alert.Filter{}, []alert.Violation{high, medium, odd}},
		"high":                 {alert.High, alert.Filter{}, []alert.Violation{high, odd}},
		"unknown ones":         {alert.Unknown, alert.Filter{}, []alert.Violation{odd}},
		"what the filter left": {alert.Medium, alert.Filter{Categories: []string{"c"}}, []alert.Violation{high}},
		"none":                 {alert.Informational, alert.Filter{Categories: []string{"d"}}, nil},
		"what is not excluded": {alert.High, alert.Filter{Exclusions: []alert.Exclusion{{AlertID: "odd"}}}, []alert.Violation{high}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := judge(t, alert.Gate{Severity: test.threshold}, alert.SelectionOptions{Filter: test.filter}, records)
			if v.Violations != len(test.want) {
				t.Errorf("violations = %d, want %d", v.Violations, len(test.want))
			}
			wantViolations(t, v.First, test.want)
		})
	}
}

// A gate fails above what is allowed; otherwise a read that the limit may have
// cut off neither fails nor passes.
func TestJudge(t *testing.T) {
	t.Parallel()
	records := []accepted{
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
		"nothing there":              {alert.Gate{Severity: alert.High}, 0, 0, alert.Passed, 0},
		"nothing there, with limit":  {alert.Gate{Severity: alert.High}, 1, 0, alert.Passed, 0},
		"none":                       {alert.Gate{Severity: alert.Unknown}, 0, 3, alert.Passed, 0},
		"fewer than allowed":         {alert.Gate{Severity: alert.High, Allowed: 3}, 0, 3, alert.Passed, 2},
		"as many as allowed":         {alert.Gate{Severity: alert.High, Allowed: 2}, 0, 3, alert.Passed, 2},
		"one more than allowed":      {alert.Gate{Severity: alert.High, Allowed: 1}, 0, 3, alert.Failed, 2},
		"the zero gate counts all":   {alert.Gate{}, 0, 3, alert.Failed, 3},
		"a limit that is not met":    {alert.Gate{Severity: alert.High, Allowed: 2}, 4, 3, alert.Passed, 2},
		"truncated, none":            {alert.Gate{Severity: alert.Unknown}, 3, 3, alert.Undecided, 0},
		"truncated, allowed":         {alert.Gate{Severity: alert.High, Allowed: 2}, 3, 3, alert.Undecided, 2},
		"truncated, more come":       {alert.Gate{Severity: alert.High, Allowed: 2}, 2, 3, alert.Undecided, 2},
		"truncated, failed all same": {alert.Gate{Severity: alert.High, Allowed: 1}, 3, 3, alert.Failed, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := judge(t, test.gate, alert.SelectionOptions{Query: alert.Query{Limit: test.limit}}, records[:test.records])
			if v.Outcome != test.want {
				t.Errorf("outcome = %q, want %q", v.Outcome, test.want)
			}
			if v.Violations != test.violations {
				t.Errorf("violations = %d, want %d", v.Violations, test.violations)
			}
			if len(v.First) != test.violations {
				t.Errorf("%d violations are named, want %d", len(v.First), test.violations)
			}
		})
	}
}

// A severity that the source left out is unknown, which no gate misses, and the
// source's alert is not changed.
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
	if got := s.Summary().Anomalies.UnknownSeverity.Count; got != 1 {
		t.Errorf("unknown severities = %d, want 1", got)
	}
	if a.Severity != 0 {
		t.Errorf("Add changed the severity to %d", a.Severity)
	}
}

func TestBlindedBy(t *testing.T) {
	t.Parallel()
	list := func(severities ...alert.Severity) alert.Filter { return alert.Filter{Severities: severities} }
	least := func(severity alert.Severity) alert.Filter { return alert.Filter{MinSeverity: severity} }
	for _, test := range []struct {
		gate   alert.Severity
		filter alert.Filter
		want   alert.Criterion
	}{
		{alert.Informational, alert.Filter{}, alert.NoCriterion},
		{alert.High, alert.Filter{Categories: []string{"c"}, Sources: []string{"s"}, Exclusions: []alert.Exclusion{{AlertID: "a"}}}, alert.NoCriterion},

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

// Of many the newest ten are named, and all are counted.
func TestViolationsFirstTen(t *testing.T) {
	t.Parallel()
	var records []accepted
	for i := range 37 {
		records = append(records, accepted{record: record{alertID: fmt.Sprint(i), severity: "High", processed: fmt.Sprintf("2026-03-01T10:00:%02dZ", i)}})
	}
	var want []alert.Violation
	for i := range 10 {
		want = append(want, violation(fmt.Sprint(36-i), alert.High, records[36-i].processed))
	}
	v := judge(t, alert.Gate{Severity: alert.High}, alert.SelectionOptions{}, records)
	if v.Violations != 37 {
		t.Errorf("violations = %d, want 37", v.Violations)
	}
	wantViolations(t, v.First, want)

	late := accepted{record: record{alertID: "late", severity: "High", processed: at11}}
	v = judge(t, alert.Gate{Severity: alert.High}, alert.SelectionOptions{}, append(records, late))
	if v.Violations != 38 {
		t.Errorf("violations with one more = %d, want 38", v.Violations)
	}
	wantViolations(t, v.First, append([]alert.Violation{violation("late", alert.High, at11)}, want[:9]...))
}

// TestPropertyViolations: a gate counts what is left of the response by its own
// count, and names of that the first ten: by instant, alert ID and severity,
// whatever order they came in.
func TestPropertyViolations(t *testing.T) {
	t.Parallel()
	everyCase(t, func(t *testing.T, r *rand.Rand) {
		records, rules := randomAccepted(r), randomRules(r)
		for range r.IntN(3) {
			records = append(records, randomAccepted(r)...)
		}
		filter, keeps := randomFilter(r)
		filter.Exclusions = rules
		g := alert.Gate{Severity: alert.Severity(1 + r.IntN(5)), Allowed: r.IntN(4)}
		v := judge(t, g, alert.SelectionOptions{Filter: filter}, records)

		var want []alert.Violation
		for i, fate := range judged(records, rules, keeps) {
			of := records[i]
			if rank := rankOf(of.severity); fate == isKept && rank >= int(g.Severity) {
				want = append(want, violation(of.alertID, alert.Severity(rank), of.processed))
			}
		}
		if v.Violations != len(want) {
			t.Errorf("violations = %d, want %d", v.Violations, len(want))
		}
		if failed := v.Outcome == alert.Failed; failed != (len(want) > g.Allowed) || !failed && v.Outcome != alert.Passed {
			t.Errorf("outcome = %q with %d violations", v.Outcome, len(want))
		}
		slices.SortFunc(want, func(a, b alert.Violation) int {
			return cmp.Or(b.Processed.Compare(a.Processed), cmp.Compare(a.AlertID, b.AlertID), int(b.Severity)-int(a.Severity))
		})
		wantViolations(t, v.First, want[:min(10, len(want))])
		if t.Failed() {
			t.Logf("%+v\nrules %+v\nfilter %+v, %+v", records, rules, filter, g)
		}
	})
}
