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
	body := "[" + strings.Repeat(stepBody[1:len(stepBody)-1]+",", 500) + "null]"
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
			wantStatus(t, name, got, http.StatusOK)
			wantText(t, "Content-Encoding", got.Header.Get("Content-Encoding"), "gzip")
			text, err := unpack(got.body)
			if !errors.Is(err, test.err) {
				t.Errorf("unpacking: error %v, want %v", err, test.err)
			}
			if err == nil && text != test.want {
				t.Errorf("unpacked body = %d bytes %.50q, want %d bytes %.50q", len(text), text, len(test.want), test.want)
			}
			if err != nil && !strings.HasPrefix(body, text) {
				t.Errorf("unpacked body before the error = %d bytes %.50q, want a start of %.50q", len(text), text, body)
			}
			if status := s.AlertRequests()[0].Status; status != 200 {
				t.Errorf("recorded status = %d, want 200", status)
			}
		})
	}
	t.Run("GzipTwice", func(t *testing.T) {
		t.Parallel()
		s := start(t, fakeapi.Options{})
		s.Script(fakeapi.Alerts, fakeapi.WithBody(fakeapi.GzipTwice(), body))
		got := do(t, client(t, s), http.MethodGet, s.SIEMEndpoint()+"/api/alerts", nil, "")
		once, err := unpack(got.body)
		if err != nil {
			t.Fatalf("unpacking once: %v", err)
		}
		if once == body {
			t.Fatal("the body unpacked once is the plain one, want it compressed")
		}
		text, err := unpack(once)
		if err != nil {
			t.Fatalf("unpacking twice: %v", err)
		}
		if text != body {
			t.Errorf("body unpacked twice = %d bytes %.50q, want %d bytes %.50q", len(text), text, len(body), body)
		}
	})
}

func TestGzipBombIsSmallUnlessUnpacked(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{})
	s.Script(fakeapi.Alerts, fakeapi.GzipBomb(64<<20))
	got := do(t, client(t, s), http.MethodGet, s.SIEMEndpoint()+"/api/alerts", nil, "")
	if got.err != nil {
		t.Fatal(got.err)
	}
	if most := 64 << 20 / 500; len(got.body) > most {
		t.Errorf("packed body = %d bytes, want at most %d", len(got.body), most)
	}
}
