package provider

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestArgumentsAreRead expects code to read each argument of the provider: validation,
// schema and documentation come from its row, so an argument without effect is not
// noticed otherwise.
func TestArgumentsAreRead(t *testing.T) {
	t.Parallel()
	const rows = "settings_arguments.go"
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var code strings.Builder
	declared := ""
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if file == rows {
			declared = string(text)
		} else if !strings.HasSuffix(file, "_test.go") {
			code.Write(text)
		}
	}
	_, list, _ := strings.Cut(declared, "var providerArguments = []providerArgument{")
	list, _, _ = strings.Cut(list, "}")
	names := regexp.MustCompile(`\w+`).FindAllString(list, -1)
	if len(names) != len(providerArguments) {
		t.Fatalf("names of arguments in %s = %q, want %d", rows, names, len(providerArguments))
	}
	for _, name := range names {
		if !regexp.MustCompile(`\b` + name + `\.in\(`).MatchString(code.String()) {
			t.Errorf("no code reads the argument %s with %[1]s.in(settings)", name)
		}
	}
}
