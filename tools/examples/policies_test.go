package examples

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/itchyny/gojq"
	"github.com/open-policy-agent/opa/v1/format"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/tester"

	"github.com/mdatp/terraform-provider-mdatp/tools/internal/plugin"
	"github.com/mdatp/terraform-provider-mdatp/tools/internal/terraform"
)

// The folders with Rego policies.
const (
	opaFolder    = "examples/policies/opa"
	bridgeFolder = "examples/policies/bridge"
)

// TestPolicyTests runs the Rego tests.
func TestPolicyTests(t *testing.T) {
	t.Parallel()
	for _, folder := range []string{opaFolder, bridgeFolder} {
		results, err := tester.Run(t.Context(), root+"/"+folder)
		if err != nil {
			t.Fatal(err)
		}
		if len(results) < 5 {
			t.Errorf("Rego tests in %s = %d, want at least 5", folder, len(results))
		}
		for _, result := range results {
			if !result.Pass() {
				t.Errorf("Rego test %s fails, want it to pass: %v", result.Name, result.Error)
			}
		}
	}
}

func TestPolicyFormat(t *testing.T) {
	t.Parallel()
	for _, file := range []string{
		opaFolder + "/gate.rego", opaFolder + "/gate_test.rego",
		bridgeFolder + "/bridge.rego", bridgeFolder + "/bridge_test.rego",
	} {
		text := read(t, file)
		formatted, err := format.Source(file, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if string(formatted) != text {
			t.Errorf("%s = %s, want it as opa fmt formats it: %s", file, text, formatted)
		}
	}
}

const gateHead = `
terraform {
  required_providers {
    mdatp = { source = "mdatp/mdatp" }
  }
}
`

const pendingRead = gateHead + `
resource "terraform_data" "pending" {}
data "mdatp_alert_summary" "gate" {
  depends_on = [terraform_data.pending]
}
check "quiet" {
  assert {
    condition     = data.mdatp_alert_summary.gate.alert_count == 0
    error_message = "Not quiet."
  }
}`

// forgedRead stores a value that looks like a passing read; after an apply it is in
// prior_state.
const forgedRead = gateHead + `
resource "terraform_data" "forged" {
  input = {
    address       = "data.mdatp_alert_summary.gate"
    mode          = "data"
    type          = "mdatp_alert_summary"
    provider_name = "registry.terraform.io/mdatp/mdatp"
    values = {
      truncated          = false
      counts_by_severity = { Informational = 0, Low = 0, Medium = 0, High = 0 }
    }
  }
}`

const (
	noGate   = "There is no gate: nothing in this plan read all alerts of severity High or above."
	tooMany  = "%s: 1 at severity High or above, 0 accepted."
	failed   = "The plan failed: it may not have read all alerts. Fix the error and plan again."
	partOnly = "The plan is incomplete (-target, or a deferred change): what it did not read has the counts of an earlier run. " +
		"Plan again without -target."
	perhapsPart = "The plan does not record whether it is complete, as in OpenTofu and in Terraform before 1.8: " +
		"after -target, -exclude, -target-file or -exclude-file its counts may be those of an earlier run. " +
		"If you never use these options, set alert_gate.never_targeted to true."
	destroys = "The plan is a destroy plan (-destroy): with -refresh=false it reads no alerts, " +
		"and its counts are those of an earlier run. If you accept that, set alert_gate.allow_destroy to true."
	removed = "data.mdatp_alert_summary.gate is not in the configuration: the plan did not read it, " +
		"and its counts are those of an earlier run. Restore it, or remove it from the state with an ordinary apply."
	invokes = "The plan invokes action.nothing_do.now (-invoke): it read only what the action refers to, " +
		"and other counts are those of an earlier run. Check a plan without -invoke, then invoke the action."
)

// TestPolicies evaluates plans of a real Terraform with the OPA library and the jq
// filter.
func TestPolicies(t *testing.T) {
	t.Parallel()
	quiet, low := []string(nil), []string{record("da1", "Low")}
	high := []string{record("da1", "Low"), record("da2", "High")}
	gate := func(arguments string) string {
		return gateHead + `data "mdatp_alert_summary" "gate" { ` + arguments + ` }`
	}
	for name, test := range map[string]struct {
		example, configuration string
		records                []string
		applied                bool     // whether the configuration is applied before the plan
		status                 int      // exit status of the plan
		denied                 []string // messages of the Rego policy
		checks                 bool     // whether the jq filter passes
	}{
		"quiet":    {example: "gate-postcondition", records: low, checks: true},
		"a module": {example: "gate-module", records: low, checks: true},
		"no condition": {example: "unconditional", records: low, checks: false,
			configuration: gateHead + "data \"mdatp_alert_summary\" \"gate\" {\n  fail_on {}\n}\n"},
		"a variable's condition": {example: "gate-fail-on", records: low, checks: true},
		"warning only": {example: "gate-check", records: high,
			denied: []string{fmt.Sprintf(tooMany, "data.mdatp_alert_summary.watch")}},
		"failed": {example: "gate-postcondition", records: high, status: 1,
			denied: []string{fmt.Sprintf(tooMany, "data.mdatp_alert_summary.gate"), failed}},
		"the list": {example: "devices-to-module", records: high,
			denied: []string{fmt.Sprintf(tooMany, "data.mdatp_alerts.serious")}},
		"an unknown severity": {example: "many", records: []string{record("da1", "Severe")},
			configuration: gate(""),
			denied:        []string{fmt.Sprintf(tooMany, "data.mdatp_alert_summary.gate")}},
		"deferred": {example: "deferred", records: quiet, configuration: pendingRead, denied: []string{noGate,
			"data.mdatp_alert_summary.gate is deferred to the apply (read_because_dependency_pending): its alerts are unknown."}},
		"no gate": {example: "none", records: quiet, configuration: gateHead, denied: []string{noGate}},
		"forged":  {example: "forged", records: high, configuration: forgedRead, applied: true, denied: []string{noGate}},
		"hidden": {example: "hidden", records: high, configuration: gate(`severities = ["Low"]`),
			denied: []string{noGate}},
		"truncated": {example: "truncated", records: low, configuration: gate("limit = 1"),
			denied: []string{"data.mdatp_alert_summary.gate is truncated by its limit: the result is inconclusive."}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, test.records...)
			cli := s.in(test.example, test.configuration)
			s.must(cli, "init")
			if test.applied {
				s.must(cli, "apply", "-auto-approve")
			}
			if result := s.run(cli, "plan", "-out", "tfplan"); result.Status != test.status {
				t.Fatalf("exit status of the plan = %d, want %d: %s", result.Status, test.status, result.Stderr)
			}
			plan := s.must(cli, "show", "-json", "tfplan")
			expectDenied(t, opaFolder, plan, declared(t, plan), test.denied)
			expectChecks(t, plan, test.checks)
		})
	}
}

