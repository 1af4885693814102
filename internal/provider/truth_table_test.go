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

// gatesGuide is the guide that holds the table, between two marks.
const (
	gatesGuide = "../../templates/guides/gates.md"
	tableStart = "<!-- Measured: go test ./internal/provider -run TestTruthTable -update -->\n"
	tableEnd   = "<!-- End of what was measured. -->\n"
)

// A way to gate is a row of the table.
type way struct {
	name    string
	since   int // the first Terraform that has it, as in terraformVersion
	feature string
	config  string
	gate    string // what the protected resource depends on
	message string // the text that reports an alert that is not accepted

	inApply bool // the apply of a saved plan reads again
	lenient bool // Terraform turns every failure into a warning
}

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

// A mode is a column of the table: a run of Terraform that has a change to make.
type mode struct {
	name      string
	saved     bool // applies a saved plan
	elsewhere bool // excludes what depends on the gate
	arguments []string
}

const change = "-var=release=second"

var modes = []mode{
	{"plan", false, false, []string{"plan", change}},
	{"apply", false, false, []string{"apply", "-auto-approve", change}},
	{"apply of a saved plan", true, false, []string{"apply", "saved"}},
	{"plan `-refresh-only`", false, false, []string{"plan", "-refresh-only", change}},
	{"plan `-refresh=false`", false, false, []string{"plan", "-refresh=false", change}},
	{"apply `-target` elsewhere", false, true,
		[]string{"apply", "-auto-approve", "-target=terraform_data.elsewhere", change}},
	{"destroy", false, false, []string{"destroy", "-auto-approve", change}},
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
	case down:
		fake.Script(fakeapi.Alerts, fakeapi.Always(fakeapi.Reply(http.StatusServiceUnavailable, nil, "{}")))
	}
}

// The verdicts of a gate.
const (
	stops   = "stops"     // exit status 1, and what depends on the gate is as before
	warns   = "warns"     // a warning and exit status 0
	passes  = "passes"    // no message, and the service received a request
	notRead = "not asked" // no message, and the service received no request
)

// promised returns the verdicts that are allowed, whatever the guide's table says:
// a read has a result or an error, and fail_on is an error in every mode.
func (w way) promised(m mode, service int) []string {
	switch {
	case m.elsewhere || m.saved && !w.inApply:
		return []string{notRead}
	case service == noAlert:
		return []string{passes}
	case strings.Contains(w.config, "fail_on") || service == down && !w.lenient:
		return []string{stops}
	}
	return []string{stops, warns, passes}
}

// attach runs the provider in this process instead of one per walk of Terraform:
// the table needs two hundred runs.
func (f *folder) attach() {
	f.t.Helper()
	settings := map[string]string{}
	for _, setting := range f.env {
		name, value, _ := strings.Cut(setting, "=")
		settings[name] = value
	}
	f.env = append(f.env, "TF_REATTACH_PROVIDERS="+attached(f.t, tf6server.WithDebug, environment(settings)))
}

// attached serves the provider and returns the value of TF_REATTACH_PROVIDERS for
// it. C is go-plugin's configuration: this module does not import go-plugin.
func attached[C any](
	t *testing.T, debug func(context.Context, chan C, chan struct{}) tf6server.ServeOpt, getenv func(string) string,
) string {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	configs, closed := make(chan C), make(chan struct{})
	go func() {
		err := tf6server.Serve(provider.Address, provider.NewServer("test", getenv),
			debug(ctx, configs, closed), tf6server.WithLoggingSink(t))
		if err != nil {
			panic(err)
		}
	}()
	t.Cleanup(func() {
		cancel()
		<-closed
		runtime.GC() // ends goroutines of go-plugin that wait for unreachable pipes
	})
	address, ok := reflect.ValueOf(<-configs).Elem().FieldByName("Addr").Interface().(net.Addr)
	if !ok {
		t.Fatal("the provider's configuration has no Addr, want an address")
	}
	reach := fmt.Sprintf(`{"Protocol": "grpc", "ProtocolVersion": 6, "Pid": %d, "Test": true,`+
		` "Addr": {"Network": %q, "String": %q}}`, os.Getpid(), address.Network(), address.String())
	return fmt.Sprintf(`{"registry.terraform.io/mdatp/mdatp": %[1]s, "registry.opentofu.org/mdatp/mdatp": %[1]s}`, reach)
}

