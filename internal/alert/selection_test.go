package alert_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

const (
	at10 = "2026-03-01T10:00:00Z"
	at11 = "2026-03-01T11:00:00Z"
)

// P16.
func TestDuplicates(t *testing.T) {
	t.Parallel()
	low := func(r record) record { r.severity = "Low"; return r }
	high := func(r record) record { r.severity = "High"; return r }
	same := record{fullID: "a:i", part: "0", alertID: "a"}
	tests := map[string]struct {
		records []record
		want    []int
	}{
		"equal":                       {[]record{same, same, same}, []int{0}},
		"more severe last":            {[]record{low(same), high(same)}, []int{1}},
		"more severe first":           {[]record{high(same), low(same)}, []int{0}},
		"more severe in the middle":   {[]record{low(same), high(same), low(same)}, []int{1}},
		"another case is not more":    {[]record{high(same), {severity: "HIGH", fullID: "a:i", part: "0"}}, []int{0}},
		"unknown is the most severe":  {[]record{high(same), {severity: "odd", fullID: "a:i", part: "0"}, high(same)}, []int{1}},
		"more severe though older":    {[]record{{fullID: "f", severity: "Low", processed: at11}, {fullID: "f", severity: "High", processed: at10}}, []int{1}},
		"as severe and newer":         {[]record{{fullID: "f", processed: at10}, {fullID: "f", processed: at11}}, []int{1}},
		"as severe and older":         {[]record{{fullID: "f", processed: at11}, {fullID: "f", processed: at10}}, []int{0}},
		"newer by instant":            {[]record{{fullID: "f", processed: "2026-03-01T10:00:00.5Z"}, {fullID: "f", processed: "2026-03-01T10:00:00.51Z"}}, []int{1}},
		"same instant spelled apart":  {[]record{{fullID: "f", processed: at10}, {fullID: "f", processed: "2026-03-01T11:00:00+01:00"}}, []int{0}},
		"another alert_id":            {[]record{{fullID: "f", alertID: "b"}, {fullID: "f", alertID: "a"}}, []int{0}},
		"same alert, other full_id":   {[]record{{fullID: "a:i", alertID: "a"}, {fullID: "a:j", alertID: "a"}}, []int{0, 1}},
		"another alert_part":          {[]record{{fullID: "f", part: "0"}, {fullID: "f", part: "1"}}, []int{0, 1}},
		"alert_part null and 0":       {[]record{{fullID: "f"}, {fullID: "f", part: "0"}}, []int{1, 0}},
		"alert_part null twice":       {[]record{{fullID: "f"}, {fullID: "f"}}, []int{0}},
		"full_id in another case":     {[]record{{fullID: "F"}, {fullID: "f"}}, []int{0, 1}},
		"full_id with a blank":        {[]record{{fullID: "f"}, {fullID: "f "}}, []int{0, 1}},
		"no full_id":                  {[]record{{alertID: "a", part: "0"}, {alertID: "a", part: "0"}, {alertID: "a", part: "0"}}, []int{0, 1, 2}},
		"no full_id, other severity":  {[]record{{alertID: "a", severity: "Low"}, {alertID: "a", severity: "High"}}, []int{0, 1}},
		"with and without full_id":    {[]record{{alertID: "a"}, {fullID: "a"}, {alertID: "a"}, {fullID: "a"}}, []int{1, 0, 2}},
		"several at once, interwoven": {[]record{{fullID: "f", severity: "Low"}, {fullID: "g"}, {fullID: "f"}, {fullID: "g", severity: "odd"}, {fullID: "f", severity: "Low"}}, []int{2, 3}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sum, got := choose(t, alert.Query{}, alert.Filter{}, test.records...)
			wantKept(t, got, test.want...)
			if sum.Total != len(test.want) || sum.Fetched != len(test.records) {
				t.Errorf("total %d, fetched %d", sum.Total, sum.Fetched)
			}
		})
	}
}

