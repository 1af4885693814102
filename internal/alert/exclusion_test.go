package alert_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

func TestExclusionExpired(t *testing.T) {
	t.Parallel()
	end := time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		expires, now time.Time
		want         bool
	}{
		{time.Time{}, end, false},
		{end, end.Add(-time.Nanosecond), false},
		{end, end, true},
		{end, end.Add(time.Nanosecond), true},
		{end, end.In(time.FixedZone("", -12*3600)), true},
		{end, end.AddDate(100, 0, 0), true},
	} {
		x := alert.Exclusion{Expires: test.expires}
		if x.Expired(test.now) != test.want {
			t.Errorf("expires %v, at %v: not %t", test.expires, test.now, test.want)
		}
	}
}

// An accepted record has the rule's ID, which exclusions look at, besides.
type accepted struct {
	record
	ioa string
}

// fillAccepted makes a the alert that r describes, as a source does.
func (r accepted) fillAccepted(t testing.TB, a *alert.Alert, index int) {
	t.Helper()
	r.fill(t, a, index)
	if r.ioa != "" {
		setText(t, a, alert.FieldIoaDefinitionID, r.ioa)
	}
}

// exclude selects from records and returns the summary and the positions kept.
func exclude(t *testing.T, f alert.Filter, records []accepted) (alert.Summary, []int) {
	t.Helper()
	s := alert.NewSelection(alert.SelectionOptions{Filter: f, Encode: appendIndex})
	var a alert.Alert
	for i, r := range records {
		r.fillAccepted(t, &a, i)
		mustAdd(t, s, &a)
	}
	return s.Summary(), positions(t, s)
}

func TestExclusionMatches(t *testing.T) {
	t.Parallel()
	full := accepted{record{alertID: "da1", title: "Caf\u00e9"}, "Rule-1"}
	for name, test := range map[string]struct {
		rule   alert.Exclusion
		record accepted
		want   bool
	}{
		"id":                     {alert.Exclusion{AlertID: "da1"}, full, true},
		"id in another case":     {alert.Exclusion{AlertID: "Da1"}, full, false},
		"id, null":               {alert.Exclusion{AlertID: "da1"}, accepted{}, false},
		"rule in any case":       {alert.Exclusion{IoaDefinitionID: "rULE-1"}, full, true},
		"rule, null":             {alert.Exclusion{IoaDefinitionID: "rule-1"}, accepted{}, false},
		"title":                  {alert.Exclusion{Title: "Caf\u00e9"}, full, true},
		"title after NFC":        {alert.Exclusion{Title: "Cafe\u0301"}, full, true},
		"title in another case":  {alert.Exclusion{Title: "caf\u00e9"}, full, false},
		"title after NFKC alone": {alert.Exclusion{Title: "\ufb01"}, accepted{record: record{title: "fi"}}, false},
		"title, null":            {alert.Exclusion{Title: "Caf\u00e9"}, accepted{}, false},
		"all":                    {alert.Exclusion{AlertID: "da1", IoaDefinitionID: "rule-1", Title: "Caf\u00e9"}, full, true},
		"all but the id":         {alert.Exclusion{AlertID: "da2", IoaDefinitionID: "rule-1", Title: "Caf\u00e9"}, full, false},
		"all but the rule":       {alert.Exclusion{AlertID: "da1", IoaDefinitionID: "rule-2", Title: "Caf\u00e9"}, full, false},
		"all but the title":      {alert.Exclusion{AlertID: "da1", IoaDefinitionID: "rule-1", Title: "Cafe"}, full, false},
		"nothing matches none":   {alert.Exclusion{}, full, false},
		"nor does an expiry":     {alert.Exclusion{Expires: time.Now()}, accepted{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.rule.Index = 7
			sum, kept := exclude(t, alert.Filter{Exclusions: []alert.Exclusion{test.rule}}, []accepted{test.record})
			if (sum.Excluded == 1) != test.want || sum.Total+sum.Excluded != 1 || len(kept) != sum.Total {
				t.Errorf("excluded %d, total %d, kept %v", sum.Excluded, sum.Total, kept)
			}
			if unused := sum.Anomalies.UnusedExclusions; test.want && len(unused) > 0 || !test.want && !slices.Equal(unused, []int{7}) {
				t.Errorf("unused %v", unused)
			}
		})
	}
}

// A reply that is read again from its start meets the exclusions again.
func TestExclusionReset(t *testing.T) {
	t.Parallel()
	s := alert.NewSelection(alert.SelectionOptions{Filter: alert.Filter{Exclusions: []alert.Exclusion{{AlertID: "a"}}}, Encode: appendIndex})
	add(t, s, []record{{alertID: "a"}, {alertID: "b"}})
	s.Reset()
	add(t, s, []record{{alertID: "b"}})
	if sum := s.Summary(); sum.Excluded != 0 || sum.Total != 1 || !slices.Equal(sum.Anomalies.UnusedExclusions, []int{0}) {
		t.Errorf("%+v", sum)
	}
}

