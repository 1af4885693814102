package graph

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

// A service is a Graph whose Date, counts, links and rounding are free: fakeapi has
// only what a list and its pages can do.
type service struct {
	alerts []serviceAlert
	page   int
	now    time.Time
	date   func(now time.Time) string               // nil: right; "": none
	count  func(matching, page int) any             // nil: right
	links  string                                   // "": right; "trailing", "always", "none", "4.01"
	lead   int                                      // number of empty pages before the first
	gap    int                                      // number of empty pages between two
	reach  int                                      // $skip from which pages are empty, without a link; 0: none
	round  time.Duration                            // to which it cuts the times of filters
	move   func(s *service, request int)            // before a response
	change func(page []serviceAlert) []serviceAlert // of a response

	mu       sync.Mutex
	requests int

	report alert.Report // of the last read
}

type serviceAlert struct {
	id      string
	updated time.Time
}

// minutes returns n alerts, one a minute before noon.
func minutes(n int) []serviceAlert {
	alerts := make([]serviceAlert, n)
	for i := range alerts {
		alerts[i] = serviceAlert{fmt.Sprint(i), noon.Add(-time.Duration(i+1) * time.Minute)}
	}
	return alerts
}

// seconds returns n alerts, one a second before noon.
func seconds(n int) []serviceAlert {
	alerts := minutes(n)
	for i := range alerts {
		alerts[i].updated = noon.Add(-time.Duration(i+1) * time.Second)
	}
	return alerts
}

// secondEmpty returns a change that removes the alerts of the second response, but not
// their count.
func secondEmpty() func([]serviceAlert) []serviceAlert {
	n := 0
	return func(page []serviceAlert) []serviceAlert {
		if n++; n == 2 {
			return nil
		}
		return page
	}
}

// sameTime returns n alerts of one instant.
func sameTime(n int) []serviceAlert {
	alerts := minutes(n)
	for i := range alerts {
		alerts[i].updated = noon.Add(-time.Hour + tick)
	}
	return alerts
}

var boundPattern = regexp.MustCompile(`lastUpdateDateTime (ge|lt|le) (\S+)`)