// Duplicates collapse before the filter: what takes the place of another is
// then filtered itself, in whatever order the two came.
func TestDuplicatesThenFilter(t *testing.T) {
	t.Parallel()
	malwareLow := record{fullID: "f", severity: "Low", category: "Malware"}
	otherHigh := record{fullID: "f", severity: "High", category: "Other"}
	tests := map[string]struct {
		filter alert.Filter
		kept   bool // the more severe one; the other never is
	}{
		"no filter":                {alert.Filter{}, true},
		"both pass":                {alert.Filter{MinSeverity: alert.Low}, true},
		"the more severe passes":   {alert.Filter{MinSeverity: alert.High}, true},
		"the less severe passes":   {alert.Filter{Severities: []alert.Severity{alert.Low}}, false},
		"only its category passes": {alert.Filter{Categories: []string{"Other"}}, true},
		"only the other category":  {alert.Filter{Categories: []string{"Malware"}}, false},
		"neither category":         {alert.Filter{Categories: []string{"Ransomware"}}, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for severe, records := range [][]record{{otherHigh, malwareLow}, {malwareLow, otherHigh}} {
				sum, got := choose(t, alert.Query{}, test.filter, records...)
				if test.kept {
					wantKept(t, got, severe)
				} else {
					wantKept(t, got)
				}
				if sum.Total != len(got) || sum.ByCategory["Malware"] != 0 || sum.BySeverity["Low"] != 0 {
					t.Errorf("counts of what was replaced: %+v", sum)
				}
			}
		})
	}
}

func TestOrder(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		records []record
		want    []int
	}{
		"newest first":          {[]record{{processed: at10}, {processed: at11}, {processed: at10}}, []int{1, 0, 2}},
		"instants, not texts":   {[]record{{processed: "2026-03-01T10:00:00.5Z"}, {processed: "2026-03-01T10:00:00.51Z"}}, []int{1, 0}},
		"a fraction or none":    {[]record{{processed: "2026-03-01T10:00:00Z"}, {processed: "2026-03-01T10:00:00.0000001Z"}}, []int{1, 0}},
		"zones":                 {[]record{{processed: "2026-03-01T10:30:00+01:00"}, {processed: at10}, {processed: "2026-03-01T10:00:01"}}, []int{2, 1, 0}},
		"then full_id":          {[]record{{fullID: "b"}, {fullID: "a"}, {fullID: "B"}, {fullID: "aa"}}, []int{2, 1, 3, 0}},
		"full_id: null last":    {[]record{{}, {fullID: "zz"}}, []int{1, 0}},
		"full_id: time first":   {[]record{{fullID: "a", processed: at10}, {fullID: "b", processed: at11}}, []int{1, 0}},
		"then alert_part":       {[]record{{fullID: "f", part: "10"}, {fullID: "f", part: "9"}, {fullID: "f", part: "-1"}}, []int{2, 1, 0}},
		"alert_part: null last": {[]record{{fullID: "f"}, {fullID: "f", part: "9"}, {fullID: "f", part: "-9"}}, []int{2, 1, 0}},
		"then alert_id":         {[]record{{alertID: "b", part: "1"}, {alertID: "a", part: "1"}}, []int{1, 0}},
		"alert_id: null last":   {[]record{{part: "1"}, {alertID: "a", part: "1"}}, []int{1, 0}},
		"alert_part: first":     {[]record{{alertID: "a", part: "2"}, {alertID: "b", part: "1"}}, []int{1, 0}},
		"then arrival":          {[]record{{title: "z"}, {title: "a"}, {severity: "High"}, {title: "m"}}, []int{0, 1, 2, 3}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, got := choose(t, alert.Query{}, alert.Filter{}, test.records...)
			wantKept(t, got, test.want...)
		})
	}
}

// More records than a sort moves one by one.
func TestOrderOfManyAlike(t *testing.T) {
	t.Parallel()
	var records []record
	var newer, older []int
	for i := range 500 {
		if i%3 == 0 {
			records, newer = append(records, record{processed: at11}), append(newer, i)
		} else {
			records, older = append(records, record{processed: at10}), append(older, i)
		}
	}
	_, got := choose(t, alert.Query{}, alert.Filter{}, records...)
	wantKept(t, got, slices.Concat(newer, older)...)
}