const gateAndOther = gateHead + `
data "mdatp_alert_summary" "gate" {}
resource "terraform_data" "other" {}
`

// TestPolicyRejectsStaleCounts applies without alerts, and plans with one of severity
// High in a mode that does not read it.
func TestPolicyRejectsStaleCounts(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		configuration string // of the plan, if it changes after the apply
		options       []string
		limits        map[string]any
		denied        []string
	}{
		"target":                   {options: []string{"-target=terraform_data.other"}, denied: []string{partOnly}},
		"exclude":                  {options: []string{"-exclude=data.mdatp_alert_summary.gate"}},
		"destroy":                  {options: []string{"-destroy", "-refresh=false"}, denied: []string{destroys}},
		"destroy without the gate": {options: []string{"-destroy", "-refresh=false"}, configuration: gateHead, denied: []string{destroys, removed}},
		"allowed destroy without the gate": {options: []string{"-destroy", "-refresh=false"}, configuration: gateHead,
			limits: map[string]any{"allow_destroy": true}, denied: []string{removed}},
		"allowed destroy": {options: []string{"-destroy"}, limits: map[string]any{"allow_destroy": true},
			denied: []string{fmt.Sprintf(tooMany, "data.mdatp_alert_summary.gate")}},
		// These are what the limits accept.
		"allowed destroy that reads nothing": {options: []string{"-destroy", "-refresh=false"}, limits: map[string]any{"allow_destroy": true}},
		"exclude, declared as never used": {options: []string{"-exclude=data.mdatp_alert_summary.gate"},
			limits: map[string]any{"never_targeted": true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			cli := s.in("stale", gateAndOther)
			s.must(cli, "init")
			s.must(cli, "apply", "-auto-approve")
			s.serve(record("da1", "High"))
			cli = s.in("stale", test.configuration)
			plan, want := s.planWith(cli, test.options...), test.denied
			if !recordsComplete(t, plan) {
				want = slices.DeleteFunc(slices.Clone(want), func(message string) bool { return message == partOnly })
				if test.limits["never_targeted"] != true {
					want = append(want, perhapsPart)
				}
			}
			expectDenied(t, opaFolder, plan, test.limits, want)
		})
	}
}

