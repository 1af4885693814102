package alert

import "time"

// A Violation is an alert that a gate does not accept.
type Violation struct {
	AlertID   string // as sent: text of the reply
	Severity  Severity
	Processed time.Time
}

// Violations counts the alerts kept at or above a severity, and returns the
// newest of them, ten at most.
func (s *Selection) Violations(threshold Severity) (count int, first []Violation) {
	for _, e := range s.kept() {
		if e.severity < threshold {
			continue
		}
		count++
		if len(first) < 10 {
			first = append(first, Violation{
				AlertID:   string(s.texts.text(e.alertID)),
				Severity:  e.severity,
				Processed: time.Unix(e.seconds, int64(e.nanos)).UTC(),
			})
		}
	}
	return count, first
}
