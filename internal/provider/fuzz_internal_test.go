package provider

import (
	"strings"
	"testing"

	"github.com/sosodev/duration"
)

// FuzzSettings sets every argument to the same text. A diagnostic never quotes
// it.
func FuzzSettings(f *testing.F) {
	for _, seed := range []string{"", "contoso.onmicrosoft.com", "eu", "https://user:pass@host", "PT10M", "12", "s3cr3t\n", "60s", "graph"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		in := settingInput{getenv: func(name string) string {
			if strings.HasSuffix(name, "_FILE_PATH") {
				return ""
			}
			return value
		}}
		for i, argument := range providerArguments {
			diags := argument.resolveInto(make(resolvedSettings), in)
			for _, d := range diags {
				_, problem, _ := strings.Cut(d.Detail(), "cannot be used: ")
				if len(value) > 12 && strings.Contains(problem, value) {
					t.Errorf("providerArguments[%d] set to %q reports %q, want a text that does not quote the value", i, value, d.Detail())
				}
			}
			if !diags.HasError() && argument != clientSecret && strings.ContainsAny(value, " \r\n\x00") {
				t.Errorf("providerArguments[%d] accepts %q, want an error", i, value)
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
		if _, err := parseAgo(text); err != nil {
			return
		}
		parsed, err := duration.Parse(text)
		if err != nil || parsed.Negative || parsed.ToTimeDuration() <= 0 || strings.Trim(text, "PYMWDTHS0123456789.") != "" {
			t.Errorf("parseAgo(%q) accepts it, want an error", text)
		}
	})
}

// FuzzPrintableID: what is printed of an alert's id cannot act in a log, and what is
// safe stays as it is.
func FuzzPrintableID(f *testing.F) {
	for _, seed := range []string{"da637_-1", "", "a\n::error::b", "\x1b[31m", "\u202e", strings.Repeat("x", 65)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, id string) {
		printed := printableID(id)
		if strings.Trim(printed, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-() ") != "" || len(printed) > 64 {
			t.Errorf("printed %q", printed)
		}
		if printableID(printed) != printed {
			t.Errorf("%q becomes %q", printed, printableID(printed))
		}
	})
}
