package alert_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

// A selection takes alerts as far as its bound and says when it did not take all.
func TestBound(t *testing.T) {
	t.Parallel()
	const bound = 1 << 20
	for name, each := range map[string]func(i int) record{
		"alerts": func(i int) record { return record{fullID: fmt.Sprint("id", i), alertID: fmt.Sprint(i)} },
		"ids":    func(i int) record { return record{fullID: strings.Repeat("x", 1000) + fmt.Sprint(i)} },
		"titles": func(i int) record { return record{title: fmt.Sprint("title ", i)} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := alert.NewSelection(alert.Query{}, alert.Filter{}, nil)
			s.Bound(bound)
			taken := 0
			for ; !s.Overflowed() && taken < 100_000; taken++ {
				s.Add(newAlert(t, each(taken)))
			}
			if taken < 100 || taken == 100_000 {
				t.Fatalf("%d alerts were taken", taken)
			}
			s.Add(newAlert(t, each(taken)))
			if sum := s.Summary(); sum.Total != taken || sum.Fetched != taken+1 || !s.Overflowed() {
				t.Errorf("%d of %d are there, %d fetched, overflowed %t", sum.Total, taken, sum.Fetched, s.Overflowed())
			}
			s.Reset()
			if s.Add(newAlert(t, each(0))); s.Overflowed() || s.Summary().Total != 1 {
				t.Error("Reset does not begin anew")
			}
		})
	}
}

// The encoded alerts count too, and a long text or alert has room.
func TestBoundEncoded(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("long ", 100_000)
	s := alert.NewSelection(alert.Query{}, alert.Filter{}, func(dst []byte, a *alert.Alert) []byte {
		return append(dst, a.Text(alert.FieldFullID)...)
	})
	s.Bound(2 * len(long))
	s.Add(newAlert(t, record{fullID: "short"}))
	s.Add(newAlert(t, record{fullID: long}))
	var found [][]byte
	for encoded := range s.Encoded() {
		found = append(found, encoded)
	}
	if want := [][]byte{[]byte(long), []byte("short")}; len(found) != 2 || !bytes.Equal(found[0], want[0]) || !bytes.Equal(found[1], want[1]) {
		t.Errorf("%d alerts of %d and %d bytes", len(found), len(found[0]), len(found[1]))
	}
	if !s.Overflowed() {
		t.Error("what is encoded is not counted")
	}
}
