package fakeapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

// stepBody is the body of most steps in this file, 13 bytes long.
const stepBody = `[{"Id":"é"}]`

// TestStepBytes compares every byte with the doc comments.
func TestStepBytes(t *testing.T) {
	t.Parallel()
	const ok, length, chunked = "HTTP/1.1 200 OK", "Content-Length: 13", "Transfer-Encoding: chunked"
	reset := syscall.ECONNRESET
	if runtime.GOOS == "windows" {
		reset = syscall.Errno(10054) // WSAECONNRESET
	}
	size := fmt.Sprintf("%x", len(stepBody))
	tests := map[string]struct {
		step   fakeapi.Step
		head   []string // expected lines, the first is the status line
		body   string
		err    error
		status int // as recorded
	}{
		"Normal": {step: fakeapi.Normal(), head: []string{ok, length}, body: stepBody, status: 200},
		"Reply": {step: fakeapi.Reply(503, http.Header{"Retry-After": {"1", "2"}}, "busy"),
			head: []string{"HTTP/1.1 503 Service Unavailable", "Content-Length: 4", "Retry-After: 1", "Retry-After: 2"},
			body: "busy", status: 503},
		"Reply without a body":  {step: fakeapi.Reply(204, nil, ""), head: []string{"HTTP/1.1 204 No Content"}, status: 204},
		"Raw":                   {step: fakeapi.Raw("HTTP/1.1 200 OK\r\n\r\n[]", fakeapi.Close), head: []string{ok}, body: "[]"},
		"Raw, Reset":            {step: fakeapi.Raw("HTTP/1.1 200 OK\r\n\r\n[", fakeapi.Reset), head: []string{ok}, body: "[", err: reset},
		"CutAfter":              {step: fakeapi.CutAfter(5), head: []string{ok, length}, body: stepBody[:5]},
		"CutAfter 0":            {step: fakeapi.CutAfter(0), head: []string{ok, length}},
		"CutAfter from the end": {step: fakeapi.CutAfter(-1), head: []string{ok, length}, body: stepBody[:len(stepBody)-1]},
		"CutAfter beyond":       {step: fakeapi.CutAfter(99), head: []string{ok, length}, body: stepBody},
		"AbortAfter": {step: fakeapi.AbortAfter(5),
			head: []string{ok, chunked}, body: "5\r\n" + stepBody[:5] + "\r\n"},
		"LieLength more": {step: fakeapi.LieLength(7), head: []string{ok, "Content-Length: 20"}, body: stepBody},
		"LieLength less": {step: fakeapi.LieLength(-3), head: []string{ok, "Content-Length: 10"}, body: stepBody},
		"ChunkedUnterminated": {step: fakeapi.ChunkedUnterminated(), head: []string{ok, chunked},
			body: size + "\r\n" + stepBody + "\r\n"},
		"BadChunk": {step: fakeapi.BadChunk(), head: []string{ok, chunked},
			body: "6\r\n" + stepBody[:6] + "\r\nzz\r\n" + stepBody[6:]},
		"CloseDelimited":     {step: fakeapi.CloseDelimited(4), head: []string{"HTTP/1.0 200 OK", "Connection: close"}, body: stepBody[:4]},
		"Dribble":            {step: fakeapi.Dribble(time.Millisecond), head: []string{ok, length}, body: stepBody, status: 200},
		"ResetBeforeHeaders": {step: fakeapi.ResetBeforeHeaders(), head: []string{""}, err: reset},
		"ResetAfter":         {step: fakeapi.ResetAfter(3), head: []string{ok, length}, body: stepBody[:3], err: reset},
		"RedirectTo": {step: fakeapi.RedirectTo(307, "https://example.com/x"),
			head:   []string{"HTTP/1.1 307 Temporary Redirect", "Location: https://example.com/x"},
			body:   "<html><body>Object moved.</body></html>",
			status: 307},
		"ContentType": {step: fakeapi.ContentType("text/html", "<p>"), head: []string{ok, "Content-Type: text/html"}, body: "<p>", status: 200},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, fakeapi.Options{Alerts: -1})
			s.Script(fakeapi.Alerts, fakeapi.WithBody(test.step, stepBody))
			head, body, err := rawResponse(t, s)
			lines := strings.Split(head, "\r\n")
			if !errors.Is(err, test.err) {
				t.Fatalf("reading the response: error %v, want %v", err, test.err)
			}
			wantText(t, "status line", lines[0], test.head[0])
			for _, line := range test.head[1:] {
				if !slices.Contains(lines, line) {
					t.Errorf("head = %q, want a line %q", lines, line)
				}
			}
			wantText(t, "body", body, test.body)
			requests := s.AlertRequests()
			if len(requests) != 1 {
				t.Fatalf("recorded requests = %+v, want one", requests)
			}
			if got := requests[0].Status; got != test.status {
				t.Errorf("recorded status = %d, want %d", got, test.status)
			}
		})
	}
}

