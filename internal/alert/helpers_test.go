package alert_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

// seed makes the property tests repeat a run: go test ./internal/alert -seed N.
var seed = flag.Uint64("seed", 20260301, "seed of the property tests")

// cases is how many random cases each property is tried with; -short tries fewer, for
// make mutate.
func cases() int {
	if testing.Short() {
		return 1_000
	}
	return 10_000
}

// everyCase calls try with the random source of each case in turn, which
// depends only on the seed and the number of the case.
func everyCase(t *testing.T, try func(t *testing.T, r *rand.Rand)) {
	t.Helper()
	for i := range uint64(cases()) {
		try(t, rand.New(rand.NewPCG(*seed, i)))
		if t.Failed() {
			t.Fatalf("case %d of -seed %d fails", i, *seed)
		}
	}
}

// pick returns one of choices.
func pick[T any](r *rand.Rand, choices []T) T { return choices[r.IntN(len(choices))] }

// A record is a detection as the service sends it; "" is null, except for
// severity and processed, which then are Medium and midnight.
type record struct {
	severity, processed           string
	fullID, part, alertID         string
	category, source, group       string
	title, deviceID, computerName string
	replaced                      int
}

const midnight = "2026-03-01T00:00:00Z"

// fill makes d the detection that r describes, as a source does.
func (r record) fill(t testing.TB, d *alert.Detection, index int) {
	t.Helper()
	if r.severity == "" {
		r.severity = "Medium"
	}
	if r.processed == "" {
		r.processed = midnight
	}
	var err error
	d.Reset(index)
	d.Replaced = r.replaced
	d.Severity = alert.ParseSeverity(r.severity)
	if d.Processed, err = alert.ParseTime(r.processed); err != nil {
		t.Fatalf("ParseTime(%q): %v", r.processed, err)
	}
	for _, f := range []struct {
		index int
		text  string
	}{
		{alert.FieldSeverity, r.severity},
		{alert.FieldLastProcessed, r.processed},
		{alert.FieldFullID, r.fullID},
		{alert.FieldAlertID, r.alertID},
		{alert.FieldCategory, r.category},
		{alert.FieldSource, r.source},
		{alert.FieldMachineGroup, r.group},
		{alert.FieldAlertTitle, r.title},
		{alert.FieldDeviceID, r.deviceID},
		{alert.FieldComputerDNSName, r.computerName},
	} {
		if f.text != "" {
			setText(t, d, f.index, f.text)
		}
	}
	if r.part != "" {
		n, err := strconv.ParseInt(r.part, 10, 64)
		if err != nil {
			t.Fatalf("alert part of %+v: %v", r, err)
		}
		d.SetNumber(alert.FieldAlertPart, n)
	}
	if r.fullID != "" {
		d.Identity = fmt.Appendf(d.Identity[:0], "%q %s", r.fullID, r.part)
	}
}

func setText(t testing.TB, d *alert.Detection, index int, text string) {
	t.Helper()
	d.SetText(index, []byte(text))
}

// newAlert returns the alert that r describes.
func newAlert(t testing.TB, r record) *alert.Detection {
	t.Helper()
	a := new(alert.Detection)
	r.fill(t, a, 0)
	return a
}

// appendIndex is the encoded form of an alert in these tests: its position.
func appendIndex(b []byte, d *alert.Detection) []byte {
	return strconv.AppendInt(b, int64(d.Index), 10)
}

// add adds records to s one after another, in one alert that it reuses.
func add(t testing.TB, s alert.Sink, records []record) {
	t.Helper()
	var d alert.Detection
	for i, r := range records {
		r.fill(t, &d, i)
		mustAdd(t, s, &d)
	}
}

// mustAdd adds an alert to s, which must accept it.
func mustAdd(t testing.TB, s alert.Sink, d *alert.Detection) {
	t.Helper()
	if err := s.Add(d); err != nil {
		t.Fatalf("Add(alert %d) = %v, want nil", d.Index, err)
	}
}

// positions returns what s kept, in order, by position in the response. The
// selection has to encode with appendIndex.
func positions(t testing.TB, s *alert.Selection) []int {
	t.Helper()
	var kept []int
	for b := range s.Encoded() {
		i, err := strconv.Atoi(string(b))
		if err != nil {
			t.Fatalf("encoded alert = %q, want its position", b)
		}
		kept = append(kept, i)
	}
	return kept
}

// choose selects from records and returns the summary and the positions kept.
func choose(t testing.TB, q alert.Query, f alert.Filter, records ...record) (alert.Summary, []int) {
	t.Helper()
	s := alert.NewSelection(alert.SelectionOptions{Query: q, Filter: f, Encode: appendIndex})
	add(t, s, records)
	return s.Summary(), positions(t, s)
}

// wantKept fails the test unless exactly these positions were kept, in order.
func wantKept(t testing.TB, got []int, want ...int) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("alerts kept = %v, want %v", got, want)
	}
}

// wantNumber fails the test unless a number of a summary, an alert or a verdict
// is this one.
func wantNumber(t testing.TB, what string, got, want int) {
	t.Helper()
	if got != want {
		t.Errorf("%s = %d, want %d", what, got, want)
	}
}

// wantText fails the test unless a text of a summary is this one.
func wantText(t testing.TB, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s = %q, want %q", what, got, want)
	}
}

// wantPositions fails the test unless an anomaly counts exactly these records,
// and names the first ten of them.
func wantPositions(t testing.TB, what string, got alert.Positions, want ...int) {
	t.Helper()
	wantNumber(t, what+".Count", got.Count, len(want))
	if first := want[:min(10, len(want))]; !slices.Equal(got.First, first) {
		t.Errorf("%s.First = %v, want %v", what, got.First, first)
	}
}
