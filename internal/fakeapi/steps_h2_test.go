package fakeapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

// TestStepsOnHTTP2 has a stream, which no step can break other than by a reset
// or an early end.
func TestStepsOnHTTP2(t *testing.T) {
	t.Parallel()
	long := "[" + strings.Repeat(given[1:len(given)-1]+",", 20_000) + "null]"
	for name, test := range map[string]struct {
		step fakeapi.Step
		body string
	}{
		"H2ResetAfter":        {fakeapi.H2ResetAfter(70_000), long[:70_000]},
		"H2ResetAfter 0":      {fakeapi.H2ResetAfter(0), ""},
		"H2GoAwayAfter":       {fakeapi.H2GoAwayAfter(9), long[:9]},
		"H2ShortEnd":          {fakeapi.H2ShortEnd(9), long[:9]},
		"CutAfter":            {fakeapi.CutAfter(9), long[:9]},
		"ResetBeforeHeaders":  {fakeapi.ResetBeforeHeaders(), ""},
		"ResetAfter":          {fakeapi.ResetAfter(9), ""},
		"LieLength":           {fakeapi.LieLength(1), ""},
		"BadChunk":            {fakeapi.BadChunk(), ""},
		"ChunkedUnterminated": {fakeapi.ChunkedUnterminated(), ""},
		"CloseDelimited":      {fakeapi.CloseDelimited(9), ""},
		"HeaderFlood":         {fakeapi.HeaderFlood(), ""},
		"InformationalFlood":  {fakeapi.InformationalFlood(), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, fakeapi.Options{TLS: true})
			s.Script(fakeapi.Alerts, fakeapi.WithBody(test.step, long))
			c := client(t, s)
			got := do(t, c, http.MethodGet, s.SIEMEndpoint()+"/api/alerts", nil, "")
			if got.err == nil {
				t.Fatalf("the response is accepted after %d bytes, want an error", len(got.body))
			}
			// What was flushed before a reset may be dropped by the client's
			// transport, but never changed.
			if !strings.HasPrefix(test.body, got.body) || strings.Contains(got.err.Error(), "malformed") {
				t.Errorf("got %d bytes, %v", len(got.body), got.err)
			}
			if status := s.AlertRequests()[0].Status; status != 0 {
				t.Errorf("recorded status %d", status)
			}
			s.ClearScript(fakeapi.Alerts)
			if got := do(t, c, http.MethodGet, s.SIEMEndpoint()+"/api/alerts", nil, ""); got.err != nil || got.StatusCode != http.StatusUnauthorized {
				t.Errorf("the next request: %v, %v", got.Response, got.err)
			}
		})
	}
}