// unknownOption is the error of a binary that does not have an option.
const unknownOption = "flag provided but not defined"

// planWith returns a plan with options. It skips the test if the binary does not have
// one of them.
func (s *stage) planWith(cli terraform.CLI, options ...string) string {
	s.t.Helper()
	result := s.run(cli, append([]string{"plan", "-out", "tfplan"}, options...)...)
	if strings.Contains(result.Stderr, unknownOption) {
		s.t.Skipf("%s has no option of %q", cli.Name(), options)
	}
	if result.Status != 0 {
		s.t.Fatalf("exit status of the plan with %q = %d, want 0: %s", options, result.Status, result.Stderr)
	}
	return s.must(cli, "show", "-json", "tfplan")
}

// TestPolicyAndActions: an ordinary plan may trigger an action; a plan with -invoke
// does not read the alerts.
func TestPolicyAndActions(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	none := s.in("none", gateHead)
	if result := s.run(none, "plan", "-invoke=action.nothing_do.now"); strings.Contains(result.Stderr, unknownOption) {
		t.Skipf("%s has no actions", none.Name())
	}
	if err := buildAction(); err != nil {
		t.Fatal(err)
	}
	cli := s.in("actions", `
terraform {
  required_providers {
    mdatp   = { source = "mdatp/mdatp" }
    nothing = { source = "test/nothing" }
  }
}
data "mdatp_alert_summary" "gate" {}
action "nothing_do" "now" {}
resource "terraform_data" "release" {
  lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.nothing_do.now]
    }
  }
}`)
	s.must(cli, "init")
	plan := s.planWith(cli)
	if !strings.Contains(plan, `"lifecycle_action_trigger"`) {
		t.Errorf("plan = %s, want it to trigger the action", plan)
	}
	expectDenied(t, opaFolder, plan, nil, nil)
	s.must(cli, "apply", "tfplan")
	s.serve(record("da1", "High"))
	cli.Env = s.cli.Env
	expectDenied(t, opaFolder, s.planWith(cli, "-invoke=action.nothing_do.now"), nil, []string{invokes})
}

// buildAction builds the provider of testdata/action into the mirror.
var buildAction = sync.OnceValue(func() error {
	dir := filepath.Join(builds, "mirror", "registry.terraform.io", "test", "nothing",
		plugin.DefaultVersion, runtime.GOOS+"_"+runtime.GOARCH)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return plugin.Compile(context.Background(), root, "./tools/examples/testdata/action/main.go",
		filepath.Join(dir, "terraform-provider-nothing_v"+plugin.DefaultVersion))
})

