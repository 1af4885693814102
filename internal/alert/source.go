package alert

import (
	"bytes"
	"cmp"
	"container/heap"
	"context"
	"errors"
	"slices"
)

// A Source reads alerts from a service.
type Source interface {
	// Read hands the alerts that a query asks for to a sink, in the order of the
	// response. Until it has returned nil, all that the sink got is void. An
	// error of the sink ends the read at once, and Read returns it.
	Read(ctx context.Context, q Query, sink Sink) error
}

// A Sink takes the alerts of a read.
type Sink interface {
	// Reset discards the alerts added so far: the read starts over.
	Reset()
	// Add takes the next alert, which is valid during the call only and must not
	// be changed. Its error ends the read.
	Add(a *Alert) error
}

// ErrTooLarge is the error of a Sink whose alerts take more memory than its limit.
var ErrTooLarge = errors.New("alert: the alerts take more memory than the limit")

// A Batch is a Sink that holds copies of the alerts of one page until the page
// was read to its end, so that a page can be retried alone and one that was cut
// off never counts. The zero value is an empty batch.
type Batch struct{ alerts []*Alert }

// Reset discards the alerts of the page.
func (b *Batch) Reset() { b.alerts = nil }

// Add adds a copy of a. It returns nil.
func (b *Batch) Add(a *Alert) error {
	b.alerts = append(b.alerts, a.Clone())
	return nil
}

// Commit adds the alerts to next, in their order, and empties the batch. It
// returns the first error of next, which then has not got the rest.
func (b *Batch) Commit(next Sink) error {
	alerts := b.alerts
	b.Reset()
	return addAll(next, alerts)
}

func addAll(next Sink, alerts []*Alert) error {
	for _, a := range alerts {
		if err := next.Add(a); err != nil {
			return err
		}
	}
	return nil
}

// A Newest is a Sink that holds copies of the newest alerts of a read, for a
// source whose service has no limit of its own. A selection behind it gets as
// many alerts as from a service that has one.
type Newest struct {
	limit, maxBytes int
	alerts          newestHeap
	held            int // bytes
}

// NewNewest returns a Newest of at most limit alerts, which take at most
// maxBytes bytes; 0 is no such bound.
func NewNewest(limit, maxBytes int) *Newest { return &Newest{limit: limit, maxBytes: maxBytes} }

// Reset discards all alerts.
func (n *Newest) Reset() { n.alerts, n.held = nil, 0 }

// Add takes a copy of a if it is one of the newest so far. It returns
// ErrTooLarge when the copies take more than the bound.
func (n *Newest) Add(a *Alert) error {
	if n.limit > 0 && len(n.alerts) == n.limit {
		if compareNewest(a, n.alerts[0]) >= 0 {
			return nil
		}
		n.held += a.size() - n.alerts[0].size()
		n.alerts[0] = a.Clone()
		heap.Fix(&n.alerts, 0)
	} else {
		n.held += a.size()
		heap.Push(&n.alerts, a.Clone())
	}
	if n.maxBytes > 0 && n.held > n.maxBytes {
		return ErrTooLarge
	}
	return nil
}

// Commit adds the alerts to next, newest first, and discards them. It returns
// the first error of next, which then has not got the rest.
func (n *Newest) Commit(next Sink) error {
	alerts := n.alerts
	n.Reset()
	slices.SortFunc(alerts, compareNewest)
	return addAll(next, alerts)
}

// compareNewest orders alerts: the newest first, then the more severe, so that
// the limit cuts off the others; then by identity and by the fields in the order
// of the table. What the limit keeps does not depend on the order of arrival.
func compareNewest(a, b *Alert) int {
	order := cmp.Or(b.Processed.Compare(a.Processed), cmp.Compare(b.rank(), a.rank()), bytes.Compare(a.Identity, b.Identity))
	for i := 0; order == 0 && i < len(Fields); i++ {
		if kind := Fields[i].Kind; kind == KindText || kind == KindList {
			order = bytes.Compare(a.Text(i), b.Text(i))
		} else {
			order = cmp.Or(nullsLast(a.IsNull(i), b.IsNull(i)), cmp.Compare(a.Number(i), b.Number(i)))
		}
	}
	return order
}

// A newestHeap has at its root the alert that the next newer one replaces.
type newestHeap []*Alert

func (h newestHeap) Len() int           { return len(h) }
func (h newestHeap) Less(i, j int) bool { return compareNewest(h[i], h[j]) > 0 }
func (h newestHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }

// Push implements heap.Interface.
func (h *newestHeap) Push(a any) {
	if added, ok := a.(*Alert); ok {
		*h = append(*h, added)
	}
}

// Pop implements heap.Interface, although nothing is taken off the heap.
func (h *newestHeap) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}
