package provider_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

// TestGateStopsWhatDependsOnIt applies a saved plan after a new alert. An ephemeral
// gate fails the apply, and only what depends on the gate is not created.
func TestGateStopsWhatDependsOnIt(t *testing.T) {
	t.Parallel()
	needTerraform(t, 1010, "ephemeral resources")
	fake := startFake(t, fakeapi.Options{Now: atNoon, Alerts: -1})
	f := newFolder(t, fake, ways[2].configuration())
	f.attach()
	f.must("plan", "-out=saved")
	serve(t, fake, values{"Severity": "High"})
	r := f.run("apply", "saved")
	checkStopped(t, "ephemeral.mdatp_alerts.gate", r, f.inputs(), ways[2].message)
}

// TestGateOnGraph runs one way of the table in every mode with Microsoft Graph: the
// verdicts are those that every API promises.
func TestGateOnGraph(t *testing.T) {
	t.Parallel()
	w := ways[2]
	needTerraform(t, w.since, w.feature)
	w.config = strings.Replace(w.config, "fail_on", "statuses = [\"new\", \"inProgress\"]\n  fail_on", 1)
	const graph = "MDATP_API=graph"
	state, e := w.prior(t, graph), testedEngine(t)
	for _, m := range modesOf(e) {
		for _, service := range []int{noAlert, violating} {
			t.Run(m.name+", "+services[service], func(t *testing.T) {
				t.Parallel()
				needTerraform(t, m.since, m.name)
				verdict := w.measure(t, m, service, state, graph)
				if promised := w.promised(e, m, service); !slices.Contains(promised, verdict) {
					t.Errorf("verdict = %q, want one of %q", verdict, promised)
				}
			})
		}
	}
}

// checkStopped checks that a gate failed an apply with a text, and that only what
// depends on the gate was not created.
func checkStopped(t *testing.T, gate string, r result, inputs map[string]string, message string) {
	t.Helper()
	if r.status != 1 {
		t.Errorf("%s: terraform apply = exit status %d, want 1: %s", gate, r.status, r.output)
	}
	if !strings.Contains(r.output, message) {
		t.Errorf("%s: terraform apply printed %s, want %q in it", gate, r.output, message)
	}
	if input, created := inputs["protected"]; created {
		t.Errorf("%s: terraform_data.protected was created with %q, want it not created", gate, input)
	}
	if got := inputs["elsewhere"]; got != "first" {
		t.Errorf("%s: input of terraform_data.elsewhere = %q, want first", gate, got)
	}
}

// gateBlocks are the blocks of a data source and of an ephemeral resource, by the
// address of the gate.
var gateBlocks = map[string]string{
	"data.mdatp_alert_summary.gate": "data \"mdatp_alert_summary\" \"gate\"",
	"ephemeral.mdatp_alerts.gate":   "ephemeral \"mdatp_alerts\" \"gate\"",
}

// TestGateAndDestroy destroys past a gate in the two ways of the guide.
func TestGateAndDestroy(t *testing.T) {
	t.Parallel()
	needTerraform(t, 1010, "ephemeral resources")
	for name, gate := range gateBlocks {
		w := way{gate: name, config: "variable \"gate\" {\n  default = true\n}\n" +
			gate + " {\n  count   = var.gate ? 1 : 0\n  fail_on {}\n}"}
		state := w.prior(t)
		for arguments, status := range map[string]int{"": 1, "-refresh=false": 0, "-var=gate=false": 0} {
			fake := startFake(t, fakeapi.Options{Now: atNoon, Alerts: -1})
			serve(t, fake, values{"Severity": "High"})
			f := newFolder(t, fake, w.configuration())
			f.attach()
			writeFile(t, filepath.Join(f.dir, "terraform.tfstate"), state)
			r := f.run(append([]string{"destroy", "-auto-approve"}, strings.Fields(arguments)...)...)
			if r.status != status {
				t.Errorf("%s: terraform destroy %s = exit status %d, want %d: %s", name, arguments, r.status, status, r.output)
			}
			if left, kept := len(f.inputs()), status > 0; (left > 0) != kept {
				t.Errorf("%s: terraform destroy %s left %d resources, want any = %t", name, arguments, left, kept)
			}
		}
	}
}

// TestGateDeferred has gates with an argument that is unknown until the apply. The
// plan passes without a request, and the apply stops halfway.
func TestGateDeferred(t *testing.T) {
	t.Parallel()
	needTerraform(t, 1010, "ephemeral resources")
	for name, gate := range gateBlocks {
		r, sent, inputs := applyDeferred(t, gate, name)
		if sent == 0 {
			t.Errorf("%s: requests for alerts of terraform apply = 0, want some", name)
		}
		checkStopped(t, name, r, inputs, "Gate failed: too many alerts")
	}
}