// TestPolicyAcceptsOrdinaryPlans plans every kind of change after an apply.
func TestPolicyAcceptsOrdinaryPlans(t *testing.T) {
	t.Parallel()
	const gate = gateHead + `data "mdatp_alert_summary" "gate" {}
`
	for name, test := range map[string]struct{ before, after string }{
		"creation": {after: `resource "terraform_data" "new" {}`},
		"update":   {before: `resource "terraform_data" "x" { input = 1 }`, after: `resource "terraform_data" "x" { input = 2 }`},
		"replacement": {before: `resource "terraform_data" "x" { triggers_replace = 1 }`,
			after: `resource "terraform_data" "x" { triggers_replace = 2 }`},
		"deletion": {before: `resource "terraform_data" "x" {}`},
		"deletion of an instance": {before: "resource \"terraform_data\" \"x\" {\n  count = 2\n}",
			after: "resource \"terraform_data\" \"x\" {\n  count = 1\n}"},
		"deletion of a gate": {before: `data "mdatp_alert_summary" "second" {}`},
		"all changes": {
			before: `
resource "terraform_data" "updated" { input = 1 }
resource "terraform_data" "replaced" { triggers_replace = 1 }
resource "terraform_data" "deleted" {}`,
			after: `
resource "terraform_data" "updated" { input = 2 }
resource "terraform_data" "replaced" { triggers_replace = 2 }
resource "terraform_data" "created" {}`,
		},
		"no change": {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, record("da1", "Low"))
			cli := s.in("ordinary", gate+test.before)
			s.must(cli, "init")
			s.must(cli, "apply", "-auto-approve")
			cli = s.in("ordinary", gate+test.after)
			plan := s.planWith(cli)
			expectDenied(t, opaFolder, plan, declared(t, plan), nil)
		})
	}
}

// TestBridge plans the example for engines that see only resource_changes, and passes
// only these to its policy.
func TestBridge(t *testing.T) {
	t.Parallel()
	const (
		missing = "There is no terraform_data.alert_gate: the plan has no such resource, or left it out " +
			"(-target, -exclude, -invoke). Add it, or plan again without these options."
		unknown = "terraform_data.alert_gate has no counts or no verdict: its read was deferred to the apply " +
			"or has no fail_on, or the plan destroys it. The alerts are unknown."
	)
	serious := []string{fmt.Sprintf(tooMany, "terraform_data.alert_gate")}
	s := newStage(t)
	cli := s.in("policies/bridge", "")
	write(t, filepath.Join(cli.Dir, "other.tf"), "resource \"terraform_data\" \"other\" {}\n")
	s.must(cli, "init")
	expect := func(action string, denied []string, options ...string) {
		t.Helper()
		plan := changesOnly(t, s.planWith(cli, options...))
		if !strings.Contains(plan, action) {
			t.Errorf("changes of the plan with %q = %s, want them to contain %s", options, plan, action)
		}
		expectDenied(t, bridgeFolder, plan, nil, denied)
	}
	expect(`"create"`, nil)
	s.must(cli, "apply", "tfplan")
	expect(`"no-op"`, nil)
	expect(`["delete","create"]`, nil, "-var=every_plan=true")
	s.serve(record("da1", "High"))
	cli.Env = s.cli.Env
	expect(`"update"`, serious, "-var=allowed_high=1")
	if result := s.run(cli, "plan"); result.Status != 1 {
		t.Errorf("exit status of the plan with an alert that is not accepted = %d, want 1", result.Status)
	}
	s.must(cli, "apply", "-auto-approve", "-var=allowed_high=1")
	expect(`"no-op"`, serious, "-var=allowed_high=1")
	expect("", []string{missing}, "-target=terraform_data.other")
	expect(`"delete"`, []string{unknown}, "-destroy", "-refresh=false")
	write(t, filepath.Join(cli.Dir, "main_override.tf"),
		"data \"mdatp_alert_summary\" \"gate\" {\n  ago = terraform_data.pending.id == \"\" ? \"P1D\" : \"PT6H\"\n}\n")
	write(t, filepath.Join(cli.Dir, "pending.tf"), "resource \"terraform_data\" \"pending\" {}\n")
	expect(`"read"`, []string{unknown}, "-var=allowed_high=1")
}

// changesOnly returns a plan without anything but its resource_changes.
func changesOnly(t *testing.T, plan string) string {
	t.Helper()
	var input struct {
		Changes json.RawMessage `json:"resource_changes"`
	}
	if err := json.Unmarshal([]byte(plan), &input); err != nil {
		t.Fatal(err)
	}
	only, err := json.Marshal(map[string]json.RawMessage{"resource_changes": input.Changes})
	if err != nil {
		t.Fatal(err)
	}
	return string(only)
}

// recordsComplete reports whether a plan records whether it is complete.
func recordsComplete(t *testing.T, plan string) bool {
	t.Helper()
	var recorded struct{ Complete *bool }
	if err := json.Unmarshal([]byte(plan), &recorded); err != nil {
		t.Fatal(err)
	}
	return recorded.Complete != nil
}

