package alert

import (
	"slices"

	"golang.org/x/text/unicode/norm"
)

// A Filter says which alerts a read keeps of those that the service returned.
// The zero value keeps all. Severities that are not known are always kept.
type Filter struct {
	MinSeverity Severity    // this one and above; 0: all
	Severities  []Severity  // one of these; none: all
	Categories  []string    // one of these, case-insensitive; none: all
	Sources     []string    // one of these, case-insensitive; none: all
	Exclusions  []Exclusion // judged before the others
}

// normal returns the filter with its texts in NFC.
func (f Filter) normal() Filter {
	f.Categories, f.Sources = normalTexts(f.Categories), normalTexts(f.Sources)
	f.Exclusions = slices.Clone(f.Exclusions)
	for i := range f.Exclusions {
		f.Exclusions[i].Title = norm.NFC.String(f.Exclusions[i].Title)
	}
	return f
}

// keeps reports whether the filter, whose texts are in NFC, keeps a. It does not
// look at the exclusions.
func (f *Filter) keeps(a *Alert) bool {
	return f.keepsSeverity(a.rank()) &&
		matches(f.Categories, a.Text(FieldCategory)) &&
		matches(f.Sources, a.Text(FieldSource))
}

// keepsSeverity reports whether MinSeverity and Severities keep a severity.
func (f *Filter) keepsSeverity(s Severity) bool {
	return s == Unknown || s >= f.MinSeverity && (len(f.Severities) == 0 || slices.Contains(f.Severities, s))
}
