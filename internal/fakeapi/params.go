package fakeapi

import (
	"errors"
	"fmt"
	"math"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// defaultWindow is the window of a request without time parameters: "the last two
// hours".
const defaultWindow = 2 * time.Hour

// parameterError is an invalid parameter. It names the parameter and not its
// value.
type parameterError struct{ name, problem string }

func (e *parameterError) Error() string {
	return fmt.Sprintf("The parameter %s %s.", e.name, e.problem)
}

// parseQuery parses the parameters of the page "Pull Microsoft Defender for
// Endpoint alerts using SIEM REST API". Names are case-insensitive, as in ASP.NET;
// unknown ones are ignored, as the service seems to do. The error is a
// *parameterError.
func parseQuery(raw string, now time.Time, noWindow bool) (query, error) {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return query{}, &parameterError{"string", "is malformed"}
	}
	p := parameters(values)
	q := query{groups: p.all("machinegroups"), cloudTags: p.all("CloudCreatedMachineTags")}
	err = errors.Join(
		p.single("sinceTimeUtc", func(s string) (err error) { q.since, err = parseTime(s); return err }),
		p.single("untilTimeUtc", func(s string) (err error) { q.until, err = parseTime(s); return err }),
		p.single("limit", func(s string) (err error) { q.limit, err = parseLimit(s); return err }),
		p.single("DeviceCreatedMachineTags", func(s string) error { q.deviceTag = s; return nil }),
	)
	var ago time.Duration
	agoErr := p.single("ago", func(s string) (err error) { ago, err = parseDuration(s); return err })
	if err = errors.Join(err, agoErr, p.checkWindow()); err != nil {
		return query{}, err
	}
	switch {
	case p.has("ago"):
		q.since, q.until = now.Add(-ago), now
	case p.has("sinceTimeUtc") && q.until.IsZero():
		q.until = now
	case !p.has("sinceTimeUtc") && !noWindow:
		q.since, q.until = now.Add(-defaultWindow), now
	}
	return q, nil
}

// checkWindow rejects the combinations that the page does not define.
func (p parameters) checkWindow() error {
	if p.has("ago") && (p.has("sinceTimeUtc") || p.has("untilTimeUtc")) {
		return &parameterError{"ago", "cannot be combined with a time range"}
	}
	if p.has("untilTimeUtc") && !p.has("sinceTimeUtc") {
		return &parameterError{"untilTimeUtc", "needs sinceTimeUtc"}
	}
	return nil
}

// parameters are query parameters with case-insensitive names.
type parameters url.Values

func (p parameters) all(name string) []string {
	var values []string
	for key, list := range p {
		if strings.EqualFold(key, name) {
			values = append(values, list...)
		}
	}
	return values
}

func (p parameters) has(name string) bool { return len(p.all(name)) > 0 }

// single parses a parameter that may be set at most once.
func (p parameters) single(name string, parse func(string) error) error {
	values := p.all(name)
	switch {
	case len(values) == 0:
		return nil
	case len(values) > 1:
		return &parameterError{name, "is set more than once"}
	case values[0] == "":
		return &parameterError{name, "is empty"}
	}
	if parse(values[0]) != nil {
		return &parameterError{name, "is malformed"}
	}
	return nil
}

func parseLimit(s string) (int, error) {
	n, err := strconv.ParseUint(s, 10, 31)
	if err == nil && n == 0 {
		err = errors.New("zero")
	}
	return int(n), err
}

var dotNetTime = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?(Z|[+-]\d\d:\d\d)?$`)

// parseTime parses the format of a .NET DateTime: at most seven fractional digits,
// and UTC without a zone.
func parseTime(s string) (time.Time, error) {
	parts := dotNetTime.FindStringSubmatch(s)
	if parts == nil {
		return time.Time{}, errors.New("not a time")
	}
	if parts[2] == "" {
		s += "Z"
	}
	return time.Parse(time.RFC3339, s)
}

var isoDuration = regexp.MustCompile(
	`^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$`)

// Units of isoDuration's groups in seconds. The year and the month are those of
// .NET's XmlConvert, which does not support weeks.
var isoUnits = [...]float64{365 * 86400, 30 * 86400, 86400, 3600, 60, 1}

// parseDuration parses an ISO 8601 duration without a sign.
func parseDuration(s string) (time.Duration, error) {
	parts := isoDuration.FindStringSubmatch(s)
	if parts == nil || s == "P" || strings.HasSuffix(s, "T") {
		return 0, errors.New("not a duration")
	}
	var seconds float64
	for i, unit := range isoUnits {
		if parts[i+1] == "" {
			continue
		}
		n, err := strconv.ParseFloat(parts[i+1], 64)
		if err != nil {
			return 0, err
		}
		seconds += n * unit
	}
	if seconds >= math.MaxInt64/float64(time.Second) {
		return 0, errors.New("too long")
	}
	return time.Duration(seconds * float64(time.Second)), nil
}
