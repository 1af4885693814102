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
	same := record{fullID: "a:i", part: "0", alertID: "a"}
	low, high := same, same
	low.severity, high.severity = "Low", "High"
	highInCapitals := record{fullID: "a:i", part: "0", severity: "HIGH"}
	unknown := record{fullID: "a:i", part: "0", severity: "odd"}
	const at10AndAHalf = "2026-03-01T10:00:00.5Z"
	f := func(severity, processed string) record {
		return record{fullID: "f", severity: severity, processed: processed}
	}
	g := func(severity string) record { return record{fullID: "g", severity: severity} }
	a := func(fullID, part, severity string) record {
		return record{alertID: "a", fullID: fullID, part: part, severity: severity}
	}
	tests := map[string]struct {
		records []record
		want    []int
	}{
		"equal":                       {[]record{same, same, same}, []int{0}},
		"more severe last":            {[]record{low, high}, []int{1}},
		"more severe first":           {[]record{high, low}, []int{0}},
		"more severe in the middle":   {[]record{low, high, low}, []int{1}},
		"severity in another case":    {[]record{high, highInCapitals}, []int{0}},
		"unknown is the most severe":  {[]record{high, unknown, high}, []int{1}},
		"more severe though older":    {[]record{f("Low", at11), f("High", at10)}, []int{1}},
		"as severe and newer":         {[]record{f("", at10), f("", at11)}, []int{1}},
		"as severe and older":         {[]record{f("", at11), f("", at10)}, []int{0}},
		"newer by instant":            {[]record{f("", at10AndAHalf), f("", "2026-03-01T10:00:00.51Z")}, []int{1}},
		"same instant, other text":    {[]record{f("", at10), f("", "2026-03-01T11:00:00+01:00")}, []int{0}},
		"another alert_id":            {[]record{{fullID: "f", alertID: "b"}, {fullID: "f", alertID: "a"}}, []int{0}},
		"same alert, other full_id":   {[]record{a("a:i", "", ""), a("a:j", "", "")}, []int{0, 1}},
		"another alert_part":          {[]record{{fullID: "f", part: "0"}, {fullID: "f", part: "1"}}, []int{0, 1}},
		"alert_part null and 0":       {[]record{{fullID: "f"}, {fullID: "f", part: "0"}}, []int{1, 0}},
		"alert_part null twice":       {[]record{{fullID: "f"}, {fullID: "f"}}, []int{0}},
		"full_id in another case":     {[]record{{fullID: "F"}, {fullID: "f"}}, []int{0, 1}},
		"full_id with a space":        {[]record{{fullID: "f"}, {fullID: "f "}}, []int{0, 1}},
		"no full_id":                  {[]record{a("", "0", ""), a("", "0", ""), a("", "0", "")}, []int{0, 1, 2}},
		"no full_id, other severity":  {[]record{a("", "", "Low"), a("", "", "High")}, []int{0, 1}},
		"with and without full_id":    {[]record{a("", "", ""), {fullID: "a"}, a("", "", ""), {fullID: "a"}}, []int{1, 0, 2}},
		"several at once, interwoven": {[]record{f("Low", ""), g(""), f("", ""), g("odd"), f("Low", "")}, []int{2, 3}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sum, got := choose(t, alert.Query{}, alert.Filter{}, test.records...)
			wantKept(t, got, test.want...)
			wantNumber(t, "Detections", sum.Detections, len(test.want))
			wantNumber(t, "Fetched", sum.Fetched, len(test.records))
		})
	}
}

// Duplicates collapse before the filter, which judges only the preferred one, in
// either order of arrival.
func TestDuplicatesThenFilter(t *testing.T) {
	t.Parallel()
	malwareLow := record{fullID: "f", severity: "Low", category: "Malware"}
	otherHigh := record{fullID: "f", severity: "High", category: "Other"}
	tests := map[string]struct {
		filter alert.Filter
		kept   bool // whether the more severe one is; the other never is
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
				wantNumber(t, "Detections", sum.Detections, len(got))
				wantNumber(t, "ByCategory of the less severe", sum.ByCategory["Malware"], 0)
				wantNumber(t, "BySeverity of the less severe", sum.BySeverity["Low"], 0)
			}
		})
	}
}

