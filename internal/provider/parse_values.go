package provider

import (
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/sosodev/duration"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

// The parse functions convert the text of an argument or a setting. Their errors
// are half sentences that never quote the text. Validation calls them and drops
// the value.

func parseText(text string) (string, error) {
	if strings.TrimSpace(text) == "" {
		return "", errors.New("it is empty")
	}
	return text, nil
}

// parseMatcher rejects U+FFFD: as the provider replaces a lone surrogate with it, a rule
// would match texts that differ.
func parseMatcher(text string) (string, error) {
	if strings.ContainsRune(text, utf8.RuneError) {
		return "", errors.New("it has the character U+FFFD, which stands for any damaged one: match by another field, such as alert_id")
	}
	return parseText(text)
}

var domainPattern = regexp.MustCompile(`^([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])$`)

func parseGUID(text string) (string, error) {
	if err := checkCharacters(text); err != nil {
		return "", err
	}
	if !transport.IsGUID(text) {
		return "", errors.New("it must be a GUID such as 00000000-0000-0000-0000-000000000000")
	}
	return text, nil
}

func parseTenant(text string) (string, error) {
	if err := checkCharacters(text); err != nil {
		return "", err
	}
	if !transport.IsGUID(text) && (len(text) > 253 || !domainPattern.MatchString(text)) {
		return "", errors.New("it must be a GUID or a domain such as contoso.onmicrosoft.com")
	}
	return text, nil
}

func parseSecret(text string) (string, error) {
	if err := checkCharacters(text); err != nil {
		return "", err
	}
	return parseText(text)
}

func parseToken(text string) (string, error) {
	if _, err := parseSecret(text); err != nil {
		return "", err
	}
	if at := strings.IndexByte(text, ' '); at >= 0 {
		return "", fmt.Errorf("its character %d is a space", at+1)
	}
	return text, nil
}

func parseRequestURL(text string) (string, error) {
	_, err := transport.ParseRequestURL(text)
	return text, err
}

func parseFlag(text string) (bool, error) {
	flag, err := strconv.ParseBool(text)
	if err != nil {
		return false, errors.New("it must be true or false")
	}
	return flag, nil
}

// parseBase64 returns the decoded content. Programs wrap base64 in lines.
func parseBase64(text string) (string, error) {
	content, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	switch {
	case text == "":
		return "", errors.New("it is empty")
	case err != nil:
		return "", errors.New("it is not base64; the path of a file belongs in client_certificate_path")
	}
	return string(content), nil
}

// checkCharacters rejects what is no part of a secret or an ID, and is hard to see:
// quotation marks around it, and characters other than printable ASCII.
func checkCharacters(text string) error {
	if strings.HasPrefix(text, "\xff\xfe") || strings.HasPrefix(text, "\xfe\xff") {
		return errors.New("it is UTF-16: save it as UTF-8")
	}
	if n := len(text); n > 1 && text[0] == text[n-1] && strings.ContainsRune("\"'`", rune(text[0])) {
		return errors.New("it is in quotation marks: remove them")
	}
	position := 0
	for rest := text; rest != ""; {
		r, size := utf8.DecodeRuneInString(rest)
		rest = rest[size:]
		position++
		switch {
		case r == utf8.RuneError && size == 1:
			return fmt.Errorf("its character %d is a byte that is not UTF-8", position)
		case r < ' ' || r > '~':
			return fmt.Errorf("its character %d is %s", position, characterKind(r))
		}
	}
	return nil
}

func characterKind(r rune) string {
	switch {
	case r == '\n' || r == '\r' || r == '\u2028' || r == '\u2029':
		return "a line break"
	case r == '\t':
		return "a tab"
	case r == '\uFEFF':
		return "a byte order mark"
	case unicode.IsControl(r):
		return "a control character"
	case unicode.Is(unicode.Cf, r):
		return "invisible, such as a zero-width space"
	case unicode.IsSpace(r):
		return "another space than the ordinary one"
	case unicode.Is(unicode.Pd, r):
		return "a dash, not a hyphen"
	case r >= '\u2018' && r <= '\u201F':
		return "a typographic quotation mark"
	case unicode.IsLetter(r):
		return "a letter outside ASCII"
	}
	return "outside ASCII"
}

// parseAuthority is transport.ParseAddress for Microsoft Entra ID. The portal shows
// the address of a token endpoint, which has the tenant in it.
func parseAuthority(text string) (*transport.Address, error) {
	address, err := transport.ParseAddress(text)
	if err == nil && strings.Contains(strings.ToLower(address.Path)+"/", "/oauth2/") {
		return nil, errors.New("it is the address of a token endpoint: set its host alone, such as " + globalAuthority + ", and the tenant in tenant_id")
	}
	return address, err
}

func parseAPI(text string) (api, error) {
	if _, ok := apis[api(text)]; !ok {
		return "", errors.New(`it must be "siem" or "graph"`)
	}
	return api(text), nil
}

// parseResource accepts what Entra ID accepts for a resource: a URI or a GUID.
func parseResource(text string) (string, error) {
	if text == "" || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", errors.New("it must be the URI or the GUID of an application")
	}
	return text, nil
}

func parseTimeout(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err == nil && d > 0 {
		return d, nil
	}
	if _, period, ok := meantPeriod(text); ok {
		written := period.String()
		for _, zero := range []string{"0s", "0m"} {
			if short, ok := strings.CutSuffix(written, zero); ok && short[len(short)-1] > '9' {
				written = short
			}
		}
		return 0, errors.New(`it must be a duration in the form of Go; write "` + written + `"`)
	}
	if number, err := strconv.ParseUint(text, 10, 32); err == nil && number > 0 {
		return 0, fmt.Errorf(`it must be a duration with its unit; write "%[1]ds" or "%[1]dm"`, number)
	}
	return 0, errors.New(`it must be a duration above zero, such as "90s" or "5m"`)
}

