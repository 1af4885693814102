package alert_test

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

// moments are texts of times and their instants, in microseconds after 10:00.
var moments = []struct {
	text    string
	instant int
}{
	{"2026-03-01T10:00:00Z", 0},
	{"2026-03-01T10:00:00", 0},
	{"2026-03-01T10:00:00.000001Z", 1},
	{"2026-03-01T11:00:00.4+01:00", 400_000},
	{"2026-03-01T10:00:00.5Z", 500_000},
	{"2026-03-01T10:00:00.51Z", 510_000},
	{"2026-03-01T09:59:59.9999999Z", -1},
}

func instantOf(processed string) int {
	for _, m := range moments {
		if m.text == processed {
			return m.instant
		}
	}
	panic(processed)
}

// randomRecords returns a response with many duplicates, ties in the order and
// records that the filter drops.
func randomRecords(r *rand.Rand) []record {
	records := make([]record, r.IntN(9))
	for i := range records {
		records[i] = record{
			severity:  pick(r, []string{"Informational", "low", "MEDIUM", "High", "high", "UnSpecified", "Critical"}),
			processed: pick(r, moments).text,
			fullID:    pick(r, []string{"", "a", "a", "b", "A"}),
			part:      pick(r, []string{"", "0", "0", "9", "10"}),
			alertID:   pick(r, []string{"x", "y"}),
			category:  pick(r, []string{"", "Malware", "malware", "Other"}),
			source:    pick(r, []string{"EDR", "Antivirus"}),
		}
	}
	return records
}

// randomFilter returns a filter, and a second implementation of it.
func randomFilter(r *rand.Rand) (alert.Filter, func(record) bool) {
	var f alert.Filter
	least, only, category, source := 0, 0, "", ""
	switch r.IntN(5) {
	case 0:
		least = 1 + r.IntN(4)
		f.MinSeverity = alert.Severity(least)
	case 1:
		only = 1 + r.IntN(4)
		f.Severities = []alert.Severity{alert.Severity(only)}
	case 2:
		category = "malware"
		f.Categories = []string{"MALWARE"}
	case 3:
		source = "EDR"
		f.Sources = []string{"edr", "nothing"}
	}
	return f, func(r record) bool {
		rank := rankOf(r.severity)
		return rank >= least && (only == 0 || rank == only || rank == 5) &&
			(category == "" || strings.ToLower(r.category) == category) &&
			(source == "" || r.source == source)
	}
}

// survives reports whether no duplicate of records[i] is preferred to it: by
// severity, then time, then being kept by the filter, then arrival.
func survives(records []record, keeps func(record) bool, i int) bool {
	r := records[i]
	for j, other := range records {
		if j == i || r.fullID == "" || other.fullID != r.fullID || other.part != r.part {
			continue
		}
		severer := rankOf(other.severity) - rankOf(r.severity)
		newer := instantOf(other.processed) - instantOf(r.processed)
		if severer != 0 || newer != 0 {
			if severer > 0 || severer == 0 && newer > 0 {
				return false
			}
			continue
		}
		if keeps(other) != keeps(r) {
			if keeps(other) {
				return false
			}
			continue
		}
		if j < i {
			return false
		}
	}
	return true
}

// comesFirst reports whether records[i] is listed before records[j].
func comesFirst(records []record, i, j int) bool {
	a, b := records[i], records[j]
	if x, y := instantOf(a.processed), instantOf(b.processed); x != y {
		return x > y
	}
	if a.fullID != b.fullID {
		return b.fullID == "" || a.fullID != "" && a.fullID < b.fullID
	}
	if a.part != b.part {
		x, noX := strconv.Atoi(a.part)
		y, noY := strconv.Atoi(b.part)
		return noY != nil || noX == nil && x < y
	}
	if a.alertID != b.alertID {
		return a.alertID < b.alertID
	}
	return i < j
}

// reference is a second implementation of the selection: it compares every
// record with every other.
func reference(records []record, keeps func(record) bool) []int {
	var kept []int
	for i, r := range records {
		if survives(records, keeps, i) && keeps(r) {
			kept = append(kept, i)
		}
	}
	ordered := make([]int, len(kept))
	for _, i := range kept {
		before := 0
		for _, j := range kept {
			if i != j && comesFirst(records, j, i) {
				before++
			}
		}
		ordered[before] = i
	}
	return ordered
}

