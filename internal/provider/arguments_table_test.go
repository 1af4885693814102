package provider_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestArgumentsByPurpose checks that the overview groups each argument of the provider
// block, once: the list of the schema is in alphabetical order.
func TestArgumentsByPurpose(t *testing.T) {
	t.Parallel()
	_, section, found := strings.Cut(readText(t, "../../templates/index.md.tmpl"), "\n## Arguments by purpose\n")
	section, _, ends := strings.Cut(section, "{{ .SchemaMarkdown")
	if !found || !ends {
		t.Fatal("the overview has no section of arguments by purpose before the schema, want one")
	}
	var grouped, arguments []string
	for _, row := range regexp.MustCompile(`(?m)^\|.*\|(.*)\|$`).FindAllStringSubmatch(section, -1) {
		for _, name := range regexp.MustCompile("`([a-z_]+)`").FindAllStringSubmatch(row[1], -1) {
			grouped = append(grouped, name[1])
		}
	}
	for _, attribute := range newClient(t, nil).schemas.Provider.Block.Attributes {
		arguments = append(arguments, attribute.Name)
	}
	slices.Sort(grouped)
	slices.Sort(arguments)
	if len(arguments) < 25 || !slices.Equal(grouped, arguments) {
		t.Errorf("arguments in the table = %q, want each once: %q", grouped, arguments)
	}
}
