package alert_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

func TestParseTime(t *testing.T) {
	t.Parallel()
	utc := func(year, month, day, hour, minute, second, nano int) time.Time {
		return time.Date(year, time.Month(month), day, hour, minute, second, nano, time.UTC)
	}
	tests := map[string]time.Time{
		"2026-03-01T14:09:20Z":                utc(2026, 3, 1, 14, 9, 20, 0),
		"2026-03-01T14:09:20":                 utc(2026, 3, 1, 14, 9, 20, 0), // no zone: UTC
		"2016-09-12T00:00:00.000":             utc(2016, 9, 12, 0, 0, 0, 0),
		"2020-09-30T14:09:20.35743Z":          utc(2020, 9, 30, 14, 9, 20, 357_430_000),
		"2018-11-09T03:43:11.7194799Z":        utc(2018, 11, 9, 3, 43, 11, 719_479_900), // seven digits
		"2018-11-09T03:43:11.7194799":         utc(2018, 11, 9, 3, 43, 11, 719_479_900),
		"2026-03-01T14:09:20.123456789Z":      utc(2026, 3, 1, 14, 9, 20, 123_456_789),
		"2026-03-01T14:09:20.5Z":              utc(2026, 3, 1, 14, 9, 20, 500_000_000),
		"2026-03-01T14:09:20.51Z":             utc(2026, 3, 1, 14, 9, 20, 510_000_000),
		"2026-03-01T14:09:20+02:00":           utc(2026, 3, 1, 12, 9, 20, 0),
		"2026-03-01T14:09:20.25-05:30":        utc(2026, 3, 1, 19, 39, 20, 250_000_000),
		"2026-03-01T00:30:00+23:59":           utc(2026, 2, 28, 0, 31, 0, 0),
		"2026-03-01T14:09:20-00:00":           utc(2026, 3, 1, 14, 9, 20, 0),
		"2024-02-29T00:00:00Z":                utc(2024, 2, 29, 0, 0, 0, 0),
		"2000-02-29T00:00:00Z":                utc(2000, 2, 29, 0, 0, 0, 0),
		"0001-01-01T00:00:00Z":                utc(1, 1, 1, 0, 0, 0, 0), // .NET's DateTime.MinValue
		"9999-12-31T23:59:59.9999999Z":        utc(9999, 12, 31, 23, 59, 59, 999_999_900),
		"2026-03-01T23:59:59.999999999-23:59": utc(2026, 3, 2, 23, 58, 59, 999_999_999),

		"":                                 {},
		"garbage":                          {},
		"2026-03-01":                       {},
		"2026-03-01T14:09":                 {},
		"2026-03-01T14:09Z":                {},
		"2026-03-01 14:09:20Z":             {},
		"2026-03-01t14:09:20Z":             {},
		"2026-03-01T14:09:20z":             {},
		"2026-03-01T14:09:20 Z":            {},
		"2026-03-01T14:09:20Z ":            {},
		" 2026-03-01T14:09:20Z":            {},
		"2026-03-01T14:09:20Z\n":           {},
		"2026-03-01T14:09:20\n":            {},
		"2026-03-01T14:09:20ZZ":            {},
		"2026-03-01T14:09:20,5Z":           {}, // a comma
		"2026-03-01T14:09:20.Z":            {},
		"2026-03-01T14:09:20.":             {},
		"2026-03-01T14:09:20.1234567890Z":  {}, // ten digits
		"2026-03-01T4:09:20Z":              {}, // one-digit hour
		"2026-03-01T14:9:20Z":              {},
		"2026-3-1T14:09:20Z":               {},
		"26-03-01T14:09:20Z":               {},
		"12026-03-01T14:09:20Z":            {},
		"+2026-03-01T14:09:20Z":            {},
		"-2026-03-01T14:09:20Z":            {},
		"2026-03-01T24:00:00Z":             {},
		"2026-03-01T14:60:00Z":             {},
		"2016-12-31T23:59:60Z":             {}, // a leap second, which Go's time cannot hold
		"2026-02-29T00:00:00Z":             {},
		"1900-02-29T00:00:00Z":             {},
		"2026-04-31T00:00:00Z":             {},
		"2026-13-01T00:00:00Z":             {},
		"2026-00-01T00:00:00Z":             {},
		"2026-03-00T00:00:00Z":             {},
		"2026-03-01T14:09:20+0200":         {},
		"2026-03-01T14:09:20+02":           {},
		"2026-03-01T14:09:20+24:00":        {},
		"2026-03-01T14:09:20+02:60":        {},
		"2026-03-01T14:09:20-24:60":        {},
		"2026-03-01T14:09:20+02:00Z":       {},
		"2026-03-01T14:09:20\u221202:00":   {}, // U+2212, a minus sign but not "-"
		"2026-03-01T14:09:2\u0660Z":        {}, // an Arabic zero
		"2026-W09-7T14:09:20Z":             {},
		"1772374160":                       {},
		"/Date(1772374160000)/":            {},
		"Sun, 01 Mar 2026 14:09:20 GMT":    {},
		"2026-03-01T14:09:20Z[Etc/UTC]":    {},
		"2026-03-01T14:09:20.5Z\x00":       {},
		"2026-03-01T14:09:20Europe/Berlin": {},
	}
	for text, want := range tests {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			got, err := alert.ParseTime(text)
			if bad := want.Equal(time.Time{}) && text != "0001-01-01T00:00:00Z"; (err != nil) != bad {
				t.Fatalf("ParseTime(%q) = %v, %v, want %v, an error: %t", text, got, err, want, bad)
			}
			if !got.Equal(want) {
				t.Errorf("ParseTime(%q) = %v, want %v", text, got, want)
			}
			if got.Location() != time.UTC {
				t.Errorf("location of ParseTime(%q) = %v, want UTC", text, got.Location())
			}
			if err != nil && len(text) > 1 && strings.Contains(err.Error(), text) {
				t.Errorf("ParseTime(%q): error %q, want it without the text", text, err)
			}
		})
	}
}

