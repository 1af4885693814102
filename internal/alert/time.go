package alert

import (
	"errors"
	"fmt"
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

// isStrict rejects what package time accepts beyond RFC 3339 after the seconds:
// a comma as the fraction's point, and an offset of 24 hours or 60 minutes.
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

// A timeForm is the spelling of a time that ParseTime accepts: 10 times the zone
// plus the number of fractional digits. With the instant it gives the text back,
// in 2 bytes instead of some 28. The zero value stands for no such text.
type timeForm uint16

// The zones of a timeForm. An offset adds its minutes to its sign's zone.
const (
	zoneNone  = 1
	zoneZ     = 2
	zonePlus  = 3
	zoneMinus = zonePlus + 24*60
)

// formOf returns the form of a text that ParseTime accepts.
func formOf(text []byte) timeForm {
	if len(text) < secondsLength {
		return 0
	}
	rest, digits := text[secondsLength:], 0
	if len(rest) > 0 && rest[0] == '.' {
		for digits+1 < len(rest) && '0' <= rest[digits+1] && rest[digits+1] <= '9' {
			digits++
		}
		rest = rest[digits+1:]
	}
	zone := zoneNone
	switch {
	case len(rest) == 1:
		zone = zoneZ
	case len(rest) == len("+00:00"):
		zone = zonePlus
		if rest[0] == '-' {
			zone = zoneMinus
		}
		hours, minutes := 10*int(rest[1]-'0')+int(rest[2]-'0'), 10*int(rest[4]-'0')+int(rest[5]-'0')
		zone += 60*hours + minutes
	}
	return timeForm(10*zone + digits)
}

// text returns the text of an instant. The zero form gives RFC 3339 in UTC.
func (f timeForm) text(instant time.Time) string {
	instant = instant.UTC()
	if f == 0 {
		return instant.Format(time.RFC3339Nano)
	}
	layout := time.RFC3339[:secondsLength]
	if digits := f % 10; digits > 0 {
		layout += ".000000000"[:1+digits]
	}
	zone := int(f / 10)
	switch zone {
	case zoneNone:
		return instant.Format(layout)
	case zoneZ:
		return instant.Format(layout) + "Z"
	}
	sign, minutes := "+", zone-zonePlus
	if zone >= zoneMinus {
		sign, minutes = "-", zoneMinus-zone
	}
	local := instant.Add(time.Duration(minutes) * time.Minute).Format(layout)
	minutes = max(minutes, -minutes)
	return local + sign + fmt.Sprintf("%02d:%02d", minutes/60, minutes%60)
}
