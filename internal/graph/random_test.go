package graph

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

// A failure prints the flags that repeat it: go test ./internal/graph -run Random -seed 1 -first 7 -rounds 1.
var (
	scripts = flag.Int("rounds", 100, "number of random scripts")
	seed    = flag.Uint64("seed", 1, "seed of the random scripts")
	begin   = flag.Uint64("first", 0, "number of the first random script")
)

// A clock is the service's: it moves only when a test says so.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	return c.now
}

// A listSink keeps all versions of all alerts that it gets.
type listSink struct {
	versions map[string][]time.Time // by ID
}

func (s *listSink) Reset() { s.versions = make(map[string][]time.Time) }

func (s *listSink) Add(d *alert.Detection) error {
	if d.Index != -1 {
		return fmt.Errorf("index of a detection = %d, want none", d.Index)
	}
	id := string(d.Text(alert.FieldAlertID))
	s.versions[id] = append(s.versions[id], d.Processed)
	return nil
}

// A script is a service that misbehaves and a list that moves, chosen at random.
type script struct {
	random  *rand.Rand
	options fakeapi.Options
	clock   *clock
	query   alert.Query
	alerts  []fakeapi.GraphAlert
	made    int
	updates map[string][]time.Time // all times that an alert ever had
	created map[string]time.Time
	kind    string // of the misbehaviour
	moves   string // of the moves
}

func newScript(seed, n uint64) *script {
	r := rand.New(rand.NewPCG(seed, n))
	s := &script{random: r, clock: &clock{now: noon}, updates: map[string][]time.Time{}, created: map[string]time.Time{}}
	s.options = fakeapi.Options{Alerts: -1, Now: s.clock.read, GraphPage: []int{1, 3, 10, 50, 200}[r.IntN(5)]}
	s.query = [...]alert.Query{
		{},
		{Ago: alert.Period{Text: "PT6H", Duration: 6 * time.Hour}},
		{Ago: alert.Period{Text: "PT1M", Duration: time.Minute}},
		{Since: noon.Add(-time.Hour)},
		{Since: noon.Add(-time.Hour - 1234567*tick), Until: noon.Add(-time.Minute)},
		{Since: noon.Add(-2 * time.Hour), Until: noon.Add(time.Hour)},
	}[r.IntN(6)]
	s.fill()
	s.misbehave()
	s.moves = [...]string{"", "", "few", "many", "incident", "arrivals", "burst"}[r.IntN(7)]
	return s
}

// fill makes alerts: spread, in clusters, of one instant, on the edges of seconds.
func (s *script) fill() {
	r := s.random
	from := start(s.query, noon)
	width := noon.Sub(from)
	n := r.IntN(min(12*s.options.GraphPage, 300) + 1)
	shape := r.IntN(5)
	instant := from.Add(time.Duration(r.Int64N(int64(width)))).Truncate(tick)
	for range n {
		at := from.Add(time.Duration(r.Int64N(int64(width)))).Truncate(tick)
		switch shape {
		case 0:
			at = at.Truncate(time.Second)
		case 1:
			if r.IntN(3) > 0 {
				at = instant
			}
		case 2:
			at = instant.Add(time.Duration(r.IntN(30)) * tick)
		case 3:
			at = noon.Add(-time.Duration(r.Int64N(int64(min(width, 3*time.Minute))))).Truncate(tick)
		}
		if r.IntN(20) == 0 { // outside the window
			at = from.Add(-time.Duration(1 + r.Int64N(int64(time.Hour)))).Truncate(tick)
		}
		s.add(at, at.Add(-time.Duration(r.Int64N(int64(48*time.Hour)))))
	}
}

func (s *script) add(at, created time.Time) {
	id := fmt.Sprintf("da%d_1", s.made)
	s.made++
	s.alerts = append(s.alerts, fakeapi.GraphAlert(fmt.Sprintf(
		`{"id":%q,"severity":"high","status":"new","serviceSource":"microsoftDefenderForEndpoint","createdDateTime":%q,"lastUpdateDateTime":%q,"evidence":[]}`,
		id, created.UTC().Format(timeLayout), at.UTC().Format(timeLayout))))
	s.updates[id] = append(s.updates[id], at)
	s.created[id] = created.Truncate(tick)
}

