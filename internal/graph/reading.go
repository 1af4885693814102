package graph

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

const (
	parallel = 4 // requests of a read at a time
	rounds   = 5 // of reading what changed during the round before

	// margin is the time by which clocks and listing of the service's computers may differ.
	margin = 2 * time.Minute

	// clockSkew is how far this computer's clock may be ahead of the service's before a
	// window that ends now has to be requested again.
	clockSkew = 5 * time.Second
)

// defaultProduct is the product of the SIEM API.
const defaultProduct = "microsoftDefenderForEndpoint"

// A reading is the state of one read.
type reading struct {
	client   *Client
	query    alert.Query
	products []string
	from     time.Time // start of the window
	read     *transport.Read
	slots    chan struct{} // requests under way
	counting counting
	filters  *filters

	mu     sync.Mutex
	sink   alert.Sink
	newest *alert.Newest   // holds the alerts of a query with a limit; nil: none
	seen   map[string]bool // IDs of the alerts in the window; nil unless the window has an end
	late   map[string]bool // IDs of those that only a later slice had
}

func newReading(c *Client, q alert.Query, sink alert.Sink) *reading {
	r := &reading{
		client:   c,
		query:    q,
		products: q.ServiceSources,
		read:     c.options.Client.Begin(c.url, c.options.Tokens, c.options.MaxBytes),
		slots:    make(chan struct{}, parallel),
		filters:  newFilters(q),
		sink:     sink,
		late:     make(map[string]bool),
	}
	if len(r.products) == 0 {
		r.products = []string{defaultProduct}
	}
	if q.Limit > 0 {
		r.newest = alert.NewNewest(q.Limit, c.options.MaxHeld)
	}
	if !q.Until.IsZero() {
		r.seen = make(map[string]bool)
	}
	sink.Reset()
	return r
}

// run reads the window. One response that has it all is one state of the list.
// Otherwise the window is read in slices, and an alert that is updated meanwhile
// moves to another slice, always to the newest: that one is read last.
func (r *reading) run(ctx context.Context) error {
	began := r.client.now()
	r.from = start(r.query, began.Add(-clockSkew))
	whole := r.whole()
	p, err := r.get(ctx, whole)
	if err != nil {
		return err
	}
	if r.query.Since.IsZero() {
		if p.date.IsZero() {
			return &Error{NoClock, p.requestID}
		}
		// Either clock can be ahead. The window begins by the one that is behind, so that
		// no alert is missed.
		if start(r.query, p.date).Before(r.from) {
			r.from = start(r.query, p.date.Add(-clockSkew))
			whole = r.whole()
			if p, err = r.get(ctx, whole); err != nil {
				return err
			}
		}
	}
	if r.complete(p) {
		return r.commit(p, false)
	}
	edge := edgeBefore(p, began)
	rest := slice{from: edge}
	if whole.to.IsZero() {
		rest.from = later(whole.from, edge)
		whole.to, whole.inclusive = rest.from, false
	}
	if whole.from.Before(whole.to) {
		if err := r.divided(ctx, whole, p, false); err != nil {
			return err
		}
	}
	return r.finishWith(ctx, rest)
}

// whole returns the slice of the window, with edges on whole seconds: commit drops
// what lies outside the window itself.
func (r *reading) whole() slice {
	s := slice{from: r.from.Truncate(time.Second), inclusive: true}
	if until := r.query.Until; !until.IsZero() {
		s.to = until.Add(time.Second - 1).Truncate(time.Second)
	}
	return s
}

