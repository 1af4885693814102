package provider_test

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

// A command is a line of a text that tells a reader what to run.
type command struct {
	line  string
	fails bool // with the fake, as the text says
}

// parseCommand splits a line into the command and what it does with the fake.
func parseCommand(line string) command {
	line, comment, _ := strings.Cut(line, "# with the fake: ")
	return command{strings.TrimSpace(line), strings.HasPrefix(comment, "fails")}
}

// headerCommands returns the blocks of commands in the first comment of a
// configuration.
func headerCommands(code string) (blocks [][]command) {
	inside := false
	for line := range strings.Lines(code) {
		if !strings.HasPrefix(line, "#") {
			break
		}
		text, is := strings.CutPrefix(line, "#   ")
		switch {
		case is && !inside:
			blocks = append(blocks, []command{parseCommand(text)})
		case is:
			blocks[len(blocks)-1] = append(blocks[len(blocks)-1], parseCommand(text))
		}
		inside = is
	}
	return blocks
}

func TestHeaderCommands(t *testing.T) {
	t.Parallel()
	const code = "# Text.\n#\n#   terraform init\n#   terraform plan  # with the fake: fails\n#\n# More.\n#\n#   cd x   # there\n\n#   no header\n"
	want := "[[{terraform init false} {terraform plan true}] [{cd x   # there false}]]"
	if got := fmt.Sprint(headerCommands(code)); got != want {
		t.Errorf("headerCommands(%q) = %s, want %s", code, got, want)
	}
}

// script returns a shell script that runs commands up to the first whose exit status is
// not that of the text, and then ends with status 9. It prints a line before the output
// of each command.
func script(commands []command) string {
	var text strings.Builder
	for _, c := range commands {
		want := 0
		if c.fails {
			want = 1
		}
		fmt.Fprintf(&text, "printf '\\n%s\\n' %s\n%s\nstatus=$?\n", commandMark, quoted(c.line), c.line)
		if strings.HasSuffix(c.line, "&") {
			text.WriteString("wait\n")
		}
		fmt.Fprintf(&text, "if [ $status -ne %d ]; then echo \"exit status $status, want %d\"; exit 9; fi\n", want, want)
	}
	return text.String()
}

// commandMark begins the line before the output of a command.
const commandMark = "### %s"

func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// shell runs the commands in dir as printed, with the tested engine as terraform. The
// engine gets the answer yes. The output of each failed command has to contain reason.
func (e example) shell(dir, reason string, commands []command) {
	e.t.Helper()
	cmd := exec.CommandContext(e.t.Context(), "bash", "-c", script(commands))
	cmd.Dir, cmd.Env = dir, append(slices.Clone(e.env), "PATH="+e.bin()+string(os.PathListSeparator)+os.Getenv("PATH"),
		"TF_INPUT=1", "TF_CLI_ARGS=-no-color")
	output, err := cmd.CombinedOutput()
	if err != nil {
		e.t.Fatalf("commands of the text: %v\n%s", err, output)
	}
	parts := strings.Split(string(output), "\n### ")[1:]
	if len(parts) != len(commands) {
		e.t.Fatalf("commands of the text = %d with output, want %d\n%s", len(parts), len(commands), output)
	}
	for i, c := range commands {
		if text := outputOf(errors.New(parts[i])); c.fails && !strings.Contains(text, reason) {
			e.t.Errorf("%s prints %s, want %q in it", c.line, parts[i], reason)
		}
	}
}

