package provider_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
	"github.com/mdatp/terraform-provider-mdatp/internal/provider"
)

var update = flag.Bool("update", false, "write the measured truth table into the guide")

// gatesGuide is where the table stands, between its two marks.
const (
	gatesGuide = "../../templates/guides/gates.md"
	tableStart = "<!-- Measured: go test ./internal/provider -run TestTruthTable -update -->\n"
	tableEnd   = "<!-- End of what was measured. -->\n"
)

// A way to gate is a row of the table. Its configuration ends with what the gate
// protects.
type way struct {
	name    string
	since   int // the Terraform that has it, as terraformVersion
	feature string
	config  string
	gate    string // what the protected resource depends on
	told    string // what is said when an alert is not accepted

	inApply bool // the apply of a saved plan asks again
	lenient bool // Terraform makes a warning of every failure
}

const rejected = "An alert is not accepted."

var ways = []way{
	{"data source with `fail_on`", 1004, "terraform_data", `
data "mdatp_alert_summary" "gate" {
  fail_on = {}
}`, "data.mdatp_alert_summary.gate", "Gate failed: too many alerts", false, false},

	{"data source with a `postcondition`", 1004, "terraform_data", `
data "mdatp_alert_summary" "gate" {
  min_severity = "High"
  lifecycle {
    postcondition {
      condition     = self.total == 0
      error_message = "` + rejected + `"
    }
  }
}`, "data.mdatp_alert_summary.gate", rejected, false, false},

	{"ephemeral resource with `fail_on`", 1010, "ephemeral resources", `
ephemeral "mdatp_alerts" "gate" {
  fail_on = {}
}`, "ephemeral.mdatp_alerts.gate", "Gate failed: too many alerts", true, false},

	{"ephemeral resource with a `postcondition`", 1010, "ephemeral resources", `
ephemeral "mdatp_alerts" "gate" {
  min_severity = "High"
  lifecycle {
    postcondition {
      condition     = self.total == 0
      error_message = "` + rejected + `"
    }
  }
}`, "ephemeral.mdatp_alerts.gate", rejected, true, false},

	{"`validation` of a variable by a data source", 1009, "validation by data sources", `
data "mdatp_alert_summary" "gate" {
  min_severity = "High"
}
variable "allowed" {
  default = 0
  validation {
    condition     = data.mdatp_alert_summary.gate.total <= var.allowed
    error_message = "` + rejected + `"
  }
}`, "data.mdatp_alert_summary.gate, var.allowed", rejected, false, false},

	{"`check` of a data source outside it", 1005, "check", `
data "mdatp_alert_summary" "gate" {
  min_severity = "High"
}
check "alerts" {
  assert {
    condition     = data.mdatp_alert_summary.gate.total == 0
    error_message = "` + rejected + `"
  }
}`, "data.mdatp_alert_summary.gate", rejected, false, false},

	{"`check` of an ephemeral resource", 1010, "ephemeral resources", `
ephemeral "mdatp_alerts" "gate" {
  min_severity = "High"
}
check "alerts" {
  assert {
    condition     = ephemeral.mdatp_alerts.gate.total == 0
    error_message = "` + rejected + `"
  }
}`, "ephemeral.mdatp_alerts.gate", rejected, true, false},

	{"`check` with a data source inside it", 1005, "check", `
check "alerts" {
  data "mdatp_alert_summary" "gate" {
    min_severity = "High"
  }
  assert {
    condition     = data.mdatp_alert_summary.gate.total == 0
    error_message = "` + rejected + `"
  }
}`, "", rejected, true, true},
}

// configuration has a resource that depends on the gate, and one that does not.
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

// A mode is a column: how Terraform is run, with a change to make.
type mode struct {
	name      string
	saved     bool // applies a plan that was saved before
	elsewhere bool // leaves out what depends on the gate
	arguments []string
}

const change = "-var=release=second"

