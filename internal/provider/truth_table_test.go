package provider_test

import (
	"encoding/json"
	"flag"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

var update = flag.Bool("update", false, "write the tested engine's truth table into the guide")

// gatesGuide is the guide that holds a table for each engine, between two marks.
// The name of the engine follows tableStart.
const (
	gatesGuide = "../../templates/guides/gates.md"
	tableStart = "<!-- Measured: go test ./internal/provider -run TestTruthTable -update, with "
	tableEnd   = "<!-- End of what was measured. -->\n"
)

// A way to gate is a row of the table.
type way struct {
	name    string
	since   int // the first Terraform that has it, as in engine.version
	feature string
	config  string
	gate    string // what the protected resource depends on
	message string // the text that reports an alert that is not accepted

	inApply bool // the apply of a saved plan reads again, unless unopened
	lenient bool // Terraform turns every failure into a warning
}

// inOpenTofu112 is OpenTofu 1.12 as in engine.version.
const inOpenTofu112 = 1011

const rejected = "An alert is not accepted."

// postcondition holds the arguments of a gate that accepts no alert.
const postcondition = `
  min_severity = "High"
  lifecycle {
    postcondition {
      condition     = self.alert_count == 0
      error_message = "` + rejected + `"
    }
  }`

// assert returns the assertion of a check that the object at an address has no
// alerts.
func assert(address string) string {
	return `
  assert {
    condition     = ` + address + `.alert_count == 0
    error_message = "` + rejected + `"
  }`
}

var ways = []way{
	{"data source with `fail_on`", 1004, "terraform_data", `
data "mdatp_alert_summary" "gate" {
  fail_on {}
}`, "data.mdatp_alert_summary.gate", "Gate failed: too many alerts", false, false},

	{"data source with a `postcondition`", 1004, "terraform_data", `
data "mdatp_alert_summary" "gate" {` + postcondition + `
}`, "data.mdatp_alert_summary.gate", rejected, false, false},

	{"ephemeral resource with `fail_on`", 1010, "ephemeral resources", `
ephemeral "mdatp_alerts" "gate" {
  fail_on {}
}`, "ephemeral.mdatp_alerts.gate", "Gate failed: too many alerts", true, false},

	{"ephemeral resource with a `postcondition`", 1010, "ephemeral resources", `
ephemeral "mdatp_alerts" "gate" {` + postcondition + `
}`, "ephemeral.mdatp_alerts.gate", rejected, true, false},

	{"`validation` of a variable by a data source", 1009, "validation by data sources", `
data "mdatp_alert_summary" "gate" {
  min_severity = "High"
}
variable "allowed" {
  default = 0
  validation {
    condition     = data.mdatp_alert_summary.gate.alert_count <= var.allowed
    error_message = "` + rejected + `"
  }
}`, "data.mdatp_alert_summary.gate, var.allowed", rejected, false, false},

	{"`check` of a data source outside it", 1005, "check", `
data "mdatp_alert_summary" "gate" {
  min_severity = "High"
}
check "alerts" {` + assert("data.mdatp_alert_summary.gate") + `
}`, "data.mdatp_alert_summary.gate", rejected, false, false},

	{"`check` of an ephemeral resource", 1010, "ephemeral resources", `
ephemeral "mdatp_alerts" "gate" {
  min_severity = "High"
}
check "alerts" {` + assert("ephemeral.mdatp_alerts.gate") + `
}`, "ephemeral.mdatp_alerts.gate", rejected, true, false},

	{"`check` with a data source inside it", 1005, "check", `
check "alerts" {
  data "mdatp_alert_summary" "gate" {
    min_severity = "High"
  }` + assert("data.mdatp_alert_summary.gate") + `
}`, "", rejected, true, true},

	// Nothing that changes depends on these.
	{"data source with `fail_on`, nothing depends on it", 1004, "terraform_data", `
data "mdatp_alert_summary" "gate" {
  fail_on {}
}`, "", "Gate failed: too many alerts", false, false},

	{"ephemeral resource with `fail_on`, nothing depends on it", 1010, "ephemeral resources", `
ephemeral "mdatp_alerts" "gate" {
  fail_on {}
}`, "", "Gate failed: too many alerts", true, false},

	{"ephemeral resource with `fail_on`, an unchanged resource depends on it", 1010, "ephemeral resources", `
ephemeral "mdatp_alerts" "gate" {
  fail_on {}
}
resource "terraform_data" "unchanged" {
  input      = "first"
  depends_on = [ephemeral.mdatp_alerts.gate]
}`, "", "Gate failed: too many alerts", true, false},
}

// configuration returns a configuration with a resource that depends on the gate
// and one that does not.
func (w way) configuration() string {
	return requiredProviders + `
provider "mdatp" {}
variable "release" {
  default = "first"
}
resource "terraform_data" "protected" {
  input      = var.release
  depends_on = [` + w.gate + `]
}
resource "terraform_data" "elsewhere" {
  input = var.release
}
` + w.config + "\n"
}

// folder creates a folder with the configuration, and an environment besides.
func (w way) folder(t *testing.T, fake *fakeapi.Server, env ...string) *folder {
	t.Helper()
	f := newFolder(t, fake, w.configuration())
	f.env = append(f.env, env...)
	f.attach()
	return f
}

// address returns the address of the gate.
func (w way) address() string {
	if strings.Contains(w.config, "ephemeral \"") {
		return "ephemeral.mdatp_alerts.gate"
	}
	return "data.mdatp_alert_summary.gate"
}

// unopened reports whether OpenTofu 1.12 and later do not open an ephemeral
// resource, because nothing that changes depends on it.
func (w way) unopened(m mode) bool {
	return m.saved && w.inApply && w.gate == "" && !w.lenient
}

// A mode is a column of the table: a run of the engine that has a change to make,
// or an action to invoke.
type mode struct {
	name      string
	only      string // the engine that has it, "" for both
	since     int    // the first version that has it, as in engine.version
	saved     bool   // applies a saved plan
	elsewhere bool   // leaves out the gate and what depends on it
	arguments []string
}

const (
	change = "-var=release=second"
	invoke = "-invoke=" + anAction
)

var allModes = []mode{
	{"plan", "", 0, false, false, []string{"plan", change}},
	{"apply", "", 0, false, false, []string{"apply", "-auto-approve", change}},
	{"apply of a saved plan", "", 0, true, false, []string{"apply", "saved"}},
	{"plan `-refresh-only`", "", 0, false, false, []string{"plan", "-refresh-only", change}},
	{"plan `-refresh=false`", "", 0, false, false, []string{"plan", "-refresh=false", change}},
	{"apply `-target` elsewhere", "", 0, false, true,
		[]string{"apply", "-auto-approve", "-target=terraform_data.elsewhere", change}},
	{"apply `-exclude` of the gate", inOpenTofu, 1009, false, true, []string{"apply", "-auto-approve", change}},
	{"apply `-invoke`", inTerraform, 1014, false, true, []string{"apply", "-auto-approve", invoke}},
	{"destroy", "", 0, false, false, []string{"destroy", "-auto-approve", change}},
}

// modesOf returns the columns of an engine's table.
func modesOf(e engine) []mode {
	return slices.DeleteFunc(slices.Clone(allModes), func(m mode) bool { return m.only != "" && m.only != e.name })
}

// argumentsFor returns the arguments of a run against a way to gate.
func (m mode) argumentsFor(w way) []string {
	if m.only == inOpenTofu {
		return append(slices.Clone(m.arguments), "-exclude="+w.address())
	}
	return m.arguments
}

// The services that a gate can meet.
const (
	noAlert = iota
	violating
	down
)

var services = [...]string{noAlert: "no alert", violating: "an alert", down: "down"}

func switchService(t *testing.T, fake *fakeapi.Server, service int) {
	t.Helper()
	switch service {
	case violating:
		serve(t, fake, values{"Severity": "High"})
		serveGraph(t, fake, values{"severity": "high"})
	case down:
		fake.Script(fakeapi.Alerts, fakeapi.Always(fakeapi.Reply(http.StatusServiceUnavailable, nil, "{}")))
	}
}

// The verdicts of a gate.
const (
	stops   = "stops"         // exit status 1, and what depends on the gate is as before
	warns   = "warns"         // a warning and exit status 0
	passes  = "passes"        // no message, and the service received a request
	notRead = "not evaluated" // no message, and the service received no request
)

// promised returns the verdicts that are allowed, whatever the guide's table says:
// a read has a result or an error, and fail_on is an error in every mode.
func (w way) promised(e engine, m mode, service int) []string {
	unopened := e.name == inOpenTofu && e.version >= inOpenTofu112 && w.unopened(m)
	switch {
	case m.elsewhere || m.saved && !w.inApply || unopened:
		return []string{notRead}
	case service == noAlert:
		return []string{passes}
	case strings.Contains(w.config, "fail_on") || service == down && !w.lenient:
		return []string{stops}
	}
	return []string{stops, warns, passes}
}

// measure runs one cell of the table, from the state of a first apply, and returns
// the verdict.
func (w way) measure(t *testing.T, m mode, service int, state string, env ...string) string {
	t.Helper()
	fake := startFake(t, fakeapi.Options{Now: atNoon, Alerts: -1})
	f := w.folder(t, fake, env...)
	if slices.Contains(m.arguments, invoke) {
		writeFile(t, filepath.Join(f.dir, "action.tf"), actionConfig)
	}
	writeFile(t, filepath.Join(f.dir, "terraform.tfstate"), state)
	if m.saved {
		f.must("plan", "-out=saved", change)
	}
	switchService(t, fake, service)
	requests := func() int { return len(fake.AlertRequests()) + len(fake.GraphRequests()) }
	before := requests()
	arguments := m.argumentsFor(w)
	r := f.run(arguments...)
	requested := requests() > before

	if slices.Contains(arguments, invoke) && !strings.Contains(r.output, "Action complete: "+anAction) {
		t.Errorf("terraform %v printed %s, want the action invoked", arguments, r.output)
	}
	// What depends on a gate that stopped the run or was left out is as before.
	if got := f.inputs()["protected"]; w.gate != "" && (r.status != 0 || m.elsewhere) && got != "first" {
		t.Errorf("terraform %v = exit status %d, and the protected input = %q, want first", arguments, r.status, got)
	}
	message := w.message
	if service == down {
		message = "Defender service unavailable"
	}
	switch {
	case r.status != 0:
		if r.status != 1 {
			t.Errorf("terraform %v = exit status %d, want 0 or 1: %s", arguments, r.status, r.output)
		}
		if !requested {
			t.Errorf("terraform %v stopped without a request, want one: %s", arguments, r.output)
		}
		if !strings.Contains(r.output, message) {
			t.Errorf("terraform %v stopped with %s, want %q in it", arguments, r.output, message)
		}
		return stops
	case strings.Contains(r.output, message):
		if !strings.Contains(r.output, "Warning: ") {
			t.Errorf("terraform %v printed %s, want a warning", arguments, r.output)
		}
		return warns
	case requested:
		return passes
	}
	return notRead
}

// inputs returns the inputs of the resources in the state, by name.
func (f *folder) inputs() map[string]string {
	f.t.Helper()
	var state struct {
		Resources []struct {
			Type, Name string
			Instances  []struct {
				Attributes struct{ Input struct{ Value string } }
			}
		}
	}
	if err := json.Unmarshal([]byte(f.read("terraform.tfstate")), &state); err != nil {
		f.t.Fatal(err)
	}
	inputs := map[string]string{}
	for _, resource := range state.Resources {
		if resource.Type == "terraform_data" && len(resource.Instances) > 0 {
			inputs[resource.Name] = resource.Instances[0].Attributes.Input.Value
		}
	}
	return inputs
}

// prior returns the state after a first apply without an alert.
func (w way) prior(t *testing.T, env ...string) string {
	t.Helper()
	f := w.folder(t, startFake(t, fakeapi.Options{Now: atNoon, Alerts: -1}), env...)
	f.must("apply", "-auto-approve")
	return f.read("terraform.tfstate")
}

// TestTruthTable (T3-T5) runs every way to gate in every mode of Terraform against
// a service without an alert, with an alert that is not accepted, and that is
// down. The guide's table of the engine must equal the measured one; -update writes
// it.
func TestTruthTable(t *testing.T) {
	t.Parallel()
	e := testedEngine(t)
	modes := modesOf(e)
	measured := make([][][len(services)]string, len(ways))
	t.Cleanup(func() { compareTable(t, e, measured) })
	for i, w := range ways {
		measured[i] = make([][len(services)]string, len(modes))
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			needTerraform(t, w.since, w.feature)
			state := w.prior(t)
			for j, m := range modes {
				for service, name := range services {
					t.Run(m.name+", "+name, func(t *testing.T) {
						t.Parallel()
						needTerraform(t, m.since, m.name)
						verdict := w.measure(t, m, service, state)
						if promised := w.promised(e, m, service); !slices.Contains(promised, verdict) {
							t.Errorf("verdict = %q, want one of %q", verdict, promised)
						}
						measured[i][j][service] = verdict
					})
				}
			}
		})
	}
}

