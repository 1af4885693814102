package alert_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

func TestFilter(t *testing.T) {
	t.Parallel()
	const nfc, nfd = "D\u00c9FENSE", "de\u0301fense"
	least := func(severity alert.Severity) alert.Filter { return alert.Filter{MinSeverity: severity} }
	list := func(listed ...alert.Severity) alert.Filter { return alert.Filter{Severities: listed} }
	categories := func(listed ...string) alert.Filter { return alert.Filter{Categories: listed} }
	edr := alert.Filter{Sources: []string{"EDR"}}
	every := alert.Filter{
		MinSeverity: alert.Low, Severities: []alert.Severity{alert.High}, Categories: []string{"c"}, Sources: []string{"s"},
	}
	tests := map[string]struct {
		filter alert.Filter
		record record
		want   bool
	}{
		"zero keeps all":             {alert.Filter{}, record{severity: "Informational"}, true},
		"zero keeps unknown":         {alert.Filter{}, record{severity: "odd"}, true},
		"least: above":               {least(alert.Medium), record{severity: "HIGH"}, true},
		"least: at":                  {least(alert.Medium), record{severity: "Medium"}, true},
		"least: below":               {least(alert.Medium), record{severity: "Low"}, false},
		"least: the lowest":          {least(alert.Informational), record{severity: "informational"}, true},
		"least: unknown":             {least(alert.High), record{severity: "odd"}, true},
		"list: in":                   {list(alert.Low, alert.High), record{severity: "high"}, true},
		"list: between":              {list(alert.Low, alert.High), record{severity: "Medium"}, false},
		"list: above":                {list(alert.Low), record{severity: "High"}, false},
		"list: unknown":              {list(alert.Low), record{severity: "odd"}, true},
		"list: empty":                {alert.Filter{Severities: []alert.Severity{}}, record{severity: "Low"}, true},
		"category: same":             {categories("X", "Malware"), record{category: "Malware"}, true},
		"category: case":             {categories("MALware"), record{category: "malWARE"}, true},
		"category: form":             {categories(nfc), record{category: nfd}, true},
		"category: form 2":           {categories(nfd), record{category: nfc}, true},
		"category: accent":           {categories("defense"), record{category: nfd}, false},
		"category: part":             {categories("Mal"), record{category: "Malware"}, false},
		"category: trailing space":   {categories("Malware"), record{category: "Malware "}, false},
		"category: null":             {categories("Malware"), record{}, false},
		"category: unknown severity": {categories("Malware"), record{severity: "odd", category: "Other"}, false},
		"category: empty":            {alert.Filter{Categories: []string{}}, record{category: "Other"}, true},
		"source: same":               {edr, record{source: "edr"}, true},
		"source: other":              {edr, record{source: "Antivirus", category: "EDR"}, false},
		"source: null":               {edr, record{}, false},
		"all of them":                {every, record{severity: "High", category: "C", source: "S"}, true},
		"all but the source":         {every, record{severity: "High", category: "C", source: "x"}, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sum, kept := choose(t, alert.Query{}, test.filter, test.record)
			if got := sum.Detections == 1; got != test.want {
				t.Errorf("%+v keeps %+v = %t, want %t", test.filter, test.record, got, test.want)
			}
			wantNumber(t, "length of the list", len(kept), sum.Detections)
		})
	}
}

func TestWindow(t *testing.T) {
	t.Parallel()
	since, until := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC), time.Date(2026, 3, 1, 11, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		query alert.Query
		want  string
	}{
		{alert.Query{}, "the API's default window, the last two hours"},
		{alert.Query{Limit: 7, MachineGroups: []string{"g"}}, "the API's default window, the last two hours"},
		{alert.Query{Ago: alert.Period{Text: "PT10M", Duration: 10 * time.Minute}}, "the window ago = PT10M"},
		{alert.Query{Since: since}, "the window from 2026-03-01T10:00:00Z to now"},
		{alert.Query{Since: since, Until: until}, "the window from 2026-03-01T10:00:00Z to 2026-03-01T11:00:00Z"},
		{alert.Query{Since: since.Add(500 * time.Millisecond)}, "the window from 2026-03-01T10:00:00.5Z to now"},
		{alert.Query{Since: since, Until: since.Add(100)}, "the window from 2026-03-01T10:00:00Z to 2026-03-01T10:00:00.0000001Z"},
	} {
		if got := test.query.Window(); got != test.want {
			t.Errorf("%+v.Window() = %q, want %q", test.query, got, test.want)
		}
	}
}

// The selection normalizes copies, not the caller's texts.
func TestFilterIsNotChanged(t *testing.T) {
	t.Parallel()
	const nfd = "e\u0301"
	q := alert.Query{MachineGroups: []string{nfd}}
	f := alert.Filter{Categories: []string{nfd}, Sources: []string{nfd}, Exclusions: []alert.Exclusion{{Title: nfd}}}
	choose(t, q, f, record{category: nfd, source: nfd, group: nfd, title: nfd})
	for name, got := range map[string]string{
		"machine group": q.MachineGroups[0],
		"category":      f.Categories[0],
		"source":        f.Sources[0],
		"title":         f.Exclusions[0].Title,
	} {
		if got != nfd {
			t.Errorf("%s of the caller = %q, want %q", name, got, nfd)
		}
	}
}