// TestGateDeferredWithoutDependents has such gates, and nothing depends on them.
// OpenTofu 1.12 and later never open the ephemeral one.
func TestGateDeferredWithoutDependents(t *testing.T) {
	t.Parallel()
	needTerraform(t, 1010, "ephemeral resources")
	e := testedEngine(t)
	for name, gate := range gateBlocks {
		r, sent, _ := applyDeferred(t, gate, "")
		want := 1 // exit status
		if e.name == inOpenTofu && e.version >= inOpenTofu112 && strings.HasPrefix(name, "ephemeral.") {
			want = 0
		}
		if r.status != want {
			t.Errorf("%s: apply with %s = exit status %d, want %d: %s", name, e.name, r.status, want, r.output)
		}
		if (sent > 0) != (want > 0) {
			t.Errorf("%s: requests for alerts of an apply with %s = %d, want any = %t", name, e.name, sent, want > 0)
		}
	}
}

// applyDeferred plans and applies a gate whose argument is unknown until the
// apply, while there is an alert. It returns the result of the apply, its number
// of requests for alerts, and the inputs in the state.
func applyDeferred(t *testing.T, gate, dependency string) (r result, sent int, inputs map[string]string) {
	t.Helper()
	w := way{gate: dependency, config: gate + " {\n" +
		"  ago = terraform_data.elsewhere.output == \"\" ? \"P2D\" : \"P1D\"\n  fail_on {}\n}"}
	fake := startFake(t, fakeapi.Options{Now: atNoon, Alerts: -1})
	serve(t, fake, values{"Severity": "High"})
	f := newFolder(t, fake, w.configuration())
	f.attach()
	f.must("plan", "-out=saved")
	if sent := len(fake.AlertRequests()); sent > 0 {
		t.Errorf("%s: requests for alerts of terraform plan = %d, want 0", gate, sent)
	}
	r = f.run("apply", "saved")
	return r, len(fake.AlertRequests()), f.inputs()
}

// TestGateOfAction invokes an action that refers to a data source: it is read. An
// action cannot refer to an ephemeral resource.
func TestGateOfAction(t *testing.T) {
	t.Parallel()
	if e := testedEngine(t); e.name == inOpenTofu {
		t.Skipf("%s %s has no actions", e.name, e.release)
	}
	needTerraform(t, 1014, "actions")
	const gate = "data.mdatp_alert_summary.gate"
	w := way{gate: gate, config: gateBlocks[gate] + " {\n  fail_on {}\n}\n" +
		"action \"test_nothing\" \"it\" {\n  config {\n    note = " + gate + ".verdict.severity\n  }\n}"}
	fake := startFake(t, fakeapi.Options{Now: atNoon, Alerts: -1})
	serve(t, fake, values{"Severity": "High"})
	f := newFolder(t, fake, w.configuration())
	f.attach()
	r := f.run("apply", "-auto-approve", invoke)
	if want := "Gate failed: too many alerts"; r.status != 1 || !strings.Contains(r.output, want) {
		t.Errorf("terraform apply %s = exit status %d, want 1 and %q: %s", invoke, r.status, want, r.output)
	}
}

// TestGuideForDependents follows the guide's section: a resource that changes in
// each release makes every apply evaluate the gate, while the module that the gate
// protects does not change.
func TestGuideForDependents(t *testing.T) {
	t.Parallel()
	needTerraform(t, 1010, "ephemeral resources")
	_, section, ok := strings.Cut(readGuide(t), "## A gate protects only its dependents\n")
	if !ok {
		t.Fatalf("%s has no section about dependents, want one", gatesGuide)
	}
	fake := startFake(t, fakeapi.Options{Now: atNoon, Alerts: -1})
	f := newFolder(t, fake, requiredProviders+fenced(t, section, "hcl"))
	f.env = append(f.env, "TF_CLI_CONFIG_FILE="+testMirror(t))
	if err := os.Mkdir(filepath.Join(f.dir, "release"), 0o755); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(f.dir, "release", "main.tf"), "resource \"terraform_data\" \"deployed\" {}\n")
	f.must("init")
	f.must("apply", "-auto-approve", "-var=release=v1")
	f.must("plan", "-out=saved", "-var=release=v2")
	serve(t, fake, values{"Severity": "High", "LastProcessedTimeUtc": "2026-11-03T11:00:00Z"})
	r := f.run("apply", "saved")
	if want := "Gate failed: too many alerts"; r.status != 1 || !strings.Contains(r.output, want) {
		t.Errorf("terraform apply saved = exit status %d, want 1 and %q: %s", r.status, want, r.output)
	}
	if got := f.inputs()["release"]; got != "v1" {
		t.Errorf("input of terraform_data.release = %q, want v1", got)
	}
}

func readGuide(t *testing.T) string {
	t.Helper()
	guide, err := os.ReadFile(gatesGuide)
	if err != nil {
		t.Fatal(err)
	}
	return string(guide)
}

