package provider_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

// TestGettingStarted follows the guide in one folder: each step adds its file, and its
// plan prints what the guide shows.
func TestGettingStarted(t *testing.T) {
	t.Parallel()
	needTerraform(t, 1010, "ephemeral resources")
	guide := readText(t, filepath.Join(guidesFolder, "getting-started.md"))
	blocks, shown := hclBlocks.FindAllStringSubmatch(guide, -1), regexp.MustCompile("(?s)```text\n(.*?)```\n").FindAllStringSubmatch(guide, -1)
	if len(blocks) != 3 || len(shown) != 2 {
		t.Fatalf("the guide has %d blocks of HCL and %d of text, want 3 and 2", len(blocks), len(shown))
	}
	fake := startFake(t, fakeapi.Options{Alerts: -1, Now: atNoon})
	serveGraph(t, fake,
		values{"severity": "high", "status": "new", "title": "Ransomware ##vso[task]"},
		values{"severity": "low", "status": "new"}, values{"severity": "low", "status": "resolved"})
	f := newFolder(t, fake, blocks[0][1])
	f.env = append(f.env, "TF_CLI_CONFIG_FILE="+testMirror(t))

	f.must("init")
	first := f.must("apply", "-auto-approve")
	checkShown(t, first.output, shown[0][1])
	if state := f.read("terraform.tfstate"); strings.Contains(state, "alert_id") {
		t.Errorf("state after step 2 = %s, want no alert", state)
	}

	writeFile(t, filepath.Join(f.dir, "alerts.tf"), blocks[1][1])
	if r := f.must("apply", "-auto-approve"); !strings.Contains(r.output, "High: Ransomware vso task ") || strings.Contains(r.output, "Low: ") {
		t.Errorf("step 3 prints %s, want one alert, without special characters", r.output)
	}

	writeFile(t, filepath.Join(f.dir, "gate.tf"), blocks[2][1])
	failed := f.run("plan")
	if failed.status != 1 {
		t.Errorf("step 4 with an open alert = exit status %d, want 1", failed.status)
	}
	checkShown(t, failed.output, shown[1][1])
	if !strings.Contains(failed.output, "exclude {") {
		t.Errorf("step 4 prints %s, want an exclude block to copy", failed.output)
	}
	serveGraph(t, fake, values{"severity": "high", "status": "resolved"}, values{"severity": "medium", "status": "new"})
	f.must("apply", "-auto-approve")
	for _, sent := range fake.GraphRequests() {
		if strings.Contains(sent.Query.Get("$filter"), "status") {
			t.Errorf("request with $filter %q, want none by status", sent.Query.Get("$filter"))
		}
	}
	if len(fake.AlertRequests()) > 0 {
		t.Error("the guide's configuration sent requests to the SIEM API, want none")
	}
}

// checkShown checks that a command prints each line that a guide shows, in any layout.
func checkShown(t *testing.T, printed, lines string) {
	t.Helper()
	inOneLine := func(text string) string { return strings.Join(strings.Fields(text), " ") }
	for line := range strings.Lines(lines) {
		if want := inOneLine(line); !strings.Contains(inOneLine(printed), want) {
			t.Errorf("Terraform prints %s, want %s in it", printed, want)
		}
	}
}

// TestGettingStartedCommands checks that the guide has the commands of the guides that it
// refers to, so that they are kept in one form.
func TestGettingStartedCommands(t *testing.T) {
	t.Parallel()
	guide := readText(t, filepath.Join(guidesFolder, "getting-started.md"))
	for name, command := range map[string]string{
		"signing-in.md":            "az login ",
		"sign-in-client-secret.md": "umask 077\n",
	} {
		_, rest, found := strings.Cut(readText(t, filepath.Join(guidesFolder, name)), "```sh\n"+command)
		commands, _, closed := strings.Cut(rest, "```\n")
		if !found || !closed {
			t.Fatalf("%s has no commands that begin with %q, want some", name, command)
		}
		if want := "```sh\n" + command + commands; !strings.Contains(guide, want) {
			t.Errorf("the guide has no %s, want the commands of %s", want, name)
		}
	}
}
