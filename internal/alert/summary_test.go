package alert_test

import (
	"cmp"
	"maps"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

// severities returns the counts of the four known severities, and of others.
func severities(informational, low, medium, high int, others map[string]int) map[string]int {
	counts := map[string]int{"Informational": informational, "Low": low, "Medium": medium, "High": high}
	maps.Copy(counts, others)
	return counts
}

func wantCounts(t *testing.T, what string, got, want map[string]int) {
	t.Helper()
	if !maps.Equal(got, want) {
		t.Errorf("counts by %s = %v, want %v", what, got, want)
	}
}

func TestSummaryOfNothing(t *testing.T) {
	t.Parallel()
	for name, records := range map[string][]record{
		"an empty response":                 nil,
		"all filtered out":                  {{severity: "High", category: "x", deviceID: "d", alertID: "a"}},
		"an unknown severity, filtered out": {{severity: "odd", category: "x"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sum, got := choose(t, alert.Query{}, alert.Filter{Categories: []string{"c"}}, records...)
			wantKept(t, got)
			wantNumber(t, "Fetched", sum.Fetched, len(records))
			wantNumber(t, "Detections", sum.Detections, 0)
			wantNumber(t, "Excluded", sum.Excluded, 0)
			wantNumber(t, "Alerts", sum.Alerts, 0)
			wantNumber(t, "Devices", sum.Devices, 0)
			if sum.Truncated {
				t.Error("Truncated = true, want false")
			}
			for what, got := range map[string]string{
				"MaxSeverity": sum.MaxSeverity, "Newest": sum.Newest, "Oldest": sum.Oldest,
			} {
				wantText(t, what, got, "")
			}
			wantCounts(t, "severity", sum.BySeverity, severities(0, 0, 0, 0, nil))
			for what, counts := range map[string]map[string]int{
				"category":      sum.ByCategory,
				"source":        sum.BySource,
				"machine group": sum.ByMachineGroup,
				"title":         sum.ByTitle,
			} {
				if counts == nil {
					t.Errorf("counts by %s = nil, want an empty map", what)
				}
				wantCounts(t, what, counts, nil)
			}
		})
	}
}

func TestSummaryCounts(t *testing.T) {
	t.Parallel()
	sum, got := choose(t, alert.Query{}, alert.Filter{Categories: []string{"Malware", "Exploit"}},
		record{
			severity: "High", category: "Malware", source: "EDR", group: "g", title: "T", alertID: "1", deviceID: "d",
			processed: "2026-03-01T10:00:00.51Z",
		},
		record{
			severity: "Low", category: "malware", source: "EDR", title: "T", alertID: "1", deviceID: "d",
			processed: "2026-03-01T11:00:00.5+01:00",
		},
		record{
			severity: "Low", category: "Exploit", group: "g", title: "t", alertID: "2", deviceID: "e",
			processed: "2026-03-01T10:00:00.0000000Z",
		},
		record{
			severity: "High", category: "Other", source: "X", group: "X", title: "X", alertID: "X", deviceID: "X",
			processed: at11,
		},
	)
	wantKept(t, got, 0, 1, 2)
	wantNumber(t, "Fetched", sum.Fetched, 4)
	wantNumber(t, "Detections", sum.Detections, 3)
	wantNumber(t, "Alerts", sum.Alerts, 2)
	wantNumber(t, "Devices", sum.Devices, 2)
	wantText(t, "MaxSeverity", sum.MaxSeverity, "High")
	wantText(t, "Newest", sum.Newest, "2026-03-01T10:00:00.51Z") // as sent
	wantText(t, "Oldest", sum.Oldest, "2026-03-01T10:00:00.0000000Z")
	wantCounts(t, "severity", sum.BySeverity, severities(0, 1, 0, 1, nil))
	wantCounts(t, "category", sum.ByCategory, map[string]int{"Malware": 1, "Exploit": 1})
	wantCounts(t, "source", sum.BySource, map[string]int{"EDR": 1, "": 1})
	wantCounts(t, "machine group", sum.ByMachineGroup, map[string]int{"g": 2})
	wantCounts(t, "title", sum.ByTitle, map[string]int{"T": 1, "t": 1})
}

// Texts that are one key to Terraform are counted as one.
func TestSummaryKeysAreNormalized(t *testing.T) {
	t.Parallel()
	const nfc, nfd, kelvin = "\u00e9", "e\u0301", "\u212a"
	for _, texts := range [][]string{{nfc, nfd, nfc}, {nfd, nfc, nfd}} {
		var records []record
		for _, text := range texts {
			records = append(records, record{
				category: text, source: text, group: text, title: text, deviceID: text, severity: text,
			})
		}
		sum, _ := choose(t, alert.Query{}, alert.Filter{}, records...)
		want := map[string]int{nfc: 3}
		wantCounts(t, "category", sum.ByCategory, want)
		wantCounts(t, "source", sum.BySource, want)
		wantCounts(t, "machine group", sum.ByMachineGroup, want)
		wantCounts(t, "title", sum.ByTitle, want)
		wantCounts(t, "severity", sum.BySeverity, severities(0, 0, 0, 0, want))
		wantNumber(t, "Devices", sum.Devices, 1)
		wantText(t, "MaxSeverity", sum.MaxSeverity, nfc)
	}
	sum, _ := choose(t, alert.Query{}, alert.Filter{},
		record{title: kelvin}, record{title: "K"}, record{title: "\ufb01"}, record{title: "fi"},
	)
	wantCounts(t, "title", sum.ByTitle, map[string]int{"K": 2, "\ufb01": 1, "fi": 1}) // canonical forms only
}

// P4: known severities are case-insensitive.
func TestSummarySeverityCaseInsensitive(t *testing.T) {
	t.Parallel()
	sum, _ := choose(t, alert.Query{}, alert.Filter{},
		record{severity: "high"}, record{severity: "HIGH"}, record{severity: "High"}, record{severity: "high "},
		record{severity: "low"}, record{severity: "INFORMATIONAL"}, record{severity: "mEDIUM"},
	)
	wantCounts(t, "severity", sum.BySeverity, severities(1, 1, 1, 3, map[string]int{"high ": 1}))
}

func TestSummaryMaxSeverity(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		severities []string
		want       string
	}{
		"one":                     {[]string{"Low"}, "Low"},
		"the lowest":              {[]string{"Informational"}, "Informational"},
		"not the lexical order":   {[]string{"Medium", "Informational", "Low"}, "Medium"},
		"high over medium":        {[]string{"Medium", "High", "Medium"}, "High"},
		"in another case":         {[]string{"Low", "hIGH"}, "High"},
		"in several cases":        {[]string{"HIGH", "high"}, "High"},
		"unknown over high":       {[]string{"High", "a", "High"}, "a"},
		"two unknown":             {[]string{"b", "a", "c", "High"}, "a"},
		"two unknown, other way":  {[]string{"a", "b"}, "a"},
		"unknown: capitals first": {[]string{"a", "B"}, "B"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var records []record
			for _, severity := range test.severities {
				records = append(records, record{severity: severity})
			}
			sum, _ := choose(t, alert.Query{}, alert.Filter{}, records...)
			wantText(t, "MaxSeverity", sum.MaxSeverity, test.want)
		})
	}
}

