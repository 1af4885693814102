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
		c := New(Options{
			Endpoint: address(t, "http://localhost"), Tokens: staticToken("t"), Pacer: &Pacer{rate.NewLimiter(rate.Inf, 0)},
			Client:   transport.New(transport.Options{Base: base, UserAgent: "test", MaxAttempts: 1, AttemptTimeout: time.Minute}),
			MaxBytes: 1 << 30, MaxHeld: 64 << 20,
		})
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
