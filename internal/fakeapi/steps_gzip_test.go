package fakeapi_test

import (
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

func TestGzipSteps(t *testing.T) {
	t.Parallel()
	unpack := func(packed string) (string, error) {
		r, err := gzip.NewReader(strings.NewReader(packed))
		if err != nil {
			return "", err
		}
		text, err := io.ReadAll(r)
		return string(text), err
	}
	body := "[" + strings.Repeat(given[1:len(given)-1]+",", 500) + "null]"
	tests := map[string]struct {
		step fakeapi.Step
		want string
		err  error
	}{
		"Gzip":          {fakeapi.Gzip(), body, nil},
		"GzipBadCRC":    {fakeapi.GzipBadCRC(), body, gzip.ErrChecksum},
		"GzipTruncated": {fakeapi.GzipTruncated(), "", io.ErrUnexpectedEOF},
		"GzipBomb":      {fakeapi.GzipBomb(1 << 20), "[" + strings.Repeat(" ", 1<<20-2) + "]", nil},
		"GzipBomb 2":    {fakeapi.GzipBomb(2), "[]", nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, fakeapi.Options{})
			s.Script(fakeapi.Alerts, fakeapi.WithBody(test.step, body))
			got := do(t, client(t, s), http.MethodGet, s.SIEMEndpoint()+"/api/alerts", nil, "")
			if got.err != nil || got.StatusCode != http.StatusOK || got.Header.Get("Content-Encoding") != "gzip" {
				t.Fatalf("the transfer is not complete: %v, %v", got.Response, got.err)
			}
			text, err := unpack(got.body)
			if !errors.Is(err, test.err) || err == nil && text != test.want || !strings.HasPrefix(body, text) && err != nil {
				t.Errorf("%d bytes, %v", len(text), err)
			}
			if s.AlertRequests()[0].Status != 200 {
				t.Errorf("recorded status %d, want 200", s.AlertRequests()[0].Status)
			}
		})
	}
	t.Run("GzipTwice", func(t *testing.T) {
		t.Parallel()
		s := start(t, fakeapi.Options{})
		s.Script(fakeapi.Alerts, fakeapi.WithBody(fakeapi.GzipTwice(), body))
		got := do(t, client(t, s), http.MethodGet, s.SIEMEndpoint()+"/api/alerts", nil, "")
		once, err := unpack(got.body)
		if err != nil || once == body {
			t.Fatalf("unpacked once: %d bytes, %v", len(once), err)
		}
		if text, err := unpack(once); err != nil || text != body {
			t.Errorf("unpacked twice: %d bytes, %v", len(text), err)
		}
	})
}

func TestGzipBombIsSmallOnTheWire(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{})
	s.Script(fakeapi.Alerts, fakeapi.GzipBomb(64<<20))
	got := do(t, client(t, s), http.MethodGet, s.SIEMEndpoint()+"/api/alerts", nil, "")
	if got.err != nil || len(got.body) > 64<<20/500 {
		t.Errorf("%d bytes, %v", len(got.body), got.err)
	}
}
