package provider

import (
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

// TestAnomalies: the anomalies of a read are one warning, which names positions
// and quotes no text.
func TestAnomalies(t *testing.T) {
	t.Parallel()
	if found := anomalies(alert.Anomalies{}); len(found) != 0 {
		t.Errorf("anomalies(none) = %v, want no diagnostic", found)
	}
	positions := func(count int, first ...int) alert.Positions { return alert.Positions{Count: count, First: first} }
	named := alert.Positions{Count: 3, First: []int{5, 7, 8}, IDs: []string{"da5", "da7"}}
	found := anomalies(alert.Anomalies{
		UnknownSeverity: positions(1, 0),
		OutsideWindow:   positions(12, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10),
		OutsideGroups:   named,
		BeyondLimit:     positions(1, 20),
		Replaced:        positions(1, 3),
		Late:            2,
	})
	if len(found) != 1 || found.HasError() {
		t.Fatalf("anomalies(six kinds) = %v, want one warning", found)
	}
	const want = `The response is valid, but these detections are unusual:

  - 1 detection: unrecognized severity. It ranks above High, so that no gate misses it. Positions in the response, from 0: 0.
  - 12 detections: processed outside the requested window. Kept and counted. Positions in the response, from 0: 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 ….
  - 3 detections: in none of the requested machine groups. Kept and counted. Alert IDs: da5, da7.
  - 1 detection: more than the requested limit. Kept and counted. Positions in the response, from 0: 20.
  - 1 detection: half of a surrogate pair in a text, which became U+FFFD. Positions in the response, from 0: 3.
  - 2 alerts: updated during the read, so that it is unknown whether the window held them. They count as if it did.`
	if got := found[0].Detail(); got != want {
		t.Errorf("anomalies(six kinds) =\n%s\nwant\n%s", got, want)
	}
}
