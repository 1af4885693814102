package graph

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

// top is the largest page of the service, which reduces a larger $top silently.
const top = 1000

// A page is one response to a slice.
type page struct {
	found     []found
	ids       map[string]bool // of found
	next      *url.URL        // the next page, as transport.Follow returns it; nil: none
	count     int64           // of the alerts of the slice, as the service says; -1: unknown
	date      time.Time       // by the service's clock; zero: unknown
	requestID string
}

// A found is an alert of a response.
type found struct {
	id        string
	updated   time.Time
	created   time.Time
	detection *alert.Detection // nil if the query's filters drop it
}

// times returns when the alerts of the page were updated.
func (p *page) times() []time.Time {
	times := make([]time.Time, len(p.found))
	for i := range p.found {
		times[i] = p.found[i].updated
	}
	return times
}

// newest returns when the newest alert of the page was updated; the zero time without one.
func (p *page) newest() (newest time.Time) {
	for _, each := range p.found {
		newest = later(newest, each.updated)
	}
	return newest
}

// get requests a slice. Its page has no link if the next page is known to be empty. It
// has an alert if the service counts any: alerts can move between count and list, but not
// twice.
func (r *reading) get(ctx context.Context, s slice) (p *page, err error) {
	for range 2 {
		p, err = r.getOnce(ctx, s)
		if err != nil || len(p.found) > 0 || p.next != nil || r.complete(p) {
			return p, err
		}
	}
	return nil, &Error{Incomplete, p.requestID}
}

func (r *reading) getOnce(ctx context.Context, s slice) (*page, error) {
	p, err := r.request(ctx, s, top)
	if isBadRequest(err) && r.counting.refuse() {
		p, err = r.request(ctx, s, top)
	}
	if err != nil {
		return nil, err
	}
	if err := r.skipEmpty(ctx, s, p); err != nil {
		return nil, err
	}
	return p, r.check(ctx, s, p)
}

func isBadRequest(err error) bool {
	e, ok := errors.AsType[*transport.Error](err)
	return ok && e.Kind == transport.Status && e.Status == http.StatusBadRequest
}

// request requests at most limit alerts of a slice.
func (r *reading) request(ctx context.Context, s slice, limit int) (*page, error) {
	address := *r.client.url
	address.RawQuery = "$filter=" + url.QueryEscape(s.filter(r.products)) + "&$top=" + strconv.Itoa(limit)
	if r.counting.requested() {
		address.RawQuery += "&$count=true"
	}
	return r.follow(ctx, s, &address)
}

// emptyPages is the number of pages without an alert that may follow one another.
const emptyPages = 20

// skipEmpty follows the links of a page that seems to have all alerts: services also
// link to a last page that is empty. It removes the link if nothing follows.
func (r *reading) skipEmpty(ctx context.Context, s slice, p *page) error {
	following := p
	var err error
	for range emptyPages {
		whole := r.counting.usable(p) && int64(len(p.ids)) == p.count
		switch {
		case following != p && len(following.found) > 0:
			return nil // p lacks alerts
		case following.next == nil, following != p && whole:
			p.next = nil
			return nil
		case len(p.found) > 0 && !whole:
			return nil
		}
		if !r.keepsFilter(s, following.next) {
			return &Error{BadLink, p.requestID}
		}
		if following, err = r.follow(ctx, s, following.next); err != nil {
			return err
		}
	}
	return &Error{BadLink, p.requestID}
}

// follow requests an address that returns alerts of a slice.
func (r *reading) follow(ctx context.Context, s slice, address *url.URL) (*page, error) {
	select {
	case r.slots <- struct{}{}:
		defer func() { <-r.slots }()
	case <-ctx.Done():
		return nil, r.ended(ctx)
	}
	var p *page
	err := r.read.Do(ctx, transport.Request{
		Phase:  transport.PhaseRead,
		Method: http.MethodGet,
		URL:    address,
		// Without it the service writes "unknownFutureValue" for newer values.
		Header: http.Header{"Prefer": {"include-unknown-enum-members"}},
		Pace:   r.client.options.Pacer.wait,
	}, func(resp *transport.Response) (err error) {
		p, err = r.decode(s, resp)
		return err
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// incomplete matches the Warning header of a response that lacks the alerts of a
// product; a proxy's warnings have other codes.
var incomplete = regexp.MustCompile(`(^|,)\s*[12]99\b`)

// decode reads a response to the request for a slice.
func (r *reading) decode(s slice, resp *transport.Response) (*page, error) {
	p := &page{requestID: resp.RequestID, ids: make(map[string]bool)}
	p.date, _ = http.ParseTime(resp.Header.Get("Date"))
	if slices.ContainsFunc(resp.Header.Values("Warning"), incomplete.MatchString) {
		return nil, &Error{Warned, p.requestID}
	}
	info, err := decode(resp.Body, resp.RequestID, func(a *Alert) error {
		product := string(a.Detection.Text(alert.FieldServiceSource))
		ours := slices.ContainsFunc(r.products, func(wanted string) bool { return strings.EqualFold(wanted, product) })
		if !ours || !s.holds(a.Detection.Processed) {
			return &Error{FilterIgnored, p.requestID}
		}
		each := found{id: string(a.Detection.Identity), updated: a.Detection.Processed, created: a.Created}
		if r.filters.keep(a) {
			each.detection = a.Detection.Clone()
			each.detection.Index = -1
		}
		p.found = append(p.found, each)
		p.ids[each.id] = true
		return nil
	})
	if err != nil {
		return nil, err
	}
	p.count = info.Count
	r.counting.see(p)
	if info.Next != "" {
		if p.next, err = transport.Follow(r.client.url, info.Next); err != nil {
			return nil, &Error{BadLink, p.requestID}
		}
	}
	return p, nil
}

// complete reports whether a page has all alerts of its slice. One with an alert twice
// is not one state of the list. Without a usable count, a page with a round number
// of alerts may have been limited by the service.
func (r *reading) complete(p *page) bool {
	n := int64(len(p.found))
	switch {
	case p.next != nil || n >= top || len(p.ids) < len(p.found):
		return false
	case r.counting.usable(p):
		return n == p.count
	}
	return n == 0 || !isRound(n)
}

// isRound reports whether a number is a usual limit of pages, such as 50 or 200.
func isRound(n int64) bool { return n > 0 && n%50 == 0 }