// TestPropertyDedupe: the selection equals the reference, and the summary counts
// exactly that.
func TestPropertyDedupe(t *testing.T) {
	t.Parallel()
	everyCase(t, func(t *testing.T, r *rand.Rand) {
		records := randomRecords(r)
		filter, keeps := randomFilter(r)
		want := reference(records, keeps)
		sum, got := choose(t, alert.Query{}, filter, records...)
		wantKept(t, got, want...)

		rankOfAlert, unknown, perRank := map[string]int{}, 0, [6]int{}
		for _, i := range want {
			id := records[i].alertID
			rankOfAlert[id] = max(rankOfAlert[id], rankOf(records[i].severity))
		}
		for _, rank := range rankOfAlert {
			perRank[rank]++
		}
		for _, r := range records {
			if rankOf(r.severity) == 5 {
				unknown++
			}
		}
		wantNumber(t, "Fetched", sum.Fetched, len(records))
		wantNumber(t, "Detections", sum.Detections, len(want))
		wantNumber(t, "Alerts", sum.Alerts, len(rankOfAlert))
		wantNumber(t, "UnknownSeverity.Count", sum.Anomalies.UnknownSeverity.Count, unknown)
		for rank, name := range []string{1: "Informational", 2: "Low", 3: "Medium", 4: "High"} {
			if rank > 0 {
				wantNumber(t, "BySeverity of "+name, sum.BySeverity[name], perRank[rank])
			}
		}
		wantNumber(t, "BySeverity of unknown ones", sum.BySeverity["UnSpecified"]+sum.BySeverity["Critical"], perRank[5])
		if t.Failed() {
			t.Logf("records: %+v\nfilter: %+v", records, filter)
		}
	})
}

// TestPropertyArrival: the result does not depend on the order in which the
// service sends the records, unless two are equal in everything that orders them.
func TestPropertyArrival(t *testing.T) {
	t.Parallel()
	everyCase(t, func(t *testing.T, r *rand.Rand) {
		records := randomRecords(r)
		filter, _ := randomFilter(r)
		// Every instant once, so that arrival decides nothing.
		seen := map[int]bool{}
		records = slices.DeleteFunc(records, func(r record) bool {
			instant := instantOf(r.processed)
			defer func() { seen[instant] = true }()
			return seen[instant]
		})
		_, kept := choose(t, alert.Query{}, filter, records...)
		want := make([]record, len(kept))
		for i, k := range kept {
			want[i] = records[k]
		}
		before := slices.Clone(records)
		r.Shuffle(len(records), func(i, j int) { records[i], records[j] = records[j], records[i] })
		_, kept = choose(t, alert.Query{}, filter, records...)
		got := make([]record, len(kept))
		for i, k := range kept {
			got[i] = records[k]
		}
		if !slices.Equal(got, want) {
			t.Errorf("selection of %+v = %+v\nselection of %+v = %+v, want the same", before, want, records, got)
		}
	})
}

// Of versions of one alert the newest counts, even if it is less severe, and
// fetched counts alerts. A version that the filter drops replaces one that it keeps.
func TestVersions(t *testing.T) {
	t.Parallel()
	old, updated := record{fullID: "a", alertID: "a", severity: "High", processed: at10}, record{fullID: "a", alertID: "a", severity: "Low", processed: at11}
	for name, records := range map[string][]record{"newest last": {old, updated}, "newest first": {updated, old}} {
		for filter, want := range map[alert.Severity]int{0: 1, alert.Medium: 0} {
			s := alert.NewSelection(alert.SelectionOptions{Filter: alert.Filter{MinSeverity: filter}, Versions: true})
			add(t, s, records)
			sum := s.Summary()
			wantNumber(t, name+": Fetched", sum.Fetched, 1)
			wantNumber(t, name+": Alerts", sum.Alerts, want)
			wantNumber(t, name+": High", sum.BySeverity["High"], 0)
		}
	}
}

// Of versions with an unknown severity those count that are the newest. They have no
// position, as there are several responses.
func TestVersionsOfUnknownSeverity(t *testing.T) {
	t.Parallel()
	s := alert.NewSelection(alert.SelectionOptions{Versions: true})
	add(t, s, []record{
		{fullID: "a", severity: "odd", processed: at10}, {fullID: "a", severity: "Low", processed: at11},
		{fullID: "b", severity: "odd", processed: at10}, {fullID: "b", severity: "odd", processed: at11},
		{fullID: "c", severity: "High", processed: at10}, {fullID: "c", severity: "odd", processed: at11},
	})
	got := s.Summary().Anomalies.UnknownSeverity
	wantNumber(t, "UnknownSeverity.Count", got.Count, 2)
	if len(got.First) != 0 {
		t.Errorf("UnknownSeverity.First = %v, want none", got.First)
	}
}

// Of versions that differ neither in time nor in severity the first counts.
func TestVersionsTie(t *testing.T) {
	t.Parallel()
	s := alert.NewSelection(alert.SelectionOptions{Versions: true})
	add(t, s, []record{
		{fullID: "a", alertID: "a", processed: at10, title: "first"},
		{fullID: "a", alertID: "a", processed: at10, title: "second"},
	})
	if got := s.Summary().ByTitle; got["first"] != 1 || len(got) != 1 {
		t.Errorf("ByTitle = %v, want the first alone", got)
	}
}
