package graph

import "sync/atomic"

// A counting decides whether the counts of the service can be used: Microsoft
// documents $count for this API, and not what it counts.
type counting struct {
	refused atomic.Bool // the service does not accept $count
	judged  atomic.Bool // it is known whether the count is one of the request
	ignored atomic.Bool // it is not
}

func (c *counting) requested() bool { return !c.refused.Load() }

// usable reports whether the count of a page says how many alerts its slice has. One
// that is less than the page has is wrong.
func (c *counting) usable(p *page) bool { return p.count >= int64(len(p.found)) && !c.ignored.Load() }

// doubts reports whether the page says that there are more alerts, but does not lead
// to them, and it is not known yet which of the two is true.
func (c *counting) doubts(p *page) bool {
	return p.next == "" && len(p.found) < top && p.count > int64(len(p.found)) && !c.judged.Load()
}

func (c *counting) judge(ofRequest bool) {
	c.ignored.Store(!ofRequest)
	c.judged.Store(true)
}
