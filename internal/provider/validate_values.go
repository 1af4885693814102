package provider

import (
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/sosodev/duration"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

// A check says in a sentence what is wrong with a text, or nil. The sentence
// never quotes the text.
type check func(string) error

func isNotBlank(text string) error {
	if strings.TrimSpace(text) == "" {
		return errors.New("it is empty")
	}
	return nil
}

var (
	guid   = regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)
	domain = regexp.MustCompile(`^([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])$`)
)

func isGUID(text string) error {
	if !guid.MatchString(text) {
		return errors.New("it must be a GUID such as 00000000-0000-0000-0000-000000000000")
	}
	return nil
}

func isTenant(text string) error {
	if !guid.MatchString(text) && (len(text) > 253 || !domain.MatchString(text)) {
		return errors.New("it must be a GUID or a domain such as contoso.onmicrosoft.com")
	}
	return nil
}

func isSecret(text string) error {
	if err := isNotBlank(text); err != nil {
		return err
	}
	if strings.ContainsFunc(strings.TrimSpace(text), unicode.IsControl) {
		return errors.New("it holds a control character, such as a line break")
	}
	return nil
}

func isAPI(text string) error {
	switch text {
	case "siem":
		return nil
	case "graph":
		return errors.New(`this version reads "siem" only; Microsoft Graph comes with a later one`)
	}
	return errors.New(`it must be "siem"`)
}

func isRegion(text string) error {
	if _, ok := findRegion(text); !ok {
		return errors.New("it must be one of " + strings.ReplaceAll(regionList(), "`", `"`))
	}
	return nil
}

func isAddress(text string) error {
	_, err := transport.ParseAddress(text)
	return err
}

// isResource takes what Entra ID takes for a resource: a URI or a GUID.
func isResource(text string) error {
	if text == "" || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return errors.New("it must be the URI or the GUID of an application")
	}
	return nil
}

func isTimeout(text string) error {
	if d, err := time.ParseDuration(text); err != nil || d <= 0 {
		return errors.New(`it must be a duration above zero, such as "90s" or "5m"`)
	}
	return nil
}

func isAttempts(text string) error    { return isWhole(text, 1, 20) }
func isResponseMiB(text string) error { return isWhole(text, 1, 4096) }

// isAllowed and isLimit end where the API's 32-bit integer does.
func isAllowed(text string) error { return isWhole(text, 0, 1<<31-1) }
func isLimit(text string) error   { return isWhole(text, 1, 1<<31-1) }

func isWhole(text string, lowest, highest int64) error {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < lowest || n > highest {
		return fmt.Errorf("it must be a whole number from %d to %d", lowest, highest)
	}
	return nil
}

// wholeText is a number as isWhole reads it; one that is not whole has a point.
// One that no setting can have is not written out: 1e99999999 has many digits.
func wholeText(n *big.Float) string {
	if exponent := n.MantExp(nil); exponent > 64 || exponent < -64 {
		return "not a whole number"
	}
	return n.Text('f', -1)
}

func isSeverity(text string) error {
	if alert.ParseSeverity(text) == alert.Unknown {
		return errors.New("it must be Informational, Low, Medium or High")
	}
	return nil
}

// isTime takes what a .NET DateTime holds: seven fractional digits, and neither
// its first instant, which would be left out as if it were not given, nor a year
// of five digits in UTC.
func isTime(text string) error {
	t, err := alert.ParseTime(text)
	switch {
	case err != nil:
		return errors.New(`it must be an RFC 3339 date and time such as "2026-11-01T00:00:00Z"; without a zone it is UTC`)
	case t.Year() < 1601 || t.Year() > 9999:
		return errors.New("it must lie in the years 1601 to 9999")
	case t.Nanosecond()%100 != 0:
		return errors.New("it must have at most seven fractional digits")
	}
	return nil
}

// isoDuration is the form of ISO 8601's durations: weeks alone, or units in
// their order. The library below takes them in any order, several times over.
var isoDuration = regexp.MustCompile(
	`^P(\d{1,4}W|(\d{1,4}Y)?(\d{1,5}M)?(\d{1,6}D)?(T(\d{1,7}H)?(\d{1,9}M)?(\d{1,9}(\.\d{1,7})?S)?)?)$`)

func isAgo(text string) error {
	parsed, err := duration.Parse(text)
	if err != nil || !isoDuration.MatchString(text) || strings.HasSuffix(text, "T") || parsed.ToTimeDuration() <= 0 {
		return errors.New(`it must be an ISO 8601 duration above zero, such as "PT10M" or "P1D"`)
	}
	return nil
}
