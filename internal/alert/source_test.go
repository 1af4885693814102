package alert_test

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

// A recorder is a sink that keeps alerts up to a number, and then refuses them.
type recorder struct {
	alerts []*alert.Detection
	resets int
	most   int // 0: all
}

var errRefused = errors.New("refused")

func (r *recorder) Reset() { r.resets++ }

func (r *recorder) Add(d *alert.Detection) error {
	if r.most > 0 && len(r.alerts) == r.most {
		return errRefused
	}
	r.alerts = append(r.alerts, d.Clone())
	return nil
}

func (r *recorder) indexes() []int {
	var indexes []int
	for _, a := range r.alerts {
		indexes = append(indexes, a.Index)
	}
	return indexes
}

func wantIndexes(t *testing.T, what string, got, want []int) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s hands on %v, want %v", what, got, want)
	}
}

// A clone equals the alert, and does not change with it.
func TestClone(t *testing.T) {
	t.Parallel()
	fill := func(d *alert.Detection) {
		record{severity: "odd", fullID: "f", part: "7", alertID: "a", title: "T", replaced: 3}.fill(t, d, 5)
		d.SetBool(field(t, "remediation_is_success"), true)
		d.AddAdditional([]byte("New"), []byte(`{"a":1}`))
		d.AddAdditional([]byte("Newer"), []byte("2"))
	}
	var d, same alert.Detection
	fill(&d)
	fill(&same)
	c := d.Clone()
	d.Additional()[0].JSON[1] = 'X'
	d.Text(alert.FieldAlertTitle)[0] = 'X'
	d.Identity[0] = 'X'
	record{severity: "Low", fullID: "other"}.fill(t, &d, 6)
	d.AddAdditional([]byte("Other"), []byte("3"))

	for i, f := range alert.Fields {
		if c.IsNull(i) != same.IsNull(i) {
			t.Errorf("IsNull(%s) = %t, want %t", f.Name, c.IsNull(i), same.IsNull(i))
		}
		if f.Kind == alert.KindNumber || f.Kind == alert.KindBool {
			if c.Number(i) != same.Number(i) {
				t.Errorf("Number(%s) = %d, want %d", f.Name, c.Number(i), same.Number(i))
			}
		} else if !bytes.Equal(c.Text(i), same.Text(i)) {
			t.Errorf("Text(%s) = %q, want %q", f.Name, c.Text(i), same.Text(i))
		}
	}
	if !reflect.DeepEqual(c.Additional(), same.Additional()) {
		t.Errorf("Additional() = %s, want %s", c.Additional(), same.Additional())
	}
	if !bytes.Equal(c.Identity, same.Identity) {
		t.Errorf("Identity = %q, want %q", c.Identity, same.Identity)
	}
	wantNumber(t, "Index", c.Index, 5)
	wantNumber(t, "Replaced", c.Replaced, 3)
	if c.Severity != alert.Unknown {
		t.Errorf("Severity = %v, want %v", c.Severity, alert.Unknown)
	}
	if !c.Processed.Equal(same.Processed) {
		t.Errorf("Processed = %v, want %v", c.Processed, same.Processed)
	}
	c.AddAdditional([]byte("More"), []byte("4"))
	setText(t, c, alert.FieldCategory, "set later")
	if got := string(c.Text(alert.FieldCategory)); got != "set later" {
		t.Errorf("Text(category) of the clone = %q, want %q", got, "set later")
	}
	if got := string(c.Text(alert.FieldAlertTitle)); got != "T" {
		t.Errorf("Text(alert_title) of the clone = %q, want %q", got, "T")
	}
}

func TestCloneOfZeroAlert(t *testing.T) {
	t.Parallel()
	var d alert.Detection
	c := d.Clone()
	for i, f := range alert.Fields {
		if !c.IsNull(i) {
			t.Errorf("IsNull(%s) = false, want true", f.Name)
		}
	}
	if len(c.Identity) != 0 {
		t.Errorf("Identity = %q, want none", c.Identity)
	}
	if got := c.Additional(); len(got) != 0 {
		t.Errorf("Additional() = %s, want none", got)
	}
}

