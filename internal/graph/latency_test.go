package graph

import (
	"context"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

// BenchmarkLatency reads 4,000 alerts of a day from a service whose pages have 200
// alerts and take 300 ms each, and compares the client with one that follows the links
// page after page. Its metrics are the seconds of each, their ratio, and the requests
// of the client, in all and per page.
func BenchmarkLatency(b *testing.B) {
	b.Run("one response", func(b *testing.B) { benchmarkLatency(b, distributions[0], 199) })
	for _, d := range distributions {
		b.Run(d.name, func(b *testing.B) { benchmarkLatency(b, d, 4000) })
	}
}

func benchmarkLatency(b *testing.B, d distribution, n int) {
	const size, latency = 200, 300 * time.Millisecond
	ages := make([]time.Duration, n)
	for i, updated := range d.times(1, n) {
		ages[i] = noon.Sub(updated)
	}
	server := serve(b, fakeapi.Options{GraphPage: size}, at(ages...))
	server.Script(fakeapi.Graph, fakeapi.Always(fakeapi.Delay(latency, fakeapi.Normal())))
	query := alert.Query{Since: noon.Add(-day)}
	client := func() *Client {
		c := newTestClient(b, server, 1)
		c.now = func() time.Time { return noon }
		return c
	}
	var ours, theirs time.Duration
	requests := 0
	for b.Loop() {
		before, began := len(server.GraphRequests()), time.Now()
		sink := new(listSink)
		if _, err := client().Read(b.Context(), query, sink); err != nil || len(sink.versions) != n {
			b.Fatalf("read = %d alerts, error %v, want %d", len(sink.versions), err, n)
		}
		ours += time.Since(began)
		requests += len(server.GraphRequests()) - before

		began = time.Now()
		if got, err := pageAfterPage(b.Context(), client(), query); err != nil || got != n {
			b.Fatalf("page after page = %d alerts, error %v, want %d", got, err, n)
		}
		theirs += time.Since(began)
	}
	runs, pages := float64(b.N), float64((n+size-1)/size)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(ours.Seconds()/runs, "s")
	b.ReportMetric(theirs.Seconds()/runs, "s-page-after-page")
	b.ReportMetric(ours.Seconds()/theirs.Seconds(), "ratio")
	b.ReportMetric(float64(requests)/runs, "requests")
	b.ReportMetric(float64(requests)/runs/pages, "requests/page")
}

// pageAfterPage reads a window as most clients do: it follows the links and trusts
// them. It returns the number of alerts.
func pageAfterPage(ctx context.Context, c *Client, q alert.Query) (n int, err error) {
	r, s := newReading(c, q, new(listSink)), slice{from: q.Since}
	p, err := r.get(ctx, s)
	for err == nil {
		n += len(p.found)
		if p.next == nil {
			return n, nil
		}
		p, err = r.follow(ctx, s, p.next)
	}
	return n, err
}
