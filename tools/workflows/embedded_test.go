package workflows

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// scriptKeys are the keys of workflows and pipelines that hold shell scripts: GitHub's,
// Azure's and GitLab's.
var scriptKeys = map[string]bool{
	"run": true, "bash": true, "inlineScript": true, "script": true, "before_script": true, "after_script": true,
}

// TestEmbeddedScripts expects the scripts inside YAML files to be formatted shell, and
// without expressions: text of a pull request in one would run as code.
func TestEmbeddedScripts(t *testing.T) {
	t.Parallel()
	folder, count := t.TempDir(), 0
	for _, file := range yamlFiles(t) {
		for _, script := range scripts(parse(t, file)) {
			if strings.Contains(script, "${{") {
				t.Errorf("%s: script %q has an expression, want a variable from env", file, script)
			}
			if !strings.HasSuffix(script, "\n") {
				script += "\n"
			}
			count++
			write(t, filepath.Join(folder, fmt.Sprintf("%s.%d.bash", filepath.Base(file), count)), script, 0o600)
		}
	}
	if count < 30 {
		t.Errorf("scripts = %d, want at least 30", count)
	}
	// Two spaces, as the YAML around them, and one after a redirection.
	cmd := exec.CommandContext(t.Context(), "go", "tool", "-modfile=ci/go.mod", "shfmt", "-i", "2", "-sr", "-d", folder)
	cmd.Dir = ".."
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("shfmt: %v\n%s", err, output)
	}
}

// yamlFiles returns the workflows of this repository and the example pipelines.
func yamlFiles(t *testing.T) []string {
	t.Helper()
	workflows, err := filepath.Glob("../../.github/workflows/*.yml")
	if err != nil {
		t.Fatal(err)
	}
	pipelines, err := filepath.Glob("../../examples/pipelines/*.yml")
	if err != nil {
		t.Fatal(err)
	}
	if len(workflows) < 6 || len(pipelines) < 3 {
		t.Fatalf("workflows = %q, pipelines = %q, want 6 and 3 or more", workflows, pipelines)
	}
	return append(workflows, pipelines...)
}

// scripts returns the scripts in a document, in its order.
func scripts(node *yaml.Node) (found []string) {
	for i, child := range node.Content {
		if node.Kind == yaml.MappingNode && i%2 == 1 && scriptKeys[node.Content[i-1].Value] {
			found = append(found, lines(child)...)
			continue
		}
		found = append(found, scripts(child)...)
	}
	return found
}

// lines returns a script, or each of GitLab's list of them. GitHub's defaults.run is
// neither.
func lines(node *yaml.Node) (found []string) {
	switch node.Kind {
	case yaml.ScalarNode:
		return []string{node.Value}
	case yaml.SequenceNode:
		for _, child := range node.Content {
			found = append(found, lines(child)...)
		}
	}
	return found
}
