package workflows

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

func parse(t *testing.T, file string) *yaml.Node {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var document yaml.Node
	if err = yaml.Unmarshal(text, &document); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return &document
}

// TestPullRequests expects the workflows that run the code of a pull request to have no
// secret and no right to write, not even for one job, and no workflow to run it with
// the rights of the base branch.
func TestPullRequests(t *testing.T) {
	t.Parallel()
	runs := 0
	for _, file := range yamlFiles(t) {
		if !strings.Contains(file, ".github") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(file)
		if match := regexp.MustCompile(`pull_request_target|workflow_run|self-hosted|secrets: inherit`).Find(text); match != nil {
			t.Errorf("%s has %s, want none", name, match)
		}
		if !strings.Contains(string(text), "pull_request:") && !strings.Contains(string(text), "workflow_call:") {
			continue
		}
		runs++
		if match := regexp.MustCompile(`secrets\.|github\.token|: write|environment:`).Find(text); match != nil {
			t.Errorf("%s runs for pull requests and has %s, want none", name, match)
		}
	}
	if runs < 4 {
		t.Errorf("workflows of pull requests = %d, want at least 4", runs)
	}
}

// TestJobs expects each job to have a time limit, and each checkout to leave no token
// behind for the code that it checks out.
func TestJobs(t *testing.T) {
	t.Parallel()
	for _, file := range yamlFiles(t) {
		if !strings.Contains(file, ".github") {
			continue
		}
		var workflow struct {
			Jobs map[string]struct {
				Uses    string
				Timeout int `yaml:"timeout-minutes"`
				Steps   []struct {
					Uses string
					With map[string]string
				}
			}
		}
		if err := parse(t, file).Decode(&workflow); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, name := range slices.Sorted(maps.Keys(workflow.Jobs)) {
			job := workflow.Jobs[name]
			if job.Uses == "" && job.Timeout == 0 {
				t.Errorf("%s: job %s has no timeout-minutes", filepath.Base(file), name)
			}
			for _, step := range job.Steps {
				if strings.HasPrefix(step.Uses, "actions/checkout@") && step.With["persist-credentials"] != "false" {
					t.Errorf("%s: job %s keeps the token of its checkout", filepath.Base(file), name)
				}
			}
		}
	}
}

// TestVersions expects the versions of Terraform and OpenTofu that the documentation
// names: the oldest with each kind of object, and the newest.
func TestVersions(t *testing.T) {
	t.Parallel()
	var workflow struct {
		Jobs map[string]struct {
			Strategy struct {
				Matrix struct{ Version, OS []string }
			}
		}
	}
	if err := parse(t, "../../.github/workflows/test.yml").Decode(&workflow); err != nil {
		t.Fatal(err)
	}
	for job, want := range map[string][]string{
		"terraform": {"1.0.11", "1.8.5", "1.10.5", "latest"},
		"opentofu":  {"~1.6.0", "~1.7.0", "~1.8.0", "1.11.3", "~1.12.0", "latest"},
		"systems":   {"macos-15", "windows-2025"},
	} {
		matrix := workflow.Jobs[job].Strategy.Matrix
		for _, version := range want {
			if !slices.Contains(append(matrix.Version, matrix.OS...), version) {
				t.Errorf("job %s: versions = %q, want %s among them", job, append(matrix.Version, matrix.OS...), version)
			}
		}
	}
}
