package functions_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

func TestSeverityRank(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"Informational": 1, "informational": 1, "Low": 2, "LOW": 2, "Medium": 3, "mEDIUM": 3, "High": 4, "high": 4,
		"Critical": 5, "": 5, " High": 5, "High ": 5, "H\u0131gh": 5, "Unknown": 5, "unknown": 5, "4": 5,
	} {
		if got := mustCall(t, "severity_rank", constant(text)); !got.Equal(constant(want)) {
			t.Errorf("severity_rank(%q) = %s, want %d", text, got, want)
		}
	}
	refuses(t, 0, "text is null", "severity_rank", nullOf(tftypes.String))
}
