package main

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

// examples returns the worked examples of CONTRIBUTING.md by their headings.
func examples(t *testing.T) map[string]string {
	t.Helper()
	_, text, found := strings.Cut(readFile(t, "CONTRIBUTING.md"), "\n## Worked examples\n")
	text, _, ended := strings.Cut(text, "\n## ")
	if !found || !ended {
		t.Fatal("CONTRIBUTING.md has no chapter Worked examples")
	}
	list := map[string]string{}
	for _, example := range strings.Split(text, "\n### ")[1:] {
		heading, body, _ := strings.Cut(example, "\n")
		list[heading] = body
	}
	return list
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var (
	tableRow = regexp.MustCompile("(?m)^\\| `([^`]+)` \\| (.+) \\|$")
	codeSpan = regexp.MustCompile("`([^`]+)`")
)

// TestWorkedExamples expects each file that a worked example names to exist, each name
// of a test to be a function, and each other name to be in a file of its row.
func TestWorkedExamples(t *testing.T) {
	t.Parallel()
	tests, rows := testNames(t), 0
	for heading, body := range examples(t) {
		for _, row := range tableRow.FindAllStringSubmatch(body, -1) {
			rows++
			text := readFile(t, row[1])
			spans := codeSpan.FindAllStringSubmatch(row[2], -1)
			for _, span := range spans {
				if strings.HasPrefix(span[1], "internal/") {
					text += readFile(t, span[1])
				}
			}
			for _, span := range spans {
				name := span[1]
				switch {
				case strings.HasPrefix(name, "internal/"):
				case strings.HasPrefix(name, "Test"):
					if !regexp.MustCompile(`\b` + name).MatchString(tests) {
						t.Errorf("%s: no test is named %s", heading, name)
					}
				case !regexp.MustCompile(`(^|\W)` + regexp.QuoteMeta(name) + `(\W|$)`).MatchString(text):
					t.Errorf("%s: %s does not have %q", heading, row[1], name)
				}
			}
		}
	}
	if rows < 25 {
		t.Errorf("rows of the worked examples = %d, want at least 25", rows)
	}
}

// testNames returns the names of all test functions of this module.
func testNames(t *testing.T) string {
	t.Helper()
	var names strings.Builder
	function := regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	err := filepath.WalkDir("internal", func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, "_test.go") {
			for _, match := range function.FindAllStringSubmatch(readFile(t, path), -1) {
				names.WriteString(match[1] + "\n")
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names.String()
}

// TestCountsOfExamples compares the numbers of the worked examples with the code.
func TestCountsOfExamples(t *testing.T) {
	t.Parallel()
	// elements counts the names between two texts of a file.
	elements := func(file, from, to string) int {
		_, after, found := strings.Cut(readFile(t, file), from)
		list, _, ended := strings.Cut(after, to)
		if !found || !ended {
			t.Fatalf("%s has no %q", file, from)
		}
		return len(regexp.MustCompile(`[\w()]+,?`).FindAllString(list, -1))
	}
	faults := len(row.FindAllString(readFile(t, guide), -1))
	list := examples(t)
	for heading, want := range map[string]int{
		"A field of an alert":         len(alert.Fields),
		"An argument of the provider": elements("internal/provider/settings_arguments.go", "var providerArguments = []providerArgument{", "}"),
		"A credential":                elements("internal/provider/credential.go", "candidates := []credential{", "}"),
		"A fault":                     faults,
		"A mapping of Graph":          len(alert.Fields),
	} {
		number := regexp.MustCompile(`^\nThere are (\d+)\b`).FindStringSubmatch(list[heading])
		if number == nil || number[1] != strconv.Itoa(want) {
			t.Errorf("%s: the example says %q, want %d", heading, number, want)
		}
		delete(list, heading)
	}
	for heading := range list {
		t.Errorf("%s: the number is not checked", heading)
	}
	var detections []any
	const state = "internal/provider/testdata/detections.state.json"
	if err := json.Unmarshal([]byte(readFile(t, state)), &detections); err != nil {
		t.Fatal(err)
	}
	if want := "all " + strconv.Itoa(len(detections)) + " detections"; !strings.Contains(readFile(t, "CONTRIBUTING.md"), want) {
		t.Errorf("CONTRIBUTING.md does not say %q of %s", want, state)
	}
	if want := "`lists " + strconv.Itoa(faults) + " faults`"; !strings.Contains(readFile(t, "CONTRIBUTING.md"), want) {
		t.Errorf("CONTRIBUTING.md does not say %q", want)
	}
}
