package alert

import (
	"bytes"
	"time"
)

// An Exclusion takes accepted alerts out of a read. Each of its texts that is
// not empty must match; without any it matches nothing.
type Exclusion struct {
	Index           int       // in the configuration, for warnings
	AlertID         string    // exactly
	IoaDefinitionID string    // case-insensitive
	Title           string    // exactly, after NFC normalization
	Expires         time.Time // from then on it does not apply; zero: never
}

// Expired reports whether the exclusion no longer applies.
func (x *Exclusion) Expired(now time.Time) bool {
	return !x.Expires.IsZero() && !now.Before(x.Expires)
}

// matches reports whether the exclusion, whose title is in NFC, takes out an
// alert. The alert's title in NFC is passed along: it is the same for all exclusions.
func (x *Exclusion) matches(a *Alert, title []byte) bool {
	return (x.AlertID != "" || x.IoaDefinitionID != "" || x.Title != "") &&
		(x.AlertID == "" || x.AlertID == string(a.Text(FieldAlertID))) &&
		(x.IoaDefinitionID == "" || bytes.EqualFold([]byte(x.IoaDefinitionID), a.Text(FieldIoaDefinitionID))) &&
		(x.Title == "" || x.Title == string(title))
}
