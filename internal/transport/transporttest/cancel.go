package transporttest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"
)

// WantCancelled fails the test unless a read that was cancelled returned the context's
// error, at once.
func WantCancelled(t testing.TB, took time.Duration, err error) {
	t.Helper()
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Read() = %v, want %v", err, context.Canceled)
	}
	WantAtOnce(t, took)
}

// WantAtOnce fails the test unless it took a read at most a second from its end, a
// cancellation or a deadline, to its return. The bound is that of a busy machine:
// MeasureCancel has the figures.
func WantAtOnce(t testing.TB, took time.Duration) {
	t.Helper()
	if took > time.Second {
		t.Errorf("Read() returned %s after its end, want at most 100ms on an idle machine", took)
	}
}

// MeasureCancel reports the median and the longest of the times that cancelled returns,
// from the cancellation of a read to its return.
func MeasureCancel(b *testing.B, cancelled func() (time.Duration, error)) {
	b.Helper()
	var took []time.Duration
	for b.Loop() {
		d, err := cancelled()
		if !errors.Is(err, context.Canceled) {
			b.Fatal(err)
		}
		took = append(took, d)
	}
	slices.Sort(took)
	b.ReportMetric(took[len(took)/2].Seconds()*1000, "p50-ms")
	b.ReportMetric(took[len(took)-1].Seconds()*1000, "max-ms")
	b.ReportMetric(0, "ns/op")
}