var modes = []mode{
	{"plan", false, false, []string{"plan", change}},
	{"apply", false, false, []string{"apply", "-auto-approve", change}},
	{"apply of a saved plan", true, false, []string{"apply", "saved"}},
	{"plan `-refresh-only`", false, false, []string{"plan", "-refresh-only", change}},
	{"plan `-refresh=false`", false, false, []string{"plan", "-refresh=false", change}},
	{"apply `-target` elsewhere", false, true, []string{"apply", "-auto-approve", "-target=terraform_data.elsewhere", change}},
	{"destroy", false, false, []string{"destroy", "-auto-approve", change}},
}

// The services that a gate can meet.
const (
	empty = iota
	violating
	down
)

var services = [...]string{empty: "no alert", violating: "an alert", down: "down"}

func switchService(t *testing.T, fake *fakeapi.Server, service int) {
	t.Helper()
	switch service {
	case violating:
		serve(t, fake, values{"Severity": "High"})
	case down:
		fake.Script(fakeapi.Alerts, fakeapi.Always(fakeapi.Reply(http.StatusServiceUnavailable, nil, "{}")))
	}
}

// The verdicts of a gate.
const (
	stops    = "stops"     // exit status 1, and what depends on the gate is as before
	warns    = "warns"     // a warning and exit status 0
	passes   = "passes"    // nothing is said, though the service was asked
	notAsked = "not asked" // nothing is said, and the service was not asked
)

// promised is what no table in a guide can change: who asks gets an answer or
// an error, and fail_on is one in every mode.
func (w way) promised(m mode, service int) []string {
	switch {
	case m.elsewhere || m.saved && !w.inApply:
		return []string{notAsked}
	case service == empty:
		return []string{passes}
	case strings.Contains(w.config, "fail_on") || service == down && !w.lenient:
		return []string{stops}
	}
	return []string{stops, warns, passes}
}

// attach has the provider run in this process instead of one for each walk of
// Terraform: the table needs two hundred runs.
func (f *folder) attach() {
	f.t.Helper()
	settings := map[string]string{}
	for _, setting := range f.env {
		name, value, _ := strings.Cut(setting, "=")
		settings[name] = value
	}
	f.env = append(f.env, "TF_REATTACH_PROVIDERS="+attached(f.t, tf6server.WithDebug, environment(settings)))
}

// attached serves the provider and returns how Terraform reaches it. C is
// go-plugin's configuration, which this module does not depend on by itself.
func attached[C any](t *testing.T, debug func(context.Context, chan C, chan struct{}) tf6server.ServeOpt, getenv func(string) string) string {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	configs, closed := make(chan C), make(chan struct{})
	go func() {
		err := tf6server.Serve(provider.Address, provider.NewServer("test", getenv), debug(ctx, configs, closed), tf6server.WithLoggingSink(t))
		if err != nil {
			panic(err)
		}
	}()
	t.Cleanup(func() {
		cancel()
		<-closed
		runtime.GC() // ends goroutines of go-plugin that wait for pipes nobody has any more
	})
	address, ok := reflect.ValueOf(<-configs).Elem().FieldByName("Addr").Interface().(net.Addr)
	if !ok {
		t.Fatal("the provider has no address")
	}
	reach := fmt.Sprintf(`{"Protocol": "grpc", "ProtocolVersion": 6, "Pid": %d, "Test": true, "Addr": {"Network": %q, "String": %q}}`,
		os.Getpid(), address.Network(), address.String())
	return fmt.Sprintf(`{"registry.terraform.io/mdatp/mdatp": %[1]s, "registry.opentofu.org/mdatp/mdatp": %[1]s}`, reach)
}

