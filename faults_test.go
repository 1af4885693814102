package main

import (
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const guide = "templates/guides/reliability.md"

var (
	row      = regexp.MustCompile(`(?m)^\| ([NHAPTE]\d+) \| .+ \| (.+) \|$`)
	rowTest  = regexp.MustCompile(`(?m)^func TestFault_([NHAPTE]\d+)_\w+\(`)
	elsehow  = regexp.MustCompile(`Checked by a workflow$|^Does not apply yet: `)
	rowCount = map[string]int{"N": 13, "H": 16, "A": 14, "P": 17, "T": 12, "E": 5}
)

// TestEveryFaultHasATest keeps what the reliability guide promises and the tests
// together: a row without a test is a promise that nobody keeps.
func TestEveryFaultHasATest(t *testing.T) {
	t.Parallel()
	tests := faultTests(t)
	text, err := os.ReadFile(guide)
	if err != nil {
		t.Fatal(err)
	}
	rows, exempt, counts := []string{}, 0, map[string]int{}
	for _, match := range row.FindAllStringSubmatch(string(text), -1) {
		name, outcome := match[1], match[2]
		if slices.Contains(rows, name) {
			t.Errorf("row %s is there twice", name)
		}
		rows = append(rows, name)
		counts[name[:1]]++
		tested := slices.Contains(tests, name)
		switch {
		case elsehow.MatchString(outcome):
			exempt++
			if tested {
				t.Errorf("row %s has a test, and the guide says that it has none", name)
			}
		case !tested:
			t.Errorf("row %s has no test: no function is named TestFault_%s_…", name, name)
		}
	}
	for _, name := range tests {
		if !slices.Contains(rows, name) {
			t.Errorf("TestFault_%s_… tests no row of the guide", name)
		}
	}
	for group, want := range rowCount {
		if counts[group] != want {
			t.Errorf("%d rows %s, want %d", counts[group], group, want)
		}
	}
	if exempt > 3 {
		t.Errorf("%d rows are left to workflows and later versions", exempt)
	}
}

// faultTests are the rows that tests of this module are named after.
func faultTests(t *testing.T) (names []string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS("."), ".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (path == "tools" || path != "." && strings.HasPrefix(entry.Name(), ".")):
			return fs.SkipDir
		case !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		code, err := os.ReadFile(path)
		for _, match := range rowTest.FindAllStringSubmatch(string(code), -1) {
			names = append(names, match[1])
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
