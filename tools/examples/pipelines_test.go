package examples

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/mdatp/terraform-provider-mdatp/tools/internal/process"
	"github.com/mdatp/terraform-provider-mdatp/tools/internal/terraform"
)

// script is a script of a pipeline.
type script struct {
	text   string
	always bool     // whether it runs after a failed one
	env    []string // what the runner sets for it to sign in
	home   string   // a job's own home; "": that of the pipeline's only job
}

// pipelines maps the example pipelines to their parsers and the file of their alert
// table. A parser gives a script the variables of the runner that the pipeline asks for.
var pipelines = map[string]struct {
	scripts func(text string, i issuer) ([]script, error)
	summary string
}{
	"github-actions.yml":  {githubScripts, "GITHUB_STEP_SUMMARY"},
	"azure-pipelines.yml": {azureScripts, "agent/Alerts.md"},
	"gitlab-ci.yml":       {gitlabScripts, "alerts.md"},
}

func githubScripts(text string, i issuer) (scripts []script, err error) {
	var pipeline struct {
		Jobs struct {
			Gate struct {
				Permissions map[string]string
				Steps       []struct {
					Run, If string
					With    struct{ Repository, Ref, Path string }
				}
			}
		}
	}
	err = yaml.Unmarshal([]byte(text), &pipeline)
	gate := pipeline.Jobs.Gate
	var env []string
	if gate.Permissions["id-token"] == "write" {
		env = []string{"ACTIONS_ID_TOKEN_REQUEST_URL=" + i.gitHubURL(), "ACTIONS_ID_TOKEN_REQUEST_TOKEN=" + requestToken}
	}
	checkout := "" // what actions/checkout does before the next script
	for _, step := range gate.Steps {
		if from := step.With; from.Repository != "" {
			checkout = fmt.Sprintf("git clone https://github.com/%s %s\ngit -C %[2]s checkout --detach %s\n", from.Repository, from.Path, from.Ref)
		}
		if step.Run != "" {
			scripts = append(scripts, script{text: checkout + step.Run, always: strings.Contains(step.If, "!cancelled()"), env: env})
			checkout = ""
		}
	}
	return scripts, err
}

// azureScripts gives a script the job's token only if its step maps it, and refuses a
// pipeline without a task that names the service connection.
func azureScripts(text string, i issuer) (scripts []script, err error) {
	var pipeline struct {
		Steps []struct {
			Bash, Task, Condition string
			Env, Inputs           map[string]string
		}
	}
	err = yaml.Unmarshal([]byte(text), &pipeline)
	named := false
	for _, step := range pipeline.Steps {
		named = named || step.Task == "AzureCLI@2" && step.Inputs["azureSubscription"] != "" && step.Condition == "false"
		if step.Bash == "" {
			continue
		}
		env := []string{"SYSTEM_OIDCREQUESTURI=" + i.azureDevOpsURL(), "MDATP_ADO_PIPELINE_SERVICE_CONNECTION_ID=" + connectionID}
		for name, value := range step.Env {
			if value == "$(System.AccessToken)" {
				env = append(env, name+"="+requestToken)
			}
		}
		scripts = append(scripts, script{text: step.Bash, always: step.Condition == "succeededOrFailed()", env: env})
	}
	if err == nil && !named {
		err = errors.New("no task names the service connection")
	}
	return scripts, err
}

// gitlabScripts gives each job a home of its own. The jobs share the checkout and the
// machine, so it refuses a pipeline in which the provider is not an artifact, or is linked
// to libraries that the image of the other jobs does not have.
func gitlabScripts(text string, i issuer) (scripts []script, err error) {
	type job struct {
		Script    []string
		After     []string `yaml:"after_script"`
		When      string
		Inherit   struct{ Default *bool }
		Artifacts struct{ Paths []string }
		Variables map[string]string
	}
	var pipeline struct {
		Default struct {
			Before []string                        `yaml:"before_script"`
			Tokens map[string]struct{ Aud string } `yaml:"id_tokens"`
		}
		Provider, Plan, Apply, Report job
	}
	if err = yaml.Unmarshal([]byte(text), &pipeline); err != nil {
		return nil, err
	}
	if paths := pipeline.Provider.Artifacts.Paths; !slices.Equal(paths, []string{"plugins"}) {
		return nil, fmt.Errorf("artifacts of the job provider = %q, want the folder plugins", paths)
	}
	if pipeline.Provider.Variables["CGO_ENABLED"] != "0" {
		return nil, errors.New("the job provider does not set CGO_ENABLED to 0")
	}
	var env []string
	for name, of := range pipeline.Default.Tokens {
		token, err := i.oidcToken(of.Aud)
		if err != nil {
			return nil, err
		}
		env = append(env, name+"="+token)
	}
	for _, job := range []job{pipeline.Provider, pipeline.Plan, pipeline.Apply, pipeline.Report} {
		next := script{always: job.When == "always", home: fmt.Sprint(len(scripts))}
		if job.Inherit.Default == nil || *job.Inherit.Default {
			job.Script, next.env = append(pipeline.Default.Before, job.Script...), env
		}
		for name, value := range job.Variables {
			next.env = append(next.env, name+"="+value)
		}
		next.text = strings.Join(append(job.Script, job.After...), "\n")
		scripts = append(scripts, next)
	}
	return scripts, nil
}

