package examples

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/itchyny/gojq"
	"github.com/open-policy-agent/opa/v1/format"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/tester"
)

const opaFolder = root + "/examples/policies/opa"

// TestPolicyTests runs the Rego tests.
func TestPolicyTests(t *testing.T) {
	t.Parallel()
	results, err := tester.Run(t.Context(), opaFolder)
	if err != nil {
		t.Fatal(err)
	}
	if len(results) < 10 {
		t.Errorf("Rego tests = %d, want at least 10", len(results))
	}
	for _, result := range results {
		if !result.Pass() {
			t.Errorf("Rego test %s fails, want it to pass: %v", result.Name, result.Error)
		}
	}
}

func TestPolicyFormat(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"gate.rego", "gate_test.rego"} {
		text := read(t, "examples/policies/opa/"+file)
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
	partOnly = "The plan failed or is incomplete (-target): its alerts may be outdated."
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
			denied: []string{fmt.Sprintf(tooMany, "data.mdatp_alert_summary.gate"), partOnly}},
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
			expectDenied(t, plan, test.denied)
			expectChecks(t, plan, test.checks)
		})
	}
}

// TestPolicyRejectsOutdatedReads applies without alerts, then plans a target that
// does not read: the alerts in that plan are those of the apply.
func TestPolicyRejectsOutdatedReads(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	cli := s.in("old", gateHead+`
data "mdatp_alert_summary" "gate" {}
resource "terraform_data" "other" {}`)
	s.must(cli, "init")
	s.must(cli, "apply", "-auto-approve")
	s.serve(record("da1", "High"))
	cli.Env = s.cli.Env
	s.must(cli, "plan", "-out", "tfplan", "-target=terraform_data.other")
	expectDenied(t, s.must(cli, "show", "-json", "tfplan"), []string{partOnly})
}

func expectDenied(t *testing.T, plan string, want []string) {
	t.Helper()
	var input map[string]any
	if err := json.Unmarshal([]byte(plan), &input); err != nil {
		t.Fatal(err)
	}
	// OpenTofu does not record whether a plan is complete, and the policy rejects
	// such plans unless its data declares that -target is never used.
	limits := map[string]any{}
	if _, recorded := input["complete"]; !recorded && !slices.Contains(want, partOnly) {
		expectMessages(t, deny(t, input, limits), append(slices.Clone(want), partOnly))
		limits["never_targeted"] = true
	}
	expectMessages(t, deny(t, input, limits), want)
}

// deny returns the messages of the policy with a data document.
func deny(t *testing.T, input, limits map[string]any) []any {
	t.Helper()
	query := rego.New(rego.Query("data.main.deny"), rego.Module("gate.rego", read(t, "examples/policies/opa/gate.rego")), rego.Input(input),
		rego.Store(inmem.NewFromObject(map[string]any{"alert_gate": limits})))
	results, err := query.Eval(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(results) != 1 {
		t.Fatalf("results of the policy = %v, want one", results)
	}
	denied, ok := results[0].Expressions[0].Value.([]any)
	if !ok {
		t.Fatalf("deny = %v, want a list of messages", results[0].Expressions[0].Value)
	}
	return denied
}

func expectMessages(t *testing.T, denied []any, want []string) {
	t.Helper()
	if len(denied) != len(want) {
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
		if len(sources) != 2 {
			t.Errorf("mocks of %s = %d, want 2", test, len(sources))
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