// A page counts only when it is committed, in its order; a retried one starts over.
func TestBatch(t *testing.T) {
	t.Parallel()
	var b alert.Batch
	var to recorder
	add(t, &b, []record{{title: "half"}, {title: "read"}})
	b.Reset()
	if err := b.Commit(&to); err != nil || len(to.alerts) != 0 {
		t.Errorf("Commit of nothing = %v with %d alerts, want nil and none", err, len(to.alerts))
	}
	add(t, &b, []record{{title: "one", processed: at10}, {title: "two", processed: at11}, {title: "three"}})
	if len(to.alerts) != 0 {
		t.Errorf("%d alerts are handed on before Commit, want 0", len(to.alerts))
	}
	if err := b.Commit(&to); err != nil {
		t.Errorf("Commit = %v, want nil", err)
	}
	add(t, &b, []record{{title: "next page"}})
	if err := b.Commit(&to); err != nil {
		t.Errorf("Commit = %v, want nil", err)
	}
	if err := b.Commit(&to); err != nil {
		t.Errorf("Commit of an empty batch = %v, want nil", err)
	}
	var titles []string
	for _, a := range to.alerts {
		titles = append(titles, string(a.Text(alert.FieldAlertTitle)))
	}
	if want := []string{"one", "two", "three", "next page"}; !slices.Equal(titles, want) {
		t.Errorf("Commit hands on %q, want %q", titles, want)
	}
	if to.resets != 0 {
		t.Errorf("Commit resets the next sink %d times, want 0", to.resets)
	}
}

func TestCommitPassesErrorsOn(t *testing.T) {
	t.Parallel()
	for name, sink := range map[string]interface {
		alert.Sink
		Commit(alert.Sink) error
	}{"Batch": new(alert.Batch), "Newest": alert.NewNewest(10, 0)} {
		add(t, sink, []record{{}, {}, {}})
		to := recorder{most: 1}
		if err := sink.Commit(&to); !errors.Is(err, errRefused) {
			t.Errorf("%s.Commit = %v, want the sink's error", name, err)
		}
		if len(to.alerts) != 1 {
			t.Errorf("%s.Commit hands on %d alerts, want 1", name, len(to.alerts))
		}
		to.most = 0
		if err := sink.Commit(&to); err != nil || len(to.alerts) != 1 {
			t.Errorf("%s.Commit once more = %v with %d alerts, want nil and none added", name, err, len(to.alerts)-1)
		}
	}
}

func TestNewest(t *testing.T) {
	t.Parallel()
	at := func(second int) record { return record{processed: fmt.Sprintf("2026-03-01T10:00:%02dZ", second)} }
	tie := func(severity, fullID, title string) record {
		return record{severity: severity, fullID: fullID, title: title}
	}
	for name, test := range map[string]struct {
		limit   int
		records []record
		want    []int
	}{
		"none":                 {3, nil, nil},
		"fewer than the limit": {3, []record{at(1), at(2)}, []int{1, 0}},
		"as many as the limit": {3, []record{at(3), at(1), at(2)}, []int{0, 2, 1}},
		"ascending":            {2, []record{at(1), at(2), at(3), at(4)}, []int{3, 2}},
		"descending":           {2, []record{at(4), at(3), at(2), at(1)}, []int{0, 1}},
		"mixed":                {3, []record{at(5), at(1), at(9), at(3), at(7), at(2)}, []int{2, 4, 0}},
		"one":                  {1, []record{at(1), at(3), at(2)}, []int{1}},
		"no limit":             {0, []record{at(1), at(3), at(2)}, []int{1, 2, 0}},
		"instants, not texts":  {1, []record{{processed: "2026-03-01T10:30:00+01:00"}, {processed: at10}}, []int{1}},
		"tie: the more severe": {1, []record{tie("Low", "a", ""), tie("High", "b", ""), tie("Medium", "c", "")}, []int{1}},
		"tie: the first by ID": {1, []record{tie("Low", "b", ""), tie("Low", "a", ""), tie("Low", "c", "")}, []int{1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := alert.NewNewest(test.limit, 0)
			add(t, n, []record{at(59), at(58)})
			n.Reset()
			add(t, n, test.records)
			var to recorder
			if err := n.Commit(&to); err != nil {
				t.Errorf("Commit = %v, want nil", err)
			}
			wantIndexes(t, "Commit", to.indexes(), test.want)
			if to.resets != 0 {
				t.Errorf("Commit resets the next sink %d times, want 0", to.resets)
			}
		})
	}
}

