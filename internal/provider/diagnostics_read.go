package provider

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

// oddities are the notes of a read as one warning.
func oddities(n alert.Anomalies) diag.Diagnostics {
	var lines []string
	for _, note := range []struct {
		places alert.Positions
		text   string
	}{
		{n.UnknownSeverity, "a severity that the provider does not know. It ranks above High, so that no gate misses it."},
		{n.OutsideWindow, "processed outside the window that was asked for. Kept and counted."},
		{n.OutsideGroups, "of none of the machine groups that were asked for. Kept and counted."},
		{n.BeyondLimit, "beyond the limit that was asked for. Kept and counted."},
		{n.Replaced, "half of a surrogate pair in a text, which became U+FFFD."},
	} {
		if note.places.Count > 0 {
			lines = append(lines, fmt.Sprintf("%s: %s %s", detections(note.places.Count), note.text, positions(note.places)))
		}
	}
	if len(lines) == 0 {
		return nil
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic("Unusual alerts",
		"The reply is valid, but:\n\n  - "+strings.Join(lines, "\n  - "))}
}

// positions names alerts by their place in the reply, from 0.
func positions(p alert.Positions) string {
	names := make([]string, len(p.First))
	for i, index := range p.First {
		names[i] = fmt.Sprint(index)
	}
	text := "Positions in the reply, from 0: " + strings.Join(names, ", ")
	if p.Count > len(p.First) {
		text += " …"
	}
	return text + "."
}
