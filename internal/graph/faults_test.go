package graph

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

// The tests of this file are named after the rows of the table of faults.

// instant returns n alerts of one instant.
func instant(n int) []fakeapi.GraphAlert {
	ages := make([]time.Duration, n)
	for i := range ages {
		ages[i] = 30*time.Minute + 1234567*tick
	}
	return at(ages...)
}

// wantInstant reads 20 alerts of one instant in pages of seven. An empty kind is a
// complete result.
func wantInstant(t *testing.T, o fakeapi.Options, want Kind) *fakeapi.Server {
	t.Helper()
	o.GraphPage = 7
	server := serve(t, o, instant(20))
	ids, _, err := read(t, server, alert.Query{})
	switch {
	case want != "":
		wantKind(t, "20 alerts of one instant", err, want)
	case err != nil || len(ids) != 20:
		t.Errorf("alerts = %d, error = %v, want 20", len(ids), err)
	}
	return server
}

// relink returns a function that replaces a part of a link.
func relink(old, with string) func(string) string {
	return func(link string) string { return strings.Replace(link, old, with, 1) }
}

// update returns a move that updates one alert of the list.
func update(i int, at time.Time) func([]fakeapi.GraphAlert) []fakeapi.GraphAlert {
	return func(list []fakeapi.GraphAlert) []fakeapi.GraphAlert {
		list[i] = list[i].Set("lastUpdateDateTime", at.Format(timeLayout))
		return list
	}
}

// The clocks of the service's computers differ: an update may be older than the Date of
// a response before it.
func TestFault_G1_Move(t *testing.T) {
	t.Parallel()
	for _, updated := range []time.Time{noon.Add(time.Millisecond), noon.Add(-margin + 10*time.Second)} {
		server := serve(t, fakeapi.Options{GraphPage: 10}, everyMinute(60))
		moved := 0
		server.OnGraphRequest(func(n int) {
			if n > 1 && moved < 8 {
				server.UpdateGraph(update(59, updated)) // the oldest, which is read last
				moved++
			}
		})
		ids, _, err := read(t, server, alert.Query{})
		if err != nil || len(ids) != 60 || moved < 4 {
			t.Errorf("alerts = %d after %d moves to %v, error = %v, want 60", len(ids), moved, updated, err)
		}
	}
}

// An alert leaves an instant after its page was read, so the next page skips another.
func TestFault_G2_Instant(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		moves   int
		noCount bool
		want    Kind
	}{
		"no move":                  {0, false, ""},
		"one move":                 {1, false, ""},
		"one move, no count":       {1, true, ""},
		"many moves":               {8, false, Moving},
		"many moves, and no count": {8, true, Moving},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var server *fakeapi.Server
			moves := test.moves
			server = serve(t, fakeapi.Options{GraphPage: 7, GraphNoCount: test.noCount, GraphLink: func(link string) string {
				if strings.HasSuffix(link, "$skip=14") && moves > 0 {
					server.UpdateGraph(update(test.moves-moves, noon)) // of the first page
					moves--
				}
				return link
			}}, instant(27))
			ids, _, err := read(t, server, alert.Query{})
			switch {
			case test.want != "":
				wantKind(t, name, err, test.want)
			case err != nil || len(ids) != 27 || moves != 0:
				t.Errorf("alerts = %d, error = %v, moves left = %d, want 27", len(ids), err, moves)
			}
		})
	}
}

func TestFault_G3_FullPageWithoutLink(t *testing.T) {
	t.Parallel()
	wantInstant(t, fakeapi.Options{GraphSilentPages: true}, Incomplete)
	for _, o := range []fakeapi.Options{{GraphSilentPages: true, GraphPage: 7}, {GraphSilentPages: true, GraphNoCount: true, GraphPage: 50}} {
		ids, _, err := read(t, serve(t, o, everyMinute(110)), alert.Query{})
		if err != nil || len(ids) != 110 {
			t.Errorf("alerts = %d in pages of %d, error = %v, want 110", len(ids), o.GraphPage, err)
		}
	}
}