// wantForm fails the test unless the summary of an alert with this time gives
// back its text.
func wantForm(t *testing.T, text string) {
	t.Helper()
	s := alert.NewSelection(alert.SelectionOptions{})
	mustAdd(t, s, newAlert(t, record{processed: text}))
	sum := s.Summary()
	if sum.Newest != text {
		t.Errorf("newest = %q, want %q", sum.Newest, text)
	}
	if sum.Oldest != text {
		t.Errorf("oldest = %q, want %q", sum.Oldest, text)
	}
}

// Every form that ParseTime accepts comes out as it was sent.
func TestTimeForms(t *testing.T) {
	t.Parallel()
	fractions := []string{""}
	for digits := 1; digits <= 9; digits++ {
		fractions = append(fractions, "."+"123456789"[:digits], "."+"000000000"[:digits], "."+"999999990"[9-digits:])
	}
	zones := []string{"", "Z"}
	for _, sign := range []string{"+", "-"} {
		for minutes := range 24 * 60 {
			zones = append(zones, fmt.Sprintf("%s%02d:%02d", sign, minutes/60, minutes%60))
		}
	}
	for _, day := range []string{"0000-01-01T00:00:00", "0001-01-01T00:00:00", "1969-12-31T23:59:59", "2024-02-29T12:34:56", "9999-12-31T23:59:59"} {
		for _, fraction := range fractions {
			for i, zone := range zones {
				if i%97 < 2 || fraction == "" { // every zone, and every fraction in some zones of each kind
					wantForm(t, day+fraction+zone)
				}
			}
		}
		if t.Failed() {
			t.Fatalf("day %s", day)
		}
	}
}

// Of two spellings of one instant the same one is newest and oldest, whatever
// order they came in.
func TestTimeFormsTie(t *testing.T) {
	t.Parallel()
	spellings := []string{"2026-03-01T10:00:00", "2026-03-01T10:00:00Z", "2026-03-01T10:00:00.0Z", "2026-03-01T11:00:00+01:00"}
	for range len(spellings) {
		spellings = append(spellings[1:], spellings[0])
		var records []record
		for _, text := range spellings {
			records = append(records, record{processed: text})
		}
		sum, _ := choose(t, alert.Query{}, alert.Filter{}, records...)
		if want := "2026-03-01T10:00:00"; sum.Newest != want || sum.Oldest != want {
			t.Errorf("of %q newest = %q and oldest = %q, want %q", spellings, sum.Newest, sum.Oldest, want)
		}
	}
}

