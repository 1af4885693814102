package fakeapi

import (
	"slices"
	"strings"
	"time"
)

// query is the parsed parameters of a request. The zero value selects everything.
type query struct {
	since, until time.Time // zero for unbounded; both ends belong to the window
	limit        int       // 0 for none
	groups       []string  // any of them
	deviceTag    string    // "" for any
	cloudTags    []string  // any of them
}

// apply returns the records that the query selects, in stored order. The page says
// that limit returns the "most recent alerts"; it does not specify the order.
func (q query) apply(all []record) []record {
	var matching []record
	for _, r := range all {
		if q.matches(r) {
			matching = append(matching, r)
		}
	}
	if q.limit == 0 || len(matching) <= q.limit {
		return matching
	}
	return newest(matching, q.limit)
}

func (q query) matches(r record) bool {
	if r.timed && (!q.since.IsZero() && r.processed.Before(q.since) || !q.until.IsZero() && r.processed.After(q.until)) {
		return false
	}
	return (len(q.groups) == 0 || containsFold(q.groups, r.group)) &&
		(q.deviceTag == "" || tagged(r.deviceTag, []string{q.deviceTag})) &&
		(len(q.cloudTags) == 0 || tagged(r.cloudTag, q.cloudTags))
}

// newest returns the n records processed last, in stored order. Among equal times
// the first stored win.
func newest(records []record, n int) []record {
	byTime := make([]int, len(records))
	for i := range byTime {
		byTime[i] = i
	}
	slices.SortStableFunc(byTime, func(a, b int) int {
		return laterFirst(records[a], records[b])
	})
	keep := byTime[:n]
	slices.Sort(keep)
	kept := make([]record, n)
	for i, index := range keep {
		kept[i] = records[index]
	}
	return kept
}

func laterFirst(a, b record) int {
	switch {
	case a.timed && b.timed:
		return b.processed.Compare(a.processed)
	case a.timed:
		return 1
	case b.timed:
		return -1
	}
	return 0
}

// tagged reports whether wanted contains one of the tags of a device, in one
// string. The separator is not documented; the service uses "," and ";" in other
// fields.
func tagged(tags string, wanted []string) bool {
	for _, tag := range strings.FieldsFunc(tags, func(r rune) bool { return r == ',' || r == ';' }) {
		if containsFold(wanted, strings.TrimSpace(tag)) {
			return true
		}
	}
	return false
}

func containsFold(list []string, s string) bool {
	return slices.ContainsFunc(list, func(item string) bool { return strings.EqualFold(item, s) })
}