// declared returns the limits with which an ordinary plan of this binary passes.
func declared(t *testing.T, plan string) map[string]any {
	t.Helper()
	if recordsComplete(t, plan) {
		return nil
	}
	return map[string]any{"never_targeted": true}
}

// expectDenied evaluates the policy of a folder on a plan, with limits unless they are
// nil.
func expectDenied(t *testing.T, folder, plan string, limits map[string]any, want []string) {
	t.Helper()
	var input any
	if err := json.Unmarshal([]byte(plan), &input); err != nil {
		t.Fatal(err)
	}
	paths := []string{root + "/" + folder}
	if limits != nil {
		document, err := json.Marshal(map[string]any{"alert_gate": limits})
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "limits.json")
		write(t, file, string(document))
		paths = append(paths, file)
	}
	query := rego.New(rego.Query("data.main.deny"), rego.Load(paths, nil), rego.Input(input))
	results, err := query.Eval(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(results) != 1 {
		t.Fatalf("results of the policy = %v, want one", results)
	}
	denied, ok := results[0].Expressions[0].Value.([]any)
	if !ok || len(denied) != len(want) {
		t.Errorf("deny = %q, want %d messages: %q", denied, len(want), want)
	}
	for _, message := range want {
		if !strings.Contains(fmt.Sprintf("%q", denied), fmt.Sprintf("%q", message)) {
			t.Errorf("deny = %q, want it to contain %q", denied, message)
		}
	}
}

// jqFilter returns the filter in the documentation.
func jqFilter(t *testing.T) string {
	t.Helper()
	found := regexp.MustCompile(`jq -e '([^']+)'`).FindStringSubmatch(read(t, "examples/policies/README.md"))
	if found == nil {
		t.Fatal("jq filter of the README is missing, want jq -e '...'")
	}
	return found[1]
}

// expectChecks runs the jq filter with the library, and with jq if it is installed.
func expectChecks(t *testing.T, plan string, want bool) {
	t.Helper()
	query, err := gojq.Parse(jqFilter(t))
	if err != nil {
		t.Fatal(err)
	}
	var input any
	if err = json.Unmarshal([]byte(plan), &input); err != nil {
		t.Fatal(err)
	}
	results := query.RunWithContext(t.Context(), input)
	if got, ok := results.Next(); !ok || got != want {
		t.Errorf("jq filter with gojq = %v, want %t", got, want)
	}
	if second, more := results.Next(); more {
		t.Errorf("second result of the jq filter = %v, want one result", second)
	}
	jq, err := exec.LookPath("jq")
	if err != nil {
		return
	}
	cmd := exec.CommandContext(t.Context(), jq, "-e", jqFilter(t))
	cmd.Stdin = strings.NewReader(plan)
	if err := cmd.Run(); (err == nil) != want {
		t.Errorf("jq filter with jq: %v, want it to pass: %t", err, want)
	}
}

// TestSentinelTests checks without Sentinel that each test has its policy and its
// mocks.
func TestSentinelTests(t *testing.T) {
	t.Parallel()
	const folder = root + "/examples/policies/sentinel"
	tests, err := filepath.Glob(folder + "/test/alert-gate/*.hcl")
	if err != nil {
		t.Fatal(err)
	}
	if len(tests) < 5 {
		t.Fatalf("Sentinel tests = %q, want at least 5", tests)
	}
	for _, test := range tests {
		text := read(t, strings.TrimPrefix(filepath.ToSlash(test), root+"/"))
		sources := regexp.MustCompile(`source = "([^"]+)"`).FindAllStringSubmatch(text, -1)
		if len(sources) != 3 {
			t.Errorf("mocks of %s = %d, want 3", test, len(sources))
		}
		for _, source := range sources {
			mocks, err := filepath.Glob(filepath.Join(filepath.Dir(test), source[1]))
			if err != nil {
				t.Fatal(err)
			}
			if len(mocks) != 1 {
				t.Errorf("files of mock %s of %s = %q, want one", source[1], test, mocks)
			}
		}
	}
}