// Without a count a slice whose alerts leave it is read again, until it stays the same.
func TestFault_G2_InstantShrinks(t *testing.T) {
	t.Parallel()
	var server *fakeapi.Server
	moved := false
	server = serve(t, fakeapi.Options{GraphPage: 7, GraphNoCount: true, GraphLink: func(link string) string {
		if strings.Contains(link, "8765434Z") && !moved {
			moved = true
			for i := range 7 {
				server.UpdateGraph(update(i, noon))
			}
		}
		return link
	}}, instant(10))
	ids, _, err := read(t, server, alert.Query{})
	if err != nil || len(ids) != 10 || !moved {
		t.Errorf("alerts = %d, error = %v, moved = %t, want 10", len(ids), err, moved)
	}
}

// Without a count a full page that ends the links may not be the last one.
func TestFault_G3_LinksEndEarly(t *testing.T) {
	t.Parallel()
	wantInstant(t, fakeapi.Options{GraphNoCount: true, GraphLink: func(link string) string {
		if strings.HasSuffix(link, "$skip=14") {
			return ""
		}
		return link
	}}, Incomplete)
}

func TestFault_G4_LinkRepeats(t *testing.T) {
	t.Parallel()
	once := ""
	wantInstant(t, fakeapi.Options{GraphLink: func(link string) string { once = cmp.Or(once, link); return once }}, BadLink)
}

func TestFault_G5_LinkElsewhere(t *testing.T) {
	t.Parallel()
	for _, link := range []func(string) string{
		relink("127.0.0.1", "127.0.0.2"), relink("http://", "https://"), relink("http://", "http://user@"), relink("http://", ""),
		relink("alerts_v2", "alerts"), relink("/graph/", "/graph/../"),
		func(string) string { return "http://127.0.0.1:1/graph/v1.0/security/alerts_v2" },
	} {
		server := wantInstant(t, fakeapi.Options{GraphLink: link}, BadLink)
		if n := len(server.GraphRequests()); n != 1 {
			t.Errorf("requests = %d, want 1", n)
		}
	}
}

func TestFault_G6_LinkLostFilter(t *testing.T) {
	t.Parallel()
	wantInstant(t, fakeapi.Options{GraphLink: relink("lastUpdateDateTime", "createdDateTime")}, BadLink)
	wantInstant(t, fakeapi.Options{GraphLink: relink("$filter", "filter")}, BadLink)
}

func TestFault_G7_LinksNeverEnd(t *testing.T) {
	t.Parallel()
	n := 0
	wantInstant(t, fakeapi.Options{GraphLink: func(link string) string {
		n++
		return fmt.Sprintf("%s&n=%d", cmp.Or(link, "http://127.0.0.1/"), n)
	}}, BadLink)
	var server *fakeapi.Server
	empty := 0
	server = serve(t, fakeapi.Options{GraphLink: func(string) string {
		empty++
		return fmt.Sprintf("%s/v1.0/security/alerts_v2?$top=1000&n=%d", server.GraphEndpoint(), empty)
	}}, nil)
	_, _, err := read(t, server, alert.Query{})
	wantKind(t, "every page is empty and has a link", err, BadLink)
	if n := len(server.GraphRequests()); n > 10 {
		t.Errorf("requests = %d, want at most 10", n)
	}
	// Behind the first page of the instant there are only empty pages.
	base := ""
	server = serve(t, fakeapi.Options{GraphPage: 7, GraphLink: func(link string) string {
		if before, _, ok := strings.Cut(link, "$skip="); ok && strings.Contains(link, "8765434Z") {
			base = before
		}
		if base == "" || link != "" && !strings.HasPrefix(link, base) {
			return link
		}
		empty++
		return fmt.Sprintf("%s$skip=400&n=%d", base, empty)
	}}, instant(20))
	_, _, err = read(t, server, alert.Query{})
	wantKind(t, "empty pages", err, BadLink)
	if n := len(server.GraphRequests()); n > 40 {
		t.Errorf("requests = %d, want at most 40", n)
	}
}

