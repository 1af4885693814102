package graph

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport/transporttest"
)

// small and large are alerts of the slices, the second as large as one may be.
var (
	small = alertWith(`"title":"a"`)
	large = alertWith(`"evidence":[` + strings.Repeat(piece("device", `"mdeDeviceId":"a","tags":["`+strings.Repeat(`\u00e9`, 250)+`"],"k":{"a":[1,2,3]}`)+",", 3_500) + `null]`)
)

func alertWith(members string) string {
	return `{"id":"a","severity":"low","serviceSource":"microsoftDefenderForEndpoint","lastUpdateDateTime":"TIME",` + members + `},`
}

// A read ends at once when it is cancelled while it decodes several responses that
// have all been received.
func TestReadEndsWithAllReceived(t *testing.T) {
	t.Parallel()
	took, err := cancelled(t, small)
	transporttest.WantCancelled(t, took, err)
}

// So it does at its deadline.
func TestReadEndsAtItsDeadlineWithAllReceived(t *testing.T) {
	t.Parallel()
	const timeout = 200 * time.Millisecond
	ctx, cancel := transport.WithTimeout(t.Context(), timeout, "timeout")
	defer cancel()
	began := time.Now()
	_, err := slicesWithoutEnd(t, small, func() {}).Read(ctx, lastDay, dropped{})
	transporttest.WantAtOnce(t, time.Since(began)-timeout)
	if e, ok := errors.AsType[*transport.Error](err); !ok || e.Kind != transport.OutOfTime {
		t.Errorf("Read() = %v, want %s", err, transport.OutOfTime)
	}
}

// BenchmarkCancel measures the time from the cancellation of a read to its return,
// while it decodes four responses that have all been received.
func BenchmarkCancel(b *testing.B) {
	for name, record := range map[string]string{"small alerts": small, "large alerts": large} {
		b.Run(name, func(b *testing.B) {
			transporttest.MeasureCancel(b, func() (time.Duration, error) { return cancelled(b, record) })
		})
	}
}

// cancelled cancels a read while it decodes as many responses as it may at a time, and
// returns how long it took to return.
func cancelled(t testing.TB, record string) (time.Duration, error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	inFlight := make(chan struct{})
	c := slicesWithoutEnd(t, record, func() { close(inFlight) })
	at := make(chan time.Time, 1)
	go func() {
		select {
		case <-inFlight:
			time.Sleep(10 * time.Millisecond)
		case <-ctx.Done():
		}
		at <- time.Now()
		cancel()
	}()
	_, err := c.Read(ctx, lastDay, dropped{})
	took := time.Now()
	cancel()
	return took.Sub(<-at), err
}

var lastDay = alert.Query{Since: noon.Add(-day), Until: noon}

// slicesWithoutEnd returns a reader of a window whose first response is incomplete, and
// whose slices then have an alert again and again without end, in memory. It calls
// inFlight when as many as may be are decoded at a time.
func slicesWithoutEnd(t testing.TB, record string, inFlight func()) *Client {
	t.Helper()
	var requests, decoding atomic.Int32
	base := roundTripper(func(req *http.Request) (*http.Response, error) {
		_, from, _ := strings.Cut(req.URL.Query().Get("$filter"), "lastUpdateDateTime ge ")
		from, _, _ = strings.Cut(from, " ")
		body := io.Reader(&endless{text: `{"value":[`, then: strings.Replace(record, "TIME", from, 1), began: func() {
			if decoding.Add(1) == parallel {
				inFlight()
			}
		}})
		if requests.Add(1) == 1 {
			body = strings.NewReader(first())
		}
		header := http.Header{"Date": {noon.Format(http.TimeFormat)}}
		return &http.Response{StatusCode: http.StatusOK, Header: header, Body: io.NopCloser(body), Request: req}, nil
	})
	return New(Options{
		Endpoint: address(t, "http://localhost"), Tokens: staticToken("t"), Pacer: &Pacer{rate.NewLimiter(rate.Inf, 0)},
		Client:   transport.New(transport.Options{Base: base, UserAgent: "test", MaxAttempts: 1, AttemptTimeout: time.Minute}),
		MaxBytes: 1 << 40, MaxHeld: 64 << 20,
	})
}

// first is a response with a quarter of the alerts.
func first() string {
	var alerts strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&alerts, `{"id":"%d","severity":"low","serviceSource":"microsoftDefenderForEndpoint","lastUpdateDateTime":"%s"},`,
			i, noon.Add(-time.Duration(i)*20*time.Second).Format(time.RFC3339))
	}
	return `{"@odata.count":4000,"value":[` + strings.TrimSuffix(alerts.String(), ",") + `]}`
}

// endless returns a text, and then another one again and again. It calls began after
// the first Read that is only of the second.
type endless struct {
	text, then string
	at         int
	began      func()
}

func (e *endless) Read(p []byte) (n int, _ error) {
	for n < len(p) {
		if e.at == len(e.text) {
			if e.text == e.then && e.began != nil {
				e.began()
				e.began = nil
			}
			e.text, e.at = e.then, 0
		}
		copied := copy(p[n:], e.text[e.at:])
		n, e.at = n+copied, e.at+copied
	}
	return n, nil
}

// A roundTripper responds to a request without a network.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// dropped is a sink that keeps nothing.
type dropped struct{}

func (dropped) Reset()                     {}
func (dropped) Add(*alert.Detection) error { return nil }