// matching returns the alerts of a filter, the newest first.
func (s *service) matching(filter string) []serviceAlert {
	found := slices.Clone(s.alerts)
	for _, bound := range boundPattern.FindAllStringSubmatch(filter, -1) {
		at, err := time.Parse(time.RFC3339Nano, bound[2])
		if err != nil {
			panic(err)
		}
		if s.round > 0 {
			at = at.Truncate(s.round)
		}
		found = slices.DeleteFunc(found, func(a serviceAlert) bool {
			order := a.updated.Compare(at)
			return bound[1] == "ge" && order < 0 || bound[1] == "lt" && order >= 0 || bound[1] == "le" && order > 0
		})
	}
	slices.SortStableFunc(found, func(a, b serviceAlert) int { return b.updated.Compare(a.updated) })
	return found
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests++
	if s.move != nil {
		s.move(s, s.requests)
	}
	query := r.URL.Query()
	found := s.matching(query.Get("$filter"))
	skip, _ := strconv.Atoi(query.Get("$skip"))
	limit, _ := strconv.Atoi(query.Get("$top"))
	skip = min(skip, len(found))
	end := min(skip+min(limit, s.page), len(found))
	page := slices.Clone(found[skip:end])
	if s.change != nil {
		page = s.change(page)
	}
	body := map[string]any{"@odata.count": len(found)}
	if s.count != nil {
		body["@odata.count"] = s.count(len(found), len(page))
	}
	more := end < len(found)
	if s.reach > 0 && skip >= s.reach {
		page, more = nil, false
	}
	gap := s.lead
	if query.Has("gap") {
		gap, _ = strconv.Atoi(query.Get("gap"))
	}
	if gap > 0 {
		page, end, more = nil, skip, true
		query.Set("gap", strconv.Itoa(gap-1))
	} else {
		query.Set("gap", strconv.Itoa(s.gap))
	}
	if more && s.links != "none" || s.links == "always" || s.links == "trailing" && len(page) > 0 {
		query.Set("$skip", strconv.Itoa(end))
		link := url.URL{Scheme: "http", Host: r.Host, Path: r.URL.Path, RawQuery: query.Encode()}
		name := "@odata.nextLink"
		if s.links == "4.01" {
			name = "@nextLink"
		}
		body[name] = link.String()
	}
	value := []any{}
	for _, a := range page {
		value = append(value, map[string]any{"id": a.id, "severity": "high", "serviceSource": defaultProduct,
			"createdDateTime": "2026-11-03T00:00:00Z", "lastUpdateDateTime": a.updated.Format(timeLayout)})
	}
	body["value"] = value
	date := s.now.Format(http.TimeFormat)
	if s.date != nil {
		date = s.date(s.now)
	}
	w.Header()["Date"] = nil
	if date != "" {
		w.Header().Set("Date", date)
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(body); err != nil {
		panic(err)
	}
}

// read reads with a client whose clock is ahead of the service's.
func (s *service) read(t *testing.T, q alert.Query, ahead time.Duration) (*listSink, error) {
	t.Helper()
	if s.page == 0 {
		s.page = 70
	}
	if s.now.IsZero() {
		s.now = noon
	}
	server := httptest.NewServer(s)
	defer server.Close()
	c := New(Options{
		Endpoint: address(t, server.URL), Tokens: staticToken("t"), Pacer: &Pacer{rate.NewLimiter(rate.Inf, 0)}, MaxBytes: 256 << 20, MaxHeld: 64 << 20,
		Client: transport.New(transport.Options{Base: transport.NewRoundTripper(nil), UserAgent: "test", MaxAttempts: 1, AttemptTimeout: time.Minute}),
	})
	c.now = func() time.Time {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.now.Add(ahead)
	}
	c.after = func(time.Duration) <-chan time.Time { return time.After(0) }
	sink := new(listSink)
	var err error
	s.report, err = c.Read(t.Context(), q, sink)
	return sink, err
}

// TestServices reads from services that are odd in one way. A read has all alerts or
// an error.
func TestServices(t *testing.T) {
	t.Parallel()
	later := func(d time.Duration) func(time.Time) string {
		return func(now time.Time) string { return now.Add(d).Format(http.TimeFormat) }
	}
	twice := func(page []serviceAlert) []serviceAlert {
		if len(page) == 10 {
			page[3] = page[4]
		}
		return page
	}
	none := func(int, int) any { return nil }
	since := alert.Query{Since: noon.Add(-2 * time.Hour)}
	for name, test := range map[string]struct {
		service  *service
		query    alert.Query
		want     int  // alerts, with kind ""
		kind     Kind // of the error
		requests int  // at most
	}{
		"as documented":                 {&service{alerts: minutes(110)}, alert.Query{}, 110, "", 6},
		"one page":                      {&service{alerts: minutes(60)}, alert.Query{}, 60, "", 1},
		"no alerts":                     {&service{}, alert.Query{}, 0, "", 1},
		"a link to an empty page":       {&service{alerts: minutes(40), links: "trailing"}, alert.Query{}, 40, "", 2},
		"a link after no alert":         {&service{links: "always"}, alert.Query{}, 0, "", 2},
		"a link on every page":          {&service{alerts: minutes(40), links: "always"}, alert.Query{}, 40, "", 2},
		"names of OData 4.01":           {&service{alerts: minutes(110), links: "4.01", count: func(int, int) any { return nil }}, alert.Query{}, 110, "", 9},
		"full pages without a link":     {&service{alerts: minutes(110), links: "none"}, alert.Query{}, 110, "", 9},
		"a count of the page":           {&service{alerts: minutes(110), links: "none", page: 50, count: func(_, page int) any { return page }}, alert.Query{}, 110, "", 20},
		"a count of the largest page":   {&service{alerts: seconds(1500), links: "none", page: top, count: func(_, page int) any { return page }}, alert.Query{}, 1500, "", 20},
		"an empty page":                 {&service{lead: 1, count: none}, alert.Query{}, 0, "", 2},
		"an empty page before alerts":   {&service{alerts: sameTime(10), lead: 1}, alert.Query{}, 10, "", 9},
		"20 empty pages":                {&service{alerts: sameTime(10), page: 7, gap: emptyPages}, alert.Query{}, 10, "", 29},
		"21 empty pages":                {&service{alerts: sameTime(10), page: 7, gap: emptyPages + 1}, alert.Query{}, 0, BadLink, 40},
		"empty beyond a $skip":          {&service{alerts: sameTime(120), page: 50, reach: 50, count: none}, alert.Query{}, 0, Incomplete, 40},
		"the same, counted":             {&service{alerts: sameTime(120), page: 50, reach: 100}, alert.Query{}, 0, Moving, 40},
		"an empty last page":            {&service{alerts: sameTime(60), links: "trailing", count: none}, alert.Query{}, 60, "", 40},
		"after a page that is not full": {&service{alerts: sameTime(150), page: 100, links: "trailing", count: none}, alert.Query{}, 150, "", 40},
		"one empty response":            {&service{alerts: minutes(110), change: secondEmpty()}, alert.Query{}, 110, "", 12},
		"a count, and only empty pages": {&service{alerts: minutes(110), change: func([]serviceAlert) []serviceAlert { return nil }}, since, 0, Incomplete, 5},
		"an alert twice in a page":      {&service{alerts: minutes(10), change: twice}, alert.Query{}, 10, "", 20},
		"a limit of a page, counted":    {&service{alerts: minutes(50)}, alert.Query{}, 50, "", 2},
		"no Date, window till now":      {&service{alerts: minutes(3), date: func(time.Time) string { return "" }}, alert.Query{}, 0, NoClock, 1},
		"no Date":                       {&service{alerts: minutes(110), date: func(time.Time) string { return "" }}, since, 110, "", 9},
		"Date ahead by an hour":         {&service{alerts: minutes(110), date: later(time.Hour)}, since, 110, "", 9},
		"Date behind by an hour":        {&service{alerts: minutes(110), date: later(-time.Hour)}, since, 110, "", 20},
		"filters in whole seconds": {&service{alerts: []serviceAlert{{"a", noon.Add(300 * time.Millisecond)}, {"b", noon.Add(600 * time.Millisecond)}}, round: time.Second},
			alert.Query{Since: noon.Add(100 * time.Millisecond), Until: noon.Add(500 * time.Millisecond)}, 1, "", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sink, err := test.service.read(t, test.query, 0)
			switch {
			case test.kind != "":
				wantKind(t, name, err, test.kind)
			case err != nil, len(sink.versions) != test.want:
				t.Errorf("alerts = %d, error = %v, want %d", len(sink.versions), err, test.want)
			}
			if test.service.requests > test.requests {
				t.Errorf("requests = %d, want at most %d", test.service.requests, test.requests)
			}
		})
	}
}

// TestMovesAndClocks: an alert that is updated during the read is not lost, whatever the
// Date and this computer's clock say.
func TestMovesAndClocks(t *testing.T) {
	t.Parallel()
	for _, date := range []time.Duration{-time.Hour, 0, 3 * time.Minute, 9 * time.Minute, time.Hour} {
		for _, local := range []time.Duration{-24 * time.Hour, 0, time.Hour} {
			if date > 0 && local > 0 {
				continue // both clocks ahead: nothing says so
			}
			s := &service{alerts: minutes(110), date: func(now time.Time) string { return now.Add(date).Format(http.TimeFormat) }}
			s.move = func(s *service, request int) {
				s.now = s.now.Add(time.Second)
				if request > 1 {
					i := (request * 37) % len(s.alerts)
					s.alerts[i].updated = s.now
				}
			}
			sink, err := s.read(t, alert.Query{Since: noon.Add(-2 * time.Hour)}, local)
			if err == nil && len(sink.versions) != 110 {
				t.Errorf("Date ahead by %v, this computer by %v: %d alerts without an error, want 110", date, local, len(sink.versions))
			}
			if err != nil && date == 0 && local == 0 {
				t.Errorf("right clocks: error %v, want none", err)
			}
		}
	}
}
