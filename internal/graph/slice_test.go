package graph

import (
	"math/rand/v2"
	"slices"
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
// each is shorter. A slice of more than a second has edges on whole seconds only.
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

// TestSliceParts has the edges of the parts that cut chooses, for what a response tells
// of the alerts.
func TestSliceParts(t *testing.T) {
	t.Parallel()
	const second = time.Second
	every := func(n int, apart time.Duration) []time.Duration {
		ages := make([]time.Duration, n)
		for i := range ages {
			ages[i] = time.Duration(i+1) * apart
		}
		return ages
	}
	// n edges that are apart, the last of them at an age.
	steps := func(n int, apart, last time.Duration) []time.Duration {
		var edges []time.Duration
		for i := range n {
			edges = append(edges, last+time.Duration(n-1-i)*apart)
		}
		return edges
	}
	crowd := slices.Concat(slices.Repeat([]time.Duration{9 * second}, 84), slices.Repeat([]time.Duration{10 * second}, 16))
	for name, test := range map[string]struct {
		width time.Duration
		ages  []time.Duration // of the alerts of the response
		total int64
		want  []time.Duration // ages of the edges
	}{
		// A part for 85 alerts, 254 s long, and 1116 alerts in 3346 s before it: 14 parts.
		"evenly spread":           {time.Hour, every(100, 3*second), 1200, steps(14, 239*second, 254*second)},
		"all older in one part":   {time.Hour, every(100, 3*second), 100, steps(1, 0, 254*second)},
		"a cluster somewhere":     {time.Hour, every(100, 3*second), 5000, steps(14, 239*second, 254*second)},
		"the newest are denser":   {2 * time.Hour, every(100, 3*second), 0, []time.Duration{2286 * second, 2032 * second, 1778 * second, 1524 * second, 1270 * second, 1016 * second, 762 * second, 508 * second, 254 * second}},
		"the newest of one time":  {time.Hour, crowd, 200, []time.Duration{10 * second, 9 * second}},
		"four":                    {time.Hour, every(4, 3*second), 4, []time.Duration{2 * second}},
		"half of them at one age": {time.Hour, slices.Concat(every(30, second), slices.Repeat([]time.Duration{31 * second}, 70)), 200, []time.Duration{31 * second, 30 * second}},
	} {
		s := slice{from: noon.Add(-test.width), to: noon}
		times := make([]time.Time, len(test.ages))
		for i, age := range test.ages {
			times[i] = noon.Add(-age)
		}
		var got []time.Duration
		for _, part := range s.cut(times, test.total) {
			if part.to != noon {
				got = append(got, noon.Sub(part.to))
			}
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: edges before noon = %v, want %v", name, got, test.want)
		}
	}
}

// TestSliceRequests: the parts of a window need on average at most 1.65 requests per
// page of alerts, however the alerts are distributed.
func TestSliceRequests(t *testing.T) {
	t.Parallel()
	const alerts, size, reads = 4000, 200, 50
	for _, d := range distributions {
		requests := 0
		for seed := range uint64(reads) {
			times := d.times(seed, alerts)
			requests += requestsOf(times, slice{from: noon.Add(-day), to: noon.Add(-margin)}, size) + 1 // the newest slice
		}
		if got := float64(requests) / reads / (alerts / size); got > 1.65 {
			t.Errorf("%s: requests per page = %.2f, want at most 1.65", d.name, got)
		}
	}
}

// requestsOf returns the number of requests that read a slice of these times.
func requestsOf(times []time.Time, s slice, size int) int {
	var in []time.Time
	for _, at := range times {
		if !at.Before(s.from) && at.Before(s.to) {
			in = append(in, at)
		}
	}
	if len(in) < size {
		return 1
	}
	slices.SortFunc(in, func(a, b time.Time) int { return b.Compare(a) })
	parts := s.cut(in[:size], int64(len(in)))
	if parts == nil {
		return (len(in) + size - 1) / size
	}
	requests := 1
	for _, part := range parts {
		requests += requestsOf(times, part, size)
	}
	return requests
}

const day = 24 * time.Hour

// A distribution is one of the times of alerts within the day before noon.
type distribution struct {
	name string
	age  func(r *rand.Rand, share float64) time.Duration // share of the alerts before this one
}

var distributions = []distribution{
	{"uniform", func(r *rand.Rand, _ float64) time.Duration { return within(r, day) }},
	{"clustered", func(r *rand.Rand, share float64) time.Duration {
		if share < 0.7 {
			return within(r, day/10)
		}
		return within(r, day)
	}},
	// An incident whose alerts were updated together.
	{"one second", func(r *rand.Rand, share float64) time.Duration {
		if share < 0.25 {
			return day/3 + within(r, time.Second)
		}
		return within(r, day)
	}},
	{"one instant", func(r *rand.Rand, share float64) time.Duration {
		if share < 0.25 {
			return day/3 + 1234567*tick
		}
		return within(r, day)
	}},
}

func within(r *rand.Rand, d time.Duration) time.Duration {
	return time.Duration(r.Int64N(int64(d))).Truncate(tick)
}

// times returns n times.
func (d distribution) times(seed uint64, n int) []time.Time {
	r := rand.New(rand.NewPCG(seed, 1))
	times := make([]time.Time, n)
	for i := range times {
		times[i] = noon.Add(-d.age(r, float64(i)/float64(n)))
	}
	return times
}
