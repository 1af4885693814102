package alert

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"
)

// A Source reads alerts from a service.
type Source interface {
	// Read hands the alerts that a query asks for to a sink, in the order of the
	// response. Until it has returned nil, the sink's alerts must be discarded. An
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
// was read to its end, so that a page can be retried alone and a truncated one
// never counts. The zero value is an empty batch.
type Batch struct{ alerts []*Alert }

// Reset discards the alerts of the page.
func (b *Batch) Reset() { b.alerts = nil }

// Add adds a copy of a. It returns nil.
func (b *Batch) Add(a *Alert) error {
	b.alerts = append(b.alerts, a.Clone())
	return nil
}

// Commit adds the alerts to next, in their order, and empties the batch. It
// returns the first error of next, which then does not have the rest.
func (b *Batch) Commit(next Sink) error {
	alerts := b.alerts
	b.Reset()
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
	batch           Batch // at most twice the limit
	limit, maxBytes int
	held            int // bytes
}

// NewNewest returns a Newest of at most limit alerts (0: all). Add returns
// ErrTooLarge when the copies take more than maxBytes (0: never).
func NewNewest(limit, maxBytes int) *Newest { return &Newest{limit: limit, maxBytes: maxBytes} }

// Reset discards all alerts.
func (n *Newest) Reset() { n.batch, n.held = Batch{}, 0 }

// Add adds a copy of a, which counts if it is one of the newest in the end.
func (n *Newest) Add(a *Alert) error {
	err := n.batch.Add(a)
	n.held += a.size()
	full := n.maxBytes > 0 && n.held > n.maxBytes
	if full || n.limit > 0 && len(n.batch.alerts) >= 2*n.limit {
		n.trim()
	}
	if full && n.held > n.maxBytes {
		return ErrTooLarge
	}
	return err
}

// trim sorts the alerts and drops all but the newest.
func (n *Newest) trim() {
	alerts := n.batch.alerts
	slices.SortStableFunc(alerts, compareNewest)
	for n.limit > 0 && len(alerts) > n.limit {
		last := len(alerts) - 1
		n.held -= alerts[last].size()
		alerts[last], alerts = nil, alerts[:last]
	}
	n.batch.alerts = alerts
}

// Commit adds the alerts to next, newest first, and discards them, as Batch does.
func (n *Newest) Commit(next Sink) error {
	n.trim()
	n.held = 0
	return n.batch.Commit(next)
}

// compareNewest orders alerts: the newest first, then the more severe, so that
// the limit cuts off the others, then by identity. What the limit keeps does not
// depend on the order of arrival.
func compareNewest(a, b *Alert) int {
	return cmp.Or(b.Processed.Compare(a.Processed), cmp.Compare(b.rank(), a.rank()), bytes.Compare(a.Identity, b.Identity))
}