// New links to a page that was read lead nowhere.
func TestFault_G7_PageRepeats(t *testing.T) {
	t.Parallel()
	first, n := "", 0
	wantInstant(t, fakeapi.Options{GraphLink: func(link string) string {
		first = cmp.Or(first, link)
		if !strings.Contains(link, "8765434Z") || n == 50 {
			return link
		}
		n++
		return fmt.Sprintf("%s&n=%d", strings.Replace(link, "$skip=14", "$skip=7", 1), n)
	}}, BadLink)
}

func TestFault_G8_CountRefused(t *testing.T) {
	t.Parallel()
	server := serve(t, fakeapi.Options{GraphNoCount: true, GraphPage: 20}, everyMinute(110))
	ids, report, err := read(t, server, alert.Query{})
	if err != nil || len(ids) != 110 || !report.CountIgnored {
		t.Errorf("alerts = %d, count ignored = %t, error = %v, want 110 and true", len(ids), report.CountIgnored, err)
	}
	refused := 0
	for _, request := range server.GraphRequests() {
		if request.Status == http.StatusBadRequest {
			refused++
		}
	}
	if refused != 1 {
		t.Errorf("requests with a count = %d, want 1", refused)
	}
	server.Script(fakeapi.Graph, fakeapi.Always(fakeapi.Reply(http.StatusBadRequest, nil, "{}")))
	if ids, _, err := read(t, server, alert.Query{}); err == nil {
		t.Errorf("alerts = %d after two refusals, want an error", len(ids))
	}
}

// A service may accept $count and return no count.
func TestFault_G8_CountAbsent(t *testing.T) {
	t.Parallel()
	for name, n := range map[string]int{"one response": 60, "slices": 110} {
		s := &service{alerts: minutes(n), count: func(int, int) any { return nil }}
		sink, err := s.read(t, alert.Query{}, 0)
		if err != nil || len(sink.versions) != n || !s.report.CountIgnored {
			t.Errorf("%s: alerts = %d, count ignored = %t, error = %v, want %d and true", name, len(sink.versions), s.report.CountIgnored, err, n)
		}
	}
}

// A refusal after a response with a count, even of 0, has another reason.
func TestFault_G8_RefusedAfterCount(t *testing.T) {
	t.Parallel()
	for name, count := range map[string]func(matching, tenant int) int{"right": nil, "always 0": func(int, int) int { return 0 }} {
		server := serve(t, fakeapi.Options{GraphPage: 20, GraphCount: count}, everyMinute(110))
		server.Script(fakeapi.Graph, fakeapi.Normal(), fakeapi.Reply(http.StatusBadRequest, nil, "{}"))
		ids, _, err := read(t, server, alert.Query{})
		if e, ok := errors.AsType[*transport.Error](err); !ok || e.Status != http.StatusBadRequest {
			t.Errorf("count %s: alerts = %d, error = %v, want status 400", name, len(ids), err)
		}
	}
}

func TestFault_G9_CountWrong(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		count   func(matching, tenant int) int
		ignored bool
	}{
		"as documented":        {func(n, _ int) int { return n }, false},
		"of the tenant":        {func(_, tenant int) int { return tenant + 100 }, true},
		"too high":             {func(n, _ int) int { return n + 1 }, true},
		"half, below the page": {func(n, _ int) int { return n / 2 }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ids, report, err := read(t, serve(t, fakeapi.Options{GraphCount: test.count, GraphPage: 20}, everyMinute(110)), alert.Query{})
			if err != nil || len(ids) != 110 || report.CountIgnored != test.ignored {
				t.Errorf("alerts = %d, count ignored = %t, error = %v, want 110 and %t", len(ids), report.CountIgnored, err, test.ignored)
			}
		})
	}
	wantInstant(t, fakeapi.Options{GraphCount: func(n, _ int) int { return max(n-1, 0) }}, Moving)
	wantInstant(t, fakeapi.Options{GraphCount: func(n, _ int) int { return n + 1 }}, "")
}

