package alert

import (
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
)

// A Query selects the detections that a read requests from the service. The zero
// value requests the SIEM API's default: those of the last two hours.
type Query struct {
	Since, Until   time.Time // window of the time processed; zero: unset
	Ago            Period    // length of a window that ends now; zero: unset
	Limit          int       // the newest N; 0: all
	ServiceSources []string  // products whose alerts are read; none: the service has one
	MachineGroups  []string  // device groups, case-insensitive; none: all
	DeviceTags     []string  // tags set on the device; none: all
	CloudTags      []string  // tags set in the portal; none: all
}

// A Period is a duration as configured and as parsed.
type Period struct {
	Text     string // ISO 8601, such as "PT10M"
	Duration time.Duration
}

// Window describes the window of a query, in words that can follow "in".
func (q Query) Window() string {
	switch {
	case !q.Until.IsZero():
		return "the window from " + q.Since.Format(time.RFC3339Nano) + " to " + q.Until.Format(time.RFC3339Nano)
	case !q.Since.IsZero():
		return "the window from " + q.Since.Format(time.RFC3339Nano) + " to now"
	case q.Ago.Text != "":
		return "the window ago = " + q.Ago.Text
	}
	return "the API's default window, the last two hours"
}

// NormalTexts returns texts in NFC.
func NormalTexts(texts []string) []string {
	texts = slices.Clone(texts)
	for i, text := range texts {
		texts[i] = norm.NFC.String(text)
	}
	return texts
}

// Matches reports whether text is one of wanted, which are in NFC, or wanted is
// empty. It compares case-insensitively after NFC normalization.
func Matches(wanted []string, text []byte) bool {
	if len(wanted) == 0 {
		return true
	}
	longest := 0
	for _, w := range wanted {
		longest = max(longest, len(w))
	}
	normal := normalUpTo(longest, text)
	return slices.ContainsFunc(wanted, func(w string) bool { return strings.EqualFold(w, normal) })
}
