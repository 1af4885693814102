package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"
)

// outputs holds the outputs of examples/recent-alerts.
type outputs struct {
	Alerts []alert
	Counts counts
}

type alert struct {
	ID, Time, Severity, Title, Machine string
}

type counts struct {
	Detections, Alerts int
	BySeverity         map[string]int `json:"by_severity"`
}

// known lists the documented severities, most severe first. All others count as
// High or above.
var known = []string{"High", "Medium", "Low", "Informational"}

func parseOutputs(text string) (found outputs, err error) {
	var raw struct {
		Alerts struct{ Value []alert }
		Counts struct{ Value counts }
	}
	if err = json.Unmarshal([]byte(text), &raw); err != nil {
		return outputs{}, fmt.Errorf("reading the outputs: %w", err)
	}
	return outputs{raw.Alerts.Value, raw.Counts.Value}, nil
}

// serious returns the number of alerts that the gate counts.
func (c counts) serious() int {
	n := 0
	for severity, count := range c.BySeverity {
		if !slices.Contains(known[1:], severity) {
			n += count
		}
	}
	return n
}

func (c counts) String() string {
	var parts []string
	other := c.Alerts
	for _, severity := range known {
		parts = append(parts, fmt.Sprintf("%d %s", c.BySeverity[severity], severity))
		other -= c.BySeverity[severity]
	}
	if other > 0 {
		parts = append(parts, fmt.Sprintf("%d with an unrecognized severity", other))
	}
	return strings.Join(parts, ", ")
}

func (o outputs) print(w io.Writer) error {
	const row = "  %-19s  %-13s  %-20s  %s\n  %-19s  %s\n"
	fmt.Fprintf(w, row, "TIME (UTC)", "SEVERITY", "MACHINE", "ALERT ID", "", "TITLE")
	for _, a := range o.Alerts {
		fmt.Fprintf(w, row, moment(a.Time), clean(a.Severity, 13), clean(a.Machine, 20), clean(a.ID, 44), "", clean(a.Title, 76))
	}
	_, err := fmt.Fprintf(w, "\n  %d detections of %d alerts: %s.\n", o.Counts.Detections, o.Counts.Alerts, o.Counts)
	return err
}

// moment formats a time of the service to the second.
func moment(text string) string {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return clean(text, 19)
	}
	return t.UTC().Format(time.DateTime)
}

// clean returns text limited to width, without control characters: attackers write
// alert text.
func clean(text string, width int) string {
	runes := []rune(strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '\uFFFD'
	}, text))
	switch {
	case len(runes) == 0:
		return "-"
	case len(runes) > width:
		return string(runes[:width-1]) + "…"
	}
	return string(runes)
}