// misbehave chooses one fault of the service.
func (s *script) misbehave() {
	r, o := s.random, &s.options
	s.kind = [...]string{"", "", "no count", "count of the tenant", "count 0", "count too high", "silent", "silent, no count", "loop", "other host",
		"lost filter", "endless", "throttled", "failing", "no links beyond"}[r.IntN(15)]
	switch s.kind {
	case "no count":
		o.GraphNoCount = true
	case "count of the tenant":
		o.GraphCount = func(_, tenant int) int { return tenant + 5000 }
	case "count 0":
		o.GraphCount = func(int, int) int { return 0 }
	case "count too high":
		o.GraphCount = func(matching, _ int) int { return matching + 1 }
	case "silent":
		o.GraphSilentPages = true
	case "silent, no count":
		o.GraphSilentPages, o.GraphNoCount, o.GraphPage = true, true, 50
	case "loop":
		loop := ""
		o.GraphLink = func(link string) string {
			if loop == "" {
				loop = link
			}
			return loop
		}
	case "other host":
		o.GraphLink = func(link string) string { return strings.Replace(link, "127.0.0.1", "127.0.0.2", 1) }
	case "lost filter":
		o.GraphLink = func(link string) string {
			address, _ := url.Parse(link)
			query := address.Query()
			query.Del("$filter")
			address.RawQuery = query.Encode()
			return address.String()
		}
	case "endless":
		n := 0
		o.GraphLink = func(link string) string { n++; return link + fmt.Sprintf("&$endless=%d", n) }
	case "no links beyond":
		o.GraphLink = func(link string) string {
			address, _ := url.Parse(link)
			if skip := address.Query().Get("$skip"); len(skip) > 2 {
				return ""
			}
			return link
		}
	}
}

// move changes the list between two requests.
func (s *script) move(list []fakeapi.GraphAlert) []fakeapi.GraphAlert {
	r := s.random
	now := s.clock.advance(time.Duration(r.Int64N(int64(40 * time.Second)))).Truncate(tick)
	update := func(i int) {
		list[i] = list[i].Set("lastUpdateDateTime", now.Format(timeLayout))
		s.updates[list[i].ID()] = append(s.updates[list[i].ID()], now)
	}
	switch s.moves {
	case "few":
		if len(list) > 0 && r.IntN(2) == 0 {
			update(r.IntN(len(list)))
		}
	case "many":
		for i := range list {
			if r.IntN(5) == 0 {
				update(i)
			}
		}
	case "incident":
		if r.IntN(8) == 0 {
			for i := range list {
				if r.IntN(2) == 0 {
					update(i)
				}
			}
		}
	case "arrivals":
		before := len(s.alerts)
		for range r.IntN(4) {
			s.add(now, now)
		}
		list = append(list, s.alerts[before:]...)
	case "burst":
		if r.IntN(6) == 0 {
			before := len(s.alerts)
			for range r.IntN(2*s.options.GraphPage + 1) {
				s.add(now, now)
			}
			list = append(list, s.alerts[before:]...)
		}
	}
	return list
}