// A selection behind a Newest says what it says behind a service with a limit.
func TestNewestIsTruncated(t *testing.T) {
	t.Parallel()
	for limit, truncated := range map[int]bool{2: true, 3: true, 4: false} {
		n := alert.NewNewest(limit, 0)
		add(t, n, []record{{}, {}, {}})
		s := alert.NewSelection(alert.SelectionOptions{Query: alert.Query{Limit: limit}})
		if err := n.Commit(s); err != nil {
			t.Errorf("Commit = %v, want nil", err)
		}
		sum := s.Summary()
		if want := min(limit, 3); sum.Fetched != want {
			t.Errorf("limit %d: fetched = %d, want %d", limit, sum.Fetched, want)
		}
		if sum.Truncated != truncated {
			t.Errorf("limit %d: truncated = %t, want %t", limit, sum.Truncated, truncated)
		}
		if got := sum.Anomalies.BeyondLimit.Count; got != 0 {
			t.Errorf("limit %d: beyond the limit = %d, want 0", limit, got)
		}
	}
}

// What is not among the newest takes no room, and room that is left is used again.
func TestNewestBound(t *testing.T) {
	t.Parallel()
	const n = 10
	title := strings.Repeat("x", 1000)
	each := newAlert(t, record{title: title}).CloneSize()
	keeps := alert.NewNewest(n, n*each)
	for i := range 100 {
		a := newAlert(t, record{title: title})
		a.Processed = a.Processed.Add(time.Duration(i) * time.Second)
		if err := keeps.Add(a); err != nil {
			t.Fatalf("Add(alert %d) = %v, want nil", i, err)
		}
	}
	refuses := alert.NewNewest(n, n*each-1)
	for i := range n {
		err := refuses.Add(newAlert(t, record{title: title}))
		if i < n-1 && err != nil {
			t.Errorf("Add(alert %d) = %v, want nil", i, err)
		}
		if i == n-1 && !errors.Is(err, alert.ErrTooLarge) {
			t.Errorf("Add(alert %d) = %v, want ErrTooLarge", i, err)
		}
	}
	refuses.Reset()
	mustAdd(t, refuses, newAlert(t, record{title: title}))
}

// Newest holds at most twice as many as its limit, and all without one.
func TestNewestHolds(t *testing.T) {
	t.Parallel()
	each := newAlert(t, record{}).CloneSize()
	for limit, want := range map[int]int{0: 100, 1: 2, 10: 20, 49: 98} {
		n, most := alert.NewNewest(limit, 0), 0
		for range 100 {
			mustAdd(t, n, newAlert(t, record{}))
			most = max(most, n.Held()/each)
		}
		if most > want || most < want/2 {
			t.Errorf("limit %d: detections held = %d, want at most %d", limit, most, want)
		}
	}
}

// TestPropertyNewest: the alerts handed on are the first of all of them, sorted and
// without duplicates, whatever order they came in.
func TestPropertyNewest(t *testing.T) {
	t.Parallel()
	everyCase(t, func(t *testing.T, r *rand.Rand) {
		records := randomRecords(r)
		limit := 1 + r.IntN(9)
		handed := map[string]bool{} // identities: duplicates of one instant are both handed on
		titles := func() (kept []string) {
			clear(handed)
			n := alert.NewNewest(limit, 0)
			add(t, n, records)
			var to recorder
			if err := n.Commit(&to); err != nil {
				t.Errorf("Commit = %v, want nil", err)
			}
			for i, a := range to.alerts {
				if i > 0 && a.Processed.After(to.alerts[i-1].Processed) {
					t.Errorf("alert %d of %v is older than the next", i-1, to.indexes())
				}
				kept = append(kept, fmt.Sprintf("%s %q %s", a.Processed, a.Identity, a.Severity))
				handed[cmp.Or(string(a.Identity), fmt.Sprint("alone ", i))] = true
			}
			return kept
		}
		want, distinct := titles(), map[string]bool{}
		for i, each := range records {
			if each.fullID == "" {
				distinct[fmt.Sprint("alone ", i)] = true
			} else {
				distinct[each.fullID+" "+each.part] = true
			}
		}
		if len(handed) != min(limit, len(distinct)) {
			t.Errorf("%d alerts are handed on, want %d", len(handed), min(limit, len(distinct)))
		}
		r.Shuffle(len(records), func(i, j int) { records[i], records[j] = records[j], records[i] })
		if got := titles(); !slices.Equal(got, want) {
			t.Errorf("in another order: %q, want %q", got, want)
		}
	})
}
