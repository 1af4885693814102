// Package examples tests the policies and pipelines of examples/ and the workflows
// of this repository: policies on plans of a real Terraform, pipelines with a shell
// against the fake.
package examples

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/tools/internal/fake"
	"github.com/mdatp/terraform-provider-mdatp/tools/internal/plugin"
	"github.com/mdatp/terraform-provider-mdatp/tools/internal/terraform"
)

const root = "../.."

// builds is the folder of the shared binaries.
var builds string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		var err error
		if builds, err = os.MkdirTemp("", "mdatp-examples-"); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(builds)
		return m.Run()
	}())
}

// build builds the provider and the fake once, at the first use, and returns a CLI
// that finds the provider.
var build = sync.OnceValues(func() (terraform.CLI, error) {
	ctx := context.Background()
	binary, err := terraform.Find(ctx, os.Stderr)
	if err != nil {
		return terraform.CLI{}, err
	}
	provider, mirror := filepath.Join(builds, "provider"), filepath.Join(builds, "mirror")
	config := filepath.Join(builds, "terraform.rc")
	err = errors.Join(
		plugin.Build(ctx, root, plugin.DefaultVersion, provider),
		plugin.Compile(ctx, root, "./internal/fakeapi/cmd/fakeapi", fakeBinary()),
		plugin.WriteConfig(config, mirror),
	)
	if err != nil {
		return terraform.CLI{}, err
	}
	_, err = plugin.Place(provider, mirror, plugin.DefaultVersion)
	return terraform.CLI{Binary: binary, Env: []string{"TF_CLI_CONFIG_FILE=" + config}}, err
})

func fakeBinary() string { return filepath.Join(builds, "fakeapi") }

// stage is a copy of examples/ with a fake.
type stage struct {
	t   *testing.T
	dir string
	cli terraform.CLI
}

// newStage starts a fake that serves the records.
func newStage(t *testing.T, records ...string) *stage {
	t.Helper()
	cli, err := build()
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{t: t, dir: t.TempDir(), cli: cli}
	copyExamples(t, s.dir)
	s.serve(records...)
	return s
}

// serve starts another fake with other records.
func (s *stage) serve(records ...string) {
	s.t.Helper()
	body, graphBody := filepath.Join(s.t.TempDir(), "alerts.json"), filepath.Join(s.t.TempDir(), "graph.json")
	list := "[" + strings.Join(records, ",") + "]"
	write(s.t, body, list)
	write(s.t, graphBody, inGraph.Replace(list))
	service, err := fake.Start(context.Background(), fakeBinary(), "-body", body, "-graph-body", graphBody)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(service.Stop)
	s.cli.Env = append(append([]string{}, s.cli.Env...), service.Settings...)
}

// record returns a detection in the service's shape. Its title contains the severity.
func record(id, severity string) string {
	processed := time.Now().UTC().Add(-time.Minute).Format(time.RFC3339)
	return fmt.Sprintf(`{"AlertId": %q, "FullId": %q, "AlertPart": 0, "Severity": %q, "AlertTitle": %q, `+
		`"LastProcessedTimeUtc": %q}`, id, id, severity, severity+" | alert", processed)
}

// inGraph makes detections of record alerts of Microsoft Graph.
var inGraph = strings.NewReplacer(`"AlertId"`, `"serviceSource": "microsoftDefenderForEndpoint", "status": "new", "id"`,
	`"Severity"`, `"severity"`, `"AlertTitle"`, `"title"`, `"LastProcessedTimeUtc"`, `"lastUpdateDateTime"`)

// in returns the CLI in a folder of the copy. A non-empty configuration is written
// there first.
func (s *stage) in(example, configuration string) terraform.CLI {
	s.t.Helper()
	cli := s.cli
	cli.Dir = filepath.Join(s.dir, "examples", filepath.FromSlash(example))
	if configuration != "" {
		write(s.t, filepath.Join(cli.Dir, "main.tf"), configuration)
	}
	return cli
}

// run runs Terraform and returns its exit status and output.
func (s *stage) run(cli terraform.CLI, args ...string) terraform.Result {
	s.t.Helper()
	result, err := cli.Run(s.t.Context(), args...)
	if err != nil {
		s.t.Fatal(err)
	}
	return result
}

func (s *stage) must(cli terraform.CLI, args ...string) string {
	s.t.Helper()
	text, err := cli.Must(s.t.Context(), args...)
	if err != nil {
		s.t.Fatal(err)
	}
	return text
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(file)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// copyExamples copies the examples without hidden files, states and plans.
func copyExamples(t *testing.T, to string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(root), "examples", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil || entry.IsDir() && !strings.HasPrefix(entry.Name(), "."):
			return err
		case entry.IsDir():
			return fs.SkipDir
		case strings.HasPrefix(entry.Name(), "."),
			strings.Contains(entry.Name(), "tfstate"), strings.Contains(entry.Name(), "tfplan"):
			return nil
		}
		write(t, filepath.Join(to, filepath.FromSlash(path)), read(t, path))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
