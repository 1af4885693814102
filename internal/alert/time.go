package alert

import (
	"errors"
	"strings"
	"time"
)

var errTime = errors.New("not an RFC 3339 date and time")

// secondsLength is the length of a date and time up to its seconds.
const secondsLength = len("2006-01-02T15:04:05")

// ParseTime parses an RFC 3339 date and time of up to nine fractional digits. A
// time without a zone is UTC, as everywhere in the SIEM API. The error never
// quotes the text.
func ParseTime(text string) (time.Time, error) {
	if len(text) < secondsLength || len(text) > len(time.RFC3339Nano) {
		return time.Time{}, errTime
	}
	if !strings.ContainsAny(text[secondsLength:], "Z+-") {
		text += "Z"
	}
	var t time.Time
	if err := t.UnmarshalText([]byte(text)); err != nil || !isStrict(text[secondsLength:]) {
		return time.Time{}, errTime
	}
	return t.UTC(), nil
}

// isStrict reports whether the text after the seconds is RFC 3339. Package time
// also accepts a comma before the fraction, and an offset of 24 hours or 60 minutes.
func isStrict(rest string) bool {
	fraction := strings.TrimRight(rest, "Z")
	if sign := strings.IndexAny(rest, "+-"); sign >= 0 {
		fraction = rest[:sign]
		if offset := rest[sign+1:]; offset[:2] > "23" || offset[3:] > "59" {
			return false
		}
	}
	return fraction == "" || fraction[0] == '.' && len(fraction) <= len(".123456789")
}

// appendForm appends the form of a time that ParseTime accepts: the text after its
// seconds, with zeros for the digits of the fraction. Nearly all times of a response
// have the same form. timeText restores the text from the form and the instant.
func appendForm(dst, text []byte) []byte {
	start := len(dst)
	dst = append(dst, text[secondsLength:]...)
	form := dst[start:]
	for i := 1; i < len(form) && form[0] == '.' && '0' <= form[i] && form[i] <= '9'; i++ {
		form[i] = '0'
	}
	return dst
}

// timeText returns the text of an instant in a form.
func timeText(instant time.Time, form string) string {
	zone := strings.TrimLeft(form, ".0")
	// In UTC: in time.Local an equal offset would become the computer's own zone.
	if offset, err := time.ParseInLocation("-07:00", zone, time.UTC); err == nil {
		instant = instant.In(offset.Location())
	}
	return instant.Format(time.RFC3339[:secondsLength]+strings.TrimSuffix(form, zone)) + zone
}
