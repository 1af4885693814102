package main

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestParseEquivalents(t *testing.T) {
	t.Parallel()
	known, err := parseEquivalents("# A comment.\na/b.go M: case x: // y: z\n\tIt is so\n\tfor a reason.\n\na/b.go M: case x: // y: z\n\tTwo on one line.\na/c.go N: i++\n\tAnother.\n")
	want := equivalents{{"a/b.go", "M", "case x: // y: z"}: 2, {"a/c.go", "N", "i++"}: 1}
	if err != nil || !maps.Equal(known, want) {
		t.Errorf("parseEquivalents() = %v, %v, want %v, nil", known, err, want)
	}
	for name, text := range map[string]string{
		"no reason":               "a/b.go M: x\n",
		"no reason of the first":  "a/b.go M: x\na/c.go M: x\n\tA reason.\n",
		"no mutator":              "a/b.go: x\n\tA reason.\n",
		"no code":                 "a/b.go M\n\tA reason.\n",
		"a reason that is no tab": "a/b.go M: x\nA reason.\n",
	} {
		if known, err := parseEquivalents(text); err == nil {
			t.Errorf("%s: parseEquivalents() = %v, want an error", name, known)
		}
	}
}

// The list that is built in must be readable.
func TestEquivalentText(t *testing.T) {
	t.Parallel()
	if _, err := parseEquivalents(equivalentText); err != nil {
		t.Error(err)
	}
}

func TestParseReport(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	write(t, root, map[string]string{"internal/a/b.go": "package a\n\nvar x = 1 < 2\n\tvar y = 1 - 2\n"})
	got, err := parseReport([]byte(`{"files":[{"file_name":"b.go","mutations":[
		{"type":"ARITHMETIC_BASE","status":"KILLED","line":4,"column":12},
		{"type":"CONDITIONALS_BOUNDARY","status":"LIVED","line":3,"column":11}]}]}`), root, "internal/a")
	want := []mutant{
		{key{"internal/a/b.go", "CONDITIONALS_BOUNDARY", "var x = 1 < 2"}, 3, 11, "LIVED"},
		{key{"internal/a/b.go", "ARITHMETIC_BASE", "var y = 1 - 2"}, 4, 12, "KILLED"},
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("parseReport() = %v, %v, want %v, nil", got, err, want)
	}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	same := key{"internal/a/b.go", "M", "x"}
	slow := key{"internal/a/b.go", "M", "slow"}
	killed := key{"internal/a/b.go", "M", "killed"}
	elsewhere := key{"internal/c/d.go", "M", "x"}
	known := equivalents{same: 1, slow: 1, killed: 1, elsewhere: 1}
	got := judge([]mutant{
		{key: same, status: "LIVED", line: 1}, {key: same, status: "LIVED", line: 2}, {key: slow, status: "TIMED OUT"},
		{key: killed, status: "KILLED"}, {status: "KILLED"}, {status: "KILLED"}, {status: "NOT VIABLE"}, {status: "NOT COVERED"},
	}, known)
	if got.killed != 3 || got.lived != 2 || got.equivalent != 1 || got.timedOut != 1 || got.notViable != 1 {
		t.Errorf("judge() = %+v, want 3 killed, 2 lived, 1 equivalent, 1 timed out and 1 not viable", got)
	}
	if len(got.notable) != 3 || got.notable[0].line != 2 {
		t.Errorf("notable = %v, want the second of two on one line, the slow one and the one that is not covered", got.notable)
	}
	if got := got.efficacy(); got != 60 {
		t.Errorf("efficacy() = %v, want 60", got)
	}
	if got := known.unused("internal/a"); !slices.Equal(got, []key{killed}) {
		t.Errorf("unused() = %v, want %v alone", got, killed)
	}
}

// The go command reports failed builds in gremlins' way, and a profile that covers
// the condition of a case.
func TestRunGo(t *testing.T) {
	t.Parallel()
	goCommand, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	const test = "package x\n\nimport \"testing\"\n\nfunc TestF(t *testing.T) {\n\tif F(1) != 1 {\n\t\tt.Fail()\n\t}\n}\n"
	for name, c := range map[string]struct {
		code string
		want int
	}{
		"passes": {"package x\n\nfunc F(n int) int {\n\tswitch {\n\tcase n == 2:\n\t}\n\treturn n\n}\n", 0},
		"fails":  {"package x\n\nfunc F(n int) int { return -n }\n", 1},
		"broken": {"package x\n\nfunc F(n int) int { return n - \"\" }\n", notBuilt},
	} {
		dir := t.TempDir()
		write(t, dir, map[string]string{"go.mod": "module example.test/x\n\ngo 1.26\n", "x.go": c.code, "x_test.go": test})
		profile := filepath.Join(dir, "profile")
		if got := runGo(t.Context(), goCommand, []string{"-C", dir, "test", "-coverprofile", profile, "."}); got != c.want {
			t.Errorf("%s: runGo() = %d, want %d", name, got, c.want)
		}
		if c.want != 0 {
			continue
		}
		const want = "mode: set\nexample.test/x/x.go:1.1,1000000.1 1 1\n"
		if got, err := os.ReadFile(profile); err != nil || string(got) != want {
			t.Errorf("%s: profile = %q, %v, want %q", name, got, err, want)
		}
	}
}