// compareTable compares the completely measured rows with the guide's.
func compareTable(t *testing.T, e engine, measured [][][len(services)]string) {
	t.Helper()
	startMark := tableStart + e.name + " -->\n"
	before, rest, start := strings.Cut(readGuide(t), startMark)
	table, after, end := strings.Cut(rest, tableEnd)
	if !start {
		t.Fatalf("%s does not contain %q, want the start of the table", gatesGuide, startMark)
	}
	if !end {
		t.Fatalf("%s does not contain %q, want the end of the table", gatesGuide, tableEnd)
	}
	modes := modesOf(e)
	fresh := truthHead(modes)
	whole, outdated := true, false
	for i, w := range ways {
		row, complete := truthRow(w, e, measured[i], table)
		if !complete {
			t.Logf("row %q was not measured completely, so it is not compared", w.name)
			whole = false
			continue
		}
		outdated = outdated || slices.ContainsFunc(modes, func(m mode) bool { return w.tooOld(e, m) })
		fresh += row
		if !*update && !strings.Contains(table, row) {
			t.Errorf("the table of %s has no row %q, want it as measured", gatesGuide, row)
		}
	}
	switch {
	case *update && (!whole || outdated || t.Failed()):
		t.Errorf("%s was not written: the run was incomplete or failed, or %s %s is too old", gatesGuide, e.name, e.release)
	case *update:
		writeFile(t, gatesGuide, before+startMark+fresh+tableEnd+after)
	case whole && table != fresh:
		t.Errorf("the table of %s = %s\nwant %s", gatesGuide, table, fresh)
	}
}