// P15: alerts outside the window are kept, as an anomaly.
func TestOutsideWindow(t *testing.T) {
	t.Parallel()
	since, until := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC), time.Date(2026, 3, 1, 11, 0, 0, 0, time.UTC)
	berlin := time.FixedZone("", 3600)
	ago := alert.Query{Ago: alert.Period{Text: "PT10M", Duration: 10 * time.Minute}}
	tests := map[string]struct {
		query     alert.Query
		processed string
		outside   bool
	}{
		"no window":     {alert.Query{}, "1999-01-01T00:00:00Z", false},
		"ago":           {ago, "1999-01-01T00:00:00Z", false},
		"before":        {alert.Query{Since: since}, "2026-03-01T09:59:59.9999999Z", true},
		"at the start":  {alert.Query{Since: since}, "2026-03-01T10:00:00.0000000Z", false},
		"no zone":       {alert.Query{Since: since}, "2026-03-01T10:00:00", false},
		"zone":          {alert.Query{Since: since}, "2026-03-01T10:30:00+01:00", true},
		"query in zone": {alert.Query{Since: since.In(berlin)}, "2026-03-01T10:00:00Z", false},
		"open end":      {alert.Query{Since: since}, "2999-01-01T00:00:00Z", false},
		"inside":        {alert.Query{Since: since, Until: until}, "2026-03-01T10:30:00Z", false},
		"at the end":    {alert.Query{Since: since, Until: until}, "2026-03-01T11:00:00Z", false},
		"after":         {alert.Query{Since: since, Until: until}, "2026-03-01T11:00:00.0000001Z", true},
		"both, before":  {alert.Query{Since: since, Until: until}, "2026-03-01T09:00:00Z", true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sum, got := choose(t, test.query, alert.Filter{}, record{processed: test.processed})
			wantKept(t, got, 0)
			want := 0
			if test.outside {
				want = 1
			}
			wantNumber(t, "OutsideWindow.Count", sum.Anomalies.OutsideWindow.Count, want)
			wantNumber(t, "Detections", sum.Detections, 1)
		})
	}
}

// P15: so are alerts of other machine groups.
func TestOutsideGroups(t *testing.T) {
	t.Parallel()
	groups := []string{"UKMachines", "Caf\u00e9"}
	sum, got := choose(t, alert.Query{MachineGroups: groups}, alert.Filter{},
		record{group: "UKMachines"},
		record{group: "ukMACHINES"},
		record{group: "CAFE\u0301"},
		record{group: "FranceMachines"},
		record{},
	)
	wantKept(t, got, 0, 1, 2, 3, 4)
	wantPositions(t, "OutsideGroups", sum.Anomalies.OutsideGroups, 3, 4)
	for _, none := range [][]string{nil, {}} {
		sum, _ := choose(t, alert.Query{MachineGroups: none}, alert.Filter{}, record{group: "a"}, record{})
		wantNumber(t, fmt.Sprintf("OutsideGroups.Count for the groups %#v", none), sum.Anomalies.OutsideGroups.Count, 0)
	}
}

// TestPropertyWindow: an alert is an anomaly exactly if its time lies outside the
// window, whatever the filter, and the window never drops one.
func TestPropertyWindow(t *testing.T) {
	t.Parallel()
	base := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	everyCase(t, func(t *testing.T, r *rand.Rand) {
		var q alert.Query
		since, until := int64(math.MinInt64), int64(math.MaxInt64)
		if r.IntN(4) > 0 {
			since = r.Int64N(20)
			q.Since = base.Add(time.Duration(since))
			if r.IntN(2) == 0 {
				until = since + r.Int64N(20)
				q.Until = base.Add(time.Duration(until))
			}
		}
		f := alert.Filter{MinSeverity: alert.High}
		total, want := 0, []int{}
		var d alert.Detection
		s := alert.NewSelection(alert.SelectionOptions{Query: q, Filter: f})
		for i, n := 0, r.IntN(25); i < n; i++ {
			at, offset := r.Int64N(40), time.FixedZone("", 60*(r.IntN(120)-60))
			d.Reset(i)
			d.Severity, d.Processed = pick(r, []alert.Severity{alert.Low, alert.High}), base.Add(time.Duration(at)).In(offset)
			if d.Severity == alert.High {
				total++
			}
			if at < since || at > until {
				want = append(want, i)
			}
			mustAdd(t, s, &d)
		}
		sum := s.Summary()
		wantNumber(t, "Detections", sum.Detections, total)
		window := fmt.Sprintf("window from %d to %d", since, until)
		wantPositions(t, window+": OutsideWindow", sum.Anomalies.OutsideWindow, want...)
	})
}