// TestPipelines runs the scripts of the pipelines, without and with serious alerts. They
// sign in with what the runner sets, and with no secret.
func TestPipelines(t *testing.T) {
	t.Parallel()
	files, err := os.ReadDir(root + "/examples/pipelines")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != len(pipelines) {
		t.Errorf("files of examples/pipelines = %v, want %d", files, len(pipelines))
	}
	for name, pipeline := range pipelines {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := read(t, "examples/pipelines/"+name)
			s := newStage(t, record("da1", "Low"))
			scripts := s.withoutSecret(text, pipeline.scripts)
			for _, want := range []string{"SIGNING IN WITHOUT A SECRET", "two hours"} {
				if !strings.Contains(text, want) {
					t.Errorf("pipeline = %s, want %q in its comments", text, want)
				}
			}
			if !strings.Contains(text, "MDATP_API: graph\n") && !strings.Contains(text, "- name: MDATP_API\n    value: graph\n") {
				t.Errorf("pipeline = %s, want MDATP_API to be graph", text)
			}
			for _, part := range scripts {
				if output, err := s.shell(part); err != nil {
					t.Fatalf("script with a Low alert: %v, want success: %s\n%s", err, part.text, output)
				}
			}
			s.expectTable(pipeline.summary, "Low")

			s = newStage(t, record("da1", "High"))
			scripts = s.withoutSecret(text, pipeline.scripts)
			if output, err := s.shell(scripts[0]); err != nil {
				t.Fatalf("script that installs the provider: %v, want success\n%s", err, output)
			}
			output, err := s.shell(scripts[1])
			if err == nil {
				t.Error("gate with a High alert = success, want a failure")
			}
			if want := "Gate failed: too many alerts"; !strings.Contains(output, want) {
				t.Errorf("output of the gate = %s, want it to contain %q", output, want)
			}
			for _, part := range scripts[2:] {
				if !part.always {
					continue
				}
				if output, err := s.shell(part); err != nil {
					t.Errorf("script after the gate failed: %v, want success: %s\n%s", err, part.text, output)
				}
			}
			s.expectTable(pipeline.summary, "High")
		})
	}
}

// withoutSecret returns the scripts of a pipeline, and takes the secret and the mirror of
// the provider out of the stage: the first script installs it.
func (s *stage) withoutSecret(text string, parse func(string, issuer) ([]script, error)) []script {
	s.t.Helper()
	scripts, err := parse(text, s.issuer())
	if err != nil {
		s.t.Fatal(err)
	}
	if len(scripts) != 4 {
		s.t.Fatalf("scripts = %+v, want 4", scripts)
	}
	kept := slices.DeleteFunc(s.cli.Env, func(setting string) bool { return strings.HasPrefix(setting, "MDATP_CLIENT_SECRET=") })
	if len(kept) == len(s.cli.Env) {
		s.t.Fatal("the stage has no secret, want one to take out")
	}
	kept = slices.DeleteFunc(kept, func(setting string) bool { return strings.HasPrefix(setting, "TF_CLI_CONFIG_FILE=") })
	s.cli.Env = append(kept, "MDATP_API=graph")
	return scripts
}

// shell runs a script in the checkout, as a runner does.
func (s *stage) shell(part script) (string, error) {
	s.t.Helper()
	bin := filepath.Join(s.dir, "bin")
	if _, err := os.Stat(bin); err != nil {
		for _, dir := range []string{bin, filepath.Join(s.dir, "agent")} {
			if err := os.Mkdir(dir, 0o755); err != nil {
				s.t.Fatal(err)
			}
		}
		if err := os.Symlink(s.cli.Binary, filepath.Join(bin, "terraform")); err != nil {
			s.t.Fatal(err)
		}
		writeGit(s.t, bin)
	}
	cmd := process.Command(s.t.Context(), "bash", "-eo", "pipefail", "-c", "PATH="+bin+":$PATH\n"+part.text)
	agent, home := filepath.Join(s.dir, "agent"), filepath.Join(s.dir, "home"+part.home)
	if err := os.MkdirAll(home, 0o755); err != nil {
		s.t.Fatal(err)
	}
	cmd.Dir = s.dir
	cmd.Env = append(slices.Concat(terraform.Environment(), s.cli.Env, part.env),
		"RUNNER_TEMP="+agent, "GITHUB_STEP_SUMMARY="+filepath.Join(s.dir, "GITHUB_STEP_SUMMARY"),
		"AGENT_TEMPDIRECTORY="+agent, "CI_BUILDS_DIR="+agent, "CI_JOB_ID=1", "TMPDIR="+agent, "HOME="+home)
	cmd.Env = append(cmd.Env, goFolders(s.t)...)
	output, err := process.Output(cmd)
	if strings.Contains(output, "| alert") {
		s.t.Errorf("log = %s, want it without texts of alerts", output)
	}
	return output, err
}

