package alert_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

func violation(id string, severity alert.Severity, processed string) alert.Violation {
	t, err := alert.ParseTime(processed)
	if err != nil {
		panic(err)
	}
	return alert.Violation{AlertID: id, Severity: severity, Processed: t}
}

func TestViolations(t *testing.T) {
	t.Parallel()
	records := []record{
		{alertID: "info", severity: "Informational", processed: at10},
		{alertID: "low", severity: "LOW", processed: at10, category: "c"},
		{alertID: "medium", severity: "Medium", processed: at11},
		{alertID: "high", severity: "high", processed: "2026-03-01T13:00:00.25+01:00", category: "c"},
		{alertID: "odd", severity: "Critical", processed: at11, fullID: "f"},
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
		"all":                  {alert.Informational, alert.Filter{}, []alert.Violation{high, odd, medium, info, low}},
		"low":                  {alert.Low, alert.Filter{}, []alert.Violation{high, odd, medium, low}},
		"medium":               {alert.Medium, alert.Filter{}, []alert.Violation{high, odd, medium}},
		"high":                 {alert.High, alert.Filter{}, []alert.Violation{high, odd}},
		"unknown ones":         {alert.Unknown, alert.Filter{}, []alert.Violation{odd}},
		"what the filter left": {alert.Medium, alert.Filter{Categories: []string{"c"}}, []alert.Violation{high}},
		"none":                 {alert.Informational, alert.Filter{Categories: []string{"d"}}, nil},
		"what is not excluded": {alert.High, alert.Filter{Exclusions: []alert.Exclusion{{AlertID: "odd"}}}, []alert.Violation{high}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, encode := range []func([]byte, *alert.Alert) []byte{nil, appendIndex} {
				s := alert.NewSelection(alert.Query{}, test.filter, encode)
				add(t, s, records)
				count, first := s.Violations(test.threshold)
				if count != len(test.want) || !reflect.DeepEqual(first, test.want) {
					t.Errorf("%d: %v\nwant %v", count, first, test.want)
				}
			}
		})
	}
}

// Of many the newest ten are named, and all are counted.
func TestViolationsFirstTen(t *testing.T) {
	t.Parallel()
	s := alert.NewSelection(alert.Query{}, alert.Filter{}, nil)
	var records []record
	for i := range 37 {
		records = append(records, record{alertID: fmt.Sprint(i), severity: "High", processed: fmt.Sprintf("2026-03-01T10:00:%02dZ", i)})
	}
	add(t, s, records)
	count, first := s.Violations(alert.High)
	if count != 37 || len(first) != 10 {
		t.Fatalf("%d, %d named", count, len(first))
	}
	for i, v := range first {
		if v.AlertID != fmt.Sprint(36-i) || v.Processed.Location() != time.UTC {
			t.Errorf("%d is %v", i, v)
		}
	}
	add(t, s, []record{{alertID: "late", severity: "High", processed: at11}})
	if count, first = s.Violations(alert.High); count != 38 || first[0].AlertID != "late" {
		t.Errorf("after one more: %d, %v first", count, first[0])
	}
}

// TestPropertyViolations: a gate counts what is left of the reply by its own
// count, and names of that the first ten.
func TestPropertyViolations(t *testing.T) {
	t.Parallel()
	everyCase(t, func(t *testing.T, r *rand.Rand) {
		records, rules := randomAccepted(r), randomRules(r)
		for range r.IntN(3) {
			records = append(records, randomAccepted(r)...)
		}
		filter, keeps := randomFilter(r)
		filter.Exclusions = rules
		threshold := alert.Severity(1 + r.IntN(5))
		s, _, kept := exclude(t, filter, records)
		count, first := s.Violations(threshold)

		want := 0
		for i, fate := range judged(records, rules, keeps) {
			if fate == isKept && rankOf(records[i].severity) >= int(threshold) {
				want++
			}
		}
		if count != want || len(first) != min(want, 10) {
			t.Errorf("%d violations, %d named; want %d", count, len(first), want)
		}
		kept = slices.DeleteFunc(kept, func(i int) bool { return rankOf(records[i].severity) < int(threshold) })
		for i, v := range first {
			of := records[kept[i]]
			if v != violation(of.alertID, alert.Severity(rankOf(of.severity)), of.processed) {
				t.Errorf("%d is named %v, want %+v", i, v, of)
			}
		}
		if t.Failed() {
			t.Logf("%+v\nrules %+v\nfilter %+v, from %v", records, rules, filter, threshold)
		}
	})
}
