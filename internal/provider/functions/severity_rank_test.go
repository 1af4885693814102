package functions_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

func TestSeverityRank(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"Informational": 1, "informational": 1, "Low": 2, "LOW": 2, "Medium": 3, "mEDIUM": 3, "High": 4, "high": 4,
	} {
		if got := mustCall(t, "severity_rank", constant(text)); !got.Equal(constant(want)) {
			t.Errorf("severity_rank(%q) = %s, want %d", text, got, want)
		}
	}
	for _, text := range []string{"Critical", "", " High", "High ", "H\u0131gh", "Unknown", "unknown", "4"} {
		refuses(t, 0, `text is not "Informational", "Low", "Medium" or "High"`, "severity_rank", constant(text))
	}
	refuses(t, 0, "text is null", "severity_rank", nullOf(tftypes.String))
}
