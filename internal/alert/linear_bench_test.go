package alert_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

// A hostile case is a response whose detections are chosen so that they would take
// more time the more there are.
type hostile struct {
	name   string
	filter alert.Filter
	each   func(i, n int) record
}

var hostiles = []hostile{
	// Parts beside one another, then as many without one.
	{"parts of one full_id", alert.Filter{}, func(i, n int) record {
		if i >= n/2 {
			return record{fullID: "a"}
		}
		return record{fullID: "a", part: fmt.Sprint(uint64(i) * 0x9e3779b97f4a7c15 >> 1)}
	}},
	{"full_ids with one start", alert.Filter{}, func(i, _ int) record { return record{fullID: strings.Repeat("a", 200) + fmt.Sprint(i)} }},
	{"titles of their own", alert.Filter{}, func(i, _ int) record { return record{title: fmt.Sprint("title ", i)} }},
	{"titles that NFC changes", alert.Filter{}, func(i, _ int) record { return record{title: fmt.Sprint("e\u0301\U0001d160 ", i)} }},
	{"detections of one alert", alert.Filter{}, func(i, _ int) record { return record{alertID: "a", fullID: fmt.Sprint(i)} }},
	{"detections of one instant", alert.Filter{}, func(i, _ int) record { return record{fullID: fmt.Sprint(i), deviceID: fmt.Sprint(i)} }},
	{"500 excluded titles", alert.Filter{Exclusions: rules(500, func(i int) alert.Exclusion {
		return alert.Exclusion{Title: fmt.Sprint("Cafe\u0301 ", i)}
	})}, func(i, _ int) record {
		return record{title: "Cafe\u0301 " + fmt.Sprint(i%1000), alertID: fmt.Sprint(i)}
	}},
	{"500 excluded devices", alert.Filter{Exclusions: rules(500, func(i int) alert.Exclusion {
		return alert.Exclusion{ComputerDNSName: fmt.Sprint("Cafe\u0301 ", i)}
	})}, func(i, _ int) record {
		return record{computerName: "Cafe\u0301 " + fmt.Sprint(i%1000), alertID: fmt.Sprint(i)}
	}},
	{"500 categories", alert.Filter{Categories: texts(500)}, func(i, _ int) record {
		return record{category: strings.Repeat("e\u0301", 20), alertID: fmt.Sprint(i)}
	}},
}

func rules(n int, each func(i int) alert.Exclusion) []alert.Exclusion {
	list := make([]alert.Exclusion, n)
	for i := range list {
		list[i] = each(i)
	}
	return list
}

func texts(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprint("Cafe\u0301 ", i)
	}
	return list
}

// perDetection returns the time of each of n detections, until the summary and the
// verdict are there.
func (h hostile) perDetection(t testing.TB, n int) time.Duration {
	t.Helper()
	gate := alert.Gate{Severity: alert.Informational, Allowed: n}
	s := alert.NewSelection(alert.SelectionOptions{Filter: h.filter, Gate: &gate})
	records := make([]*alert.Detection, n)
	for i := range records {
		records[i] = newAlert(t, h.each(i, n))
	}
	began := time.Now()
	for _, d := range records {
		mustAdd(t, s, d)
	}
	if s.Summary().Fetched != n || gate.Judge(s).Outcome != alert.Passed {
		t.Fatalf("%s: detections fetched = %d, want %d, and a gate that passes", h.name, s.Summary().Fetched, n)
	}
	return time.Since(began) / time.Duration(n)
}

// BenchmarkHostile measures the time of a detection of 20,000 and of 80,000: nothing that
// a response holds makes it grow with their number. A quadratic step would make it four
// times as long.
func BenchmarkHostile(b *testing.B) {
	const n = 20_000
	for _, h := range hostiles {
		b.Run(h.name, func(b *testing.B) {
			var few, many time.Duration
			for b.Loop() {
				few += h.perDetection(b, n)
				many += h.perDetection(b, 4*n)
			}
			b.ReportMetric(float64(few.Nanoseconds())/float64(b.N), "ns/detection")
			b.ReportMetric(float64(many.Nanoseconds())/float64(b.N), "ns/detection-of-4n")
			b.ReportMetric(0, "ns/op")
		})
	}
}