func TestOrder(t *testing.T) {
	t.Parallel()
	at := func(times ...string) (records []record) {
		for _, processed := range times {
			records = append(records, record{processed: processed})
		}
		return records
	}
	parts := func(numbers ...string) (records []record) {
		for _, part := range numbers {
			records = append(records, record{fullID: "f", part: part})
		}
		return records
	}
	tests := map[string]struct {
		records []record
		want    []int
	}{
		"newest first":          {at(at10, at11, at10), []int{1, 0, 2}},
		"instants, not texts":   {at("2026-03-01T10:00:00.5Z", "2026-03-01T10:00:00.51Z"), []int{1, 0}},
		"a fraction or none":    {at("2026-03-01T10:00:00Z", "2026-03-01T10:00:00.0000001Z"), []int{1, 0}},
		"zones":                 {at("2026-03-01T10:30:00+01:00", at10, "2026-03-01T10:00:01"), []int{2, 1, 0}},
		"then full_id":          {[]record{{fullID: "b"}, {fullID: "a"}, {fullID: "B"}, {fullID: "aa"}}, []int{2, 1, 3, 0}},
		"full_id: null last":    {[]record{{}, {fullID: "zz"}}, []int{1, 0}},
		"full_id: time first":   {[]record{{fullID: "a", processed: at10}, {fullID: "b", processed: at11}}, []int{1, 0}},
		"then alert_part":       {parts("10", "9", "-1"), []int{2, 1, 0}},
		"alert_part: null last": {parts("", "9", "-9"), []int{2, 1, 0}},
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

// More records than an insertion sort handles.
func TestOrderOfManyEqual(t *testing.T) {
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

// The replacement of a duplicate is ordered by its own fields.
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
		Encode: func(b []byte, d *alert.Detection) []byte {
			return append(append(b, d.Text(alert.FieldAlertTitle)...), '!')
		},
	})
	add(t, s, []record{
		{category: "c", title: "one", processed: at10},
		{category: "x", title: "dropped"},
		{category: "c", title: "", processed: midnight},
		{category: "c", title: "replaced", fullID: "f", severity: "Low"},
		{category: "c", title: "two", fullID: "f", processed: at11},
	})
	want := []string{"two!", "one!", "!"}
	for range 2 { // reading changes nothing
		var got []string
		for b := range s.Encoded() {
			got = append(got, string(b))
			_ = append(b, "a caller's own"...)
		}
		if !slices.Equal(got, want) {
			t.Errorf("Encoded() = %q, want %q", got, want)
		}
	}
	for b := range s.Encoded() {
		if string(b) != want[0] {
			t.Errorf("first of Encoded() = %q, want %q", b, want[0])
		}
		break
	}
}

// The selection does not refer to the alert after Add.
func TestSelectionKeepsNoAlert(t *testing.T) {
	t.Parallel()
	s := alert.NewSelection(alert.SelectionOptions{Encode: appendIndex})
	r := record{
		fullID: "f", alertID: "a", category: "c", source: "s", group: "g", title: "t", deviceID: "d", severity: "odd",
	}
	a := newAlert(t, r)
	mustAdd(t, s, a)
	before := s.Summary()
	record{
		fullID: "X", alertID: "X", category: "X", source: "X", group: "X", title: "X", deviceID: "X",
		severity: "XXX", processed: "1999-01-01T00:00:00Z",
	}.fill(t, a, 7)
	wantText(t, "MaxSeverity before the change of the alert", before.MaxSeverity, "odd")
	if after := s.Summary(); !reflect.DeepEqual(before, after) {
		t.Errorf("Summary() after the change of the alert = %+v\nwant %+v", after, before)
	}
	r.fill(t, a, 1) // still known as a duplicate
	mustAdd(t, s, a)
	wantKept(t, positions(t, s), 0)
}

// After Reset nothing is left of a response that is read again from its start.
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
	oldPositions := slices.Clone(old.Anomalies.UnknownSeverity.First)

	s.Reset()
	empty := s.Summary()
	wantNumber(t, "Fetched after Reset", empty.Fetched, 0)
	wantNumber(t, "Detections after Reset", empty.Detections, 0)
	if empty.Truncated {
		t.Error("Truncated after Reset = true, want false")
	}
	wantKept(t, positions(t, s))
	add(t, s, second)
	fresh, want := choose(t, anomalousQuery(), alert.Filter{}, second...)
	if got := s.Summary(); !reflect.DeepEqual(got, fresh) {
		t.Errorf("Summary() after Reset and the second response = %+v\nwant %+v", got, fresh)
	}
	wantKept(t, positions(t, s), want...)
	wantKept(t, want, 0, 1, 2)
	if got := old.Anomalies.UnknownSeverity.First; !slices.Equal(got, oldPositions) {
		t.Errorf("UnknownSeverity.First of the summary before Reset = %v, want %v", got, oldPositions)
	}

	s.Reset()
	add(t, s, first)
	if got := s.Summary(); !reflect.DeepEqual(got, old) {
		t.Errorf("Summary() of the first response again = %+v\nwant %+v", got, old)
	}
}
