package graph

import (
	"context"
	"maps"
	"net/url"
	"slices"
)

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
		all, err := r.pages(ctx, s, first)
		if err != nil {
			return err
		}
		whole := previous != nil && maps.Equal(all.ids, previous)
		if r.counting.usable(first) {
			whole = int64(len(all.ids)) == first.count
		}
		if whole {
			return r.commit(all, closing)
		}
		previous = all.ids
	}
	return &Error{Kind: Moving}
}

// pages follows the links of a page to the last one, and returns all alerts.
func (r *reading) pages(ctx context.Context, s slice, p *page) (*page, error) {
	if p.next == nil && !r.complete(p) {
		return nil, &Error{Incomplete, p.requestID}
	}
	all := &page{ids: make(map[string]bool)}
	links, empty := make(map[string]bool), 0
	counted, full, last := r.counting.usable(p), max(len(p.found), 1), 0
	for {
		known := len(all.ids)
		maps.Copy(all.ids, p.ids)
		all.found = append(all.found, p.found...)
		if n := len(p.found); n > 0 {
			last = n
		} else {
			empty++
		}
		// A service that ends the links too early ends with a full page, or with an empty one after it.
		endsFull := last >= full && (len(p.found) > 0 || isRound(int64(last)))
		switch {
		case p.next == nil && len(links) > 0 && !counted && (endsFull || len(all.found) == 0):
			return nil, &Error{Incomplete, p.requestID}
		case p.next == nil:
			return all, nil
		case len(p.found) > 0 && len(all.ids) == known, links[p.next.RawQuery], empty > emptyPages, !r.keepsFilter(s, p.next):
			return nil, &Error{BadLink, p.requestID}
		}
		links[p.next.RawQuery] = true
		var err error
		if p, err = r.follow(ctx, s, p.next); err != nil {
			return nil, err
		}
	}
}

// keepsFilter reports whether a link to the next page has the filter of the slice, or
// a token: what the service puts beside a token is its own affair.
func (r *reading) keepsFilter(s slice, link *url.URL) bool {
	query, err := url.ParseQuery(link.RawQuery)
	return err == nil && (slices.Equal(query["$filter"], []string{s.filter(r.products)}) || len(query["$skiptoken"]) == 1)
}
