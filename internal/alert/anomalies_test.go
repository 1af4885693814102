package alert_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

// anomalous returns n records that each have every anomaly.
func anomalous(n int) []record {
	return slices.Repeat([]record{{severity: "odd", group: "other", replaced: 2}}, n)
}

// anomalousQuery is the query that makes the records of anomalous anomalous.
func anomalousQuery() alert.Query {
	return alert.Query{Since: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), MachineGroups: []string{"mine"}, Limit: 1}
}

func TestAnomaliesNameTen(t *testing.T) {
	t.Parallel()
	for n := range 14 {
		sum, _ := choose(t, anomalousQuery(), alert.Filter{}, anomalous(n)...)
		of, all := fmt.Sprintf("%d records: ", n), []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}[:n]
		wantPositions(t, of+"UnknownSeverity", sum.Anomalies.UnknownSeverity, all...)
		wantPositions(t, of+"OutsideWindow", sum.Anomalies.OutsideWindow, all...)
		wantPositions(t, of+"OutsideGroups", sum.Anomalies.OutsideGroups, all...)
		wantPositions(t, of+"Replaced", sum.Anomalies.Replaced, all...)
		wantPositions(t, of+"BeyondLimit", sum.Anomalies.BeyondLimit, all[min(1, n):]...) // the first is within
	}
}

func TestNoAnomalies(t *testing.T) {
	t.Parallel()
	q := alert.Query{
		Since: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), Until: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC),
		MachineGroups: []string{"mine"}, Limit: 2,
	}
	sum, _ := choose(t, q, alert.Filter{}, record{severity: "HIGH", group: "Mine"}, record{severity: "Low", group: "mine"})
	wantPositions(t, "UnknownSeverity", sum.Anomalies.UnknownSeverity)
	wantPositions(t, "OutsideWindow", sum.Anomalies.OutsideWindow)
	wantPositions(t, "OutsideGroups", sum.Anomalies.OutsideGroups)
	wantPositions(t, "Replaced", sum.Anomalies.Replaced)
	wantPositions(t, "BeyondLimit", sum.Anomalies.BeyondLimit)
}

// Anomalies are those of the response: filtered records and duplicates count,
// too, and positions are those in the response.
func TestAnomaliesCountEveryRecord(t *testing.T) {
	t.Parallel()
	sum, got := choose(t, anomalousQuery(), alert.Filter{Categories: []string{"kept"}},
		record{severity: "odd", replaced: 1},
		record{category: "kept", group: "mine", processed: "2027-01-01T00:00:00Z"},
		record{category: "kept", fullID: "f", severity: "odd", replaced: 1},
		record{category: "kept", fullID: "f", severity: "odd", replaced: 1},
	)
	wantKept(t, got, 1, 2)
	wantPositions(t, "UnknownSeverity", sum.Anomalies.UnknownSeverity, 0, 2, 3)
	wantPositions(t, "OutsideWindow", sum.Anomalies.OutsideWindow, 0, 2, 3)
	wantPositions(t, "OutsideGroups", sum.Anomalies.OutsideGroups, 0, 2, 3)
	wantPositions(t, "Replaced", sum.Anomalies.Replaced, 0, 2, 3)
}

// Anomalies name an alert once, and none whose ID must not be printed.
func TestAnomaliesNameAlerts(t *testing.T) {
	t.Parallel()
	sum, _ := choose(t, alert.Query{}, alert.Filter{},
		record{severity: "odd", alertID: "da1"}, record{severity: "odd", alertID: "da1"}, record{severity: "odd", alertID: "::error::"}, record{severity: "odd", alertID: "da2"})
	wantPositions(t, "UnknownSeverity", sum.Anomalies.UnknownSeverity, 0, 1, 2, 3)
	if got, want := sum.Anomalies.UnknownSeverity.IDs, []string{"da1", "da2"}; !slices.Equal(got, want) {
		t.Errorf("UnknownSeverity.IDs = %q, want %q", got, want)
	}
}

// A filter that alone keeps no detection of a response is an anomaly, even if another
// filter or an exclusion removes them all too.
func TestEmptyFilters(t *testing.T) {
	t.Parallel()
	kept := record{category: "c", source: "s", alertID: "a"}
	for name, test := range map[string]struct {
		filter  alert.Filter
		records []record
		want    []alert.Criterion
	}{
		"no detection":       {alert.Filter{Categories: []string{"c"}, Sources: []string{"s"}}, nil, nil},
		"no filter":          {alert.Filter{}, []record{kept}, nil},
		"both keep it":       {alert.Filter{Categories: []string{"C"}, Sources: []string{"S"}}, []record{kept}, nil},
		"one keeps it":       {alert.Filter{Categories: []string{"c"}, Sources: []string{"x"}}, []record{kept}, []alert.Criterion{alert.BySources}},
		"the other keeps it": {alert.Filter{Categories: []string{"x"}, Sources: []string{"s"}}, []record{kept}, []alert.Criterion{alert.ByCategories}},
		"neither keeps it":   {alert.Filter{Categories: []string{"x"}, Sources: []string{"x"}}, []record{kept}, []alert.Criterion{alert.ByCategories, alert.BySources}},
		"each keeps another": {alert.Filter{Categories: []string{"c"}, Sources: []string{"s"}}, []record{{category: "c"}, {source: "s"}}, nil},
		"kept and excluded":  {alert.Filter{Categories: []string{"c"}, Exclusions: []alert.Exclusion{{AlertID: "a"}}}, []record{kept}, nil},
		"other criteria":     {alert.Filter{MinSeverity: alert.High, Severities: []alert.Severity{alert.Low}}, []record{kept}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sum, _ := choose(t, alert.Query{}, test.filter, test.records...)
			if got := sum.Anomalies.EmptyFilters; !slices.Equal(got, test.want) {
				t.Errorf("EmptyFilters = %q, want %q", got, test.want)
			}
		})
	}
}
