package main

import (
	"bytes"
	"strings"
	"testing"
)

const printed = `{
  "alerts": {"sensitive": false, "type": ["list", "dynamic"], "value": [
    {"id": "da1_-1", "time": "2026-11-01T09:30:15.5Z", "severity": "High", "title": "Tunnel \u001b[2J seen", "machine": "srv-01"},
    {"id": "da2_2", "time": "long ago", "severity": "Severe", "title": null, "machine": null}
  ]},
  "counts": {"value": {"detections": 6, "alerts": 5, "by_severity": {"High": 1, "Medium": 0, "Low": 2, "Informational": 1, "Severe": 1}}},
  "truncated": {"value": false}
}`

func TestOutputs(t *testing.T) {
	t.Parallel()
	found, err := parseOutputs(printed)
	if err != nil {
		t.Fatal(err)
	}
	if n := found.Counts.serious(); n != 2 {
		t.Errorf("serious() = %d, want 2: an unknown severity counts", n)
	}
	var table bytes.Buffer
	if err = found.print(&table); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"2026-11-01 09:30:15  High           srv-01                da1_-1\n",
		"long ago             Severe         -                     da2_2\n",
		"Tunnel \uFFFD[2J seen\n",
		"6 detections of 5 alerts: 1 High, 0 Medium, 2 Low, 1 Informational, 1 with an unrecognized severity.\n",
	} {
		if !strings.Contains(table.String(), want) {
			t.Errorf("print() = %q, want it to contain %q", table.String(), want)
		}
	}
	if _, err = parseOutputs("No outputs found"); err == nil {
		t.Error("parseOutputs of plain text = nil error, want an error")
	}
}

func TestClean(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                "-",
		"fits":            "fits",
		"Gerät 7":         "Gerät 7",
		"too long by far": "too lo…",
		"a\r\n::b":        "a\uFFFD\uFFFD::b",
		"\u202egnp":       "\uFFFDgnp",
		"\x1b]0;x\a":      "\uFFFD]0;x\uFFFD",
		"сервер":          "сервер",
		"сервер очень":    "сервер…",
		"123 456":         "123 456",
		"\u200b":          "\uFFFD",
	} {
		if got := clean(text, 7); got != want {
			t.Errorf("clean(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestFlat(t *testing.T) {
	t.Parallel()
	framed := "╷\n│ Error: Gate failed: too many alerts\n│ \n│ 3 alerts at severity High or\n│ above.\n╵\n"
	if got, want := flat(framed), "Error: Gate failed: too many alerts 3 alerts at severity High or above."; got != want {
		t.Errorf("flat(%q) = %q, want %q", framed, got, want)
	}
}
