package alert

import (
	"bytes"
	"time"

	"golang.org/x/text/unicode/norm"
)

// A Query is what a read asks the service for. The zero value asks for what the
// service gives by default: the alerts of the last two hours.
type Query struct {
	Since, Until  time.Time // window on LastProcessedTimeUtc; zero: not given
	Ago           string    // ISO 8601 duration before now, instead of the window
	Limit         int       // the newest N; 0: all
	MachineGroups []string  // device groups; none: all
	DeviceTags    []string  // tags set on the device; none: all
	CloudTags     []string  // tags set in the portal; none: all
}

// outsideWindow reports whether a record lies outside the window asked for.
func (q *Query) outsideWindow(a *Alert) bool {
	return !q.Since.IsZero() && a.Processed.Before(q.Since) ||
		!q.Until.IsZero() && a.Processed.After(q.Until)
}

// outsideGroups reports whether a record is of none of the machine groups asked for.
func (q *Query) outsideGroups(a *Alert) bool {
	return len(q.MachineGroups) > 0 && !matches(q.MachineGroups, a.Text(FieldMachineGroup))
}

// A Filter says which alerts a read keeps of those the service returned. The
// zero value keeps all.
type Filter struct {
	MinSeverity Severity   // this one and above; 0: all
	Severities  []Severity // one of these; none: all
	Categories  []string   // one of these, in any case; none: all
	Sources     []string   // one of these, in any case; none: all
	Exclusions  []Exclusion
}

// Keeps reports whether the filter keeps a, exclusions aside. It never drops an alert for a
// severity that is not known.
func (f *Filter) Keeps(a *Alert) bool {
	return a.Severity >= f.MinSeverity &&
		f.keepsSeverity(a.Severity) &&
		(len(f.Categories) == 0 || matches(f.Categories, a.Text(FieldCategory))) &&
		(len(f.Sources) == 0 || matches(f.Sources, a.Text(FieldSource)))
}

func (f *Filter) keepsSeverity(s Severity) bool {
	if len(f.Severities) == 0 || s == Unknown {
		return true
	}
	for _, wanted := range f.Severities {
		if s == wanted {
			return true
		}
	}
	return false
}

// matches reports whether text is one of wanted: compared after NFC, in any case.
func matches(wanted []string, text []byte) bool {
	text = norm.NFC.Bytes(text)
	for _, w := range wanted {
		if bytes.EqualFold(norm.NFC.Bytes([]byte(w)), text) {
			return true
		}
	}
	return false
}
