package graph

import (
	"strings"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

// sources are the words of detectionSource that have a counterpart in the SIEM API.
var sources = map[string]string{
	"microsoftdefenderforendpoint": "EDR",
	"antivirus":                    "Antivirus",
}

// SourceWord returns the SIEM API's word for a detectionSource, which it compares
// case-insensitively, or the text itself if there is none. A filter by source must
// go through it too, so that it accepts the words of both services.
func SourceWord(text string) string {
	if word, ok := sources[strings.ToLower(text)]; ok {
		return word
	}
	return text
}

// severityWord returns the SIEM API's spelling of a severity, or the text itself if
// it is none of the four.
func severityWord(text string) string {
	if severity := alert.ParseSeverity(text); severity != alert.Unknown {
		return severity.String()
	}
	return text
}

// remediated maps the words of evidenceRemediationStatus that tell whether a
// remediation succeeded. The others, such as none, running and
// partiallyRemediated, do not tell.
var remediated = map[string]bool{
	"remediated":   true,
	"prevented":    true,
	"blocked":      true,
	"unremediated": false,
	"declined":     false,
	"active":       false,
}

// executing maps the words of detectionStatus to whether the threat ran: it was
// detected when it had run, blocked while it ran, or prevented from running.
var executing = map[string]bool{
	"detected":  true,
	"blocked":   true,
	"prevented": false,
}
