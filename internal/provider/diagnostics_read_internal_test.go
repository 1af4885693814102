package provider

import (
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

// The notes of a read are one warning, which names positions and never a text.
func TestOddities(t *testing.T) {
	t.Parallel()
	if found := oddities(alert.Anomalies{}); len(found) != 0 {
		t.Errorf("nothing is odd, and found %v", found)
	}
	places := func(count int, first ...int) alert.Positions { return alert.Positions{Count: count, First: first} }
	found := oddities(alert.Anomalies{
		UnknownSeverity: places(1, 0),
		OutsideWindow:   places(12, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10),
		OutsideGroups:   places(2, 5, 7),
		BeyondLimit:     places(1, 20),
		Replaced:        places(1, 3),
	})
	if len(found) != 1 || found.HasError() {
		t.Fatalf("found %v", found)
	}
	const want = `The reply is valid, but:

  - 1 detection: a severity that the provider does not know. It ranks above High, so that no gate misses it. Positions in the reply, from 0: 0.
  - 12 detections: processed outside the window that was asked for. Kept and counted. Positions in the reply, from 0: 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 ….
  - 2 detections: of none of the machine groups that were asked for. Kept and counted. Positions in the reply, from 0: 5, 7.
  - 1 detection: beyond the limit that was asked for. Kept and counted. Positions in the reply, from 0: 20.
  - 1 detection: half of a surrogate pair in a text, which became U+FFFD. Positions in the reply, from 0: 3.`
	if got := found[0].Detail(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
