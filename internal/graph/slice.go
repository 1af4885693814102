package graph

import (
	"math"
	"slices"
	"strings"
	"time"
)

// tick is the precision of the service's times.
const tick = 100 * time.Nanosecond

// A slice is a part of the window: the alerts last updated from one instant up to
// another. Neighbours share the literal of their edge, so that a service that
// rounds it loses no alert.
type slice struct {
	from, to  time.Time // to is the zero time for a slice without an end
	inclusive bool      // the end belongs to the slice
}

// timeLayout has as many fractional digits as a time needs.
const timeLayout = "2006-01-02T15:04:05.9999999Z"

// filter returns the $filter of the slice. It uses only operators and properties
// that Microsoft's page "List alerts_v2" names. A status, for example, would drop
// alerts whose status Microsoft adds one day.
func (s slice) filter(products []string) string {
	var text strings.Builder
	for i, product := range products {
		if i > 0 {
			text.WriteString(" or ")
		}
		text.WriteString("serviceSource eq '" + product + "'")
	}
	of := text.String()
	if len(products) > 1 {
		of = "(" + of + ")"
	}
	of += " and lastUpdateDateTime ge " + s.from.UTC().Format(timeLayout)
	if !s.to.IsZero() {
		operator := " and lastUpdateDateTime lt "
		if s.inclusive {
			operator = " and lastUpdateDateTime le "
		}
		of += operator + s.to.UTC().Format(timeLayout)
	}
	return of
}

// slack is the time by which an alert may lie outside the slice that was requested:
// the service may round the edges.
const slack = time.Second

// holds reports whether an alert with this time can be in the slice.
func (s slice) holds(t time.Time) bool {
	return !t.Before(s.from.Add(-slack)) && (s.to.IsZero() || !t.After(s.to.Add(slack)))
}

// cut divides a slice with an end into parts that are each likely to fit into one
// response. times are those of the incomplete response to the slice, in any order,
// and total is the number of its alerts, 0 if it is unknown. cut returns nil if the
// slice can't be divided.
//
// The response has the newest alerts, which one part holds. Of the older ones only the
// number is known. They are divided evenly, unless the newest are much denser: then
// half of the parts have the density of the newest, and the response to the rest shows
// the density there. If the newest are much less dense, the older ones have a cluster:
// parts with the density of the newest find it.
func (s slice) cut(times []time.Time, total int64) []slice {
	const (
		most   = 64 // parts, so that one wrong total does not cause many requests
		likely = 16 // parts if the total is unknown
	)
	times = slices.DeleteFunc(slices.Clone(times), func(t time.Time) bool { return t.Before(s.from) || t.After(s.to) })
	if len(times) == 0 {
		return s.at()
	}
	slices.SortFunc(times, time.Time.Compare)
	page, unit := fill(len(times)), s.unit()
	edge := times[len(times)-page].Truncate(unit).Add(unit)
	older, _ := slices.BinarySearchFunc(times, edge, time.Time.Compare)
	newest := len(times) - older
	if newest < page/2 {
		return s.at(edge.Add(-unit), edge) // many alerts of one second, or of one instant
	}
	width := float64(edge.Sub(s.from))
	dense := width / float64(times[len(times)-1].Sub(edge)+1) * float64(newest) / float64(page)
	needed := float64(likely)
	if total >= int64(len(times)) {
		needed = float64(total-int64(newest)) / float64(page)
	}
	if dense < 0.85*needed {
		needed = dense
	}
	parts := min(max(math.Ceil(needed), 1), most)
	step, n := width/parts, int(parts)
	if dense > 1.25*parts {
		step, n = width/dense, n/2
	}
	var edges []time.Time
	for i := range n + 1 {
		edges = append(edges, edge.Add(-time.Duration(step*float64(n-i))))
	}
	return s.at(edges...)
}

// fill returns the number of alerts for which cut makes a part if a page has n, so that
// few parts exceed it: the numbers of evenly spread alerts vary by their square root.
func fill(n int) int { return max(n-int(1.5*math.Sqrt(float64(n))), 1) }

// unit is the precision of the slice's edges: no service rounds whole seconds.
func (s slice) unit() time.Duration {
	if s.to.Sub(s.from) > time.Second {
		return time.Second
	}
	return tick
}

// at divides the slice at these instants, in ascending order, or in the middle if none
// lies in it. A slice of more than a second is divided at whole seconds, which no
// service rounds.
func (s slice) at(edges ...time.Time) []slice {
	unit := s.unit()
	var parts []slice
	rest := s
	for _, edge := range edges {
		edge = edge.Truncate(unit)
		if edge.After(rest.from) && edge.Before(s.to) {
			parts = append(parts, slice{from: rest.from, to: edge})
			rest.from = edge
		}
	}
	if parts != nil {
		return append(parts, rest)
	}
	middle := s.from.Add(s.to.Sub(s.from) / 2).Truncate(unit)
	if !middle.After(s.from) {
		middle = middle.Add(unit)
	}
	if !middle.Before(s.to) {
		return nil
	}
	return []slice{{from: s.from, to: middle}, {from: middle, to: s.to, inclusive: s.inclusive}}
}
