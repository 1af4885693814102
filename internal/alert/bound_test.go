package alert_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

// heapOf returns by how many bytes the heap grows with what build returns.
func heapOf(build func() any) int {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	built := build()
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(built)
	return int(after.HeapAlloc) - int(before.HeapAlloc)
}

// small returns the i-th of many small detections: with an ID, an alert and a
// device of its own, and one of ten titles.
func small(i int) record {
	return record{
		fullID: fmt.Sprintf("da637%09d_-96144481:ekXbM0HgfW0W1x1Im1IqsjbDGISMMRyLZHaTPV6OLQE=", i), part: "0",
		alertID: fmt.Sprintf("da637%09d_-96144481", i), deviceID: fmt.Sprintf("%040d", i),
		title: fmt.Sprint("Suspicious start of a script ", i%10), category: "Execution", source: "EDR", group: "UKMachines",
		processed: fmt.Sprintf("2026-03-01T10:%02d:%02d.%07dZ", i/60%60, i%60, i%10_000_000),
	}
}

// A selection takes no more of the heap than it reports, and not much less.
func TestHeldIsMeasured(t *testing.T) {
	withTitle := func(title string) func(i int) record {
		return func(i int) record { return record{title: fmt.Sprint(title, i)} }
	}
	for _, test := range []struct {
		name    string
		options alert.SelectionOptions
		each    func(i int) record
		n       int // detections
		most    int // bytes a detection
	}{
		{"counts", alert.SelectionOptions{}, small, 100_000, 146},
		{"counts of violations", alert.SelectionOptions{Gate: &alert.Gate{Severity: alert.Medium}}, small, 25_000, 276},
		{"list", alert.SelectionOptions{Encode: func(dst []byte, d *alert.Detection) []byte { return append(dst, make([]byte, 1000)...) }}, small, 25_000, 1340},
		{"titles", alert.SelectionOptions{}, withTitle("title "), 25_000, 210},
		{"titles that are not normal", alert.SelectionOptions{}, withTitle("title e\u0301 "), 25_000, 310},
		{"titles that grow when normalized", alert.SelectionOptions{}, withTitle(strings.Repeat("\U0001d160", 50)), 25_000, 1150},
		{"titles that the allocator rounds up", alert.SelectionOptions{}, withTitle("e\u0301" + strings.Repeat("x", 1050)), 5_000, 2700},
		{"identities alone", alert.SelectionOptions{Filter: alert.Filter{Categories: []string{"none"}}}, small, 25_000, 146},
	} {
		// With the one number the map is nearly full, with the other half empty.
		for _, n := range []int{test.n, test.n * 6 / 5} {
			var s *alert.Selection
			heap := heapOf(func() any {
				s = alert.NewSelection(test.options)
				var d alert.Detection
				for i := range n {
					test.each(i).fill(t, &d, i)
					mustAdd(t, s, &d)
				}
				return s
			})
			held := s.Held()
			t.Logf("%s: %d detections take %d bytes each, %d held", test.name, n, heap/n, held/n)
			if held < heap/100*95 || held > heap/100*130 {
				t.Errorf("%s: held() of %d detections = %d, want from 95 to 130 %% of the heap's %d", test.name, n, held, heap)
			}
			if heap/n > test.most {
				t.Errorf("%s: %d detections take %d bytes each, want at most %d", test.name, n, heap/n, test.most)
			}
		}
	}
	// Last, so that until here no other test is on the heap.
	t.Parallel()
}

// Two encoded detections that fill the first chunk take no second one.
func TestHeldOfAFullChunk(t *testing.T) {
	t.Parallel()
	const half = 4 << 10
	s := alert.NewSelection(alert.SelectionOptions{Encode: func(dst []byte, _ *alert.Detection) []byte {
		return append(dst, make([]byte, half)...)
	}})
	add(t, s, []record{{}})
	before := s.Held()
	add(t, s, []record{{}})
	if more := s.Held() - before; more >= half {
		t.Errorf("the second detection of half a chunk takes %d bytes, want less than %d", more, half)
	}
}

// Detections may take as much memory as the bound, and no byte more.
func TestBoundIsInclusive(t *testing.T) {
	t.Parallel()
	measured := alert.NewSelection(alert.SelectionOptions{})
	add(t, measured, []record{{alertID: "da1"}})
	held := measured.Held()
	for bound, want := range map[int]error{held: nil, held - 1: alert.ErrTooLarge} {
		s := alert.NewSelection(alert.SelectionOptions{MaxBytes: bound})
		var d alert.Detection
		record{alertID: "da1"}.fill(t, &d, 0)
		if err := s.Add(&d); !errors.Is(err, want) {
			t.Errorf("Add() of a detection of %d bytes with the bound %d = %v, want %v", held, bound, err, want)
		}
	}
}