// maxInt32 is the largest integer of the API.
const maxInt32 = 1<<31 - 1

// A wholeNumber is a range of whole numbers. It checks numbers without writing
// them out: 1e99999999 has many digits.
type wholeNumber struct{ lowest, highest int64 }

func (w wholeNumber) parse(text string) (int, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	return w.check(n, err == nil)
}

func (w wholeNumber) convert(f *big.Float) (int, error) {
	n, accuracy := f.Int64()
	return w.check(n, accuracy == big.Exact)
}

func (w wholeNumber) check(n int64, exact bool) (int, error) {
	if !exact || n < w.lowest || n > w.highest {
		return 0, fmt.Errorf("it must be a whole number from %d to %d", w.lowest, w.highest)
	}
	return int(n), nil
}

// oneOf returns a parse function for a closed set of texts, case-insensitive.
func oneOf(texts ...string) func(string) (string, error) {
	return func(text string) (string, error) {
		for _, known := range texts {
			if strings.EqualFold(known, text) {
				return known, nil
			}
		}
		return "", errors.New("it must be one of " + strings.Join(texts, ", "))
	}
}

var productPattern = regexp.MustCompile(`^[A-Za-z]{1,100}$`)

// parseProduct accepts texts that cannot change the meaning of a filter. It returns
// the service's spelling of those that are documented.
func parseProduct(text string) (string, error) {
	for _, product := range alert.Products {
		if strings.EqualFold(product, text) {
			return product, nil
		}
	}
	if !productPattern.MatchString(text) {
		return "", errors.New("it must have letters only, such as microsoftDefenderForEndpoint")
	}
	return text, nil
}

func parseSeverity(text string) (alert.Severity, error) {
	severity := alert.ParseSeverity(text)
	if severity == alert.Unknown {
		return 0, errors.New("it must be Informational, Low, Medium or High")
	}
	return severity, nil
}

// parseWindowTime accepts what the service's .NET DateTime holds: seven
// fractional digits and years of four digits in UTC. It begins at 1601, as
// Windows' file times do: year 1 is the zero time, which means unset.
func parseWindowTime(text string) (time.Time, error) {
	t, err := alert.ParseTime(text)
	switch {
	case err != nil:
		return time.Time{}, errors.New(`it must be an RFC 3339 date and time such as "2026-11-01T00:00:00Z"; without a zone it is UTC`)
	case t.Year() < 1601 || t.Year() > 9999:
		return time.Time{}, errors.New("it must lie in the years 1601 to 9999")
	case t.Nanosecond()%100 != 0:
		return time.Time{}, errors.New("it must have at most seven fractional digits")
	}
	return t, nil
}

// isoDuration matches ISO 8601 durations: weeks alone, or other units in their
// order. Package duration also accepts units in any order, and repeated.
var isoDuration = regexp.MustCompile(
	`^P(\d{1,4}W|(\d{1,4}Y)?(\d{1,5}M)?(\d{1,6}D)?(T(\d{1,7}H)?(\d{1,9}M)?(\d{1,9}(\.\d{1,7})?S)?)?)$`)

func parseAgo(text string) (alert.Period, error) {
	if d, ok := parsePeriod(text); ok {
		return alert.Period{Text: text, Duration: d}, nil
	}
	if meant, _, ok := meantPeriod(text); ok {
		return alert.Period{}, errors.New(`it must be an ISO 8601 duration; write "` + meant + `"`)
	}
	return alert.Period{}, fmt.Errorf(`it must be an ISO 8601 duration above zero and up to %d years, such as "PT10M" or "P1D"`, maxYears)
}

// meantPeriod returns the ISO 8601 duration that a text is probably meant to be: it is
// in lower case, lacks P or T, or has the T in the wrong place.
func meantPeriod(text string) (meant string, d time.Duration, ok bool) {
	upper := strings.ToUpper(text)
	candidates := []string{upper, "PT" + upper, "P" + upper}
	if parts := misplacedT.FindStringSubmatch(upper); parts != nil {
		candidates = append(candidates, strings.TrimSuffix("P"+parts[1]+"T"+parts[2], "T"))
	}
	for _, meant := range candidates {
		if d, ok := parsePeriod(meant); ok {
			return meant, d, true
		}
	}
	return "", 0, false
}

// misplacedT matches durations with their days, and then their hours, minutes and seconds,
// whether they have the P, and the T in its place or not.
var misplacedT = regexp.MustCompile(`^P?T?((?:\d+[YWD])*)T?((?:[\d.]+[HMS])*)$`)

// maxYears is the longest period, in years of 365 days: a time.Duration cannot be longer,
// and package duration turns what is into another length.
const maxYears = 292

// parsePeriod reads an ISO 8601 duration above zero and up to maxYears.
func parsePeriod(text string) (time.Duration, bool) {
	if !isoDuration.MatchString(text) || strings.HasSuffix(text, "T") { // first: Parse takes quadratic time
		return 0, false
	}
	parsed, err := duration.Parse(text)
	if err != nil {
		return 0, false
	}
	days := 7*parsed.Weeks + parsed.Days + (parsed.Hours+(parsed.Minutes+parsed.Seconds/60)/60)/24
	if parsed.Years+parsed.Months/12+days/365 > maxYears {
		return 0, false
	}
	d := parsed.ToTimeDuration()
	return d, d > 0
}
