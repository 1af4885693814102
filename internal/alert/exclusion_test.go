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
		if got := x.Expired(test.now); got != test.want {
			t.Errorf("Exclusion{Expires: %v}.Expired(%v) = %t, want %t", test.expires, test.now, got, test.want)
		}
	}
}

// An excludable is a record with the ID of its detection rule, which exclusions match.
type excludable struct {
	record
	ioa string
}

// fillExcludable makes d the detection that r describes, as a source does.
func (r excludable) fillExcludable(t testing.TB, d *alert.Detection, index int) {
	t.Helper()
	r.fill(t, d, index)
	if r.ioa != "" {
		setText(t, d, alert.FieldIoaDefinitionID, r.ioa)
	}
}

// exclude selects from records and returns the summary and the positions kept.
func exclude(t *testing.T, f alert.Filter, records []excludable) (alert.Summary, []int) {
	t.Helper()
	s := alert.NewSelection(alert.SelectionOptions{Filter: f, Encode: appendIndex})
	var d alert.Detection
	for i, r := range records {
		r.fillExcludable(t, &d, i)
		mustAdd(t, s, &d)
	}
	return s.Summary(), positions(t, s)
}

func TestExclusionMatches(t *testing.T) {
	t.Parallel()
	full := excludable{record{alertID: "da1", title: "Caf\u00e9", computerName: "Web-1.contoso.com", group: "Servers"}, "Rule-1"}
	all := func(alertID, ioa, title string) alert.Exclusion {
		return alert.Exclusion{AlertID: alertID, IoaDefinitionID: ioa, Title: title}
	}
	for name, test := range map[string]struct {
		rule   alert.Exclusion
		record excludable
		want   bool
	}{
		"id":                     {alert.Exclusion{AlertID: "da1"}, full, true},
		"id in another case":     {alert.Exclusion{AlertID: "Da1"}, full, false},
		"id, null":               {alert.Exclusion{AlertID: "da1"}, excludable{}, false},
		"rule in another case":   {alert.Exclusion{IoaDefinitionID: "rULE-1"}, full, true},
		"rule, null":             {alert.Exclusion{IoaDefinitionID: "rule-1"}, excludable{}, false},
		"title":                  {alert.Exclusion{Title: "Caf\u00e9"}, full, true},
		"title after NFC":        {alert.Exclusion{Title: "Cafe\u0301"}, full, true},
		"title in another case":  {alert.Exclusion{Title: "caf\u00e9"}, full, false},
		"title after NFKC alone": {alert.Exclusion{Title: "\ufb01"}, excludable{record: record{title: "fi"}}, false},
		"title, null":            {alert.Exclusion{Title: "Caf\u00e9"}, excludable{}, false},
		"device in another case": {alert.Exclusion{ComputerDNSName: "wEB-1.contoso.com"}, full, true},
		"another device":         {alert.Exclusion{ComputerDNSName: "web-2.contoso.com"}, full, false},
		"device, null":           {alert.Exclusion{ComputerDNSName: "web-1.contoso.com"}, excludable{}, false},
		"group in another case":  {alert.Exclusion{MachineGroup: "sERVERS"}, full, true},
		"another group":          {alert.Exclusion{MachineGroup: "Laptops"}, full, false},
		"group, null":            {alert.Exclusion{MachineGroup: "servers"}, excludable{}, false},
		"all":                    {all("da1", "rule-1", "Caf\u00e9"), full, true},
		"all but the id":         {all("da2", "rule-1", "Caf\u00e9"), full, false},
		"all but the rule":       {all("da1", "rule-2", "Caf\u00e9"), full, false},
		"all but the title":      {all("da1", "rule-1", "Cafe"), full, false},
		"no matcher":             {alert.Exclusion{}, full, false},
		"an expiry alone":        {alert.Exclusion{Expires: time.Now()}, excludable{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.rule.Index = 7
			sum, kept := exclude(t, alert.Filter{Exclusions: []alert.Exclusion{test.rule}}, []excludable{test.record})
			excluded, unused := 0, []int{7}
			if test.want {
				excluded, unused = 1, nil
			}
			wantNumber(t, "Excluded", sum.Excluded, excluded)
			wantNumber(t, "Detections", sum.Detections, 1-excluded)
			wantNumber(t, "length of the list", len(kept), 1-excluded)
			wantUnused(t, sum, unused)
		})
	}
}