// measure runs a cell, from the state of a first apply.
func (w way) measure(t *testing.T, m mode, service int, state string) string {
	t.Helper()
	fake := startFake(t, fakeapi.Options{Now: atNoon, Alerts: -1})
	f := newFolder(t, fake, w.configuration())
	f.attach()
	writeFile(t, filepath.Join(f.dir, "terraform.tfstate"), state)
	if m.saved {
		f.must("plan", "-out=saved", change)
	}
	switchService(t, fake, service)
	before := len(fake.AlertRequests())
	r := f.run(m.arguments...)
	asked := len(fake.AlertRequests()) > before

	told := w.told
	if service == down {
		told = "Defender service unavailable"
	}
	switch {
	case r.status != 0:
		if r.status != 1 || !asked || !strings.Contains(r.output, told) {
			t.Errorf("it stopped for another reason, exit %d: %s", r.status, r.output)
		}
		if is := f.inputs()["protected"]; is != "first" {
			t.Errorf("it stopped, and what it protects became %q", is)
		}
		return stops
	case strings.Contains(r.output, told):
		if !strings.Contains(r.output, "Warning: ") {
			t.Errorf("told without a warning: %s", r.output)
		}
		return warns
	case asked:
		return passes
	}
	return notAsked
}

// inputs are the inputs of the resources in the state.
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

// prior is the state after a first apply, without an alert.
func (w way) prior(t *testing.T) string {
	t.Helper()
	f := newFolder(t, startFake(t, fakeapi.Options{Now: atNoon, Alerts: -1}), w.configuration())
	f.attach()
	f.must("apply", "-auto-approve")
	return f.read("terraform.tfstate")
}

// TestTruthTable (T3-T5) runs every way to gate in every mode of Terraform
// against a service without an alert, with one that is not accepted, and that is
// down. The guide's table must be what was measured; -update makes it so.
func TestTruthTable(t *testing.T) {
	t.Parallel()
	version, err := terraformVersion()
	if err != nil {
		t.Fatal(err)
	}
	measured := make([][][len(services)]string, len(ways))
	t.Cleanup(func() { compareTable(t, measured) })
	for i, w := range ways {
		measured[i] = make([][len(services)]string, len(modes))
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			if version < w.since {
				t.Skipf("Terraform %d.%d has no %s", version/1000, version%1000, w.feature)
			}
			state := w.prior(t)
			for j, m := range modes {
				for service, name := range services {
					t.Run(m.name+", "+name, func(t *testing.T) {
						t.Parallel()
						verdict := w.measure(t, m, service, state)
						if !slices.Contains(w.promised(m, service), verdict) {
							t.Errorf("it %s", verdict)
						}
						measured[i][j][service] = verdict
					})
				}
			}
		})
	}
}

// compareTable compares the rows that were measured whole with the guide's.
func compareTable(t *testing.T, measured [][][len(services)]string) {
	t.Helper()
	guide, err := os.ReadFile(gatesGuide)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(guide), tableStart)
	table, after, ok2 := strings.Cut(rest, tableEnd)
	if !ok || !ok2 {
		t.Fatalf("%s has no marks of the table", gatesGuide)
	}
	fresh := truthHead()
	whole := true
	for i, w := range ways {
		row, complete := truthRow(w.name, measured[i])
		if !complete {
			t.Logf("not compared, as not measured whole: %s", w.name)
			whole = false
			continue
		}
		fresh += row
		if !*update && !strings.Contains(table, row) {
			t.Errorf("%s does not have this row:\n%s", gatesGuide, row)
		}
	}
	switch {
	case *update && (!whole || t.Failed()):
		t.Error("the guide is written only when all was measured and is as promised")
	case *update:
		writeFile(t, gatesGuide, before+tableStart+fresh+tableEnd+after)
	case whole && table != fresh:
		t.Errorf("the table of %s is not\n%s", gatesGuide, fresh)
	}
}

func truthHead() string {
	head, line := "| Gate |", "|---|"
	for _, m := range modes {
		head += " " + m.name + " |"
		line += "---|"
	}
	return head + "\n" + line + "\n"
}

