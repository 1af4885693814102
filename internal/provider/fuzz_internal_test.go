package provider

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/sosodev/duration"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

// FuzzSettings sets every argument to the same text; no diagnostic quotes it.
func FuzzSettings(f *testing.F) {
	for _, seed := range []string{"", "contoso.onmicrosoft.com", "eu", "https://user:pass@host", "PT10M", "12", "s3cr3t\n", "60s", "graph"} {
		f.Add(seed)
	}
	free := []providerArgument{refreshToken, clientSecret, oidcToken, oidcRequestToken, clientCertificate, clientCertificatePath, clientCertificatePassword, caCertificatePath} // white space is part of them
	f.Fuzz(func(t *testing.T, value string) {
		in := settingInput{environment: Environment{Lookup: func(name string) (string, bool) {
			if strings.HasSuffix(name, "_FILE_PATH") {
				return "", false
			}
			return value, true
		}}}
		for i, argument := range providerArguments {
			diags := argument.resolveInto(make(resolvedSettings), in)
			for _, d := range diags {
				_, problem, _ := strings.Cut(d.Detail(), "cannot be used: ")
				if len(value) > 12 && strings.Contains(problem, value) {
					t.Errorf("providerArguments[%d] set to %q reports %q, want a text that does not quote the value", i, value, d.Detail())
				}
			}
			if !diags.HasError() && !slices.Contains(free, argument) && strings.ContainsAny(value, " \r\n\x00") {
				t.Errorf("providerArguments[%d] accepts %q, want an error", i, value)
			}
		}
	})
}

// FuzzDurations: ago accepts only durations above zero, each at its length, and no
// character that is unusual in one.
func FuzzDurations(f *testing.F) {
	for _, seed := range []string{"PT10M", "P1D", "P2W", "P", "PT", "-PT1H", "PT0S", "P1Y2M3DT4H5M6.7S", "PT1H1H", "P1DT", "ＰＴ１Ｓ", "P292Y", "P9999Y99999M1D", "P200Y2400M73050D"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		period, err := parseAgo(text)
		if err != nil {
			return
		}
		parsed, err := duration.Parse(text)
		if err != nil {
			t.Fatalf("parseAgo(%q) = no error, want one: not a duration: %v", text, err)
		}
		if parsed.Negative || parsed.ToTimeDuration() <= 0 {
			t.Errorf("parseAgo(%q) = no error, want one: not above zero", text)
		}
		hours := parsed.Hours + parsed.Minutes/60 + parsed.Seconds/3600 + 24*(parsed.Days+7*parsed.Weeks+365*(parsed.Years+parsed.Months/12))
		if got := period.Duration.Hours(); math.Abs(got-hours) > 1 {
			t.Errorf("parseAgo(%q) = %g hours, want %g", text, got, hours)
		}
		if odd := strings.Trim(text, "PYMWDTHS0123456789."); odd != "" {
			t.Errorf("parseAgo(%q) = no error, want one: it contains %q", text, odd)
		}
	})
}

// FuzzViolations: the text of a failed gate cannot act in a log, whatever the
// service sends as an alert ID, and shows an ID of the usual form as it is.
func FuzzViolations(f *testing.F) {
	for _, seed := range []string{"da637_-1", "", "a\n::error::b", "\x1b[31m", "\u202e", strings.Repeat("x", 65)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, id string) {
		verdict := alert.Verdict{Violations: 1, Detections: 1, First: []alert.Violation{{AlertID: id, Severity: alert.High, Detections: 1}}}
		lines := strings.Split(violations(alert.Gate{Severity: alert.High}, alert.Query{}, verdict, 0), "\n")
		want := 7
		if alert.IsPlainID(id) {
			want = 13 // with an exclude block to copy
		}
		if len(lines) != want {
			t.Fatalf("violations of ID %q = %q, want %d lines", id, lines, want)
		}
		shown, _, _ := strings.Cut(strings.TrimPrefix(lines[2], "  - "), "  ")
		if strings.Trim(shown, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") != "" && shown != "(unprintable ID)" {
			t.Errorf("violations of ID %q shows %q, want a plain or a placeholder ID", id, shown)
		}
		if alert.IsPlainID(id) && shown != id {
			t.Errorf("violations of ID %q shows %q, want the ID", id, shown)
		}
	})
}
