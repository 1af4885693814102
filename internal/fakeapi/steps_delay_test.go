package fakeapi_test

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

func TestDelay(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{})
	const pause = 500 * time.Millisecond
	s.Script(fakeapi.Graph, fakeapi.Always(fakeapi.Delay(pause, fakeapi.Normal())))
	header, c := signInGraph(t, s), client(t, s)
	began := time.Now()
	var requests sync.WaitGroup
	for range 8 {
		requests.Go(func() {
			got := do(t, c, http.MethodGet, s.GraphEndpoint()+"/v1.0/security/alerts_v2", header.Clone(), "")
			if got.err != nil || got.StatusCode != http.StatusOK {
				t.Errorf("delayed request: error %v, want status 200", got.err)
			}
		})
	}
	requests.Wait()
	if took := time.Since(began); took < pause || took >= 8*pause {
		t.Errorf("eight concurrent requests took %s, want about %s", took.Round(time.Millisecond), pause)
	}
	s.Script(fakeapi.Alerts, fakeapi.Delay(time.Hour, fakeapi.Normal()))
	c.Timeout = 50 * time.Millisecond
	if err := discard(c, s.SIEMEndpoint()+"/api/alerts"); err == nil {
		t.Error("a response after an hour = nil error, want a timeout")
	}
}
