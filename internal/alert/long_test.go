package alert_test

import (
	"errors"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

// A text that is counted may have 256 KiB.
func TestLongField(t *testing.T) {
	t.Parallel()
	const most = 256 << 10
	for _, index := range []int{alert.FieldSeverity, alert.FieldCategory, alert.FieldSource, alert.FieldMachineGroup, alert.FieldAlertTitle} {
		a := newAlert(t, record{})
		setText(t, a, index, strings.Repeat("x", most))
		if got := a.LongField(); got != alert.NoField {
			t.Errorf("LongField() of 256 KiB in field %d = %d, want none", index, got)
		}
		mustAdd(t, alert.NewSelection(alert.SelectionOptions{}), a)
		setText(t, a, index, strings.Repeat("x", most+1))
		if got := a.LongField(); got != index {
			t.Errorf("LongField() of 256 KiB and a byte in field %d = %d, want it", index, got)
		}
		s := alert.NewSelection(alert.SelectionOptions{})
		if err := s.Add(a); !errors.Is(err, alert.ErrTooLarge) {
			t.Errorf("Add(256 KiB and a byte in field %d) = %v, want ErrTooLarge", index, err)
		}
	}
	a := newAlert(t, record{})
	setText(t, a, field(t, "description"), strings.Repeat("x", 1<<20))
	if got := a.LongField(); got != alert.NoField {
		t.Errorf("LongField() of a long description = %d, want none", got)
	}
}

// All texts of a detection may have 2 MiB, those of unknown members and their keys too.
func TestIsLong(t *testing.T) {
	t.Parallel()
	const most = 2 << 20
	for name, unknown := range map[string]alert.Additional{
		"no unknown member": {},
		"a long key":        {Key: []byte(strings.Repeat("k", 1000)), JSON: []byte("1")},
		"a long value":      {Key: []byte("k"), JSON: []byte(strings.Repeat("1", 1<<20))},
	} {
		var a alert.Detection
		a.AddAdditional(unknown.Key, unknown.JSON)
		setText(t, &a, field(t, "description"), strings.Repeat("x", most-len(unknown.Key)-len(unknown.JSON)))
		if a.IsLong() {
			t.Errorf("%s: IsLong() of 2 MiB = true, want false", name)
		}
		mustAdd(t, alert.NewSelection(alert.SelectionOptions{}), &a)
		setText(t, &a, field(t, "command_line"), "x")
		if !a.IsLong() {
			t.Errorf("%s: IsLong() of 2 MiB and a byte = false, want true", name)
		}
		if err := alert.NewSelection(alert.SelectionOptions{}).Add(&a); !errors.Is(err, alert.ErrTooLarge) {
			t.Errorf("%s: Add(2 MiB and a byte) = %v, want ErrTooLarge", name, err)
		}
	}
}

// A text matches another form and case of itself, however much shorter that is.
func TestMatchesLongerForms(t *testing.T) {
	t.Parallel()
	for r := range unicode.MaxRune {
		if !utf8.ValidRune(r) {
			continue
		}
		for _, form := range []norm.Form{norm.NFD, norm.NFC} {
			longest := form.String(string(r))
			for folded := unicode.SimpleFold(r); folded != r; folded = unicode.SimpleFold(folded) {
				if other := form.String(string(folded)); len(other) > len(longest) {
					longest = other
				}
			}
			if wanted := norm.NFC.String(string(r)); !alert.Matches([]string{wanted}, []byte(longest)) && strings.EqualFold(wanted, norm.NFC.String(longest)) {
				t.Errorf("Matches(%+q, %+q) = false, want true", wanted, longest)
			}
		}
	}
	if alert.Matches([]string{"a", "bb"}, []byte(strings.Repeat("\U0001d160", 1<<20))) {
		t.Error("Matches(a long text) = true, want false")
	}
}

// A device and its name are the same in each Unicode form, however long they are.
func TestDevicesInAnyForm(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("e\u0301", 5_000)
	sum, _ := choose(t, alert.Query{}, alert.Filter{},
		record{deviceID: "caf\u00e9"}, record{deviceID: "cafe\u0301"},
		record{deviceID: long}, record{deviceID: norm.NFC.String(long)}, record{deviceID: long + "x"},
		record{computerName: "h\u00f4te"}, record{computerName: "ho\u0302te"})
	wantNumber(t, "Devices", sum.Devices, 4)
}
