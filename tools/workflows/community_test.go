package workflows

import (
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
)

// TestDependabot expects updates of each Go module and of the actions.
func TestDependabot(t *testing.T) {
	t.Parallel()
	var modules []string
	err := fs.WalkDir(os.DirFS("../.."), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (name == "dist" || name != "." && strings.HasPrefix(entry.Name(), ".")):
			return fs.SkipDir
		case entry.Name() == "go.mod":
			modules = append(modules, path.Join("/", path.Dir(name)))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var config struct {
		Updates []struct {
			Ecosystem   string `yaml:"package-ecosystem"`
			Directories []string
		}
	}
	if err = parse(t, "../../.github/dependabot.yml").Decode(&config); err != nil {
		t.Fatal(err)
	}
	updated := map[string][]string{}
	for _, update := range config.Updates {
		updated[update.Ecosystem] = update.Directories
	}
	slices.Sort(modules)
	if len(modules) < 5 || !slices.Equal(updated["gomod"], modules) {
		t.Errorf("modules that Dependabot updates = %q, want all, %q", updated["gomod"], modules)
	}
	if _, ok := updated["github-actions"]; !ok {
		t.Error("Dependabot does not update the actions")
	}
}

// TestBugForm expects that a report needs what every answer begins with, and that it
// asks for no secrets.
func TestBugForm(t *testing.T) {
	t.Parallel()
	const file = "../../.github/ISSUE_TEMPLATE/bug.yml"
	var form struct {
		Body []struct {
			ID          string
			Validations struct{ Required bool }
		}
	}
	if err := parse(t, file).Decode(&form); err != nil {
		t.Fatal(err)
	}
	var required []string
	for _, field := range form.Body {
		if field.Validations.Required {
			required = append(required, field.ID)
		}
	}
	for _, id := range []string{"version", "engine", "api", "diagnostic"} {
		if !slices.Contains(required, id) {
			t.Errorf("required fields = %q, want %s among them", required, id)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "Paste no secrets") {
		t.Error("the form does not ask for reports without secrets")
	}
}
