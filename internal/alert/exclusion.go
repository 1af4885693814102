package alert

import (
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
)

// An Exclusion removes accepted detections from a read. Each of its texts that is
// not empty must match; without any it matches nothing.
type Exclusion struct {
	Index           int       // in the configuration, for warnings
	AlertID         string    // exactly
	IoaDefinitionID string    // case-insensitive
	Title           string    // exactly, after NFC normalization
	ComputerDNSName string    // case-insensitive
	MachineGroup    string    // case-insensitive
	Expires         time.Time // from then on it does not apply; zero: never
}

// Expired reports whether the exclusion no longer applies.
func (x *Exclusion) Expired(now time.Time) bool {
	return !x.Expires.IsZero() && !now.Before(x.Expires)
}

// exclusions are those of a selection, by the text that finds them fastest. Those
// with neither an alert ID nor a title are tried with every detection.
type exclusions struct {
	rules              []Exclusion // texts in NFC
	byAlertID          map[string][]int
	byTitle            map[string][]int
	others             []int
	ids, names, groups int // length of the longest text of a kind
	titles             int
}

func newExclusions(rules []Exclusion) *exclusions {
	xs := &exclusions{rules: slices.Clone(rules), byAlertID: make(map[string][]int), byTitle: make(map[string][]int)}
	for i := range xs.rules {
		x := &xs.rules[i]
		x.Title, x.ComputerDNSName, x.MachineGroup = norm.NFC.String(x.Title), norm.NFC.String(x.ComputerDNSName), norm.NFC.String(x.MachineGroup)
		xs.titles, xs.ids = max(xs.titles, len(x.Title)), max(xs.ids, len(x.IoaDefinitionID))
		xs.names, xs.groups = max(xs.names, len(x.ComputerDNSName)), max(xs.groups, len(x.MachineGroup))
		switch {
		case x.AlertID != "":
			xs.byAlertID[x.AlertID] = append(xs.byAlertID[x.AlertID], i)
		case x.Title != "":
			xs.byTitle[x.Title] = append(xs.byTitle[x.Title], i)
		case x.IoaDefinitionID != "" || x.ComputerDNSName != "" || x.MachineGroup != "":
			xs.others = append(xs.others, i)
		}
	}
	return xs
}

// mark marks the exclusions that match a detection, and reports whether there is one.
func (xs *exclusions) mark(d *Detection, matched []bool) (excluded bool) {
	if len(xs.rules) == 0 {
		return false
	}
	seen := Exclusion{
		AlertID:         string(d.Text(FieldAlertID)),
		IoaDefinitionID: normalUpTo(xs.ids, d.Text(FieldIoaDefinitionID)),
		Title:           normalUpTo(xs.titles, d.Text(FieldAlertTitle)),
		ComputerDNSName: normalUpTo(xs.names, d.Text(FieldComputerDNSName)),
		MachineGroup:    normalUpTo(xs.groups, d.Text(FieldMachineGroup)),
	}
	for _, candidates := range [...][]int{xs.byAlertID[seen.AlertID], xs.byTitle[seen.Title], xs.others} {
		for _, i := range candidates {
			if xs.rules[i].matches(&seen) {
				matched[i], excluded = true, true
			}
		}
	}
	return excluded
}

// matches reports whether the exclusion, which has a text, removes the detection
// with these texts. All are in NFC.
func (x *Exclusion) matches(d *Exclusion) bool {
	return (x.AlertID == "" || x.AlertID == d.AlertID) &&
		(x.IoaDefinitionID == "" || strings.EqualFold(x.IoaDefinitionID, d.IoaDefinitionID)) &&
		(x.Title == "" || x.Title == d.Title) &&
		(x.ComputerDNSName == "" || strings.EqualFold(x.ComputerDNSName, d.ComputerDNSName)) &&
		(x.MachineGroup == "" || strings.EqualFold(x.MachineGroup, d.MachineGroup))
}

// shrinkage is the number of bytes that become one at most when a text is normalized
// and its case is folded.
const shrinkage = 12

// normalUpTo returns a text in NFC, or "" if it is so long that it cannot equal a text
// of a length, even in another case.
func normalUpTo(length int, text []byte) string {
	if len(text) > shrinkage*length {
		return ""
	}
	return norm.NFC.String(string(text))
}
