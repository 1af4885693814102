package fakeapi_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

// updated returns n alerts, each one second older than the one before it.
func updated(n int) string {
	list := make([]string, n)
	for i := range list {
		at := noon.Add(-time.Duration(i) * time.Second).Format("2006-01-02T15:04:05Z")
		list[i] = fmt.Sprintf(`{"id":"%d","lastUpdateDateTime":"%s","status":"new"}`, i, at)
	}
	return "[" + strings.Join(list, ",") + "]"
}

// readAll follows links from the response to some options, and returns the ids of
// each page.
func readAll(t *testing.T, s *fakeapi.Server, options ...string) []string {
	t.Helper()
	p := page(t, graph(t, s, options...))
	pages := []string{p.ids()}
	for p.Link != "" && len(pages) < 20 {
		p = page(t, graphAt(t, s, p.Link))
		pages = append(pages, p.ids())
	}
	return pages
}

func wantPages(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s = %q, want %q", what, got, want)
	}
}

func TestGraphPages(t *testing.T) {
	t.Parallel()
	s := graphServer(t, fakeapi.Options{GraphPage: 3}, updated(8))
	wantPages(t, "pages", readAll(t, s, "$top=3"), "0 1 2", "3 4 5", "6 7")
	wantPages(t, "pages of a larger $top, clamped", readAll(t, s, "$top=1000"), "0 1 2", "3 4 5", "6 7")
	wantPages(t, "pages of a smaller $top", readAll(t, s, "$top=4", "$filter=lastUpdateDateTime lt 2026-03-10T12:00:00Z"),
		"1 2 3", "4 5 6", "7")
	wantPages(t, "pages after $skip", readAll(t, s, "$top=2", "$skip=5"), "5 6", "7")

	large := graphServer(t, fakeapi.Options{}, updated(1201))
	if got := len(page(t, graph(t, large)).Value); got != 100 {
		t.Errorf("alerts of a page without $top = %d, want 100", got)
	}
	first := page(t, graph(t, large, "$top=5000"))
	if got := len(first.Value); got != 1000 {
		t.Errorf("alerts of a page with $top=5000 = %d, want 1000", got)
	}
	// A link may have a larger $skip than a client's own request.
	if !strings.HasSuffix(first.Link, "?$top=5000&$skip=1000") {
		t.Errorf("link = %s, want $top and $skip", first.Link)
	}
	if got := len(page(t, graphAt(t, large, first.Link)).Value); got != 201 {
		t.Errorf("alerts of the last page = %d, want 201", got)
	}
	own := strings.Replace(first.Link, "5000", "4000", 1)
	wantStatus(t, "a request with that $skip", graphAt(t, large, own), http.StatusBadRequest)
}

// TestGraphMovesSkipAlerts shows what paging by offset loses: alert 0 leaves the
// window between two requests, the others move up, and alert 3 is on no page.
func TestGraphMovesSkipAlerts(t *testing.T) {
	t.Parallel()
	s := graphServer(t, fakeapi.Options{GraphPage: 3}, updated(7))
	var numbers []int
	s.OnGraphRequest(func(n int) {
		numbers = append(numbers, n)
		if n != 2 {
			return
		}
		s.UpdateGraph(func(list []fakeapi.GraphAlert) []fakeapi.GraphAlert {
			list[0] = list[0].Set("lastUpdateDateTime", "2026-03-10T12:00:01Z").Set("status", "resolved")
			return list
		})
	})
	window := "$filter=lastUpdateDateTime le 2026-03-10T12:00:00Z"
	wantPages(t, "pages of a closed window", readAll(t, s, window), "0 1 2", "4 5 6")
	wantPages(t, "pages of an open window", readAll(t, s), "0 1 2", "3 4 5", "6")
	if want := []int{1, 2, 3, 4, 5}; !slices.Equal(numbers, want) {
		t.Errorf("numbers of the requests = %v, want %v", numbers, want)
	}
	s.OnGraphRequest(nil)
	got := page(t, graph(t, s, "$top=1"))
	wantText(t, "moved alert", string(got.Value[0]), `{"id":"0","lastUpdateDateTime":"2026-03-10T12:00:01Z","status":"resolved"}`)
}

