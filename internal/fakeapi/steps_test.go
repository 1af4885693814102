package fakeapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

// given is the body of most steps in this file, 13 bytes long.
const given = `[{"Id":"é"}]`

// TestStepsOnTheWire compares every byte with the doc comments.
func TestStepsOnTheWire(t *testing.T) {
	t.Parallel()
	const length = "Content-Length: 13"
	size := fmt.Sprintf("%x", len(given))
	tests := map[string]struct {
		step   fakeapi.Step
		head   []string // expected lines, the first is the status line
		body   string
		err    error
		status int // as recorded
	}{
		"Normal": {step: fakeapi.Normal(), head: []string{"HTTP/1.1 200 OK", length}, body: given, status: 200},
		"Reply": {step: fakeapi.Reply(503, http.Header{"Retry-After": {"1", "2"}}, "busy"),
			head: []string{"HTTP/1.1 503 Service Unavailable", "Content-Length: 4", "Retry-After: 1", "Retry-After: 2"},
			body: "busy", status: 503},
		"Reply without a body": {step: fakeapi.Reply(204, nil, ""), head: []string{"HTTP/1.1 204 No Content"}, status: 204},
		"Raw":                  {step: fakeapi.Raw("HTTP/1.1 200 OK\r\n\r\n[]", fakeapi.Close), head: []string{"HTTP/1.1 200 OK"}, body: "[]"},
		"Raw, Reset": {step: fakeapi.Raw("HTTP/1.1 200 OK\r\n\r\n[", fakeapi.Reset), head: []string{"HTTP/1.1 200 OK"}, body: "[",
			err: syscall.ECONNRESET},
		"CutAfter":              {step: fakeapi.CutAfter(5), head: []string{"HTTP/1.1 200 OK", length}, body: given[:5]},
		"CutAfter 0":            {step: fakeapi.CutAfter(0), head: []string{"HTTP/1.1 200 OK", length}},
		"CutAfter from the end": {step: fakeapi.CutAfter(-1), head: []string{"HTTP/1.1 200 OK", length}, body: given[:len(given)-1]},
		"CutAfter beyond":       {step: fakeapi.CutAfter(99), head: []string{"HTTP/1.1 200 OK", length}, body: given},
		"AbortAfter": {step: fakeapi.AbortAfter(5),
			head: []string{"HTTP/1.1 200 OK", "Transfer-Encoding: chunked"}, body: "5\r\n" + given[:5] + "\r\n"},
		"LieLength more": {step: fakeapi.LieLength(7), head: []string{"HTTP/1.1 200 OK", "Content-Length: 20"}, body: given},
		"LieLength less": {step: fakeapi.LieLength(-3), head: []string{"HTTP/1.1 200 OK", "Content-Length: 10"}, body: given},
		"ChunkedUnterminated": {step: fakeapi.ChunkedUnterminated(), head: []string{"HTTP/1.1 200 OK", "Transfer-Encoding: chunked"},
			body: size + "\r\n" + given + "\r\n"},
		"BadChunk": {step: fakeapi.BadChunk(), head: []string{"HTTP/1.1 200 OK", "Transfer-Encoding: chunked"},
			body: "6\r\n" + given[:6] + "\r\nzz\r\n" + given[6:]},
		"CloseDelimited": {step: fakeapi.CloseDelimited(4), head: []string{"HTTP/1.0 200 OK", "Connection: close"}, body: given[:4]},
		"Dribble":        {step: fakeapi.Dribble(time.Millisecond), head: []string{"HTTP/1.1 200 OK", length}, body: given, status: 200},
		"ResetBeforeHeaders": {step: fakeapi.ResetBeforeHeaders(), head: []string{""},
			err: syscall.ECONNRESET},
		"ResetAfter": {step: fakeapi.ResetAfter(3), head: []string{"HTTP/1.1 200 OK", length}, body: given[:3],
			err: syscall.ECONNRESET},
		"RedirectTo": {step: fakeapi.RedirectTo(307, "https://example.com/x"),
			head:   []string{"HTTP/1.1 307 Temporary Redirect", "Location: https://example.com/x"},
			body:   "<html><body>Object moved.</body></html>",
			status: 307},
		"ContentType": {step: fakeapi.ContentType("text/html", "<p>"), head: []string{"HTTP/1.1 200 OK", "Content-Type: text/html"},
			body: "<p>", status: 200},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, fakeapi.Options{Alerts: -1})
			s.Script(fakeapi.Alerts, fakeapi.WithBody(test.step, given))
			head, body, err := wire(t, s)
			lines := strings.Split(head, "\r\n")
			if lines[0] != test.head[0] || !errors.Is(err, test.err) || err != nil && test.err == nil {
				t.Fatalf("status line %q, error %v", lines[0], err)
			}
			for _, line := range test.head {
				if !strings.Contains(head+"\r\n", line+"\r\n") && line != "" {
					t.Errorf("no line %q in %q", line, lines)
				}
			}
			if body != test.body {
				t.Errorf("body %q, want %q", body, test.body)
			}
			if got := s.AlertRequests(); len(got) != 1 || got[0].Status != test.status {
				t.Errorf("recorded %+v, want status %d", got, test.status)
			}
		})
	}
}