// Each request sees more updated alerts than a page holds.
func TestFault_G10_ClosingRequestTooSmall(t *testing.T) {
	t.Parallel()
	for bursts, want := range map[int]Kind{1: "", 1000: Moving} {
		clock := &clock{now: noon}
		server := serve(t, fakeapi.Options{GraphPage: 5, Now: clock.read}, everyMinute(30))
		left := bursts
		server.OnGraphRequest(func(n int) {
			now := clock.advance(3 * time.Minute)
			if n < 2 || left == 0 {
				return
			}
			left--
			server.UpdateGraph(func(list []fakeapi.GraphAlert) []fakeapi.GraphAlert {
				for i := range 8 {
					list[i] = list[i].Set("lastUpdateDateTime", now.Add(-time.Duration(i)*time.Second).Format(timeLayout))
				}
				return list
			})
		})
		c := newTestClient(t, server, 1)
		c.now = clock.read
		c.after = func(d time.Duration) <-chan time.Time { clock.advance(d); return time.After(0) }
		sink := new(listSink)
		_, err := c.Read(t.Context(), alert.Query{}, sink)
		switch {
		case want != "":
			wantKind(t, "a list that keeps moving", err, want)
		case err != nil || len(sink.versions) != 30:
			t.Errorf("alerts = %d, error = %v, want 30", len(sink.versions), err)
		}
	}
}

func TestFault_G11_OneSliceFails(t *testing.T) {
	t.Parallel()
	busy := fakeapi.Reply(http.StatusTooManyRequests, http.Header{"Retry-After": {"1"}}, "{}")
	server := serve(t, fakeapi.Options{GraphPage: 5}, everyMinute(30))
	server.Script(fakeapi.Graph, fakeapi.Normal(), fakeapi.Normal(), busy)
	if ids, _, err := read(t, server, alert.Query{}); err != nil || len(ids) != 30 {
		t.Errorf("alerts = %d, error = %v, want 30", len(ids), err)
	}
	for _, status := range []int{http.StatusForbidden, http.StatusGatewayTimeout} {
		server := serve(t, fakeapi.Options{GraphPage: 5}, everyMinute(30))
		server.Script(fakeapi.Graph, fakeapi.Normal(), fakeapi.Normal(), fakeapi.Always(fakeapi.Reply(status, nil, "{}")))
		_, _, err := read(t, server, alert.Query{})
		slice, ok := errors.AsType[*SliceError](err)
		if !ok || slice.From.Before(noon.Add(-3*time.Hour)) || slice.From.After(noon) {
			t.Errorf("error = %v, want one with a part of the window", err)
		}
		if e, ok := errors.AsType[*transport.Error](err); !ok || e.Status != status {
			t.Errorf("error = %v, want status %d", err, status)
		}
	}
}

func TestFault_G12_Warning(t *testing.T) {
	t.Parallel()
	warning := http.Header{"Content-Type": {"application/json"}, "Warning": {`199 - "Microsoft/WDATP/401/228"`}}
	for name, step := range map[string]fakeapi.Step{
		"warning":         fakeapi.Reply(http.StatusOK, warning, `{"value":[]}`),
		"error":           fakeapi.Reply(http.StatusOK, nil, `{"error":{"code":"x"},"value":[]}`),
		"no value":        fakeapi.Reply(http.StatusOK, nil, `{}`),
		"null":            fakeapi.Reply(http.StatusOK, nil, `{"value":null}`),
		"null document":   fakeapi.Reply(http.StatusOK, nil, `null`),
		"an array":        fakeapi.Reply(http.StatusOK, nil, `[]`),
		"partial content": fakeapi.Reply(http.StatusPartialContent, nil, `{"value":[]}`),
	} {
		wantEveryRequest(t, name, step)
	}
}

func TestFault_G13_FilterIgnored(t *testing.T) {
	t.Parallel()
	other := everyMinute(3)
	other[1] = other[1].Set("serviceSource", "microsoftDefenderForIdentity")
	for name, alerts := range map[string][]fakeapi.GraphAlert{"product": other, "window": at(time.Hour, 3*time.Hour)} {
		_, _, err := read(t, serve(t, fakeapi.Options{GraphIgnoreFilter: true}, alerts), alert.Query{})
		wantKind(t, name, err, FilterIgnored)
	}
}