func TestUpdateGraph(t *testing.T) {
	t.Parallel()
	s := graphServer(t, fakeapi.Options{}, updated(3))
	s.UpdateGraph(func(list []fakeapi.GraphAlert) []fakeapi.GraphAlert {
		return []fakeapi.GraphAlert{
			fakeapi.GraphAlert(`{ }`).Set("id", "new"), // without a time it is the newest
			list[2].Set("tags", []string{"<a>"}), list[0],
		}
	})
	got := page(t, graph(t, s))
	wantText(t, "ids", got.ids(), "new 0 2")
	wantText(t, "alert made of nothing", string(got.Value[0]), `{ "id":"new"}`)
	wantText(t, "alert with another property", string(got.Value[2]),
		`{"id":"2","lastUpdateDateTime":"2026-03-10T11:59:58Z","status":"new","tags":["\u003ca\u003e"]}`)
	for _, text := range []string{"", "{}", `{"value":[]}`, "[1", "null"} {
		if err := s.SetGraphAlerts([]byte(text)); err == nil {
			t.Errorf("SetGraphAlerts(%q) = nil, want an error", text)
		}
	}
	if err := s.SetGraphAlerts([]byte("[]")); err != nil {
		t.Fatal(err)
	}
	wantText(t, "ids of no alerts", page(t, graph(t, s)).ids(), "")
}

func TestGraphAlertProperties(t *testing.T) {
	t.Parallel()
	alert := fakeapi.GraphAlert(` {"a":{"id":"inner"} , "id" : "x","n":1}`)
	wantText(t, "ID", alert.ID(), "x")
	wantText(t, "a property that is not a string", alert.Get("n"), "")
	wantText(t, "no such property", alert.Get("z"), "")
	wantText(t, "alert after Set", string(alert.Set("id", nil).Set("n", 2)), ` {"a":{"id":"inner"} , "id" : null,"n":2}`)
	wantText(t, "alert before Set", alert.ID(), "x")
	for _, text := range []string{"", "null", `"id"`, `{"id"`, "[]"} {
		wantText(t, "Set on "+text, string(fakeapi.GraphAlert(text).Set("id", "x")), text)
		wantText(t, "ID of "+text, fakeapi.GraphAlert(text).ID(), "")
	}
}

func TestGraphFaults(t *testing.T) {
	t.Parallel()
	filter := "$filter=lastUpdateDateTime lt 2026-03-10T12:00:00Z"
	serve := func(o fakeapi.Options) *fakeapi.Server { o.GraphPage = 2; return graphServer(t, o, updated(5)) }

	refusing := serve(fakeapi.Options{GraphNoCount: true})
	wantStatus(t, "$count", graph(t, refusing, "$count=true"), http.StatusBadRequest)
	wantPages(t, "pages without $count", readAll(t, refusing, filter), "1 2", "3 4")

	wrong := serve(fakeapi.Options{GraphCount: func(matching, tenant int) int { return 10*matching + tenant }})
	if got := page(t, graph(t, wrong, filter, "$count=true")).Count; got == nil || *got != 45 {
		t.Errorf("@odata.count = %v, want 45", got)
	}
	if got := page(t, graph(t, wrong, filter)).Count; got != nil {
		t.Errorf("@odata.count without $count = %d, want none", *got)
	}
	wantPages(t, "pages without links", readAll(t, serve(fakeapi.Options{GraphSilentPages: true}), filter), "1 2")
	wantPages(t, "pages without a filter", readAll(t, serve(fakeapi.Options{GraphIgnoreFilter: true}), filter), "0 1", "2 3", "4")

	looping := serve(fakeapi.Options{GraphLink: func(link string) string { return strings.Replace(link, "$skip=4", "$skip=2", 1) }})
	if got := len(readAll(t, looping)); got != 20 {
		t.Errorf("pages of a loop = %d, want no end", got)
	}
	lost := serve(fakeapi.Options{GraphLink: func(link string) string {
		before, after, found := strings.Cut(link, "$filter=")
		_, after, _ = strings.Cut(after, "&")
		if !found {
			return link
		}
		return before + after
	}})
	wantPages(t, "pages with a lost filter", readAll(t, lost, filter), "1 2", "2 3", "4")
	pages := 0
	var s *fakeapi.Server
	s = serve(fakeapi.Options{GraphLink: func(string) string {
		pages++
		return fmt.Sprintf("%s/v1.0/security/alerts_v2?$skip=%d&page=%d", s.GraphEndpoint(), 600*pages, pages)
	}})
	endless := readAll(t, s)
	if len(endless) != 20 || endless[1] != "" {
		t.Errorf("pages without end = %q, want 20, empty after the first", endless)
	}
}