func wantUnused(t *testing.T, sum alert.Summary, want []int) {
	t.Helper()
	if got := sum.Anomalies.UnusedExclusions; !slices.Equal(got, want) {
		t.Errorf("UnusedExclusions = %v, want %v", got, want)
	}
}

// After Reset exclusions count as unused again.
func TestExclusionReset(t *testing.T) {
	t.Parallel()
	f := alert.Filter{Exclusions: []alert.Exclusion{{AlertID: "a"}}}
	s := alert.NewSelection(alert.SelectionOptions{Filter: f, Encode: appendIndex})
	add(t, s, []record{{alertID: "a"}, {alertID: "b"}})
	s.Reset()
	add(t, s, []record{{alertID: "b"}})
	sum := s.Summary()
	wantNumber(t, "Excluded", sum.Excluded, 0)
	wantNumber(t, "Detections", sum.Detections, 1)
	wantUnused(t, sum, []int{0})
}

// Spellings of rules and titles, and the one that stands for all equal ones.
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

// excludes is a second implementation of matching a record with a rule.
func excludes(rule alert.Exclusion, a excludable) bool {
	set, matching := 0, 0
	for _, pair := range [][2]string{
		{rule.AlertID, a.alertID},
		{sameRule[rule.IoaDefinitionID], sameRule[a.ioa]},
		{sameTitle[rule.Title], sameTitle[a.title]},
	} {
		if pair[0] != "" {
			set++
			if pair[0] == pair[1] {
				matching++
			}
		}
	}
	return set > 0 && matching == set
}

// The outcomes of a record; between equal duplicates the greatest wins.
const (
	isFiltered = iota
	isExcluded
	isKept
)

// outcomes collapses duplicates and returns the outcome of each survivor, by its
// position.
func outcomes(records []excludable, rules []alert.Exclusion, keeps func(record) bool) map[int]int {
	outcome := func(a excludable) int {
		for _, rule := range rules {
			if excludes(rule, a) {
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
			better := outcome(a) - outcome(b)
			if severer > 0 || severer == 0 && (newer > 0 || newer == 0 && better > 0) {
				best = i
			}
		}
		survivors[best] = outcome(records[best])
	}
	return survivors
}

func randomExcludables(r *rand.Rand) []excludable {
	var records []excludable
	for _, one := range randomRecords(r) {
		one.title = pick(r, keysOf(sameTitle))
		records = append(records, excludable{one, pick(r, keysOf(sameRule))})
	}
	return records
}

// TestPropertyExclusion: duplicates collapse, then rules exclude, then the filter
// drops; rules that match no record are unused.
func TestPropertyExclusion(t *testing.T) {
	t.Parallel()
	total := 0
	everyCase(t, func(t *testing.T, r *rand.Rand) {
		records, rules := randomExcludables(r), randomRules(r)
		filter, keeps := randomFilter(r)
		filter.Exclusions = rules
		sum, kept := exclude(t, filter, records)

		var want []int
		excluded := 0
		for _, e := range expectedAlerts(records, outcomes(records, rules, keeps)) {
			want = append(want, e.kept...)
			if len(e.kept) == 0 && len(e.excluded) > 0 {
				excluded++
			}
		}
		total += excluded
		slices.Sort(want)
		slices.Sort(kept)
		wantKept(t, kept, want...)
		wantNumber(t, "Excluded", sum.Excluded, excluded)
		wantNumber(t, "Detections", sum.Detections, len(want))
		wantNumber(t, "Fetched", sum.Fetched, len(records))
		var unused []int
		for _, rule := range rules {
			if !slices.ContainsFunc(records, func(a excludable) bool { return excludes(rule, a) }) {
				unused = append(unused, rule.Index)
			}
		}
		wantUnused(t, sum, unused)
		if t.Failed() {
			t.Logf("records: %+v\nrules: %+v\nfilter: %+v", records, rules, filter)
		}
	})
	if least := cases() / 10; total < least {
		t.Errorf("alerts excluded in all cases = %d, want at least %d", total, least)
	}
}