// bin returns a folder with terraform, and with go, which prints the settings of a fake
// with the detections of the example testing.
func (e example) bin() string {
	e.t.Helper()
	engine, err := exec.LookPath(terraformBinary())
	if err != nil {
		e.t.Fatal(err)
	}
	fake := startFake(e.t, fakeapi.Options{NoDefaultWindow: true})
	if err = fake.SetAlerts([]byte(readText(e.t, examplesFolder+"/testing/fake/detections.json"))); err != nil {
		e.t.Fatal(err)
	}
	const flags = "run ./internal/fakeapi/cmd/fakeapi -no-window -body examples/testing/fake/detections.json"
	bin := e.t.TempDir()
	for name, text := range map[string]string{
		"terraform": fmt.Sprintf("#!/bin/sh\necho yes | exec %s \"$@\"\n", quoted(engine)),
		"go":        fmt.Sprintf("#!/bin/sh\n[ \"$*\" = %s ] || exit 1\ncat <<'END'\n%sEND\n", quoted(flags), exports(fake)),
	} {
		writeFile(e.t, filepath.Join(bin, name), text)
		if err = os.Chmod(filepath.Join(bin, name), 0o700); err != nil {
			e.t.Fatal(err)
		}
	}
	return bin
}

// exports returns the settings of a fake as its command prints them.
func exports(fake *fakeapi.Server) (text string) {
	for _, setting := range fake.Env() {
		name, value, _ := strings.Cut(setting, "=")
		text += fmt.Sprintf("export %s=%s\n", name, quoted(value))
	}
	return text
}

// track makes the copy a git repository with the .gitignore of this one.
func (e example) track() {
	e.t.Helper()
	writeFile(e.t, filepath.Join(e.root, ".gitignore"), readText(e.t, "../../.gitignore"))
	git(e.t, e.root, "init", "--quiet")
	git(e.t, e.root, "add", "--all")
}

// checkIgnored checks that git ignores the files that commands wrote.
func (e example) checkIgnored() {
	e.t.Helper()
	if left := git(e.t, e.root, "ls-files", "--others", "--exclude-standard"); left != "" {
		e.t.Errorf("files that git does not ignore = %s, want none", left)
	}
	if git(e.t, e.root, "ls-files", "--others") == "" {
		e.t.Error("files that the commands wrote = none, want some")
	}
}

// git runs git in a folder without the user's settings.
func git(t *testing.T, dir string, arguments ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", arguments...)
	cmd.Dir = dir
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir}, gitSettings(nil)...)
	output, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", arguments, err, output)
	}
	return strings.TrimSpace(string(output))
}

// gitSettings returns the environment of a git that has these settings only.
func gitSettings(settings map[string]string) []string {
	env := []string{"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", fmt.Sprintf("GIT_CONFIG_COUNT=%d", len(settings))}
	for i, name := range slices.Sorted(maps.Keys(settings)) {
		env = append(env, fmt.Sprintf("GIT_CONFIG_KEY_%d=%s", i, name), fmt.Sprintf("GIT_CONFIG_VALUE_%d=%s", i, settings[name]))
	}
	return env
}

// TestExampleCommands runs the commands in the first lines of each example as printed,
// with the generated alerts of the fake and with both APIs.
func TestExampleCommands(t *testing.T) {
	t.Parallel()
	for _, name := range exampleFolders(t) {
		if examples[name] == nil || strings.HasPrefix(name, "modules/") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			needTerraform(t, 1010, "feature of one of the examples")
			code := readText(t, filepath.Join(examplesFolder, name, "main.tf"))
			blocks := headerCommands(code)
			if len(blocks) == 0 || len(blocks[0]) < 2 || blocks[0][0].line != "terraform init" {
				t.Fatalf("first lines of %s = %v, want terraform init and more", name, blocks)
			}
			stops := strings.HasPrefix(name, "gate-") && name != "gate-check"
			if stops && !slices.ContainsFunc(slices.Concat(blocks...), func(c command) bool { return c.fails }) {
				t.Errorf("first lines of %s = %v, want a command that fails", name, blocks)
			}
			for _, api := range []string{"siem", "graph"} {
				if api == "graph" && name == "testing" {
					continue // its fake has detections of the SIEM API only
				}
				e := exampleOf(t, name, startFake(t, fakeapi.Options{}))
				e.env = append(e.env, "MDATP_API="+api)
				e.track()
				for _, block := range blocks {
					e.shell(e.start(block), reasonOf(name), block)
				}
				e.checkIgnored()
				if got := len(e.fake.GraphRequests()) > 0; got != (api == "graph") {
					t.Errorf("requests to Graph with api %s = %t, want %t", api, got, api == "graph")
				}
			}
		})
	}
}

