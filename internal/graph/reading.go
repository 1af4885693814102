package graph

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
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

	// The clocks and the listing of the service's computers may differ by margin; that of
	// this computer, which counts only without a Date header, by localMargin.
	margin      = 2 * time.Minute
	localMargin = 10 * time.Minute

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
	whole := slice{from: start(r.query, began.Add(-clockSkew)), to: r.query.Until, inclusive: true}
	p, err := r.first(ctx, whole)
	if err != nil {
		return err
	}
	// By the service's clock the window starts earlier.
	if from := start(r.query, p.date); !p.date.IsZero() && from.Before(whole.from) {
		whole.from = from
		if p, err = r.get(ctx, whole); err != nil {
			return err
		}
	}
	if r.complete(p) {
		return r.commit(p, false)
	}
	edge := before(p, began)
	rest := slice{from: edge}
	if whole.to.IsZero() {
		rest.from = later(whole.from, edge)
		whole.to, whole.inclusive = rest.from, false
	}
	if whole.from.Before(whole.to) {
		if err := r.parts(ctx, whole, p, false); err != nil {
			return err
		}
	}
	return r.finishWith(ctx, rest)
}

// first requests the whole window, without a count if the service refuses it.
func (r *reading) first(ctx context.Context, whole slice) (*page, error) {
	p, err := r.get(ctx, whole)
	if e, ok := errors.AsType[*transport.Error](err); ok && e.Kind == transport.Status && e.Status == http.StatusBadRequest {
		r.counting.refused.Store(true)
		return r.get(ctx, whole)
	}
	return p, err
}

// before returns an instant by the service's clock that is surely before a response
// was made; began is when its request was, by this computer's clock. A Date far
// ahead of that clock is not the service's.
func before(p *page, began time.Time) time.Time {
	if p.date.IsZero() || p.date.After(began.Add(localMargin)) {
		return began.Add(-localMargin).Truncate(time.Second)
	}
	return p.date.Add(-margin)
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
		edge := before(p, began)
		fits := slices.ContainsFunc(p.times(), edge.After) // what is newer than the edge is in this page
		if !fits || !edge.After(rest.from) {
			if err := r.wait(ctx, p, edge); err != nil {
				return err
			}
			continue
		}
		if err := r.parts(ctx, slice{from: rest.from, to: edge}, p, closing); err != nil {
			return err
		}
		rest.from = edge
	}
	return r.of(rest, &Error{Kind: Moving})
}

// wait lets the alerts of a page grow older than the margin, so that the next edge is
// after all of them.
func (r *reading) wait(ctx context.Context, p *page, edge time.Time) error {
	newest := edge
	for _, t := range p.times() {
		newest = later(newest, t)
	}
	select {
	case <-r.client.after(min(newest.Sub(edge)+time.Second, margin)):
		return nil
	case <-ctx.Done():
		return transport.ContextError(ctx, transport.Error{Phase: transport.PhaseRead, Host: r.client.url.Host})
	}
}

// parts reads the parts of a slice, several at a time. p is an incomplete page of
// it, or of more.
func (r *reading) parts(ctx context.Context, s slice, p *page, closing bool) error {
	total := int64(-1)
	if r.counting.usable(p) {
		total = p.count
	}
	parts := s.cut(p.times(), total)
	if parts == nil {
		parts = []slice{s}
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, part := range parts {
		group.Go(func() error { return r.part(ctx, part, closing) })
	}
	return group.Wait()
}

func (r *reading) part(ctx context.Context, s slice, closing bool) error {
	p, err := r.get(ctx, s)
	switch {
	case err != nil:
		return r.of(s, err)
	case r.complete(p):
		return r.commit(p, closing)
	case s.divisible(p.times()):
		return r.parts(ctx, s, p, closing)
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

// commit hands the alerts of a complete page on. closing is true for a slice of
// alerts that were updated during the read of a window that ended before: it may
// hold alerts that were never in the window.
func (r *reading) commit(p *page, closing bool) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, each := range p.found {
		switch {
		case r.seen == nil:
		case !closing || !each.updated.After(r.query.Until):
			r.seen[each.id] = true
			delete(r.late, each.id)
		case !r.seen[each.id]:
			if each.created.After(r.query.Until) {
				continue
			}
			r.late[each.id] = true
		}
		if each.detection == nil {
			continue
		}
		if err := r.add(each.detection); err != nil {
			return err
		}
	}
	return nil
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
	return alert.Report{EmptyFilters: r.filters.empty(), Late: len(r.late), CountIgnored: r.counting.ignored.Load()}, nil
}

// chains is how often a slice that cannot be divided is read until nothing moves.
const chains = 4

// chain reads a slice that cannot be divided, page after page. Pages are parts of a
// list by position: if an alert that was read leaves the list, another moves to an
// earlier position and is skipped. So the pages must have as many alerts as the
// first one counts, or, without a count, the same as the pages of the try before.
func (r *reading) chain(ctx context.Context, s slice, first *page, closing bool) error {
	var previous map[string]bool
	for try := range chains {
		if try > 0 {
			var err error
			if first, err = r.get(ctx, s); err != nil {
				return err
			}
		}
		all, ids, err := r.pages(ctx, s, first)
		if err != nil {
			return err
		}
		whole := maps.Equal(ids, previous)
		if r.counting.usable(first) {
			whole = int64(len(ids)) == first.count
		}
		if whole {
			return r.commit(all, closing)
		}
		previous = ids
	}
	return &Error{Kind: Moving}
}

// emptyPages is the number of pages without an alert that a chain may have.
const emptyPages = 20

// pages follows the links of a page to the last one. It returns all alerts, and
// their IDs.
func (r *reading) pages(ctx context.Context, s slice, p *page) (all *page, ids map[string]bool, err error) {
	all, ids = new(page), make(map[string]bool)
	links, full, counted := make(map[string]bool), max(len(p.found), 1), r.counting.usable(p)
	for empty := 0; ; {
		before := len(ids)
		for _, each := range p.found {
			ids[each.id] = true
		}
		all.found = append(all.found, p.found...)
		if len(p.found) == 0 {
			empty++
		}
		switch {
		case p.next == "" && len(links) == 0 && !r.complete(p), p.next == "" && len(links) > 0 && !counted && len(p.found) >= full:
			return nil, nil, &Error{Incomplete, p.requestID}
		case p.next == "":
			return all, ids, nil
		case len(p.found) > 0 && len(ids) == before, links[p.next], empty > emptyPages, !r.keepsFilter(s, p.next):
			return nil, nil, &Error{BadLink, p.requestID}
		}
		links[p.next] = true
		address, err := transport.Follow(r.client.url, p.next)
		if err != nil {
			return nil, nil, &Error{BadLink, p.requestID}
		}
		if p, err = r.follow(ctx, s, address); err != nil {
			return nil, nil, err
		}
	}
}

// keepsFilter reports whether a link to the next page has the filter of the slice, or
// a token in its place.
func (r *reading) keepsFilter(s slice, link string) bool {
	address, err := url.Parse(link)
	if err != nil {
		return false
	}
	query, err := url.ParseQuery(address.RawQuery)
	return err == nil && (slices.Equal(query["$filter"], []string{s.filter(r.products)}) || len(query["$skiptoken"]) == 1)
}