// run reads and returns what arrived, and the error of the read.
func (s *script) run(t *testing.T) (*listSink, error) {
	t.Helper()
	server, err := fakeapi.Start(s.options)
	if err != nil {
		return nil, err
	}
	defer server.Close()
	body, err := json.Marshal(rawAlerts(s.alerts))
	if err == nil {
		err = server.SetGraphAlerts(body)
	}
	if err != nil {
		t.Error(err)
	}
	// The first response shows the list as it is when the read begins. Before it, the
	// service may refuse a count.
	quiet := 1
	if s.options.GraphNoCount {
		quiet = 2
	}
	server.OnGraphRequest(func(n int) {
		if n > quiet {
			server.UpdateGraph(s.move)
		}
	})
	busy := fakeapi.Reply(http.StatusTooManyRequests, http.Header{"Retry-After": {"0"}}, "{}")
	switch s.kind {
	case "throttled":
		server.Script(fakeapi.Graph, fakeapi.Normal(), fakeapi.Normal(), busy)
	case "failing":
		server.Script(fakeapi.Graph, fakeapi.Normal(), fakeapi.Normal(), fakeapi.Always(fakeapi.Reply(http.StatusGatewayTimeout, nil, "{}")))
	}
	c := newTestClient(t, server, 2)
	c.now = s.clock.read
	c.after = func(d time.Duration) <-chan time.Time {
		s.clock.advance(d)
		return time.After(0)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	sink := new(listSink)
	_, err = c.Read(ctx, s.query, sink)
	return sink, err
}

// judge compares the result of a read with the script. The result holds every alert
// that was in the window when the read began, and none that never was in it.
func (s *script) judge(sink *listSink) error {
	from, until := start(s.query, noon), s.query.Until
	inWindow := func(t time.Time) bool { return !t.Before(from) && (until.IsZero() || !t.After(until)) }
	nearWindow := func(t time.Time) bool { return inWindow(t) || inWindow(t.Add(clockSkew)) }
	for id, times := range s.updates {
		if !times[0].After(noon) && inWindow(times[0]) && len(sink.versions[id]) == 0 {
			return fmt.Errorf("alert %s, updated %v, is missing", id, times)
		}
	}
	for id, versions := range sink.versions {
		for _, version := range versions {
			if !slices.ContainsFunc(s.updates[id], version.Equal) {
				return fmt.Errorf("alert %s has the time %v, which it never had: %v", id, version, s.updates[id])
			}
		}
		if !slices.ContainsFunc(s.updates[id], nearWindow) && (until.IsZero() || s.created[id].After(until)) {
			return fmt.Errorf("alert %s, updated %v, was never in the window", id, s.updates[id])
		}
	}
	return nil
}

// succeeds reports whether the read of the script must have a result: the service is
// as documented, or its fault is one that the client recovers from, and nothing moves.
func (s *script) succeeds() bool {
	counted := slices.Contains([]string{"", "throttled"}, s.kind)
	uncounted := slices.Contains([]string{"no count", "count of the tenant", "count 0"}, s.kind)
	return s.moves == "" && (counted || uncounted && s.options.GraphPage == 200)
}

// together is the number of scripts that run at a time: retries wait.
const together = 16

// TestRandomScripts reads with a service and a list that are chosen at random. Every
// read has a complete result or an error.
func TestRandomScripts(t *testing.T) {
	t.Parallel()
	type outcome struct{ results, errors, wrong int }
	var mu sync.Mutex
	var all outcome
	outcomes := map[string]outcome{}
	turns := make(chan struct{}, together)
	var group sync.WaitGroup
	for n := *begin; n < *begin+uint64(*scripts); n++ {
		turns <- struct{}{}
		group.Go(func() {
			defer func() { <-turns }()
			s := newScript(*seed, n)
			sink, err := s.run(t)
			wrong := s.verdict(sink, err)
			if wrong != nil {
				t.Errorf("-seed %d -first %d -rounds 1 (%s; %s; page %d; %v): %v", *seed, n, s.kind, s.moves, s.options.GraphPage, s.query, wrong)
			}
			mu.Lock()
			defer mu.Unlock()
			each := outcomes[s.kind+"; "+s.moves]
			for _, o := range []*outcome{&each, &all} {
				switch {
				case wrong != nil:
					o.wrong++
				case err != nil:
					o.errors++
				default:
					o.results++
				}
			}
			outcomes[s.kind+"; "+s.moves] = each
		})
	}
	group.Wait()
	for _, key := range slices.Sorted(maps.Keys(outcomes)) {
		t.Logf("%-30s %4d results, %4d errors", key, outcomes[key].results, outcomes[key].errors)
	}
	t.Logf("-seed %d: %d scripts: %d complete results, %d errors, %d wrong", *seed, *scripts, all.results, all.errors, all.wrong)
}

// verdict returns what is wrong with the outcome of a read; nil if nothing is.
func (s *script) verdict(sink *listSink, err error) error {
	switch {
	case err == nil:
		return s.judge(sink)
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("out of time: %w", err)
	case s.succeeds():
		return fmt.Errorf("error %w, want none", err)
	}
	return nil
}
