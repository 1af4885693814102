package alert_test

import (
	"fmt"
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

		// P4: case-insensitive.
		"informational": alert.Informational,
		"LOW":           alert.Low,
		"mEDIUM":        alert.Medium,
		"high":          alert.High,
		"HIGH":          alert.High,

		// P4: everything else is unknown.
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
			if a, b := alert.ParseSeverity(less), alert.ParseSeverity(more); a >= b {
				t.Errorf("ParseSeverity(%q) = %d, want less than ParseSeverity(%q) = %d", less, a, more, b)
			}
		}
	}
	if !slices.Equal(alert.Severities[:], ascending[:4]) {
		t.Errorf("Severities = %q, want %q", alert.Severities, ascending[:4])
	}
	if alert.Informational == 0 {
		t.Error("Informational = 0, want the zero value to be no severity")
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
			t.Errorf("Severity(%d).String() = %q, want %q", s, got, want)
		}
	}
}

// ranks is a second implementation of the order, by lower-case text; an unknown
// severity has rank 5.
var ranks = map[string]int{"informational": 1, "low": 2, "medium": 3, "high": 4}

func rankOf(severity string) int {
	if rank, ok := ranks[strings.ToLower(severity)]; ok {
		return rank
	}
	return 5
}

// randomCase returns text with each letter in upper or lower case.
func randomCase(r *rand.Rand, text string) string {
	b := []byte(text)
	for i, c := range b {
		if letter := c | 0x20; 'a' <= letter && letter <= 'z' && r.IntN(2) == 0 {
			b[i] ^= 0x20
		}
	}
	return string(b)
}

// randomSeverity returns a known severity in random case, a text one letter away
// from one, or another text.
func randomSeverity(r *rand.Rand) (text string, rank int) {
	known := pick(r, []string{"Informational", "Low", "Medium", "High"})
	switch r.IntN(4) {
	case 0: // one letter too few
		cut := r.IntN(len(known))
		return known[:cut] + known[cut+1:], 5
	case 1: // one too many
		at, extra := r.IntN(len(known)+1), pick(r, []string{" ", "x", "\x00", "\n", "\u0301", "\u200b", "\xff"})
		return known[:at] + extra + known[at:], 5
	case 2:
		return pick(r, []string{"UnSpecified", "Critical", "5", "ALERT"}), 5
	}
	return randomCase(r, known), ranks[strings.ToLower(known)]
}

// TestPropertySeverityOrder: two texts have the expected ranks, exactly the
// expected filters keep an alert of either, and the summary names the higher one.
func TestPropertySeverityOrder(t *testing.T) {
	t.Parallel()
	everyCase(t, func(t *testing.T, r *rand.Rand) {
		one, rank1 := randomSeverity(r)
		two, rank2 := randomSeverity(r)
		wantNumber(t, fmt.Sprintf("ParseSeverity(%q)", one), int(alert.ParseSeverity(one)), rank1)
		wantNumber(t, fmt.Sprintf("ParseSeverity(%q)", two), int(alert.ParseSeverity(two)), rank2)

		least := r.IntN(6)
		filter := alert.Filter{MinSeverity: alert.Severity(least)}
		var listed []int
		for rank := 1; rank <= 4; rank++ {
			if r.IntN(3) == 0 {
				listed = append(listed, rank)
				filter.Severities = append(filter.Severities, alert.Severity(rank))
			}
		}
		keeps := func(rank int) bool {
			return rank == 5 || rank >= least && (len(listed) == 0 || slices.Contains(listed, rank))
		}
		highest, want := 0, []int{}
		for i, rank := range []int{rank1, rank2} {
			if keeps(rank) {
				want, highest = append(want, i), max(highest, rank)
			}
		}

		sum, got := choose(t, alert.Query{}, filter, record{severity: one}, record{severity: two})
		wantKept(t, got, want...)
		names := []string{"", "Informational", "Low", "Medium", "High"}
		switch {
		case highest < 5 && sum.MaxSeverity != names[highest]:
			t.Errorf("MaxSeverity = %q, want %q", sum.MaxSeverity, names[highest])
		case highest == 5 && rankOf(sum.MaxSeverity) != 5:
			t.Errorf("MaxSeverity = %q, want an unknown one", sum.MaxSeverity)
		}
		if t.Failed() {
			t.Logf("severities %q and %q, at least %d, listed %v", one, two, least, listed)
		}
	})
}