// An alert that left the window during the read, and may have been in it.
func TestFault_G14_LeavesTheWindow(t *testing.T) {
	t.Parallel()
	window := alert.Query{Since: noon.Add(-time.Hour), Until: noon.Add(-2 * time.Minute)}
	server := serve(t, fakeapi.Options{GraphPage: 5}, everyMinute(30))
	server.OnGraphRequest(func(n int) {
		if n != 2 {
			return
		}
		server.UpdateGraph(func(list []fakeapi.GraphAlert) []fakeapi.GraphAlert {
			return append(update(20, noon)(list), at(0, 0, 0)[2].Set("id", "new").Set("createdDateTime", noon.Format(timeLayout)))
		})
	})
	ids, report, err := read(t, server, window)
	if err != nil || len(ids) != 29 || report.Late != 1 {
		t.Errorf("alerts = %d, late = %d, error = %v, want 29 and 1: %v", len(ids), report.Late, err, ids)
	}
}

// wantEveryRequest fails the test unless a step in place of the first response, of that
// of a slice, and of the closing one is an error each time. With a limit, which holds
// the alerts until the end, the sink gets none.
func wantEveryRequest(t *testing.T, name string, step fakeapi.Step) {
	t.Helper()
	whole := serve(t, fakeapi.Options{GraphPage: 10}, everyMinute(30))
	if ids, _, err := read(t, whole, alert.Query{}); err != nil || len(ids) != 30 {
		t.Fatalf("alerts = %d, error = %v, want 30", len(ids), err)
	}
	for _, n := range []int{0, 1, len(whole.GraphRequests()) - 1} {
		t.Run(fmt.Sprintf("%s, request %d", name, n+1), func(t *testing.T) {
			t.Parallel()
			server := serve(t, fakeapi.Options{GraphPage: 10}, everyMinute(30))
			for range n {
				server.Script(fakeapi.Graph, fakeapi.Normal())
			}
			server.Script(fakeapi.Graph, fakeapi.Always(step))
			if ids, _, err := read(t, server, alert.Query{Limit: 100}); err == nil || len(ids) > 0 {
				t.Errorf("alerts = %q, error = %v, want an error only", ids, err)
			}
		})
	}
}

func TestFault_G15_AnyOtherFault(t *testing.T) {
	t.Parallel()
	one := string(at(time.Minute)[0])
	faults := map[string]fakeapi.Step{
		"redirect":      fakeapi.RedirectTo(http.StatusFound, "http://127.0.0.1/"),
		"media type":    fakeapi.ContentType("text/html", "<html></html>"),
		"empty":         fakeapi.Reply(http.StatusOK, nil, ""),
		"cut":           fakeapi.CutAfter(300),
		"chunk":         fakeapi.BadChunk(),
		"unterminated":  fakeapi.ChunkedUnterminated(),
		"reset":         fakeapi.ResetBeforeHeaders(),
		"bomb":          fakeapi.GzipBomb(1 << 30),
		"endless":       fakeapi.Endless(),
		"gzip":          fakeapi.GzipBadCRC(),
		"gzip, cut":     fakeapi.GzipTruncated(),
		"trailing data": fakeapi.WithBody(fakeapi.Normal(), `{"value":[]}{"value":[]}`),
		"invalid UTF-8": fakeapi.WithBody(fakeapi.Normal(), `{"value":[`+strings.Replace(one, "Group", "\xff", 1)+`]}`),
		"duplicate key": fakeapi.WithBody(fakeapi.Normal(), `{"value":[{"id":"a",`+one[1:]+`]}`),
		"two lists":     fakeapi.WithBody(fakeapi.Normal(), `{"value":[`+one+`],"value":[]}`),
		"no id":         fakeapi.WithBody(fakeapi.Normal(), `{"value":[`+strings.Replace(one, `"id"`, `"ID2"`, 1)+`]}`),
	}
	for _, status := range []int{401, 403, 404, 429, 500, 501, 503, 504} {
		faults[fmt.Sprint(status)] = fakeapi.Reply(status, http.Header{"Content-Type": {"application/json"}, "Retry-After": {"0"}}, `{"value":[]}`)
	}
	for name, step := range faults {
		wantEveryRequest(t, name, step)
	}
}
