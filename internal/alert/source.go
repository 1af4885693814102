package alert

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"math"
	"slices"
)

// A Source reads detections from a service.
type Source interface {
	// Read hands the detections of a query to a sink, one call at a time. Unless its
	// error is nil, the sink's detections must be discarded. An error of the sink
	// ends the read at once, and Read returns it.
	Read(ctx context.Context, q Query, sink Sink) (Report, error)
}

// A Report is what a source learned of a complete read besides its detections.
type Report struct {
	EmptyFilters []Criterion // those that the source applied and that, each alone, match no detection
	Late         int         // alerts that were updated during the read, and may not have been in the window
	CountIgnored bool        // the service has no count of alerts, or one that is not of the request
}

// A Sink takes the detections of a read.
type Sink interface {
	// Reset discards the detections added so far: the read starts over.
	Reset()
	// Add takes the next detection, which is valid during the call only and must
	// not be changed. Its error ends the read.
	Add(d *Detection) error
}

// ErrTooLarge is the error of a Sink whose detections take more memory than its limit,
// or one of whose detections IsLong or has a LongField.
var ErrTooLarge = errors.New("alert: the alerts take more memory than the limit")

// A Batch is a Sink that holds copies of the detections of one page until the
// whole page was read, so that a page can be retried alone and a truncated one
// never counts. The zero value is an empty batch.
type Batch struct{ alerts []*Detection }

// Reset discards the detections of the page.
func (b *Batch) Reset() { b.alerts = nil }

// Add adds a copy of a. It returns nil.
func (b *Batch) Add(d *Detection) error {
	b.alerts = append(b.alerts, d.Clone())
	return nil
}

// Commit adds the detections to next, in their order, and empties the batch. After
// an error of next it adds no more and returns that error.
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

// A Newest is a Sink that holds copies of the newest detections of a read, for a
// service without a limit parameter. Of duplicates it holds the newest. The next
// sink gets as many detections as from a service with one.
type Newest struct {
	batch           Batch // at most twice the limit
	limit, maxBytes int
	held            int // bytes
}

// NewNewest returns a Newest of at most limit detections (0: all). Add returns
// ErrTooLarge when the copies take more than maxBytes (0: never).
func NewNewest(limit, maxBytes int) *Newest {
	return &Newest{limit: cmp.Or(limit, math.MaxInt), maxBytes: cmp.Or(maxBytes, math.MaxInt)}
}

// Reset discards all detections.
func (n *Newest) Reset() { n.batch, n.held = Batch{}, 0 }

// Add adds a copy of a. It may drop detections that are not among the newest.
func (n *Newest) Add(d *Detection) error {
	err := n.batch.Add(d)
	n.held += d.size()
	if n.tooLarge() || len(n.batch.alerts)/2 >= n.limit {
		n.trim()
	}
	if n.tooLarge() {
		return ErrTooLarge
	}
	return err
}

func (n *Newest) tooLarge() bool { return n.held > n.maxBytes }

// trim sorts the detections and drops duplicates and all but the newest. The next
// sink decides between duplicates of one instant and severity.
func (n *Newest) trim() {
	slices.SortStableFunc(n.batch.alerts, compareNewest)
	newest := make(map[string]*Detection, len(n.batch.alerts))
	kept := 0
	n.batch.alerts = slices.DeleteFunc(n.batch.alerts, func(d *Detection) bool {
		first, duplicate := newest[string(d.Identity)]
		duplicate = duplicate && len(d.Identity) > 0
		switch {
		case duplicate && d.Processed.Equal(first.Processed) && d.rank() == first.rank():
			return false
		case duplicate, kept == n.limit:
			n.held -= d.size()
			return true
		}
		newest[string(d.Identity)] = d
		kept++
		return false
	})
}

// Commit adds the detections to next, newest first, and discards them, as Batch does.
func (n *Newest) Commit(next Sink) error {
	n.trim()
	n.held = 0
	return n.batch.Commit(next)
}

// compareNewest orders detections: the newest first, then the more severe first,
// so that the limit drops the less severe, then by identity, so that the order of
// arrival does not matter.
func compareNewest(d, b *Detection) int {
	return cmp.Or(b.Processed.Compare(d.Processed), cmp.Compare(b.rank(), d.rank()), bytes.Compare(d.Identity, b.Identity))
}
