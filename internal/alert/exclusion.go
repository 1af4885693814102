package alert

import (
	"bytes"
	"time"

	"golang.org/x/text/unicode/norm"
)

// An Exclusion takes accepted alerts out of a read. Each of its texts that is
// not empty must match; without any it matches nothing.
type Exclusion struct {
	Index           int       // in the configuration, for warnings
	AlertID         string    // exactly
	IoaDefinitionID string    // in any case
	Title           string    // exactly, after NFC
	Expires         time.Time // from here on it does not apply; zero: never
}

// Expired reports whether the exclusion no longer applies.
func (x *Exclusion) Expired(now time.Time) bool {
	return !x.Expires.IsZero() && !now.Before(x.Expires)
}

func (x *Exclusion) matches(a *Alert) bool {
	return (x.AlertID != "" || x.IoaDefinitionID != "" || x.Title != "") &&
		(x.AlertID == "" || x.AlertID == string(a.Text(FieldAlertID))) &&
		(x.IoaDefinitionID == "" || bytes.EqualFold([]byte(x.IoaDefinitionID), a.Text(FieldIoaDefinitionID))) &&
		(x.Title == "" || bytes.Equal(norm.NFC.Bytes([]byte(x.Title)), norm.NFC.Bytes(a.Text(FieldAlertTitle))))
}