// An alert whose source gives no text has one of its instant.
func TestTimeFormOfNoText(t *testing.T) {
	t.Parallel()
	a := new(alert.Detection)
	a.Processed = time.Date(2026, 3, 1, 11, 0, 0, 500_000_000, time.FixedZone("", 3600))
	s := alert.NewSelection(alert.SelectionOptions{})
	mustAdd(t, s, a)
	if got, want := s.Summary().Newest, "2026-03-01T10:00:00.5Z"; got != want {
		t.Errorf("newest = %q, want %q", got, want)
	}
}

// FuzzParseTime compares with a reader that is written out by hand, and has
// every accepted text given back.
func FuzzParseTime(f *testing.F) {
	for _, text := range []string{
		midnight, "2026-03-01T00:00:00", "2018-11-09T03:43:11.7194799Z", "2024-02-29T23:59:59.999999999+23:59",
		"2026-03-01T14:09:20,5Z", "2026-03-01T4:09:20Z", "2026-03-01T24:00:00Z", "2026-03-01T14:09:20+24:60",
		"2016-12-31T23:59:60Z", "0000-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "", "Z",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := alert.ParseTime(text)
		want, ok := readTime(text)
		if (err == nil) != ok || !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("ParseTime(%q) = %v, %v; want %v, %t", text, got, err, want, ok)
		}
		if err == nil {
			wantForm(t, text)
		}
	})
}

// readTime reads "YYYY-MM-DDThh:mm:ss", then up to nine digits of a fraction,
// then "Z", an offset or nothing.
func readTime(text string) (time.Time, bool) {
	numbers, rest := [6]int{}, text
	for i, width := range []int{4, 2, 2, 2, 2, 2} {
		if i > 0 {
			var found bool
			if rest, found = strings.CutPrefix(rest, "--T::"[i-1:i]); !found {
				return time.Time{}, false
			}
		}
		digits := leadingDigits(rest)
		if len(digits) < width {
			return time.Time{}, false
		}
		numbers[i], _ = strconv.Atoi(rest[:width])
		rest = rest[width:]
	}
	nanos := 0
	if after, found := strings.CutPrefix(rest, "."); found {
		digits := leadingDigits(after)
		if len(digits) < 1 || len(digits) > 9 {
			return time.Time{}, false
		}
		nanos, _ = strconv.Atoi((digits + "00000000")[:9])
		rest = after[len(digits):]
	}
	offset := 0
	switch {
	case rest == "" || rest == "Z":
	case len(rest) != 6 || rest[0] != '+' && rest[0] != '-' || rest[3] != ':',
		len(leadingDigits(rest[1:])) != 2 || len(leadingDigits(rest[4:])) != 2,
		rest[1:3] > "23" || rest[4:] > "59":
		return time.Time{}, false
	default:
		hours, _ := strconv.Atoi(rest[1:3])
		minutes, _ := strconv.Atoi(rest[4:])
		if offset = hours*60 + minutes; rest[0] == '-' {
			offset = -offset
		}
	}
	local := time.Date(numbers[0], time.Month(numbers[1]), numbers[2], numbers[3], numbers[4], numbers[5], nanos, time.UTC)
	if local.Year() != numbers[0] || int(local.Month()) != numbers[1] || local.Day() != numbers[2] ||
		local.Hour() != numbers[3] || local.Minute() != numbers[4] || local.Second() != numbers[5] {
		return time.Time{}, false // no such day, hour, minute or second
	}
	return local.Add(-time.Duration(offset) * time.Minute), true
}

func leadingDigits(text string) string {
	end := 0
	for end < len(text) && '0' <= text[end] && text[end] <= '9' {
		end++
	}
	return text[:end]
}