// writeGit writes a git whose clone of the published repository is a link to this one,
// and which has the commit of the examples.
func writeGit(t *testing.T, bin string) {
	t.Helper()
	here, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(bin, "git")
	write(t, file, fmt.Sprintf(`#!/bin/sh
case "$*" in
"clone https://github.com/mdatp/terraform-provider-mdatp provider-mdatp") exec ln -s '%s' provider-mdatp ;;
"-C provider-mdatp checkout --detach 0000000000000000000000000000000000000000") ;;
*) echo "unexpected: git $*" >&2; exit 1 ;;
esac
`, here))
	if err := os.Chmod(file, 0o700); err != nil {
		t.Fatal(err)
	}
}

// goFolders returns the settings of Go's folders, which else depend on the home.
func goFolders(t *testing.T) (env []string) {
	t.Helper()
	for _, name := range []string{"GOPATH", "GOMODCACHE", "GOCACHE"} {
		folder, err := process.Output(process.Command(t.Context(), "go", "env", name))
		if err != nil {
			t.Fatal(err)
		}
		env = append(env, name+"="+strings.TrimSpace(folder))
	}
	return env
}

// expectTable checks the alert in the summary, and that no state of the alerts is
// left.
func (s *stage) expectTable(file, severity string) {
	s.t.Helper()
	text, err := os.ReadFile(filepath.Join(s.dir, file))
	if err != nil {
		s.t.Fatal(err)
	}
	if rows := strings.Count(string(text), "\n| ") - 1; rows != 1 || !strings.Contains(string(text), "\n| "+severity+" |") {
		s.t.Errorf("%s = %s, want one row, of severity %s", file, text, severity)
	}
	err = filepath.WalkDir(s.dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && strings.Contains(entry.Name(), ".tfstate") && !strings.Contains(path, "gate-ephemeral") {
			s.t.Errorf("state %s is left, want it deleted", path)
		}
		return err
	})
	if err != nil {
		s.t.Errorf("walking the checkout: %v", err)
	}
}

// TestWorkflows checks the workflows of this repository and of the examples: they are
// YAML, each action is pinned by commit with its version in a comment, and the
// workflows and make targets that they call exist.
func TestWorkflows(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(root + "/.github/workflows/*.yml")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 3 {
		t.Fatalf("workflows = %q, want at least 3", files)
	}
	pinned := regexp.MustCompile(`^[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
	versions := map[string][]string{}
	for _, file := range append(files, root+"/examples/pipelines/github-actions.yml") {
		name := strings.TrimPrefix(filepath.ToSlash(file), root+"/")
		text := read(t, name)
		var workflow struct {
			On          yaml.Node `yaml:"on"`
			Permissions map[string]string
			Jobs        map[string]struct {
				Uses  string
				Steps []struct{ Uses, Run string }
			}
		}
		if err := yaml.Unmarshal([]byte(text), &workflow); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if workflow.On.IsZero() {
			t.Errorf("%s: on is unset, want triggers", name)
		}
		if len(workflow.Jobs) == 0 {
			t.Errorf("%s: jobs = none, want at least one", name)
		}
		if got := fmt.Sprint(workflow.Permissions); got != "map[contents:read]" {
			t.Errorf("%s: permissions = %s, want contents: read only", name, got)
		}
		for job, content := range workflow.Jobs {
			if called, ok := strings.CutPrefix(content.Uses, "./"); ok {
				if _, err := os.Stat(filepath.Join(root, called)); err != nil {
					t.Errorf("%s: workflow that job %s calls: %v", name, job, err)
				}
			}
			for _, step := range content.Steps {
				if (step.Uses == "") == (step.Run == "") {
					t.Errorf("%s: step of job %s = %+v, want either uses or run", name, job, step)
				}
			}
		}
		for _, line := range regexp.MustCompile(`uses: ([^.\s].*)`).FindAllStringSubmatch(text, -1) {
			action, version, _ := strings.Cut(line[1], "@")
			if !pinned.MatchString(line[1]) {
				t.Errorf("%s: uses = %s, want ACTION@COMMIT # VERSION", name, line[1])
			}
			if !slices.Contains(versions[action], version) {
				versions[action] = append(versions[action], version)
			}
		}
		for _, target := range regexp.MustCompile(`(?m)(?:run: |^\s+)make (?:-C \S+ )?(\S+)`).FindAllStringSubmatch(text, -1) {
			if !strings.Contains(read(t, "GNUmakefile"), "\n"+target[1]+":") {
				t.Errorf("%s: make target %s is missing in GNUmakefile", name, target[1])
			}
		}
	}
	for action, used := range versions {
		if len(used) > 1 {
			t.Errorf("versions of %s = %q, want one", action, used)
		}
	}
}
