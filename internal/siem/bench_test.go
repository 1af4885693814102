package siem

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

// tenThousand returns the body of a response with 10,000 alerts.
func tenThousand(b *testing.B) []byte {
	b.Helper()
	server, err := fakeapi.Start(fakeapi.Options{Alerts: 10_000, NoDefaultWindow: true})
	if err != nil {
		b.Fatal(err)
	}
	defer server.Close()
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {fakeapi.DefaultClientID},
		"client_secret": {fakeapi.DefaultClientSecret}, "resource": {fakeapi.DefaultResource}}
	tokenRequest := request(b, http.MethodPost, server.AuthorityHost()+"/"+fakeapi.DefaultTenantID+"/oauth2/token", form.Encode())
	tokenRequest.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	_, rest, _ := strings.Cut(string(fetch(b, tokenRequest)), `"access_token":"`)
	token, _, _ := strings.Cut(rest, `"`)
	alertRequest := request(b, http.MethodGet, server.SIEMEndpoint()+"/api/alerts", "")
	alertRequest.Header.Set("Authorization", "Bearer "+token)
	return fetch(b, alertRequest)
}

func request(b *testing.B, method, address, body string) *http.Request {
	b.Helper()
	r, err := http.NewRequestWithContext(context.Background(), method, address, strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	return r
}

func fetch(b *testing.B, r *http.Request) []byte {
	b.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		b.Fatalf("status of %s %s = %d, want %d", r.Method, r.URL, resp.StatusCode, http.StatusOK)
	}
	return body
}

// BenchmarkDecode decodes a response and does nothing with its alerts.
func BenchmarkDecode(b *testing.B) {
	body := tenThousand(b)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		if err := decode(bytes.NewReader(body), "", func(*alert.Detection) error { n++; return nil }); err != nil {
			b.Fatal(err)
		}
		if n != 10_000 {
			b.Fatalf("alerts decoded = %d, want 10000", n)
		}
	}
}

// BenchmarkCounts decodes a response for its summary.
func BenchmarkCounts(b *testing.B) {
	body := tenThousand(b)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		selection := alert.NewSelection(alert.SelectionOptions{})
		if err := decode(bytes.NewReader(body), "", selection.Add); err != nil {
			b.Fatal(err)
		}
		if selection.Summary().Detections == 0 {
			b.Fatal("Summary().Detections = 0, want more")
		}
	}
}
