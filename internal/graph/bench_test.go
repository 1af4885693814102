package graph

import (
	"strings"
	"testing"
)

// BenchmarkDecode decodes a page of 1,000 alerts with a dozen pieces of evidence.
func BenchmarkDecode(b *testing.B) {
	page := payload(b, "endpoint.json")
	start, end := strings.Index(page, "{\n      \"id\": \"da"), strings.Index(page, "    {\n      \"id\": \"ed")
	one := strings.TrimSpace(page[start:end])
	body := `{"value":[` + strings.TrimSuffix(strings.Repeat(one, 1000), ",") + `]}`
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		_, err := decode(strings.NewReader(body), "", func(*Alert) error { n++; return nil })
		if err != nil || n != 1000 {
			b.Fatalf("decode = %d alerts, error %v, want 1000 and nil", n, err)
		}
	}
}
