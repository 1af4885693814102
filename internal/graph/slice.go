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

// fill is the part of a page to which cut fills its parts, so that few of them
// exceed it.
const fill = 0.9

// cut divides a slice with an end into parts that are each likely to fit into one
// response. times are those of the incomplete response to the slice, in any order,
// and total is the number of its alerts, -1 if it is unknown. cut returns nil if the
// slice can't be divided.
//
// The response has the newest alerts: one part holds most of them. The older rest is
// divided evenly, as nothing is known of it.
func (s slice) cut(times []time.Time, total int64) []slice {
	const most = 64 // parts, so that one wrong total does not cause many requests
	if s.to.Sub(s.from) <= tick {
		return nil
	}
	times = slices.DeleteFunc(slices.Clone(times), func(t time.Time) bool { return t.Before(s.from) || t.After(s.to) })
	if len(times) == 0 {
		return s.at()
	}
	slices.SortFunc(times, time.Time.Compare)
	oldest, newest := times[0], times[len(times)-1]
	switch second := oldest.Truncate(time.Second); {
	case oldest.Equal(newest):
		return s.at(oldest, oldest.Add(tick), second.Add(time.Second))
	case s.to.Sub(s.from) > time.Second && newest.Before(second.Add(time.Second)):
		return s.at(second, second.Add(time.Second))
	}
	page := fill * float64(len(times))
	edge := times[len(times)-int(math.Ceil(page))]
	rest := float64(total) - page
	if total < int64(len(times)) {
		rest = page * float64(edge.Sub(s.from)) / float64(s.to.Sub(edge)+1)
	}
	parts := int64(min(max(math.Ceil(rest/page), 1), most))
	edges := make([]time.Time, 0, parts)
	for i := int64(1); i <= parts; i++ {
		edges = append(edges, s.from.Add(time.Duration(float64(edge.Sub(s.from))*float64(i)/float64(parts))))
	}
	return s.at(edges...)
}

// at divides the slice at these instants, in ascending order, or in the middle if none
// lies in it. A slice of more than a second is divided at whole seconds, which no
// service rounds.
func (s slice) at(edges ...time.Time) []slice {
	unit := tick
	if s.to.Sub(s.from) > time.Second {
		unit = time.Second
	}
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
