package siem

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport/transporttest"
)

// largeRecord is a record that takes as long to read as one can.
var largeRecord = func() string {
	var keys strings.Builder
	for i := 0; keys.Len() < 1<<20-100; i++ {
		fmt.Fprintf(&keys, `"k%07d":0,`, i)
	}
	object := "{" + strings.TrimSuffix(keys.String(), ",") + "}"
	return `{"A":` + object + `,"Url":"` + strings.Repeat(`\ud800`, 250_000) + `","CommandLine":"` + strings.Repeat(`\u00e9`, 100_000) + `",` + minimum + `}`
}()

// A read ends at once when it is cancelled while it decodes what has all been received.
func TestReadEndsWithAllReceived(t *testing.T) {
	t.Parallel()
	took, err := cancelled(t, `{`+minimum+`}`)
	transporttest.WantCancelled(t, took, err)
}

// So it does at its deadline.
func TestReadEndsAtItsDeadlineWithAllReceived(t *testing.T) {
	t.Parallel()
	const timeout = 200 * time.Millisecond
	ctx, cancel := transport.WithTimeout(t.Context(), timeout, "timeout")
	defer cancel()
	began := time.Now()
	_, err := endless(t, `{`+minimum+`}`).Read(ctx, alert.Query{}, sinkFunc(func() {}))
	transporttest.WantAtOnce(t, time.Since(began)-timeout)
	if e, ok := errors.AsType[*transport.Error](err); !ok || e.Kind != transport.OutOfTime {
		t.Errorf("Read() = %v, want %s", err, transport.OutOfTime)
	}
}

// BenchmarkCancel measures the time from the cancellation of a read to its return,
// while it decodes what has all been received.
func BenchmarkCancel(b *testing.B) {
	for name, record := range map[string]string{"small records": `{` + minimum + `}`, "large records": largeRecord} {
		b.Run(name, func(b *testing.B) {
			transporttest.MeasureCancel(b, func() (time.Duration, error) { return cancelled(b, record) })
		})
	}
}

// cancelled reads a record again and again without end, from memory, cancels the read
// and returns how long it took to return.
func cancelled(t testing.TB, record string) (time.Duration, error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	reading := make(chan time.Time, 1)
	go func() {
		at := <-reading
		time.Sleep(time.Until(at))
		reading <- time.Now()
		cancel()
	}()
	n := 0
	_, err := endless(t, record).Read(ctx, alert.Query{}, sinkFunc(func() {
		if n++; n == 2 {
			reading <- time.Now().Add(10 * time.Millisecond)
		}
	}))
	if n < 2 {
		t.Fatalf("Read() = %v after %d records, want more", err, n)
	}
	return time.Since(<-reading), err
}

// endless returns a reader of a response that has a record again and again without
// end, in memory.
func endless(t testing.TB, record string) *Client {
	t.Helper()
	base := roundTripper(func(req *http.Request) (*http.Response, error) {
		body := io.MultiReader(strings.NewReader("["), &repeating{text: record + ","})
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(body), Request: req}, nil
	})
	address, err := transport.ParseAddress("http://localhost")
	if err != nil {
		t.Fatal(err)
	}
	client := transport.New(transport.Options{Base: base, UserAgent: "test", MaxAttempts: 1, AttemptTimeout: time.Minute})
	return New(address, client, nil, 1<<40)
}

// A sinkFunc is called for each detection.
type sinkFunc func()

func (sinkFunc) Reset()                       {}
func (f sinkFunc) Add(*alert.Detection) error { f(); return nil }
