package siem

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

// A failure prints the flags that repeat it; more rounds take longer:
//
//	go test -run '^TestRandomFaults$' ./internal/siem -seed 42 -rounds 5000
var (
	randomSeed = flag.Uint64("seed", 20260214, "seed of TestRandomFaults")
	rounds     = flag.Int("rounds", 60, "rounds of TestRandomFaults")
	firstRound = flag.Int("first", 0, "first round of TestRandomFaults")
)

const (
	// Backing off is waiting, so many rounds wait together.
	roundsTogether = 24

	readTimeout    = 30 * time.Second
	attemptTimeout = 500 * time.Millisecond
	randomMaxBytes = 2 << 20
)

// TestRandomFaults plays one random script of faults for each read. The outcome
// is always the complete list or an error, in time, after no more requests than
// allowed.
func TestRandomFaults(t *testing.T) {
	t.Parallel()
	bodies := seeds(t)
	var names []string
	for name := range bodies {
		names = append(names, name)
	}
	// Sorted, so that a seed means the same in each run.
	slices.Sort(names)
	turn := make(chan struct{}, roundsTogether)
	var group sync.WaitGroup
	var mu sync.Mutex
	outcomes := map[string]int{}
	for number := *firstRound; number < *firstRound+*rounds; number++ {
		turn <- struct{}{}
		group.Go(func() {
			defer func() { <-turn }()
			r := newRound(rand.New(rand.NewPCG(*randomSeed, uint64(number))), names, bodies)
			result, err := r.play(t.Context())
			if err != nil {
				t.Errorf("-seed %d -first %d -rounds 1: %v\n%s", *randomSeed, number, err, r)
			}
			mu.Lock()
			defer mu.Unlock()
			outcomes[result]++
		})
	}
	group.Wait()
	t.Logf("-seed %d: %d rounds: %v", *randomSeed, *rounds, outcomes)
	for _, result := range []string{"list", "error"} {
		if *rounds >= 60 && outcomes[result] == 0 {
			t.Errorf("rounds that ended with a %s = 0, want some", result)
		}
	}
}

// A round is one read and the faults that it meets.
type round struct {
	body     []byte
	attempts int
	options  fakeapi.Options
	expired  bool
	names    []string // of the steps
	steps    []fakeapi.Step
}

func newRound(r *rand.Rand, names []string, bodies map[string][]byte) *round {
	d := &round{
		body:     bodies[names[r.IntN(len(names))]],
		attempts: 1 + r.IntN(3),
		options:  fakeapi.Options{Alerts: -1, TLS: r.IntN(4) == 0},
		expired:  r.IntN(5) == 0,
	}
	for range r.IntN(4) {
		d.add(r, false)
	}
	if r.IntN(4) == 0 {
		d.add(r, true)
	}
	return d
}

func (d *round) add(r *rand.Rand, always bool) {
	name, step := randomStep(r, len(d.body))
	if always {
		name, step = "always "+name, fakeapi.Always(step)
	}
	d.names, d.steps = append(d.names, name), append(d.steps, step)
}

func (d *round) String() string {
	return fmt.Sprintf("%d attempts, TLS %t, expired token %t: %s",
		d.attempts, d.options.TLS, d.expired, strings.Join(d.names, ", "))
}

// play reads once and returns the outcome; the error is about a wrong outcome.
func (d *round) play(ctx context.Context) (string, error) {
	server, err := fakeapi.Start(d.options)
	if err != nil {
		return "", err
	}
	defer server.Close()
	server.ServeBody(d.body)
	server.Script(fakeapi.Alerts, d.steps...)
	tokens := &stubTokens{server: server}
	if d.expired {
		tokens.current = "expired"
	}
	base := trusting(server)
	defer base.CloseIdleConnections()
	address, err := transport.ParseAddress(server.SIEMEndpoint())
	if err != nil {
		return "", err
	}
	s := New(address, transport.New(transport.Options{
		Base: base, UserAgent: "test", MaxAttempts: d.attempts, AttemptTimeout: attemptTimeout,
	}), tokens, randomMaxBytes)

	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	var got listSink
	started := time.Now()
	_, failed := s.Read(ctx, alert.Query{}, &got)
	if took := time.Since(started); took > readTimeout+time.Second {
		return "", fmt.Errorf("time of the read = %s, want at most %s", took, readTimeout)
	}
	if sent, allowed := len(server.AlertRequests()), d.attempts+1; sent > allowed {
		return "", fmt.Errorf("requests for alerts = %d, want at most %d", sent, allowed)
	}
	if tokens.renewed > 1 {
		return "", fmt.Errorf("tokens invalidated = %d, want at most 1", tokens.renewed)
	}
	return outcome(failed, got.text, d.body)
}

