package graph

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

const movingGuide = "../../templates/guides/moving-to-graph.md"

// values are those of the properties of evidence that are not any text.
var values = map[string]string{
	"detectionStatus":   `"detected"`,
	"deviceDnsName":     `"x.example"`,
	"ipInterfaces":      `["192.0.2.1", "2001:db8::1"]`,
	"loggedOnUsers":     `[{"accountName": "x"}]`,
	"remediationStatus": `"remediated"`,
	"tags":              `["x"]`,
}

// pieceWith returns a piece of evidence with a value at a path such as
// fileEvidence.fileDetails.sha1.
func pieceWith(path string) string {
	names := strings.Split(path, ".")
	last := len(names) - 1
	text, ok := values[names[last]]
	if !ok {
		text = `"x"`
	}
	for i := last; i > 1; i-- {
		text = fmt.Sprintf(`{%q: %s}`, names[i], text)
	}
	if path == "fileEvidence.remediationStatus" {
		text += `, "fileDetails": {"fileName": "x"}` // evidence without them is no file
	}
	return piece(strings.TrimSuffix(names[0], "Evidence"), fmt.Sprintf("%q: %s", names[1], text))
}

// TestGuide compares the guide's table with the mapping: a row for each field, with
// its attribute, its key in the SIEM API, and the member of an alert. A path into the
// evidence must set the attribute, alone.
func TestGuide(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(movingGuide)
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile("(?m)^\\| `(.*?)` \\| `(.*?)` \\| (.*?) \\|").FindAllStringSubmatch(string(content), -1)
	if len(rows) != len(mapping) {
		t.Fatalf("rows of the table in %s = %d, want %d", movingGuide, len(rows), len(mapping))
	}
	span := regexp.MustCompile("`([^`]+)`")
	for i, row := range mapping {
		field := alert.Fields[i]
		if rows[i][1] != field.Name || rows[i][2] != field.Key {
			t.Errorf("row %d of %s is of %s and %s, want %s and %s", i, movingGuide, rows[i][1], rows[i][2], field.Name, field.Key)
		}
		cell := rows[i][3]
		switch {
		case row.member == "":
			if cell != "none" {
				t.Errorf("%s has for %s the source %s, want none", movingGuide, field.Name, cell)
			}
		case row.rule == nil:
			if cell != "`"+row.member+"`" {
				t.Errorf("%s has for %s the source %s, want %s", movingGuide, field.Name, cell, row.member)
			}
		default:
			paths := span.FindAllStringSubmatch(cell, -1)
			if len(paths) == 0 {
				t.Errorf("%s has for %s the source %s, want paths into the evidence", movingGuide, field.Name, cell)
			}
			for _, path := range paths {
				if got := withEvidence(t, pieceWith(path[1])).attributes; got[field.Name] == "" {
					t.Errorf("an alert with %s alone has no %s, want one as in %s: %v", path[1], field.Name, movingGuide, got)
				}
			}
		}
	}
}
