package alert_test

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

// moments are times and their instants, in microseconds after ten o'clock.
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

// randomRecords returns a reply of which many records are duplicates, tie in
// the order, and fall to the filter.
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

// randomFilter returns a filter and, told apart from it, whether it keeps a record.
func randomFilter(r *rand.Rand) (alert.Filter, func(record) bool) {
	var f alert.Filter
	floor, wanted, category, source := 0, 0, "", ""
	switch r.IntN(5) {
	case 0:
		floor = 1 + r.IntN(4)
		f.MinSeverity = alert.Severity(floor)
	case 1:
		wanted = 1 + r.IntN(4)
		f.Severities = []alert.Severity{alert.Severity(wanted)}
	case 2:
		category = "malware"
		f.Categories = []string{"MALWARE"}
	case 3:
		source = "EDR"
		f.Sources = []string{"edr", "nothing"}
	}
	return f, func(r record) bool {
		rank := rankOf(r.severity)
		return rank >= floor && (wanted == 0 || rank == wanted || rank == 5) &&
			(category == "" || strings.ToLower(r.category) == category) &&
			(source == "" || r.source == source)
	}
}

// survives reports whether no duplicate of records[i] is to be preferred to
// it: a more severe one, one as severe and newer, one that is equal to both and
// kept by the filter while it is not, or one that only came first.
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

// reference is the selection in the plainest words: every record is compared
// with every other.
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

// TestPropertyDedupe: the selection is what the reference says it is, and the
// summary counts just that.
func TestPropertyDedupe(t *testing.T) {
	t.Parallel()
	everyCase(t, func(t *testing.T, r *rand.Rand) {
		records := randomRecords(r)
		filter, keeps := randomFilter(r)
		want := reference(records, keeps)
		sum, got := choose(t, alert.Query{}, filter, records...)
		wantKept(t, got, want...)

		ids, unknown, perRank := map[string]bool{}, 0, [6]int{}
		for _, i := range want {
			ids[records[i].alertID] = true
			perRank[rankOf(records[i].severity)]++
		}
		for _, r := range records {
			if rankOf(r.severity) == 5 {
				unknown++
			}
		}
		if sum.Fetched != len(records) || sum.Total != len(want) || sum.DistinctAlerts != len(ids) || sum.Anomalies.UnknownSeverity.Count != unknown {
			t.Errorf("fetched %d, total %d, distinct %d, unknown %d", sum.Fetched, sum.Total, sum.DistinctAlerts, sum.Anomalies.UnknownSeverity.Count)
		}
		for rank, name := range []string{1: "Informational", 2: "Low", 3: "Medium", 4: "High"} {
			if rank > 0 && sum.BySeverity[name] != perRank[rank] {
				t.Errorf("%d are %s, want %d", sum.BySeverity[name], name, perRank[rank])
			}
		}
		if odd := sum.BySeverity["UnSpecified"] + sum.BySeverity["Critical"]; odd != perRank[5] {
			t.Errorf("%d are of an unknown severity, want %d", odd, perRank[5])
		}
		if t.Failed() {
			t.Logf("%+v\nfilter %+v", records, filter)
		}
	})
}

// TestPropertyArrival: the result does not depend on the order in which the
// service sends the records, unless two are alike in all that orders them.
func TestPropertyArrival(t *testing.T) {
	t.Parallel()
	everyCase(t, func(t *testing.T, r *rand.Rand) {
		records := randomRecords(r)
		filter, _ := randomFilter(r)
		// No two of one instant, so that nothing is left to arrival.
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
			t.Errorf("from %+v: %+v\nfrom %+v: %+v", before, want, records, got)
		}
	})
}
