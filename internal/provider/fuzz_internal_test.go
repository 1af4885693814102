package provider

import (
	"strings"
	"testing"

	"github.com/sosodev/duration"
)

// FuzzSettings: a check that refuses a value never quotes it.
func FuzzSettings(f *testing.F) {
	for _, seed := range []string{"", "contoso.onmicrosoft.com", "eu", "https://user:pass@host", "PT10M", "12", "s3cr3t\n", "60s", "graph"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		for _, a := range arguments {
			err := a.check(value)
			if err != nil && len(value) > 12 && strings.Contains(err.Error(), value) {
				t.Errorf("%s quotes: %v", a.name, err)
			}
			if err == nil && a.name != clientSecret && strings.ContainsAny(value, " \r\n\x00") {
				t.Errorf("%s takes %q", a.name, value)
			}
		}
	})
}

// FuzzDurations: what ago takes is a duration above zero without an odd
// character.
func FuzzDurations(f *testing.F) {
	for _, seed := range []string{"PT10M", "P1D", "P2W", "P", "PT", "-PT1H", "PT0S", "P1Y2M3DT4H5M6.7S", "PT1H1H", "P1DT", "ＰＴ１Ｓ"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if isAgo(text) != nil {
			return
		}
		parsed, err := duration.Parse(text)
		if err != nil || parsed.Negative || parsed.ToTimeDuration() <= 0 || strings.Trim(text, "PYMWDTHS0123456789.") != "" {
			t.Errorf("ago takes %q", text)
		}
	})
}

// FuzzSafeID: what is printed of an alert's id cannot act in a log, and what is
// safe stays as it is.
func FuzzSafeID(f *testing.F) {
	for _, seed := range []string{"da637_-1", "", "a\n::error::b", "\x1b[31m", "\u202e", strings.Repeat("x", 65)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, id string) {
		printed := safeID(id)
		if strings.Trim(printed, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-() ") != "" || len(printed) > 64 {
			t.Errorf("printed %q", printed)
		}
		if safeID(printed) != printed {
			t.Errorf("%q becomes %q", printed, safeID(printed))
		}
	})
}
