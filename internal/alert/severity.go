package alert

import "strings"

// A Severity is the rank of a detection's severity: a greater one is more severe.
type Severity uint8

// The ranks. Unknown is the rank of every text that is not one of the four, and is
// above them all, so that no gate misses a severity Microsoft adds.
const (
	Informational Severity = iota + 1
	Low
	Medium
	High
	Unknown
)

// Severities names the four known severities as the service spells them, in
// ascending order.
var Severities = [...]string{"Informational", "Low", "Medium", "High"}

// ParseSeverity returns the rank of a severity's text, which it compares
// case-insensitively. It trims nothing.
func ParseSeverity(text string) Severity {
	for i, name := range Severities {
		if strings.EqualFold(text, name) {
			return Informational + Severity(i)
		}
	}
	return Unknown
}

// String returns the service's spelling, or "unknown".
func (s Severity) String() string {
	if s < Informational || s > High {
		return "unknown"
	}
	return Severities[s-Informational]
}