// start returns the folder in which a reader starts a block: one that changes into the
// folder of an example starts above examples/.
func (e example) start(block []command) string {
	if slices.ContainsFunc(block, func(c command) bool { return strings.HasPrefix(c.line, "cd examples/") }) {
		return e.root
	}
	return e.dir
}

// reasonOf returns what a command prints that fails with the fake.
func reasonOf(name string) string {
	if name == "many-tenants" {
		return "The tenant does not exist"
	}
	return "High or above"
}

// TestExamplesReadme runs the commands of examples/README.md in a folder with the
// settings of a fake.
func TestExamplesReadme(t *testing.T) {
	t.Parallel()
	needTerraform(t, 1010, "ephemeral resources")
	blocks := regexp.MustCompile("(?s)```sh\n(.*?)```\n").FindAllStringSubmatch(readText(t, examplesFolder+"/README.md"), -1)
	if len(blocks) != 2 || blocks[0][1] != "go run ./internal/fakeapi/cmd/fakeapi > fake.env\n" {
		t.Fatalf("blocks of commands = %q, want the start of the fake and the example", blocks)
	}
	var commands []command
	for line := range strings.Lines(blocks[1][1]) {
		commands = append(commands, parseCommand(line))
	}
	fake := startFake(t, fakeapi.Options{})
	e := exampleOf(t, "gate-ephemeral", fake)
	writeFile(t, filepath.Join(e.root, "fake.env"), exports(fake))
	e.shell(e.root, "High or above", commands)
	if len(fake.GraphRequests()) == 0 {
		t.Error("requests to Graph = 0, want some")
	}
}

// TestModuleReadme follows the README of the module: the configuration and its tests as
// printed, with a commit of a repository that takes the place of the published one.
func TestModuleReadme(t *testing.T) {
	t.Parallel()
	needTerraform(t, 1008, "mock_provider in both Terraform and OpenTofu")
	blocks := regexp.MustCompile("(?s)```hcl\n(.*?)```\n").FindAllStringSubmatch(readText(t, examplesFolder+"/modules/alert-gate/README.md"), -1)
	if len(blocks) != 2 {
		t.Fatalf("blocks of the README = %d, want a configuration and its tests", len(blocks))
	}
	const zeros, repository = "0000000000000000000000000000000000000000", "https://github.com/mdatp/terraform-provider-mdatp"
	if !strings.Contains(blocks[0][1], "git::"+repository+"//examples/modules/alert-gate?ref="+zeros+"\"\n") {
		t.Fatalf("configuration = %s, want a remote source of the module", blocks[0][1])
	}
	fake := startFake(t, fakeapi.Options{Alerts: -1, Now: atNoon})
	e := exampleOf(t, "modules/alert-gate", fake)
	git(t, e.root, "init", "--quiet")
	git(t, e.root, "add", "--all")
	git(t, e.root, "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "--quiet", "--message=a")
	e.env = append(e.env, gitSettings(map[string]string{"url.file://" + e.root + ".insteadOf": repository})...)
	e.env = append(e.env, "MDATP_API=graph")

	e.dir = t.TempDir()
	writeFile(t, filepath.Join(e.dir, "main.tf"), strings.Replace(blocks[0][1], zeros, git(t, e.root, "rev-parse", "HEAD"), 1))
	if err := os.Mkdir(filepath.Join(e.dir, "tests"), 0o755); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(e.dir, "tests", "gate.tftest.hcl"), blocks[1][1])
	e.must("init")
	e.tests(2)
	checkNoRequests(t, fake)

	e.passes("apply", "-auto-approve")
	serveGraph(t, fake, values{"severity": "high"})
	e.stops("Gate failed: too many alerts", "plan")
	e.passes("destroy", "-auto-approve", "-var", "gate=false")
}