func TestContentTypeMissing(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{})
	s.Script(fakeapi.Alerts, fakeapi.ContentType("", "[]"))
	head, body, err := rawResponse(t, s)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(head, "Content-Type") {
		t.Errorf("head = %q, want it without Content-Type", head)
	}
	wantText(t, "body", body, "[]")
}

// TestStepsOnTheNormalResponse runs steps without WithBody: they modify the normal
// response, including an error.
func TestStepsOnTheNormalResponse(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{})
	want := alerts(t, s, "").body
	s.Script(fakeapi.Alerts, fakeapi.LieLength(1), fakeapi.LieLength(1))
	got := alerts(t, s, "")
	if got.err == nil {
		t.Error("with a token: response complete, want it truncated")
	}
	if got.body != want {
		t.Errorf("with a token: body = %d bytes, want the %d of the normal response", len(got.body), len(want))
	}
	got = do(t, client(t, s), http.MethodGet, s.SIEMEndpoint()+"/api/alerts", nil, "")
	if got.err == nil {
		t.Error("without a token: response complete, want it truncated")
	}
	if got.StatusCode != http.StatusUnauthorized {
		t.Errorf("without a token: status = %d, want %d", got.StatusCode, http.StatusUnauthorized)
	}
	s.Script(fakeapi.Token, fakeapi.CutAfter(-1))
	got = postForm(t, s, fakeapi.DefaultTenantID, goodForm())
	if got.err == nil {
		t.Error("token endpoint: response complete, want it truncated")
	}
	if prefix := `{"token_type"`; !strings.HasPrefix(got.body, prefix) {
		t.Errorf("token endpoint: body = %q, want it to start with %q", got.body, prefix)
	}
}

func TestStall(t *testing.T) {
	t.Parallel()
	for _, secure := range []bool{false, true} {
		s := start(t, fakeapi.Options{TLS: secure})
		s.Script(fakeapi.Alerts, fakeapi.WithBody(fakeapi.Stall(4), stepBody))
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
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
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("TLS %t: reading the body: error %v, want %v", secure, err, context.DeadlineExceeded)
		}
		wantText(t, fmt.Sprintf("TLS %t: body", secure), string(body), stepBody[:4])
		if got, want := response.ContentLength, int64(len(stepBody)); got != want {
			t.Errorf("TLS %t: Content-Length = %d, want %d", secure, got, want)
		}
	}
}

func TestDribbleDuration(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{})
	s.Script(fakeapi.Alerts, fakeapi.WithBody(fakeapi.Dribble(20*time.Millisecond), "[1,2]"))
	began := time.Now()
	got := do(t, client(t, s), http.MethodGet, s.SIEMEndpoint()+"/api/alerts", nil, "")
	took := time.Since(began)
	if got.err != nil {
		t.Fatal(got.err)
	}
	wantText(t, "body", got.body, "[1,2]")
	if least := 100 * time.Millisecond; took < least {
		t.Errorf("the response took %s, want at least %s", took, least)
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
		t.Errorf("different values of FullId in 1000 records = %d, want 1000", len(seen))
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
				t.Errorf("reading the response of %s = nil, want an error", name)
			}
		})
	}
}

func TestBigHeader(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{})
	s.Script(fakeapi.Alerts, fakeapi.WithBody(fakeapi.BigHeader(), stepBody))
	c := client(t, s)
	transport, _ := c.Transport.(*http.Transport)
	transport.MaxResponseHeaderBytes = 64 << 20
	got := do(t, c, http.MethodGet, s.SIEMEndpoint()+"/api/alerts", nil, "")
	if got.err != nil {
		t.Fatal(got.err)
	}
	if size := len(got.Header.Get("Set-Cookie")); size < 10<<20 {
		t.Errorf("size of Set-Cookie = %d, want at least %d", size, 10<<20)
	}
	wantText(t, "body", got.body, stepBody)
}
