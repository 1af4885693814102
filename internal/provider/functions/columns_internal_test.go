package functions

import (
	"slices"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

// TestColumnOrderIsComplete: every attribute of an alert has one place.
func TestColumnOrderIsComplete(t *testing.T) {
	t.Parallel()
	want := []string{"additional", "triage"}
	for _, f := range slices.Concat(alert.Fields[:], alert.Triage[:]) {
		want = append(want, f.Name)
	}
	slices.Sort(want)
	got := slices.Sorted(slices.Values(columnOrder[:]))
	if !slices.Equal(got, want) {
		t.Errorf("columnOrder has %q, want %q", got, want)
	}
}

func TestColumnOrder(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, name := range []string{"b", "a", "command_line", "description", "alert_id", "triage", "severity",
		"alert_title", "last_processed_time_utc"} {
		names[name] = true
	}
	want := []string{"last_processed_time_utc", "severity", "alert_title", "alert_id", "description", "command_line",
		"triage", "a", "b"}
	if got := inColumnOrder(names); !slices.Equal(got, want) {
		t.Errorf("inColumnOrder = %q, want %q", got, want)
	}
}
