package alert

import (
	"errors"
	"strings"
	"time"
)

var errTime = errors.New("not an RFC 3339 date and time")

// secondsLength is the length of a date and time up to its seconds.
const secondsLength = len("2006-01-02T15:04:05")

// ParseTime reads an RFC 3339 date and time of up to nine fractional digits. A
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
	if err := t.UnmarshalText([]byte(text)); err != nil || !exact(text[secondsLength:]) {
		return time.Time{}, errTime
	}
	return t.UTC(), nil
}

// exact refuses what package time lets pass behind the seconds: a comma for the
// fraction's point, and an offset of 24 hours or 60 minutes.
func exact(rest string) bool {
	fraction := strings.TrimRight(rest, "Z")
	if sign := strings.IndexAny(rest, "+-"); sign >= 0 {
		fraction = rest[:sign]
		if offset := rest[sign+1:]; offset[:2] > "23" || offset[3:] > "59" {
			return false
		}
	}
	return fraction == "" || fraction[0] == '.' && len(fraction) <= len(".123456789")
}