// A clone takes what it says.
func TestCloneSizeIsMeasured(t *testing.T) {
	const n = 1000
	var d alert.Detection
	small(1).fill(t, &d, 0)
	setText(t, &d, field(t, "description"), strings.Repeat("x", 1000))
	d.AddAdditional([]byte(strings.Repeat("k", 300)), []byte(strings.Repeat("1", 500)))
	d.Identity = []byte(strings.Repeat("i", 400))
	heap := heapOf(func() any {
		clones := make([]*alert.Detection, n)
		for i := range clones {
			clones[i] = d.Clone()
		}
		return clones
	})
	// A page holds a thousand clones.
	if size := new(alert.Detection).CloneSize(); size > 1<<10 {
		t.Errorf("size() of nothing = %d, want at most 1 KiB", size)
	}
	if size := d.CloneSize(); size < heap/n/100*90 || size > heap/n {
		t.Errorf("size() = %d, want 90 to 100 %% of the heap's %d", size, heap/n)
	}
	// Last, so that until here no other test is on the heap.
	t.Parallel()
}

// 50,000 alerts that each have a device of their own fit the least bound there is.
func TestBoundTakesManyDevices(t *testing.T) {
	t.Parallel()
	const n = 50_000
	s := alert.NewSelection(alert.SelectionOptions{Gate: &alert.Gate{Severity: alert.Informational}, MaxBytes: 32 << 20})
	var d alert.Detection
	for i := range n {
		small(i).fill(t, &d, i)
		mustAdd(t, s, &d)
	}
	sum := s.Summary()
	if sum.Detections != n {
		t.Errorf("total = %d, want %d", sum.Detections, n)
	}
	if sum.Devices != n {
		t.Errorf("devices = %d, want %d", sum.Devices, n)
	}
	if sum.Alerts != n {
		t.Errorf("alerts = %d, want %d", sum.Alerts, n)
	}
	if held := s.Held(); held > 32<<20 {
		t.Errorf("held() = %d, want at most 32 MiB", held)
	}
}

// A selection takes alerts as far as its bound; Reset begins anew.
func TestBound(t *testing.T) {
	t.Parallel()
	const bound = 1 << 20
	for name, each := range map[string]func(i int) record{
		"alerts": func(i int) record { return record{fullID: fmt.Sprint("id", i), alertID: fmt.Sprint(i)} },
		"ids":    func(i int) record { return record{fullID: strings.Repeat("x", 1000) + fmt.Sprint(i)} },
		"titles": func(i int) record { return record{title: fmt.Sprint("title ", i)} },
		"longer": func(i int) record { return record{title: fmt.Sprint(strings.Repeat("\U0001d160", 1000), i)} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := alert.NewSelection(alert.SelectionOptions{MaxBytes: bound})
			taken, err := 0, error(nil)
			for ; err == nil && taken < 100_000; taken++ {
				before := s.Held()
				err = s.Add(newAlert(t, each(taken)))
				if err == nil && s.Held() > bound || err != nil && (before > bound || s.Held() <= bound) {
					t.Fatalf("Add(alert %d) = %v with %d bytes held before and %d after, want an error exactly beyond %d", taken, err, before, s.Held(), bound)
				}
			}
			if !errors.Is(err, alert.ErrTooLarge) {
				t.Errorf("Add(alert %d) = %v, want ErrTooLarge", taken, err)
			}
			if least := 50; taken < least {
				t.Errorf("%d alerts were taken, want at least %d", taken, least)
			}
			held := s.Held()
			if err := s.Add(newAlert(t, each(taken))); !errors.Is(err, alert.ErrTooLarge) || s.Held() != held {
				t.Errorf("after the bound Add = %v with %d bytes held, want ErrTooLarge and %d", err, s.Held(), held)
			}
			s.Reset()
			mustAdd(t, s, newAlert(t, each(0)))
			if got := s.Summary().Detections; got != 1 {
				t.Errorf("after Reset total = %d, want 1", got)
			}
		})
	}
}

// The encoded alerts count too, and a long text or alert has room.
func TestBoundEncoded(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("long ", 100_000)
	options := alert.SelectionOptions{Encode: func(dst []byte, d *alert.Detection) []byte { return append(dst, d.Text(alert.FieldFullID)...) }}
	s := alert.NewSelection(options)
	want := []string{long, "short", "short, too"} // in the order of full_id
	for _, i := range []int{1, 0, 2} {
		mustAdd(t, s, newAlert(t, record{fullID: want[i]}))
	}
	var got []string
	for encoded := range s.Encoded() {
		got = append(got, string(encoded))
	}
	if len(got) != len(want) {
		t.Fatalf("%d alerts are encoded, want %d", len(got), len(want))
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("encoded alert %d = %.20q of %d bytes, want %.20q of %d", i, got[i], len(got[i]), want[i], len(want[i]))
		}
	}
	options.MaxBytes = 2 * len(long)
	s = alert.NewSelection(options)
	mustAdd(t, s, newAlert(t, record{fullID: "short"}))
	if err := s.Add(newAlert(t, record{fullID: long})); !errors.Is(err, alert.ErrTooLarge) {
		t.Errorf("Add(long) = %v, want ErrTooLarge", err)
	}
}
