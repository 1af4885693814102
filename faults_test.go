package main

import (
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const guide = "templates/guides/reliability.md"

var (
	row      = regexp.MustCompile(`(?m)^\| ([NHAPGTE]\d+) \| .+ \| (.+) \|$`)
	rowTest  = regexp.MustCompile(`(?ms)^func TestFault_([NHAPGTE]\d+)_\w+\(t \*testing\.T\) \{(.*?)^}$`)
	idle     = regexp.MustCompile(`\bt\.(Parallel|Helper|Skip|Log)\w*\(|t \*testing\.T`)
	usesT    = regexp.MustCompile(`\bt\b`)
	exempted = regexp.MustCompile(`Checked by a workflow$`)
	rowCount = map[string]int{"N": 14, "H": 16, "A": 14, "P": 17, "G": 15, "T": 12, "E": 5}
)

// TestEveryFaultHasATest keeps the reliability guide and the tests consistent: each
// row of the guide's table needs a test, and each TestFault function a row.
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
			t.Errorf("%s has a duplicate row %s, want one", guide, name)
		}
		rows = append(rows, name)
		counts[name[:1]]++
		tested := slices.Contains(tests, name)
		switch {
		case exempted.MatchString(outcome):
			exempt++
			if tested {
				t.Errorf("row %s of %s = %q, want no exemption: TestFault_%s_… exists", name, guide, outcome, name)
			}
		case !tested:
			t.Errorf("row %s of %s has no test, want a function TestFault_%s_…", name, guide, name)
		}
	}
	for _, name := range tests {
		if !slices.Contains(rows, name) {
			t.Errorf("TestFault_%s_… has no row in %s, want one", name, guide)
		}
	}
	for group, want := range rowCount {
		if counts[group] != want {
			t.Errorf("rows %s in %s = %d, want %d", group, guide, counts[group], want)
		}
	}
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf(" lists %d faults", len(rows)); !strings.Contains(string(readme), want) {
		t.Errorf("README.md does not say that the guide%s", want)
	}
	if exempt > 3 {
		t.Errorf("rows in %s without a test = %d, want at most 3", guide, exempt)
	}
}

// faultTests returns the names of the rows that this module has tests for, sorted.
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
			if !usesT.MatchString(idle.ReplaceAllString(match[2], "")) {
				t.Errorf("%s: TestFault_%s_… cannot fail, want a test", path, match[1])
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
