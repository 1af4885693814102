package graph

import (
	"context"
	"sync/atomic"
)

// A counting decides whether the counts of the service can be used: Microsoft
// documents $count for this API, and not what it counts.
type counting struct {
	seen    atomic.Bool // a response had a count
	refused atomic.Bool // the service does not accept $count
	judged  atomic.Bool // it is known whether the count is one of the request
	ignored atomic.Bool // it is not
}

func (c *counting) requested() bool { return !c.refused.Load() }

// refuse stops requesting counts after a request with one was rejected. It returns
// false if that cannot be the reason, because counts came before.
func (c *counting) refuse() bool { return !c.seen.Load() && c.refused.CompareAndSwap(false, true) }

// see remembers that a response had a count.
func (c *counting) see(p *page) {
	if p.count >= 0 {
		c.seen.Store(true)
	}
}

// unused reports whether the read had to do without counts.
func (c *counting) unused() bool { return !c.seen.Load() || c.ignored.Load() }

// usable reports whether the count of a page says how many alerts its slice has. One
// that is less than the page has is wrong.
func (c *counting) usable(p *page) bool { return p.count >= int64(len(p.found)) && !c.ignored.Load() }

// check finds out what the count of a page is worth, once, when it decides whether the
// page is complete. A count of more alerts than the page has may be one of all the
// tenant's: then it also counts alerts where there are none. One of as many, if that
// is a usual limit of pages, may be the count of the page: then it is 1 for a page of 1.
func (r *reading) check(ctx context.Context, s slice, p *page) error {
	n := int64(len(p.found))
	if p.next != nil || n >= top || p.count < n || r.counting.judged.Load() {
		return nil
	}
	limit, isOfRequest := top, func(probe *page) bool { return probe.count <= 0 }
	switch {
	case p.count > n:
		s.to, s.inclusive = s.from, false // without an alert
	case isRound(n):
		limit, isOfRequest = 1, func(probe *page) bool { return probe.count > 1 && len(probe.found) == 1 }
	default:
		return nil
	}
	probe, err := r.request(ctx, s, limit)
	if err != nil {
		return err
	}
	r.counting.ignored.Store(!isOfRequest(probe))
	r.counting.judged.Store(true)
	return nil
}