// edgeBefore returns an instant by the service's clock that is before a response was
// made, whose request began at that time by this computer's clock: an alert that
// is updated later is updated after the edge. The Date may be wrong, and so may be
// this computer's clock, but the newest alert is in the service's past.
func edgeBefore(p *page, began time.Time) time.Time {
	now := p.newest()
	if !p.date.IsZero() {
		now = later(now, began)
		if p.date.Before(now) {
			now = p.date
		}
	}
	return now.Add(-margin).Truncate(time.Second)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// finishWith reads the newest slice, which has no end: every alert that was updated
// since it was chosen is in it. If it does not fit one response, alerts may be
// updated while its older part is read, and a newer slice is read after it.
func (r *reading) finishWith(ctx context.Context, rest slice) error {
	closing := r.seen != nil
	for range rounds {
		began := r.client.now()
		p, err := r.get(ctx, rest)
		if err != nil {
			return r.of(rest, err)
		}
		if r.complete(p) {
			return r.commit(p, closing)
		}
		edge := edgeBefore(p, began)
		fits := slices.ContainsFunc(p.times(), edge.After) // what is newer than the edge is in this page
		if !fits || !edge.After(rest.from) {
			if err := r.wait(ctx, p, edge); err != nil {
				return err
			}
			continue
		}
		if err := r.divided(ctx, slice{from: rest.from, to: edge}, p, closing); err != nil {
			return err
		}
		rest.from = edge
	}
	return r.of(rest, &Error{Kind: Moving})
}

// wait lets the alerts of a page grow older than the margin, so that the next edge is
// after all of them.
func (r *reading) wait(ctx context.Context, p *page, edge time.Time) error {
	select {
	case <-r.client.after(min(max(p.newest().Sub(edge), 0)+time.Second, margin)):
		return nil
	case <-ctx.Done():
		return r.ended(ctx)
	}
}

// ended returns the error of the read after its context ended between two requests.
func (r *reading) ended(ctx context.Context) error {
	return transport.ContextError(ctx, transport.Error{Phase: transport.PhaseRead, Host: r.client.url.Host})
}

// divided reads a slice of which p, an incomplete page of more, has alerts.
func (r *reading) divided(ctx context.Context, s slice, p *page, closing bool) error {
	parts := r.cut(s, p)
	if parts == nil {
		parts = []slice{s}
	}
	p.found = nil // the parts have its alerts too
	return r.parts(ctx, parts, closing)
}

// cut divides a slice by an incomplete page of it, or of more.
func (r *reading) cut(s slice, p *page) []slice {
	var total int64
	if r.counting.usable(p) {
		total = p.count
	}
	return s.cut(p.times(), total)
}

// parts reads slices, several at a time.
func (r *reading) parts(ctx context.Context, parts []slice, closing bool) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, part := range parts {
		group.Go(func() error { return r.guarded(ctx, part, closing) })
	}
	return group.Wait()
}

// errPanic replaces a panic, whose value could contain the text of an alert.
var errPanic = errors.New("graph: internal error")

// guarded is part for a goroutine of its own, where a panic would end the process and
// print its value.
func (r *reading) guarded(ctx context.Context, s slice, closing bool) (err error) {
	defer func() {
		if recover() != nil {
			err = errPanic
		}
	}()
	return r.part(ctx, s, closing)
}

func (r *reading) part(ctx context.Context, s slice, closing bool) error {
	p, err := r.get(ctx, s)
	if err != nil {
		return r.of(s, err)
	}
	if r.complete(p) {
		return r.commit(p, closing)
	}
	// Behind an empty page that has a link, only links lead on.
	if parts := r.cut(s, p); parts != nil && len(p.found) > 0 {
		p.found = nil // the parts have its alerts too
		return r.parts(ctx, parts, closing)
	}
	return r.of(s, r.chain(ctx, s, p, closing))
}

// of names the slice in an error of a request, unless the error is the whole read's.
func (r *reading) of(s slice, err error) error {
	network, ok := errors.AsType[*transport.Error](err)
	switch {
	case err == nil, errors.Is(err, context.Canceled), errors.Is(err, alert.ErrTooLarge), ok && network.Kind == transport.OutOfTime:
		return err
	}
	return &SliceError{s.from, s.to, err}
}

// commit hands the alerts of a complete page on that are in the window. closing is
// true for a slice of alerts that were updated during the read of a window that ended
// before: it may hold alerts that were never in the window.
func (r *reading) commit(p *page, closing bool) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, each := range p.found {
		if !r.holds(each, closing) || each.detection == nil {
			continue
		}
		if err := r.add(each.detection); err != nil {
			return err
		}
	}
	return nil
}

// holds reports whether an alert counts as one in the window.
func (r *reading) holds(each found, closing bool) bool {
	switch {
	case each.updated.Before(r.from):
		return false
	case r.seen == nil:
		return true
	case !each.updated.After(r.query.Until):
		r.seen[each.id] = true
		delete(r.late, each.id)
		return true
	case !closing:
		return false
	case r.seen[each.id]:
		return true
	case each.created.After(r.query.Until):
		return false
	}
	if each.detection != nil {
		r.late[each.id] = true
	}
	return true
}

func (r *reading) add(d *alert.Detection) error {
	if r.newest != nil {
		return r.newest.Add(d)
	}
	return r.sink.Add(d)
}

// finish hands the newest alerts on, and reports.
func (r *reading) finish() (alert.Report, error) {
	if r.newest != nil {
		if err := r.newest.Commit(r.sink); err != nil {
			return alert.Report{}, err
		}
	}
	return alert.Report{EmptyFilters: r.filters.empty(), Late: len(r.late), CountIgnored: r.counting.unused()}, nil
}
