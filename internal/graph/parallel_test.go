package graph

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

// newClientOver returns a client that sends its requests over a test's network.
func newClientOver(t *testing.T, network http.RoundTripper) *Client {
	t.Helper()
	return New(Options{
		Endpoint: address(t, "http://localhost"), Tokens: staticToken("t"), Pacer: &Pacer{rate.NewLimiter(rate.Inf, 0)},
		Client:   transport.New(transport.Options{Base: network, UserAgent: "test", MaxAttempts: 1, AttemptTimeout: time.Minute}),
		MaxBytes: 1 << 30, MaxHeld: 64 << 20,
	})
}

// TestPanicOfASlice has a panic in the goroutine of a slice: it would end the process
// and print its value. The read fails, and its error does not have the value.
func TestPanicOfASlice(t *testing.T) {
	t.Parallel()
	var requests atomic.Int32
	c := newClientOver(t, roundTripper(func(req *http.Request) (*http.Response, error) {
		if requests.Add(1) > 1 {
			panic("secret")
		}
		header := http.Header{"Date": {noon.Format(http.TimeFormat)}}
		return &http.Response{StatusCode: http.StatusOK, Header: header, Body: io.NopCloser(strings.NewReader(first())), Request: req}, nil
	}))
	_, err := c.Read(t.Context(), alert.Query{Since: noon.Add(-day), Until: noon}, dropped{})
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("Read() with a panic = error %v, want one without the value", err)
	}
	if got := requests.Load(); got < 2 {
		t.Errorf("requests = %d, want the first and those of slices", got)
	}
}

// The slices of a read are requested four at a time.
func TestFourAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var requests atomic.Int32
		release := make(chan struct{})
		base := roundTripper(func(req *http.Request) (*http.Response, error) {
			body := first()
			if requests.Add(1) > 1 {
				<-release
				body = `{"@odata.count":0,"value":[]}`
			}
			header := http.Header{"Date": {noon.Format(http.TimeFormat)}}
			return &http.Response{StatusCode: http.StatusOK, Header: header, Body: io.NopCloser(strings.NewReader(body)), Request: req}, nil
		})
		c := newClientOver(t, base)
		done := make(chan error, 1)
		go func() {
			_, err := c.Read(t.Context(), alert.Query{Since: noon.Add(-day), Until: noon}, dropped{})
			done <- err
		}()
		synctest.Wait()
		if got := requests.Load(); got != 1+4 {
			t.Errorf("requests while none of the slices is answered = %d, want the first and 4", got)
		}
		close(release)
		if err := <-done; err != nil {
			t.Errorf("Read() = %v, want nil", err)
		}
		if got := requests.Load(); got < 1+5 {
			t.Errorf("requests = %d, want more slices than 4", got)
		}
	})
}
