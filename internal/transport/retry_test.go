package transport

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, time.March, 10, 12, 0, 0, 0, time.UTC)

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		values []string
		want   time.Duration
		ok     bool
	}{
		"absent":         {},
		"0":              {[]string{"0"}, 0, true},
		"seconds":        {[]string{"120"}, 2 * time.Minute, true},
		"leading zeros":  {[]string{"00000000000000000000000000060"}, time.Minute, true},
		"2^63-1":         {[]string{"9223372036854775807"}, maxDelay, true},
		"2^63":           {[]string{"9223372036854775808"}, maxDelay, true},
		"999 digits":     {[]string{strings.Repeat("7", 999)}, maxDelay, true},
		"-1":             {[]string{"-1"}, 0, false},
		"+1":             {[]string{"+1"}, 0, false},
		"1.5":            {[]string{"1.5"}, 0, false},
		"1e3":            {[]string{"1e3"}, 0, false},
		"hexadecimal":    {[]string{"0x10"}, 0, false},
		"other digits":   {[]string{"٣"}, 0, false},
		"text":           {[]string{"in a minute"}, 0, false},
		"empty":          {[]string{""}, 0, false},
		"two in one":     {[]string{"1, 2"}, 0, false},
		"twice":          {[]string{"1", "1"}, 0, false},
		"date":           {[]string{"Tue, 10 Mar 2026 12:00:30 GMT"}, 30 * time.Second, true},
		"RFC 850 date":   {[]string{"Tuesday, 10-Mar-26 12:00:30 GMT"}, 30 * time.Second, true},
		"asctime date":   {[]string{"Tue Mar 10 12:00:30 2026"}, 30 * time.Second, true},
		"past date":      {[]string{"Tue, 10 Mar 2026 11:59:59 GMT"}, 0, true},
		"date of year 1": {[]string{"Mon, 01 Jan 0001 00:00:00 GMT"}, 0, true},
		"far date":       {[]string{"Fri, 31 Dec 9999 23:59:59 GMT"}, 1<<63 - 1, true},
		"RFC 3339 date":  {[]string{"2026-03-10T12:00:30Z"}, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, ok := retryAfter(test.values, noon); got != test.want || ok != test.ok {
				t.Errorf("retryAfter(%.40q) = %s, %t, want %s, %t", test.values, got, ok, test.want, test.ok)
			}
		})
	}
}

func TestBackoffBounds(t *testing.T) {
	t.Parallel()
	for attempts, ceiling := range map[int]time.Duration{
		1: time.Second, 2: 2 * time.Second, 3: 4 * time.Second, 4: 8 * time.Second, 5: 16 * time.Second,
		6: 30 * time.Second, 7: 30 * time.Second, 20: 30 * time.Second, 100: 30 * time.Second,
	} {
		var low, high bool
		for range 1000 {
			wait := backoff(attempts)
			if wait < 0 || wait >= ceiling {
				t.Fatalf("backoff(%d) = %s, want from 0 to less than %s", attempts, wait, ceiling)
			}
			low, high = low || wait < ceiling/4, high || wait > ceiling/4*3
		}
		if !low {
			t.Errorf("backoff(%d) is never below %s in 1000 calls", attempts, ceiling/4)
		}
		if !high {
			t.Errorf("backoff(%d) is never above %s in 1000 calls", attempts, ceiling/4*3)
		}
	}
}

// FuzzRetryAfter holds that no header results in a negative or overflowing wait,
// and that a number is read as seconds.
func FuzzRetryAfter(f *testing.F) {
	for _, text := range []string{"0", "60", "86400", "9223372036854775807", "99999999999999999999", "-1", "1.5", "", "soon",
		"Tue, 10 Mar 2026 12:00:30 GMT", "Tuesday, 10-Mar-26 12:00:30 GMT", "Tue Mar 10 12:00:30 2026", strings.Repeat("0", 99) + "7"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		wait, ok := retryAfter([]string{text}, noon)
		if wait < 0 {
			t.Fatalf("retryAfter(%q) = %s, want no negative wait", text, wait)
		}
		if !ok && wait != 0 {
			t.Fatalf("retryAfter(%q) = %s, false, want 0s, false", text, wait)
		}
		if _, twice := retryAfter([]string{text, text}, noon); twice {
			t.Fatalf("retryAfter(%q twice) = true, want false", text)
		}
		seconds, err := strconv.ParseUint(text, 10, 64)
		if err == nil {
			if want := time.Duration(min(seconds, uint64(maxDelay/time.Second))) * time.Second; !ok || wait != want {
				t.Fatalf("retryAfter(%q) = %s, %t, want %s, true", text, wait, ok, want)
			}
			return
		}
		if date, err := http.ParseTime(text); ok && err == nil && wait != max(0, date.Sub(noon)) {
			t.Fatalf("retryAfter(%q) = %s, want %s", text, wait, max(0, date.Sub(noon)))
		}
	})
}
