package graph

import (
	"context"
	"net/http"
	"net/url"
	"slices"
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
	next      string    // the address of the next page, or ""
	count     int64     // of the alerts of the slice, as the service says; -1: unknown
	date      time.Time // by the service's clock; zero: unknown
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

// queryString returns that of a request for a slice.
func (r *reading) queryString(s slice) string {
	query := "$filter=" + url.QueryEscape(s.filter(r.products)) + "&$top=1000"
	if r.counting.requested() {
		query += "&$count=true"
	}
	return query
}

// get requests a slice.
func (r *reading) get(ctx context.Context, s slice) (*page, error) {
	address := *r.client.url
	address.RawQuery = r.queryString(s)
	p, err := r.follow(ctx, s, &address)
	if err != nil || !r.counting.doubts(p) {
		return p, err
	}
	// Nothing is in this slice, so a count of it must be 0.
	s.to, s.inclusive = s.from, false
	address.RawQuery = r.queryString(s)
	nothing, err := r.follow(ctx, s, &address)
	if err != nil {
		return nil, err
	}
	r.counting.judge(nothing.count == 0)
	return p, nil
}

// follow requests an address that returns alerts of a slice.
func (r *reading) follow(ctx context.Context, s slice, address *url.URL) (*page, error) {
	select {
	case r.slots <- struct{}{}:
		defer func() { <-r.slots }()
	case <-ctx.Done():
		return nil, transport.ContextError(ctx, transport.Error{Phase: transport.PhaseRead, Host: r.client.url.Host})
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

// decode reads a response to the request for a slice.
func (r *reading) decode(s slice, resp *transport.Response) (*page, error) {
	p := &page{requestID: resp.RequestID}
	p.date, _ = http.ParseTime(resp.Header.Get("Date"))
	// The header of a response that lacks the alerts of a product.
	if slices.ContainsFunc(resp.Header.Values("Warning"), func(text string) bool { return strings.HasPrefix(text, "199") }) {
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
		return nil
	})
	if err != nil {
		return nil, err
	}
	p.next, p.count = info.Next, info.Count
	if p.next != "" {
		if _, err := transport.Follow(r.client.url, p.next); err != nil {
			return nil, &Error{BadLink, p.requestID}
		}
	}
	return p, nil
}

// complete reports whether a page has all alerts of its slice. Without a usable
// count, a page with a round number of alerts may be one that the service
// cut off: pages that it limits have 50, 100, 200, 500 or 1000.
func (r *reading) complete(p *page) bool {
	n := int64(len(p.found))
	switch {
	case p.next != "" || n >= top:
		return false
	case r.counting.usable(p):
		return n == p.count
	}
	return n == 0 || n%50 != 0
}
