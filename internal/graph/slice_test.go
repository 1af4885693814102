package graph

import (
	"math/rand/v2"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC)

func TestSliceFilter(t *testing.T) {
	t.Parallel()
	one, two := []string{"a"}, []string{"a", "b"}
	for _, test := range []struct {
		slice    slice
		products []string
		want     string
	}{
		{slice{from: noon}, one, "serviceSource eq 'a' and lastUpdateDateTime ge 2026-11-03T12:00:00Z"},
		{slice{from: noon.Add(1234567 * tick), to: noon.Add(time.Hour)}, one,
			"serviceSource eq 'a' and lastUpdateDateTime ge 2026-11-03T12:00:00.1234567Z and lastUpdateDateTime lt 2026-11-03T13:00:00Z"},
		{slice{from: noon.In(time.FixedZone("", 3600)), to: noon.Add(tick), inclusive: true}, two,
			"(serviceSource eq 'a' or serviceSource eq 'b') and lastUpdateDateTime ge 2026-11-03T12:00:00Z and lastUpdateDateTime le 2026-11-03T12:00:00.0000001Z"},
	} {
		if got := test.slice.filter(test.products); got != test.want {
			t.Errorf("filter of %v = %q, want %q", test.slice, got, test.want)
		}
	}
}

// TestSliceCut: the parts of any slice are the whole slice without gap or overlap, and
// each is shorter. A slice of a second or more has edges on whole seconds only.
func TestSliceCut(t *testing.T) {
	t.Parallel()
	for i := range uint64(100_000) {
		r := rand.New(rand.NewPCG(1, i))
		widths := []time.Duration{0, tick, 2 * tick, time.Millisecond, time.Second, time.Second + tick, time.Minute, 30 * 24 * time.Hour}
		s := slice{from: noon.Add(time.Duration(r.Int64N(20_000_000)) * tick), inclusive: r.IntN(2) == 0}
		s.to = s.from.Add(widths[r.IntN(len(widths))])
		var times []time.Time
		spread := widths[r.IntN(len(widths))]
		for range r.IntN(30) {
			times = append(times, s.to.Add(-time.Duration(r.Int64N(int64(spread)+1))).Truncate(tick))
		}
		total := int64(r.IntN(5000) - 1)
		parts := s.cut(times, total)
		if parts == nil {
			if s.to.Sub(s.from) > time.Second {
				t.Errorf("case %d: cut of %v with times %v = nil, want parts", i, s, times)
			}
			continue
		}
		at := s.from
		for j, part := range parts {
			last := j == len(parts)-1
			if !part.from.Equal(at) || !part.to.After(part.from) || part.inclusive != (last && s.inclusive) {
				t.Errorf("case %d: part %d of %v = %v, want it to start at %v", i, j, s, part, at)
			}
			if wide := s.to.Sub(s.from) > time.Second; wide && !last && part.to.Nanosecond() != 0 {
				t.Errorf("case %d: part %d of %v ends at %v, want a whole second", i, j, s, part.to)
			}
			at = part.to
		}
		if !at.Equal(s.to) || len(parts) < 2 || len(parts) > 70 {
			t.Errorf("case %d: %d parts of %v end at %v, want 2 to 70, to %v", i, len(parts), s, at, s.to)
		}
		if t.Failed() {
			return
		}
	}
}