func TestContentTypeMissing(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{})
	s.Script(fakeapi.Alerts, fakeapi.ContentType("", "[]"))
	head, body, err := wire(t, s)
	if strings.Contains(head, "Content-Type") || body != "[]" || err != nil {
		t.Errorf("got %q, %q, %v", head, body, err)
	}
}

// TestStepsOnTheNormalResponse runs steps without WithBody: they modify the normal
// response, including an error.
func TestStepsOnTheNormalResponse(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{})
	want := alerts(t, s, "").body
	s.Script(fakeapi.Alerts, fakeapi.LieLength(1), fakeapi.LieLength(1))
	if got := alerts(t, s, ""); got.body != want || got.err == nil {
		t.Errorf("got %d bytes of %d, error %v", len(got.body), len(want), got.err)
	}
	got := do(t, client(t, s), http.MethodGet, s.SIEMEndpoint()+"/api/alerts", nil, "")
	if got.StatusCode != http.StatusUnauthorized || got.err == nil {
		t.Errorf("without a token: %v, %v", got.Response, got.err)
	}
	s.Script(fakeapi.Token, fakeapi.CutAfter(-1))
	if got := postForm(t, s, fakeapi.DefaultTenantID, goodForm()); got.err == nil || !strings.HasPrefix(got.body, `{"token_type"`) {
		t.Errorf("token endpoint: %q, %v", got.body, got.err)
	}
}

func TestStall(t *testing.T) {
	t.Parallel()
	for _, secure := range []bool{false, true} {
		s := start(t, fakeapi.Options{TLS: secure})
		s.Script(fakeapi.Alerts, fakeapi.WithBody(fakeapi.Stall(4), given))
		ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
		defer cancel()
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.SIEMEndpoint()+"/api/alerts", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		response, err := client(t, s).Do(request)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if string(body) != given[:4] || response.ContentLength != int64(len(given)) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("TLS %v: got %q of %d, %v", secure, body, response.ContentLength, err)
		}
	}
}

func TestDribbleDuration(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{})
	s.Script(fakeapi.Alerts, fakeapi.WithBody(fakeapi.Dribble(20*time.Millisecond), "[1,2]"))
	began := time.Now()
	got := do(t, client(t, s), http.MethodGet, s.SIEMEndpoint()+"/api/alerts", nil, "")
	if took := time.Since(began); got.body != "[1,2]" || got.err != nil || took < 100*time.Millisecond {
		t.Errorf("got %q, %v after %s", got.body, got.err, took)
	}
}

func TestEndlessIsValid(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{})
	s.Script(fakeapi.Alerts, fakeapi.Endless())
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.SIEMEndpoint()+"/api/alerts", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := client(t, s).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	decoder := json.NewDecoder(response.Body)
	if _, err = decoder.Token(); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for range 1000 {
		var record struct{ FullId string }
		if err := decoder.Decode(&record); err != nil {
			t.Fatal(err)
		}
		seen[record.FullId] = true
	}
	if len(seen) != 1000 {
		t.Errorf("%d different records in 1000", len(seen))
	}
}

func TestFloods(t *testing.T) {
	t.Parallel()
	for name, step := range map[string]fakeapi.Step{
		"HeaderFlood": fakeapi.HeaderFlood(), "InformationalFlood": fakeapi.InformationalFlood(), "BigHeader": fakeapi.BigHeader(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, fakeapi.Options{})
			s.Script(fakeapi.Alerts, step)
			c := client(t, s)
			transport, _ := c.Transport.(*http.Transport)
			transport.MaxResponseHeaderBytes = 1 << 20
			if err := discard(c, s.SIEMEndpoint()+"/api/alerts"); err == nil {
				t.Error("the response is accepted, want an error")
			}
		})
	}
}

func TestBigHeader(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{})
	s.Script(fakeapi.Alerts, fakeapi.WithBody(fakeapi.BigHeader(), given))
	c := client(t, s)
	transport, _ := c.Transport.(*http.Transport)
	transport.MaxResponseHeaderBytes = 64 << 20
	got := do(t, c, http.MethodGet, s.SIEMEndpoint()+"/api/alerts", nil, "")
	if got.err != nil || len(got.Header.Get("Set-Cookie")) < 10<<20 || got.body != given {
		t.Errorf("%v, %d bytes of body", got.err, len(got.body))
	}
}