// outcome classifies the end of a read.
func outcome(failed error, got, body []byte) (string, error) {
	if failed != nil {
		if text := textProblem(failed); text != "" {
			return "", errors.New(text)
		}
		return "error", nil
	}
	want, err := truthOf(body)
	if err != nil {
		return "", err
	}
	if string(got) != string(want) {
		return "", fmt.Errorf("alerts =\n%s\nwant\n%s", got, want)
	}
	return "list", nil
}

// randomStep returns a step that works on the body that is served, which is size
// bytes long. No step is a complete, valid response with other content.
func randomStep(r *rand.Rand, size int) (string, fakeapi.Step) {
	n := r.IntN(size + 1)
	html := http.Header{"Content-Type": {"text/html"}}
	status := []int{201, 202, 204, 206, 400, 403, 404, 408, 410, 500, 501, 502, 503, 504}[r.IntN(14)]
	steps := []struct {
		name string
		step fakeapi.Step
	}{
		{"Normal", fakeapi.Normal()},
		{"Gzip", fakeapi.Gzip()},
		{fmt.Sprint("Reply ", status), fakeapi.Reply(status, html, "[]")},
		{"429", fakeapi.Reply(http.StatusTooManyRequests, http.Header{"Retry-After": {"0"}}, "[]")},
		{"Retry-After 86400", fakeapi.Reply(http.StatusServiceUnavailable, http.Header{"Retry-After": {"86400"}}, "[]")},
		{"401", fakeapi.Reply(http.StatusUnauthorized, nil, "[]")},
		{"RedirectTo", fakeapi.RedirectTo(http.StatusTemporaryRedirect, "/siem/api/alerts")},
		{"ContentType", fakeapi.ContentType("text/html", "[]")},
		{"empty", fakeapi.Reply(http.StatusOK, nil, "")},
		{fmt.Sprint("CutAfter ", n), fakeapi.CutAfter(min(n, size-1))},
		{fmt.Sprint("AbortAfter ", n), fakeapi.AbortAfter(n)},
		{fmt.Sprint("Stall ", n), fakeapi.Stall(min(n, size-1))},
		{"Dribble", fakeapi.Dribble(10 * time.Millisecond)},
		{"ResetBeforeHeaders", fakeapi.ResetBeforeHeaders()},
		{fmt.Sprint("ResetAfter ", n), fakeapi.ResetAfter(min(n, size-1))},
		{fmt.Sprint("LieLength +", n+1), fakeapi.LieLength(n + 1)},
		{fmt.Sprint("LieLength -", n), fakeapi.LieLength(-n)},
		{"ChunkedUnterminated", fakeapi.ChunkedUnterminated()},
		{"BadChunk", fakeapi.BadChunk()},
		{fmt.Sprint("CloseDelimited ", n), fakeapi.CloseDelimited(n)},
		{"GzipTruncated", fakeapi.GzipTruncated()},
		{"GzipBadCRC", fakeapi.GzipBadCRC()},
		{"GzipTwice", fakeapi.GzipTwice()},
		{"GzipBomb", fakeapi.GzipBomb(8 * randomMaxBytes)},
		{"Endless", fakeapi.Endless()},
		{"HeaderFlood", fakeapi.HeaderFlood()},
		{"InformationalFlood", fakeapi.InformationalFlood()},
		{"BigHeader", fakeapi.BigHeader()},
		{"Raw empty", fakeapi.Raw("HTTP/1.1 200 OK\r\n\r\n", fakeapi.Close)},
		{"Raw no HTTP", fakeapi.Raw("[]", fakeapi.Close)},
		{"Raw half a head", fakeapi.Raw("HTTP/1.1 200 OK\r\nContent-Le", fakeapi.Reset)},
		{"Raw two lengths", fakeapi.Raw("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n[]x", fakeapi.Close)},
	}
	s := steps[r.IntN(len(steps))]
	return s.name, s.step
}