// tooOld reports whether the guide's cell is for later versions of the engine.
func (w way) tooOld(e engine, m mode) bool {
	return e.version < m.since || e.name == inOpenTofu && e.version < inOpenTofu112 && w.unopened(m)
}

func truthHead(modes []mode) string {
	head, line := "| Gate |", "|---|"
	for _, m := range modes {
		head += " " + m.name + " |"
		line += "---|"
	}
	return head + "\n" + line + "\n"
}

// truthRow returns a row of the table. A cell has the verdict on an alert, then
// that on a service that is down if it differs. If the engine is too old for a cell,
// it is the guide's.
func truthRow(w way, e engine, cells [][len(services)]string, table string) (row string, complete bool) {
	row = "| " + w.name + " |"
	_, documented, _ := strings.Cut(table, row)
	documented, _, _ = strings.Cut(documented, "\n")
	for i, m := range modesOf(e) {
		text, others, _ := strings.Cut(documented, "|")
		documented = others
		cell := cells[i]
		switch {
		case w.tooOld(e, m):
			row += text + "|"
			continue
		case slices.Contains(cell[:], ""):
			return "", false
		}
		row += " " + cell[violating]
		if cell[down] != cell[violating] {
			row += "; down: " + cell[down]
		}
		row += " |"
	}
	return row + "\n", true
}
