package alert_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

func TestParseSeverity(t *testing.T) {
	t.Parallel()
	tests := map[string]alert.Severity{
		"Informational": alert.Informational,
		"Low":           alert.Low,
		"Medium":        alert.Medium,
		"High":          alert.High,

		// P4: another case of a known one is that one.
		"informational": alert.Informational,
		"LOW":           alert.Low,
		"mEDIUM":        alert.Medium,
		"high":          alert.High,
		"HIGH":          alert.High,

		// P4: nothing else is taken for one.
		"":            alert.Unknown,
		"UnSpecified": alert.Unknown,
		"unknown":     alert.Unknown,
		"Critical":    alert.Unknown,
		"Inform":      alert.Unknown,
		"Highest":     alert.Unknown,
		"4":           alert.Unknown,
		" High":       alert.Unknown,
		"High ":       alert.Unknown,
		"High\n":      alert.Unknown,
		"Low\x00":     alert.Unknown,
		"H\u0131gh":   alert.Unknown, // dotless i
		"H\u0130GH":   alert.Unknown, // dotted I
		"\u0397igh":   alert.Unknown, // Greek eta
		"\uff28igh":   alert.Unknown, // full-width H
		"High\u0301":  alert.Unknown, // combining accent
		"\xffHigh":    alert.Unknown,
	}
	for text, want := range tests {
		if got := alert.ParseSeverity(text); got != want {
			t.Errorf("ParseSeverity(%q) = %d, want %d", text, got, want)
		}
	}
}

func TestSeverityOrder(t *testing.T) {
	t.Parallel()
	ascending := []string{"Informational", "Low", "Medium", "High", "anything else"}
	for i, less := range ascending {
		for _, more := range ascending[i+1:] {
			if alert.ParseSeverity(less) >= alert.ParseSeverity(more) {
				t.Errorf("%s is not below %s", less, more)
			}
		}
	}
	if !slices.Equal(alert.Severities[:], ascending[:4]) {
		t.Errorf("Severities are %q, want %q", alert.Severities, ascending[:4])
	}
	if alert.Informational == 0 {
		t.Error("the zero value is a severity")
	}
}

func TestSeverityString(t *testing.T) {
	t.Parallel()
	tests := map[alert.Severity]string{
		0:                   "unknown",
		alert.Informational: "Informational",
		alert.Low:           "Low",
		alert.Medium:        "Medium",
		alert.High:          "High",
		alert.Unknown:       "unknown",
		255:                 "unknown",
	}
	for s, want := range tests {
		if got := s.String(); got != want {
			t.Errorf("Severity(%d) is %q, want %q", s, got, want)
		}
	}
}

// ranks is the order of severities once more, by lower-case text; 5 is the
// rank of what it does not have.
var ranks = map[string]int{"informational": 1, "low": 2, "medium": 3, "high": 4}

func rankOf(severity string) int {
	if rank, ok := ranks[strings.ToLower(severity)]; ok {
		return rank
	}
	return 5
}

// anyCase returns text with each letter in upper or lower case.
func anyCase(r *rand.Rand, text string) string {
	b := []byte(text)
	for i, c := range b {
		if letter := c | 0x20; 'a' <= letter && letter <= 'z' && r.IntN(2) == 0 {
			b[i] ^= 0x20
		}
	}
	return string(b)
}

// randomSeverity returns a known severity, most often in another case, or
// something that is near one, or nothing like one.
func randomSeverity(r *rand.Rand) (text string, rank int) {
	known := pick(r, []string{"Informational", "Low", "Medium", "High"})
	switch r.IntN(4) {
	case 0: // one letter too few
		cut := r.IntN(len(known))
		return known[:cut] + known[cut+1:], 5
	case 1: // one too many
		at, odd := r.IntN(len(known)+1), pick(r, []string{" ", "x", "\x00", "\n", "\u0301", "\u200b", "\xff"})
		return known[:at] + odd + known[at:], 5
	case 2:
		return pick(r, []string{"UnSpecified", "Critical", "5", "ALERT"}), 5
	}
	return anyCase(r, known), ranks[strings.ToLower(known)]
}

// TestPropertySeverityOrder: two texts rank as they should to each other, an
// alert of either is kept by exactly the filters that should, and the summary
// names the higher one.
func TestPropertySeverityOrder(t *testing.T) {
	t.Parallel()
	everyCase(t, func(t *testing.T, r *rand.Rand) {
		one, rank1 := randomSeverity(r)
		two, rank2 := randomSeverity(r)
		a, b := alert.ParseSeverity(one), alert.ParseSeverity(two)
		if int(a) != rank1 || int(b) != rank2 {
			t.Fatalf("%q and %q rank %d and %d, want %d and %d", one, two, a, b, rank1, rank2)
		}

		floor := r.IntN(6)
		filter := alert.Filter{MinSeverity: alert.Severity(floor)}
		var wanted []int
		for rank := 1; rank <= 4; rank++ {
			if r.IntN(3) == 0 {
				wanted = append(wanted, rank)
				filter.Severities = append(filter.Severities, alert.Severity(rank))
			}
		}
		keeps := func(rank int) bool {
			return rank == 5 || rank >= floor && (len(wanted) == 0 || slices.Contains(wanted, rank))
		}
		highest, want := 0, []int{}
		for i, rank := range []int{rank1, rank2} {
			if keeps(rank) {
				want, highest = append(want, i), max(highest, rank)
			}
		}

		sum, got := choose(t, alert.Query{}, filter, record{severity: one}, record{severity: two})
		wantKept(t, got, want...)
		if highest < 5 {
			names := []string{"", "Informational", "Low", "Medium", "High"}
			if sum.MaxSeverity != names[highest] {
				t.Errorf("of %q and %q the highest kept is %q", one, two, sum.MaxSeverity)
			}
		} else if rankOf(sum.MaxSeverity) != 5 {
			t.Errorf("of %q and %q the highest kept is %q", one, two, sum.MaxSeverity)
		}
		if t.Failed() {
			t.Logf("%q, %q; floor %d, wanted %v", one, two, floor, wanted)
		}
	})
}
