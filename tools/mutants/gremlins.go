package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mdatp/terraform-provider-mdatp/tools/internal/process"
)

// A mutant is one change of an operator and what the tests made of it.
type mutant struct {
	key
	line, column int
	status       string
}

func (m mutant) String() string {
	return fmt.Sprintf("%s: %s:%d:%d %s: %s", m.status, m.file, m.line, m.column, m.mutator, m.text)
}

// The settings of gremlins, for two cores. A test run has ten times the time that the
// first one took, with the build.
var settings = []string{"--workers", "2", "--timeout-coefficient", "10", "--exclude-files", "/", "--output-statuses", "lt"}

// A gremlins runs the program of that name on packages of the repository.
type gremlins struct {
	root, binary string
	temp         string // folder of the go command for gremlins, of its report and its copies
	env          []string
}

func newGremlins(ctx context.Context, root string) (*gremlins, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	goCommand, err := exec.LookPath("go")
	if err != nil {
		return nil, err
	}
	cmd := process.Command(ctx, goCommand, "tool", "-n", "-modfile=tools/mutate/go.mod", "gremlins")
	cmd.Dir, cmd.Stderr = root, os.Stderr
	binary, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("build gremlins: %w", err)
	}
	temp, err := os.MkdirTemp("", "mdatp-mutants-")
	if err != nil {
		return nil, err
	}
	// The tests are judged, not go vet; and a cached first run would tell no time.
	env := append(os.Environ(), realGo+"="+goCommand, "TMPDIR="+temp,
		"PATH="+temp+string(os.PathListSeparator)+os.Getenv("PATH"),
		"GOFLAGS="+os.Getenv("GOFLAGS")+" -short -count=1 -vet=off")
	return &gremlins{root, strings.TrimSpace(string(binary)), temp, env}, os.Symlink(self, filepath.Join(temp, "go"))
}

// test returns the mutants of the package in a folder, in the order of the source.
func (g *gremlins) test(ctx context.Context, dir string) ([]mutant, error) {
	file := filepath.Join(g.temp, "report.json")
	cmd := process.Command(ctx, g.binary, slices.Concat([]string{"unleash", "./" + dir, "--output", file}, settings)...)
	cmd.Dir, cmd.Env = g.root, g.env
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr // the progress
	if err := process.Run(cmd); err != nil {
		return nil, fmt.Errorf("gremlins: %w", err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	if err := os.Remove(file); err != nil {
		return nil, err
	}
	return parseReport(text, g.root, dir)
}

// parseReport adds the lines of the source to the mutants of gremlins' report.
func parseReport(text []byte, root, dir string) ([]mutant, error) {
	var report struct {
		Files []struct {
			Name      string `json:"file_name"`
			Mutations []struct {
				Type, Status string
				Line, Column int
			}
		}
	}
	if err := json.Unmarshal(text, &report); err != nil {
		return nil, err
	}
	var mutants []mutant
	for _, f := range report.Files {
		file := path.Join(dir, f.Name)
		source, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			return nil, err
		}
		lines := strings.Split(string(source), "\n")
		for _, m := range f.Mutations {
			text := strings.TrimSpace(lines[m.Line-1])
			mutants = append(mutants, mutant{key{file, m.Type, text}, m.Line, m.Column, m.Status})
		}
	}
	slices.SortFunc(mutants, mutant.compare)
	return mutants, nil
}