// truthRow has in each cell the verdict on an alert, and that on a service that
// is down where it is another.
func truthRow(name string, cells [][len(services)]string) (row string, complete bool) {
	row = "| " + name + " |"
	for _, cell := range cells {
		if slices.Contains(cell[:], "") {
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

// TestGateStopsWhatDependsOnIt applies a saved plan after an alert has come. An
// ephemeral gate ends it with an error, and only what depends on the gate is as
// before.
func TestGateStopsWhatDependsOnIt(t *testing.T) {
	t.Parallel()
	needTerraform(t, 1010, "ephemeral resources")
	fake := startFake(t, fakeapi.Options{Now: atNoon, Alerts: -1})
	f := newFolder(t, fake, ways[2].configuration())
	f.attach()
	f.must("plan", "-out=saved")
	serve(t, fake, values{"Severity": "High"})
	r := f.run("apply", "saved")
	inputs := f.inputs()
	if _, made := inputs["protected"]; r.status != 1 || !strings.Contains(r.output, ways[2].told) || made {
		t.Errorf("exit %d, made %v: %s", r.status, inputs, r.output)
	}
	if inputs["elsewhere"] != "first" {
		t.Errorf("the guide says that what does not depend on the gate is made: %v", inputs)
	}
}

// TestGateAndDestroy goes past a gate in the two ways of the guide.
func TestGateAndDestroy(t *testing.T) {
	t.Parallel()
	needTerraform(t, 1010, "ephemeral resources")
	for name, gate := range map[string]string{
		"data.mdatp_alert_summary.gate": "data \"mdatp_alert_summary\" \"gate\"",
		"ephemeral.mdatp_alerts.gate":   "ephemeral \"mdatp_alerts\" \"gate\"",
	} {
		w := way{gate: name, config: "variable \"gate\" {\n  default = true\n}\n" + gate + " {\n  count   = var.gate ? 1 : 0\n  fail_on = {}\n}"}
		state := w.prior(t)
		for arguments, status := range map[string]int{"": 1, "-refresh=false": 0, "-var=gate=false": 0} {
			fake := startFake(t, fakeapi.Options{Now: atNoon, Alerts: -1})
			serve(t, fake, values{"Severity": "High"})
			f := newFolder(t, fake, w.configuration())
			f.attach()
			writeFile(t, filepath.Join(f.dir, "terraform.tfstate"), state)
			r := f.run(append([]string{"destroy", "-auto-approve"}, strings.Fields(arguments)...)...)
			if left := len(f.inputs()); r.status != status || (left > 0) != (status > 0) {
				t.Errorf("%s, destroy %s: exit %d, %d resources left: %s", name, arguments, r.status, left, r.output)
			}
		}
	}
}

// TestGateDeferred has gates with an argument that the run has still to make:
// the plan passes without a question, and the apply stops in its middle.
func TestGateDeferred(t *testing.T) {
	t.Parallel()
	needTerraform(t, 1010, "ephemeral resources")
	for name, gate := range map[string]string{
		"data.mdatp_alert_summary.gate": "data \"mdatp_alert_summary\" \"gate\"",
		"ephemeral.mdatp_alerts.gate":   "ephemeral \"mdatp_alerts\" \"gate\"",
	} {
		w := way{gate: name, config: gate + " {\n  ago     = terraform_data.elsewhere.output == \"\" ? \"P2D\" : \"P1D\"\n  fail_on = {}\n}"}
		fake := startFake(t, fakeapi.Options{Now: atNoon, Alerts: -1})
		serve(t, fake, values{"Severity": "High"})
		f := newFolder(t, fake, w.configuration())
		f.attach()
		f.must("plan", "-out=saved")
		if asked := len(fake.AlertRequests()); asked > 0 {
			t.Errorf("%s: the plan asked %d times", name, asked)
		}
		r := f.run("apply", "saved")
		inputs := f.inputs()
		if _, made := inputs["protected"]; r.status != 1 || made || inputs["elsewhere"] != "first" || !strings.Contains(r.output, "Gate failed: too many alerts") {
			t.Errorf("%s: exit %d, made %v: %s", name, r.status, inputs, r.output)
		}
	}
}

// fenced is the first fenced block of a language in a text.
func fenced(t *testing.T, text, language string) string {
	t.Helper()
	_, rest, ok := strings.Cut(text, "```"+language+"\n")
	code, _, ok2 := strings.Cut(rest, "```\n")
	if !ok || !ok2 {
		t.Fatalf("no block of %s", language)
	}
	return code
}

// TestGuideForGitHubActions does what the guide tells a new user to do, command
// by command: an alert of yesterday ends the job with the text that the guide
// shows, and nothing of an alert is in the state.
func TestGuideForGitHubActions(t *testing.T) {
	t.Parallel()
	needTerraform(t, 1010, "ephemeral resources")
	guide, err := os.ReadFile(gatesGuide)
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(guide), "## In GitHub Actions\n")
	if !ok {
		t.Fatal("the guide has no such section")
	}
	workflow := fenced(t, section, "yaml")
	fake := startFake(t, fakeapi.Options{Now: atNoon, Alerts: -1})
	f := newFolder(t, fake, fenced(t, section, "hcl"))
	f.env = append(f.env, "TF_CLI_CONFIG_FILE="+testMirror(t))
	given := regexp.MustCompile(`(?m)^ +(MDATP_\w+): `).FindAllStringSubmatch(workflow, -1)
	f.env = slices.DeleteFunc(f.env, func(setting string) bool {
		name, _, _ := strings.Cut(setting, "=")
		return slices.Contains([]string{"MDATP_TENANT_ID", "MDATP_CLIENT_ID", "MDATP_CLIENT_SECRET", "MDATP_REGION"}, name) &&
			!slices.ContainsFunc(given, func(match []string) bool { return match[1] == name })
	})

	// job runs the steps until one fails, as the runner does.
	job := func() (r result, last string) {
		commands := regexp.MustCompile(`(?m)^ +- run: terraform (.+)$`).FindAllStringSubmatch(workflow, -1)
		if len(commands) < 3 {
			t.Fatalf("commands of the workflow: %q", commands)
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
		t.Fatalf("without an alert, %s: exit %d: %s", last, r.status, r.output)
	}
	if !strings.Contains(f.read("terraform.tfstate"), "terraform_data") {
		t.Error("nothing was deployed")
	}
	serve(t, fake,
		values{"AlertId": "da637965204215413792_1027352211", "Severity": "High", "LastProcessedTimeUtc": "2026-11-02T17:05:31Z", "AlertTitle": "canary", "FullId": "canary"},
		values{"AlertId": "da637965203318920554_377120941", "Severity": "High", "LastProcessedTimeUtc": "2026-11-02T16:41:07.5Z", "AlertTitle": "canary"},
		values{"AlertId": "da3", "Severity": "Medium", "AlertTitle": "canary"},
		values{"AlertId": "da4", "Severity": "High", "LastProcessedTimeUtc": "2026-11-01T16:41:07Z", "AlertTitle": "canary"},
	)
	r, last := job()
	if r.status != 1 || !strings.HasPrefix(last, "plan ") {
		t.Errorf("with alerts, %s: exit %d: %s", last, r.status, r.output)
	}
	for line := range strings.Lines(fenced(t, section, "text")) {
		if said := strings.Join(strings.Fields(line), " "); !strings.Contains(r.output, said) {
			t.Errorf("the guide shows %q, which is not in: %s", said, r.output)
		}
	}
	if err := os.RemoveAll(filepath.Join(f.dir, ".terraform")); err != nil { // the provider, by a link
		t.Fatal(err)
	}
	for place, content := range f.written() {
		for _, text := range []string{"canary", "da6379", "da3", "counts_by_severity\":"} {
			if strings.Contains(content, text) {
				t.Errorf("%s is in %s", text, place)
			}
		}
	}
}