// The replacement of a duplicate is ordered by what it is itself.
func TestOrderOfAReplacement(t *testing.T) {
	t.Parallel()
	_, got := choose(t, alert.Query{}, alert.Filter{},
		record{fullID: "f", severity: "Low", processed: at11},
		record{processed: at10, alertID: "a"},
		record{fullID: "f", severity: "High", processed: midnight},
	)
	wantKept(t, got, 1, 2)
}

func TestEncoded(t *testing.T) {
	t.Parallel()
	s := alert.NewSelection(alert.SelectionOptions{
		Filter: alert.Filter{Categories: []string{"c"}},
		Encode: func(b []byte, a *alert.Alert) []byte { return append(append(b, a.Text(alert.FieldAlertTitle)...), '!') },
	})
	add(t, s, []record{
		{category: "c", title: "one", processed: at10},
		{category: "x", title: "dropped"},
		{category: "c", title: "", processed: midnight},
		{category: "c", title: "replaced", fullID: "f", severity: "Low"},
		{category: "c", title: "two", fullID: "f", processed: at11},
	})
	want := []string{"two!", "one!", "!"}
	for range 2 { // reading takes nothing away
		var got []string
		for b := range s.Encoded() {
			got = append(got, string(b))
			_ = append(b, "a caller's own"...)
		}
		if !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	for b := range s.Encoded() {
		if string(b) != want[0] {
			t.Errorf("the first is %q", b)
		}
		break
	}
}

// The selection outlives the alert it was given.
func TestSelectionKeepsNoAlert(t *testing.T) {
	t.Parallel()
	s := alert.NewSelection(alert.SelectionOptions{Encode: appendIndex})
	r := record{fullID: "f", alertID: "a", category: "c", source: "s", group: "g", title: "t", deviceID: "d", severity: "odd"}
	a := newAlert(t, r)
	mustAdd(t, s, a)
	before := s.Summary()
	record{
		fullID: "X", alertID: "X", category: "X", source: "X", group: "X", title: "X", deviceID: "X",
		severity: "XXX", processed: "1999-01-01T00:00:00Z",
	}.fill(t, a, 7)
	if after := s.Summary(); !reflect.DeepEqual(before, after) || after.MaxSeverity != "odd" {
		t.Errorf("before: %+v\nafter: %+v", before, after)
	}
	r.fill(t, a, 1) // still known as a duplicate
	mustAdd(t, s, a)
	wantKept(t, positions(t, s), 0)
}

// A reply that broke off is read again from its start, and nothing of the
// first time is left.
func TestReset(t *testing.T) {
	t.Parallel()
	first := append(anomalous(12),
		record{fullID: "f", part: "0", severity: "High", processed: at11, title: "first", deviceID: "1"},
		record{fullID: "g", severity: "Low", category: "first"},
	)
	second := []record{
		{fullID: "f", part: "0", severity: "Low", processed: at10, title: "second", deviceID: "2"},
		{fullID: "g", severity: "Low", category: "second", group: "mine"},
		{},
	}
	s := alert.NewSelection(alert.SelectionOptions{Query: anomalousQuery(), Encode: appendIndex})
	add(t, s, first)
	old := s.Summary()
	oldNotes := slices.Clone(old.Anomalies.UnknownSeverity.First)

	s.Reset()
	if sum := s.Summary(); sum.Fetched != 0 || sum.Total != 0 || sum.Truncated || len(positions(t, s)) != 0 {
		t.Errorf("left: %+v", sum)
	}
	add(t, s, second)
	fresh, want := choose(t, anomalousQuery(), alert.Filter{}, second...)
	if got := s.Summary(); !reflect.DeepEqual(got, fresh) {
		t.Errorf("after a reset: %+v\nwant: %+v", got, fresh)
	}
	wantKept(t, positions(t, s), want...)
	wantKept(t, want, 0, 1, 2)
	if !slices.Equal(old.Anomalies.UnknownSeverity.First, oldNotes) {
		t.Error("a summary changed after it was given out")
	}

	s.Reset()
	add(t, s, first)
	if got := s.Summary(); !reflect.DeepEqual(got, old) {
		t.Errorf("the first time: %+v\nagain: %+v", old, got)
	}
}