// measure runs one cell of the table, from the state of a first apply, and returns
// the verdict.
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
	requested := len(fake.AlertRequests()) > before

	message := w.message
	if service == down {
		message = "Defender service unavailable"
	}
	switch {
	case r.status != 0:
		if r.status != 1 {
			t.Errorf("terraform %v = exit status %d, want 0 or 1: %s", m.arguments, r.status, r.output)
		}
		if !requested {
			t.Errorf("terraform %v stopped without a request, want one: %s", m.arguments, r.output)
		}
		if !strings.Contains(r.output, message) {
			t.Errorf("terraform %v stopped with %s, want %q in it", m.arguments, r.output, message)
		}
		if got := f.inputs()["protected"]; got != "first" {
			t.Errorf("terraform %v stopped, and the protected input = %q, want first", m.arguments, got)
		}
		return stops
	case strings.Contains(r.output, message):
		if !strings.Contains(r.output, "Warning: ") {
			t.Errorf("terraform %v printed %s, want a warning", m.arguments, r.output)
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
func (w way) prior(t *testing.T) string {
	t.Helper()
	f := newFolder(t, startFake(t, fakeapi.Options{Now: atNoon, Alerts: -1}), w.configuration())
	f.attach()
	f.must("apply", "-auto-approve")
	return f.read("terraform.tfstate")
}

// TestTruthTable (T3-T5) runs every way to gate in every mode of Terraform against
// a service without an alert, with an alert that is not accepted, and that is
// down. The guide's table must equal the measured one; -update writes it.
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
						if promised := w.promised(m, service); !slices.Contains(promised, verdict) {
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
func compareTable(t *testing.T, measured [][][len(services)]string) {
	t.Helper()
	guide, err := os.ReadFile(gatesGuide)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, start := strings.Cut(string(guide), tableStart)
	table, after, end := strings.Cut(rest, tableEnd)
	if !start {
		t.Fatalf("%s does not contain %q, want the start of the table", gatesGuide, tableStart)
	}
	if !end {
		t.Fatalf("%s does not contain %q, want the end of the table", gatesGuide, tableEnd)
	}
	fresh := truthHead()
	whole := true
	for i, w := range ways {
		row, complete := truthRow(w.name, measured[i])
		if !complete {
			t.Logf("row %q was not measured completely, so it is not compared", w.name)
			whole = false
			continue
		}
		fresh += row
		if !*update && !strings.Contains(table, row) {
			t.Errorf("the table of %s has no row %q, want it as measured", gatesGuide, row)
		}
	}
	switch {
	case *update && (!whole || t.Failed()):
		t.Errorf("%s was not written: the run was incomplete or failed", gatesGuide)
	case *update:
		writeFile(t, gatesGuide, before+tableStart+fresh+tableEnd+after)
	case whole && table != fresh:
		t.Errorf("the table of %s = %s\nwant %s", gatesGuide, table, fresh)
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

// truthRow returns a row of the table. A cell has the verdict on an alert, then
// that on a service that is down if it differs.
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
		w := way{gate: name, config: gate + " {\n" +
			"  ago     = terraform_data.elsewhere.output == \"\" ? \"P2D\" : \"P1D\"\n  fail_on {}\n}"}
		fake := startFake(t, fakeapi.Options{Now: atNoon, Alerts: -1})
		serve(t, fake, values{"Severity": "High"})
		f := newFolder(t, fake, w.configuration())
		f.attach()
		f.must("plan", "-out=saved")
		if sent := len(fake.AlertRequests()); sent > 0 {
			t.Errorf("%s: requests for alerts of terraform plan = %d, want 0", name, sent)
		}
		r := f.run("apply", "saved")
		checkStopped(t, name, r, f.inputs(), "Gate failed: too many alerts")
	}
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
	guide, err := os.ReadFile(gatesGuide)
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(guide), "## In GitHub Actions\n")
	if !ok {
		t.Fatalf("%s has no section \"In GitHub Actions\", want one", gatesGuide)
	}
	workflow := fenced(t, section, "yaml")
	fake := startFake(t, fakeapi.Options{Now: atNoon, Alerts: -1})
	f := newFolder(t, fake, fenced(t, section, "hcl"))
	f.env = append(f.env, "TF_CLI_CONFIG_FILE="+testMirror(t))
	set := regexp.MustCompile(`(?m)^ +(MDATP_\w+): `).FindAllStringSubmatch(workflow, -1)
	settings := []string{"MDATP_TENANT_ID", "MDATP_CLIENT_ID", "MDATP_CLIENT_SECRET", "MDATP_REGION"}
	f.env = slices.DeleteFunc(f.env, func(setting string) bool {
		name, _, _ := strings.Cut(setting, "=")
		return slices.Contains(settings, name) &&
			!slices.ContainsFunc(set, func(match []string) bool { return match[1] == name })
	})

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
	serve(t, fake,
		values{"AlertId": "da637965204215413792_1027352211", "Severity": "High",
			"LastProcessedTimeUtc": "2026-11-02T17:05:31Z", "AlertTitle": "canary", "FullId": "canary"},
		values{"AlertId": "da637965203318920554_377120941", "Severity": "High",
			"LastProcessedTimeUtc": "2026-11-02T16:41:07.5Z", "AlertTitle": "canary"},
		values{"AlertId": "da3", "Severity": "Medium", "AlertTitle": "canary"},
		values{"AlertId": "da4", "Severity": "High",
			"LastProcessedTimeUtc": "2026-11-01T16:41:07Z", "AlertTitle": "canary"},
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
		for _, secret := range []string{"canary", "da6379", "da3", "counts_by_severity\":"} {
			if strings.Contains(content, secret) {
				t.Errorf("%s contains %q, want nothing of an alert", place, secret)
			}
		}
	}
}