// fenced returns the first fenced block of a language in a guide.
func fenced(t *testing.T, guide, language string) string {
	t.Helper()
	_, rest, _ := strings.Cut(guide, "```"+language+"\n")
	code, _, closed := strings.Cut(rest, "```\n")
	if !closed {
		t.Fatalf("the guide has no fenced block of %s, want one", language)
	}
	return code
}

// TestGuideForGitHubActions follows the guide's steps for a new user. An alert of
// yesterday ends the job with the text that the guide shows, and the state holds
// nothing of an alert.
func TestGuideForGitHubActions(t *testing.T) {
	t.Parallel()
	needTerraform(t, 1010, "ephemeral resources")
	_, section, ok := strings.Cut(readGuide(t), "## In GitHub Actions\n")
	if !ok {
		t.Fatalf("%s has no section \"In GitHub Actions\", want one", gatesGuide)
	}
	workflow := fenced(t, section, "yaml")
	fake := startFake(t, fakeapi.Options{Now: atNoon, Alerts: -1})
	f := newFolder(t, fake, fenced(t, section, "hcl"))
	_, gate, _ := strings.Cut(section, "Save this as `gate.tf`")
	writeFile(t, filepath.Join(f.dir, "gate.tf"), fenced(t, gate, "hcl"))
	f.env = append(f.env, "TF_CLI_CONFIG_FILE="+testMirror(t))
	set := regexp.MustCompile(`(?m)^ +(MDATP_\w+): `).FindAllStringSubmatch(workflow, -1)
	if !strings.Contains(workflow, "MDATP_API: graph\n") {
		t.Errorf("the workflow is %s, want MDATP_API: graph in it", workflow)
	}
	f.env = append(f.env, "MDATP_API=graph")
	settings := []string{"MDATP_TENANT_ID", "MDATP_CLIENT_ID", "MDATP_CLIENT_SECRET", "MDATP_REGION"}
	f.env = slices.DeleteFunc(f.env, func(setting string) bool {
		name, _, _ := strings.Cut(setting, "=")
		return slices.Contains(settings, name) &&
			!slices.ContainsFunc(set, func(match []string) bool { return match[1] == name })
	})
	if strings.Contains(workflow, "      id-token: write\n") {
		f.env = append(f.env, gitHubRunner(fake)...)
	}

	// job runs the steps until one fails, as the runner does.
	job := func() (r result, last string) {
		commands := regexp.MustCompile(`(?m)^ +- run: terraform (.+)$`).FindAllStringSubmatch(workflow, -1)
		if len(commands) < 3 {
			t.Fatalf("commands of the workflow = %q, want 3 or more", commands)
		}
		for _, command := range commands {
			last = command[1]
			if r = f.run(strings.Fields(last)...); r.status != 0 {
				break
			}
		}
		return r, last
	}
	if r, last := job(); r.status != 0 {
		t.Fatalf("terraform %s without an alert = exit status %d, want 0: %s", last, r.status, r.output)
	}
	if state := f.read("terraform.tfstate"); !strings.Contains(state, "terraform_data") {
		t.Errorf("state after the job = %s, want terraform_data in it", state)
	}
	serveGraph(t, fake,
		values{"id": "da637965204215413792_1027352211", "severity": "high",
			"lastUpdateDateTime": "2026-11-02T17:05:31Z", "title": "canary", "unknown": "canary"},
		values{"id": "da637965203318920554_377120941", "severity": "high", "status": "inProgress",
			"lastUpdateDateTime": "2026-11-02T16:41:07.5Z", "title": "canary"},
		values{"id": "da3_medium", "severity": "medium", "title": "canary"},
		values{"id": "da4", "severity": "high", "lastUpdateDateTime": "2026-11-01T16:41:07Z", "title": "canary"},
		values{"id": "da5_resolved", "severity": "high", "status": "resolved", "title": "canary"},
	)
	r, last := job()
	if r.status != 1 {
		t.Errorf("terraform %s with alerts = exit status %d, want 1: %s", last, r.status, r.output)
	}
	if !strings.HasPrefix(last, "plan ") {
		t.Errorf("last command of the job with alerts = %q, want plan", last)
	}
	for line := range strings.Lines(fenced(t, section, "text")) {
		if want := strings.Join(strings.Fields(line), " "); !strings.Contains(r.output, want) {
			t.Errorf("terraform %s printed %s, want %q in it as in the guide", last, r.output, want)
		}
	}
	if err := os.RemoveAll(filepath.Join(f.dir, ".terraform")); err != nil { // the provider, by a link
		t.Fatal(err)
	}
	for place, content := range f.written() {
		for _, secret := range []string{"canary", "da6379", "da3_medium", "da5_resolved", "counts_by_severity\":"} {
			if strings.Contains(content, secret) {
				t.Errorf("%s contains %q, want nothing of an alert", place, secret)
			}
		}
	}
}