func TestSummaryDevices(t *testing.T) {
	t.Parallel()
	device := func(id, name string) record { return record{deviceID: id, computerName: name} }
	tests := map[string]struct {
		records []record
		want    int
	}{
		"none known":                    {[]record{{}, {}}, 0},
		"one device":                    {[]record{device("d", ""), device("d", "")}, 1},
		"one device under two names":    {[]record{device("d", "a"), device("d", "b")}, 1},
		"two devices of one name":       {[]record{device("d", "a"), device("e", "a")}, 2},
		"by name when there is no id":   {[]record{device("", "a"), device("", "a"), device("", "b")}, 2},
		"some with an id, some by name": {[]record{device("d", ""), device("", "a"), {}}, 2},
		"the name of a device with id":  {[]record{device("", "a"), device("d", "a"), device("", "a")}, 1},
		"the name of two devices":       {[]record{device("d", "a"), device("", "a"), device("e", "a")}, 2},
		"one name known, one not":       {[]record{device("d", "a"), device("", "a"), device("", "b")}, 2},
		"the name of a filtered device": {[]record{{deviceID: "d", computerName: "a", category: "none"}, device("", "a")}, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for i := range test.records {
				test.records[i].category = cmp.Or(test.records[i].category, "c")
			}
			sum, _ := choose(t, alert.Query{}, alert.Filter{Categories: []string{"c"}}, test.records...)
			wantNumber(t, "Devices", sum.Devices, test.want)
		})
	}
}

// P14: a response of as many records as the limit may be truncated; records beyond
// the limit are kept, as an anomaly.
func TestLimit(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		limit, records int
		truncated      bool
		beyond         int
	}{
		"no limit":       {0, 3, false, 0},
		"no limit, none": {0, 0, false, 0},
		"fewer":          {3, 2, false, 0},
		"none":           {1, 0, false, 0},
		"as many":        {3, 3, true, 0},
		"one":            {1, 1, true, 0},
		"more":           {3, 5, true, 2},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// The limit counts all records of the response: duplicates and filtered ones, too.
			for what, r := range map[string]record{
				"records": {category: "c"}, "duplicates": {category: "c", fullID: "f"}, "others": {},
			} {
				records := make([]record, test.records)
				for i := range records {
					records[i] = r
				}
				sum, got := choose(t, alert.Query{Limit: test.limit}, alert.Filter{Categories: []string{"c"}}, records...)
				if sum.Truncated != test.truncated {
					t.Errorf("%s: Truncated = %t, want %t", what, sum.Truncated, test.truncated)
				}
				wantNumber(t, what+": Fetched", sum.Fetched, test.records)
				wantNumber(t, what+": BeyondLimit.Count", sum.Anomalies.BeyondLimit.Count, test.beyond)
				if what == "records" {
					wantNumber(t, what+": length of the list", len(got), test.records)
				}
			}
		})
	}
}

// The counts neither need the encoded alerts nor depend on them.
func TestSummaryWithoutList(t *testing.T) {
	t.Parallel()
	records := []record{{fullID: "f", severity: "Low"}, {fullID: "f", severity: "odd"}, {deviceID: "d", title: "T"}}
	with, _ := choose(t, anomalousQuery(), alert.Filter{}, records...)
	s := alert.NewSelection(alert.SelectionOptions{Query: anomalousQuery()})
	add(t, s, records)
	without := s.Summary()
	wantNumber(t, "Detections with a list", with.Detections, 2)
	wantNumber(t, "Detections without a list", without.Detections, 2)
	wantText(t, "MaxSeverity without a list", without.MaxSeverity, with.MaxSeverity)
	wantNumber(t, "OutsideWindow.Count without a list", without.Anomalies.OutsideWindow.Count, 3)
	wantCounts(t, "severity", without.BySeverity, with.BySeverity)
	wantCounts(t, "title", without.ByTitle, with.ByTitle)
}
