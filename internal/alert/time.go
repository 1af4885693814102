package alert

import (
	"errors"
	"regexp"
	"time"
)

// dateTime is RFC 3339 with the zone left optional. time.Parse alone is laxer:
// it takes a comma for the fraction's point, one digit for the hour, and an
// offset of 24 hours or 60 minutes.
var dateTime = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)?$`)

var errTime = errors.New("not an RFC 3339 date and time")

// ParseTime reads an RFC 3339 date and time of up to nine fractional digits. A
// time without a zone is UTC, as everywhere in the SIEM API. The error never
// quotes the text.
func ParseTime(text string) (time.Time, error) {
	match := dateTime.FindStringSubmatch(text)
	if match == nil {
		return time.Time{}, errTime
	}
	if match[2] == "" {
		text += "Z"
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return time.Time{}, errTime
	}
	return t.UTC(), nil
}