// The spellings of rule and title that count as one: their first.
var (
	sameRule  = map[string]string{"r1": "r1", "R1": "r1", "r2": "r2", "": ""}
	sameTitle = map[string]string{"\u00e9": "\u00e9", "e\u0301": "\u00e9", "\u00c9": "\u00c9", "e": "e", "": ""}
)

func keysOf(of map[string]string) []string {
	var keys []string
	for key := range of {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// randomRules returns exclusions of which some match nothing.
func randomRules(r *rand.Rand) []alert.Exclusion {
	rules := make([]alert.Exclusion, r.IntN(4))
	for i := range rules {
		rules[i] = alert.Exclusion{
			Index:           10 * i,
			AlertID:         pick(r, []string{"", "x", "y", "X"}),
			IoaDefinitionID: pick(r, keysOf(sameRule)),
			Title:           pick(r, keysOf(sameTitle)),
		}
	}
	return rules
}

// accepts says in other words whether a rule takes a record out.
func accepts(rule alert.Exclusion, a accepted) bool {
	given, matching := 0, 0
	for _, pair := range [][2]string{
		{rule.AlertID, a.alertID},
		{sameRule[rule.IoaDefinitionID], sameRule[a.ioa]},
		{sameTitle[rule.Title], sameTitle[a.title]},
	} {
		if pair[0] != "" {
			given++
			if pair[0] == pair[1] {
				matching++
			}
		}
	}
	return given > 0 && matching == given
}

// What becomes of a record; between equal duplicates the greatest wins.
const (
	isFiltered = iota
	isExcluded
	isKept
)

// judged collapses duplicates and says of each survivor what becomes of it.
func judged(records []accepted, rules []alert.Exclusion, keeps func(record) bool) map[int]int {
	fate := func(a accepted) int {
		for _, rule := range rules {
			if accepts(rule, a) {
				return isExcluded
			}
		}
		if keeps(a.record) {
			return isKept
		}
		return isFiltered
	}
	groups := map[string][]int{}
	for i, a := range records {
		group := a.fullID + "/" + a.part
		if a.fullID == "" {
			group = "alone" + strings.Repeat("x", i)
		}
		groups[group] = append(groups[group], i)
	}
	survivors := map[int]int{}
	for _, members := range groups {
		best := members[0]
		for _, i := range members[1:] {
			a, b := records[i], records[best]
			severer := rankOf(a.severity) - rankOf(b.severity)
			newer := instantOf(a.processed) - instantOf(b.processed)
			better := fate(a) - fate(b)
			if severer > 0 || severer == 0 && (newer > 0 || newer == 0 && better > 0) {
				best = i
			}
		}
		survivors[best] = fate(records[best])
	}
	return survivors
}

func randomAccepted(r *rand.Rand) []accepted {
	var records []accepted
	for _, one := range randomRecords(r) {
		one.title = pick(r, keysOf(sameTitle))
		records = append(records, accepted{one, pick(r, keysOf(sameRule))})
	}
	return records
}

// TestPropertyExclusion: duplicates collapse, then rules take out, then the
// filter; rules are unused when no record met them.
func TestPropertyExclusion(t *testing.T) {
	t.Parallel()
	met := 0
	everyCase(t, func(t *testing.T, r *rand.Rand) {
		records, rules := randomAccepted(r), randomRules(r)
		filter, keeps := randomFilter(r)
		filter.Exclusions = rules
		sum, kept := exclude(t, filter, records)

		var want []int
		excluded := 0
		for i, fate := range judged(records, rules, keeps) {
			switch fate {
			case isKept:
				want = append(want, i)
			case isExcluded:
				excluded++
			}
		}
		met += excluded
		slices.Sort(want)
		slices.Sort(kept)
		wantKept(t, kept, want...)
		if sum.Excluded != excluded || sum.Total != len(want) || sum.Fetched != len(records) {
			t.Errorf("excluded %d, want %d; total %d, want %d", sum.Excluded, excluded, sum.Total, len(want))
		}
		var unused []int
		for _, rule := range rules {
			if !slices.ContainsFunc(records, func(a accepted) bool { return accepts(rule, a) }) {
				unused = append(unused, rule.Index)
			}
		}
		if !slices.Equal(sum.Anomalies.UnusedExclusions, unused) {
			t.Errorf("unused %v, want %v", sum.Anomalies.UnusedExclusions, unused)
		}
		if t.Failed() {
			t.Logf("%+v\nrules %+v\nfilter %+v", records, rules, filter)
		}
	})
	if met < cases/10 {
		t.Errorf("only %d records were excluded in all cases", met)
	}
}
