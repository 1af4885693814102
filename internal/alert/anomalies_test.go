package alert_test

import (
	"slices"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

// odd is a reply of n records of which each gives every note there is.
func odd(n int) []record {
	return slices.Repeat([]record{{severity: "odd", group: "other", replaced: 2}}, n)
}

func oddQuery() alert.Query {
	return alert.Query{Since: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), MachineGroups: []string{"mine"}, Limit: 1}
}

func TestNotesNameTen(t *testing.T) {
	t.Parallel()
	for n := range 14 {
		sum, _ := choose(t, oddQuery(), alert.Filter{}, odd(n)...)
		all := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}[:n]
		for name, test := range map[string]struct {
			got  alert.Positions
			want []int
		}{
			"unknown severity": {sum.Anomalies.UnknownSeverity, all},
			"outside window":   {sum.Anomalies.OutsideWindow, all},
			"outside groups":   {sum.Anomalies.OutsideGroups, all},
			"replaced":         {sum.Anomalies.Replaced, all},
			"beyond limit":     {sum.Anomalies.BeyondLimit, all[min(1, n):]}, // the first is within
		} {
			if test.got.Count != len(test.want) || !slices.Equal(test.got.First, test.want[:min(10, len(test.want))]) {
				t.Errorf("%d records, %s: %+v, want %v", n, name, test.got, test.want)
			}
		}
	}
}

func TestNotesOfNothingOdd(t *testing.T) {
	t.Parallel()
	q := alert.Query{
		Since: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), Until: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC),
		MachineGroups: []string{"mine"}, Limit: 2,
	}
	sum, _ := choose(t, q, alert.Filter{}, record{severity: "HIGH", group: "Mine"}, record{severity: "Low", group: "mine"})
	for name, places := range map[string]alert.Positions{
		"unknown severity": sum.Anomalies.UnknownSeverity,
		"outside window":   sum.Anomalies.OutsideWindow,
		"outside groups":   sum.Anomalies.OutsideGroups,
		"replaced":         sum.Anomalies.Replaced,
		"beyond limit":     sum.Anomalies.BeyondLimit,
	} {
		if places.Count != 0 || len(places.First) != 0 {
			t.Errorf("%s: %+v", name, places)
		}
	}
}

// Notes are about the reply: what is filtered out or a duplicate counts, too,
// and positions are those in the reply.
func TestNotesCountEveryRecord(t *testing.T) {
	t.Parallel()
	sum, got := choose(t, oddQuery(), alert.Filter{Categories: []string{"kept"}},
		record{severity: "odd", replaced: 1},
		record{category: "kept", group: "mine", processed: "2027-01-01T00:00:00Z"},
		record{category: "kept", fullID: "f", severity: "odd", replaced: 1},
		record{category: "kept", fullID: "f", severity: "odd", replaced: 1},
	)
	wantKept(t, got, 1, 2)
	for name, places := range map[string]alert.Positions{
		"unknown severity": sum.Anomalies.UnknownSeverity,
		"outside window":   sum.Anomalies.OutsideWindow,
		"outside groups":   sum.Anomalies.OutsideGroups,
		"replaced":         sum.Anomalies.Replaced,
	} {
		if places.Count != 3 || !slices.Equal(places.First, []int{0, 2, 3}) {
			t.Errorf("%s: %+v, want 0, 2 and 3", name, places)
		}
	}
}
