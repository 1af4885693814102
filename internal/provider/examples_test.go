package provider_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

const examplesFolder = "../../examples"

// An example runs in a copy of examples/, so that the modules it refers to exist
// and no file is left beside the code.
type example struct {
	*folder
	root string // contains the copy
	fake *fakeapi.Server
}

// examples has the test of each folder with a configuration. The fake has no
// alerts until serious is called.
var examples = map[string]func(e example){
	"recent-alerts": func(e example) {
		e.serious()
		e.must("apply", "-auto-approve")
		var counts struct{ Detections, Alerts int }
		e.output("counts", &counts)
		if counts.Detections != 4 {
			e.t.Errorf("detections of output counts = %d, want 4", counts.Detections)
		}
		if counts.Alerts != 3 {
			e.t.Errorf("alerts of output counts = %d, want 3", counts.Alerts)
		}
	},

	"requests": func(e example) {
		e.must("apply", "-auto-approve")
		var alerts map[string]int
		if e.output("alerts", &alerts); len(alerts) != 5 {
			e.t.Errorf("output alerts = %v, want 5 elements", alerts)
		}
		if sent := len(e.fake.AlertRequests()); sent != 5 {
			e.t.Errorf("alert requests sent = %d, want 5", sent)
		}
	},

	"gate-postcondition": func(e example) {
		e.passes("plan")
		e.serious()
		e.stops("Too many alerts of severity High or above in the last two hours: 2 found, 0 accepted.", "plan")
		e.passes("plan", "-var", "allowed_high=2")
	},

	"gate-fail-on": func(e example) {
		e.passes("apply", "-auto-approve")
		e.serious()
		const found = "2 alerts at severity High or above, 0 allowed, in the API's default window"
		e.stops(found, "plan")
		e.stops(found, "plan", "-refresh-only")
		e.passes("plan", "-var", "allowed_high=2")
		e.passes("plan", "-var", `accepted=[{alert_id="da1_1",reason="A drill."},{title="Memory was read",reason="A drill.",expires="2999-01-01T00:00:00Z"}]`)
		e.stops(found, "destroy", "-auto-approve")
		e.passes("destroy", "-auto-approve", "-refresh=false")
	},

	"gate-ephemeral": func(e example) {
		e.passes("plan", "-out", "tfplan")
		e.serious()
		e.stops("Gate failed: too many alerts", "apply", "tfplan")
		e.stored("terraform_data", false)
		e.stops("in the window ago = P1D", "plan", "-var", "ago=P1D")
		e.passes("apply", "-auto-approve", "-var", "allowed_high=2")
		e.stored("terraform_data", true)
		e.stored("da1_1", false)
		e.stops("Gate failed: too many alerts", "destroy", "-auto-approve")
		e.passes("destroy", "-auto-approve", "-var", "gate=false")
	},

	"gate-validation": func(e example) {
		e.passes("apply", "-auto-approve", "-var", "release=v1")
		e.serious()
		e.stops("Nothing is released now: 2 alerts of severity High or above", "plan", "-var", "release=v2")
		e.passes("destroy", "-auto-approve")
	},

	"gate-check": func(e example) {
		e.serious()
		const warning = "2 alerts of severity High or above in the last two hours, on 2 devices."
		if r := e.passes("plan"); !strings.Contains(r.output, warning) {
			e.t.Errorf("plan prints %q, want %q in it", r.output, warning)
		}
		e.fake.Close()
		e.stops("Unable to sign in", "plan")
	},

	"gate-module": func(e example) {
		e.passes("apply", "-auto-approve")
		e.serious()
		e.stops("Gate failed: too many alerts", "plan")
		e.passes("plan", "-var", "allowed_high=2")
		e.fake.Close()
		e.passes("destroy", "-auto-approve", "-var", "gate=false")
	},

	"devices-to-module": func(e example) {
		e.serious()
		e.must("apply", "-auto-approve")
		var devices map[string]struct {
			Name   string
			Alerts []string `json:"alert_ids"`
		}
		e.output("devices", &devices)
		if got, want := fmt.Sprint(devices), "map[d1:{srv-1.example [da1_1]} srv-2:{srv-2 [da1_3]}]"; got != want {
			e.t.Errorf("output devices = %s, want %s", got, want)
		}
	},

	"export": func(e example) {
		e.serious()
		if r := e.must("apply", "-auto-approve"); strings.Contains(r.stdout, "Memory was read") {
			e.t.Errorf("apply prints %q, want no text of an alert in it", r.stdout)
		}
		var alerts []map[string]any
		if err := json.Unmarshal([]byte(e.raw("json")), &alerts); err != nil {
			e.t.Fatalf("Unmarshal(output json) = error %v, want none", err)
		}
		if len(alerts) != 4 {
			e.t.Fatalf("detections in output json = %d, want 4", len(alerts))
		}
		if len(alerts[0]) < 46 {
			e.t.Errorf("attributes of the first detection in output json = %d, want at least 46", len(alerts[0]))
		}
		rows, err := csv.NewReader(strings.NewReader(e.raw("csv"))).ReadAll()
		if err != nil {
			e.t.Fatalf("reading output csv: %v", err)
		}
		if len(rows) != 5 {
			e.t.Fatalf("rows of output csv = %d, want 5", len(rows))
		}
		title := slices.Index(rows[0], "alert_title")
		if title < 0 {
			e.t.Fatalf("header of output csv = %q, want alert_title in it", rows[0])
		}
		if got := rows[1][title]; got != "'=1+1" {
			e.t.Errorf("first alert_title of output csv = %q, want %q", got, "'=1+1")
		}
		e.table(3, "\n| Medium |")
		e.must("apply", "-auto-approve", "-var", "rows=1", "-var", "delimiter=;", "-var", "bom=true")
		e.table(1, "\n\nand 3 more: 2 High, 1 Medium\n")
		if got := e.raw("csv"); !strings.HasPrefix(got, "\ufefflast_processed_time_utc;severity;alert_title;") {
			e.t.Errorf("output csv = %q, want a byte order mark and semicolons", got)
		}
	},

	"many-tenants": func(e example) {
		e.serious()
		e.fake.AddTenant("fabrikam.example", 0)
		tenants := fmt.Sprintf(`{contoso = %q, fabrikam = "fabrikam.example"}`, fakeapi.DefaultTenantID)
		e.must("apply", "-auto-approve", "-var", "tenants="+tenants)
		var alerts map[string]map[string]int
		e.output("alerts", &alerts)
		for tenant, want := range map[string]int{"contoso": 2, "fabrikam": 0} {
			if got := alerts[tenant]["High"]; got != want {
				e.t.Errorf("High of %s in output alerts = %d, want %d", tenant, got, want)
			}
		}
		var severe map[string]string
		e.output("most_severe", &severe)
		if got, want := fmt.Sprint(severe), "map[contoso:High]"; got != want {
			e.t.Errorf("output most_severe = %s, want %s", got, want)
		}
		e.stops("Unable to sign in", "plan", "-var", `tenants={unknown = "unknown.example"}`)
	},

	"modules/alert-gate": func(e example) {
		needTerraform(e.t, 1008, "mock_provider in both Terraform and OpenTofu")
		e.tests(12)
		checkNoRequests(e.t, e.fake) // the provider is mocked
		e.stops(`The root module input variable "ago" is not set`, "plan")
	},

	"testing": func(e example) {
		e.tests(2)
		checkNoRequests(e.t, e.fake) // the module that reads is replaced
		fake := startFake(e.t, fakeapi.Options{NoDefaultWindow: true})
		if err := fake.SetAlerts([]byte(readText(e.t, examplesFolder+"/testing/fake/detections.json"))); err != nil {
			e.t.Fatal(err)
		}
		e.env = append(e.env, fake.Env()...)
		e.must("init", "-test-directory=fake")
		e.tests(1, "-test-directory=fake")
	},

	"policies/bridge": func(e example) {
		e.passes("plan")
		e.serious()
		e.stops("2 alerts at severity High or above, 0 allowed", "plan")
		e.passes("apply", "-auto-approve", "-var", "allowed_high=2", "-var", "every_plan=true")
		e.stored("counts_by_severity", true)
	},

	// These run as modules of the example around them.
	"devices-to-module/device": nil,
	"testing/defender":         nil,
	"testing/tickets":          nil,
}

func TestExamples(t *testing.T) {
	t.Parallel()
	for _, name := range exampleFolders(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			use, ok := examples[name]
			if !ok {
				t.Fatalf("examples has no test of %s, want one", name)
			}
			if use == nil {
				return
			}
			code := exampleCode(t, name)
			if !strings.Contains(strings.Join(strings.Fields(strings.ReplaceAll(code, "#", "")), " "), "two hours") {
				t.Errorf("code of %s does not mention two hours, want the meaning of no time argument in it", name)
			}
			// A gate must not stop at an incident that is closed.
			if isGate := strings.HasPrefix(name, "gate-") || strings.Contains(code, "fail_on"); isGate && !strings.Contains(code, "= var.statuses") {
				t.Errorf("code of %s does not pass the variable statuses, want it to", name)
			}
			need := regexp.MustCompile(`required_version = ">= 1\.(\d+)"`).FindStringSubmatch(code)
			if need == nil {
				t.Fatalf("code of %s has no required_version, want a minor version of Terraform 1", name)
			}
			minor, err := strconv.Atoi(need[1])
			if err != nil {
				t.Fatal(err)
			}
			needTerraform(t, 1000+minor, "feature that this example uses")
			e := newExample(t, name)
			e.must("init")
			use(e)
		})
	}
}

// TestExamplesWithGraph runs a gate and the module on Microsoft Graph: an open alert
// stops them, and a closed one does not if statuses is set.
func TestExamplesWithGraph(t *testing.T) {
	t.Parallel()
	needTerraform(t, 1010, "ephemeral resources")
	for _, name := range []string{"gate-ephemeral", "gate-module"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const open = `statuses=["new","inProgress"]`
			e := exampleOf(t, name, startFake(t, fakeapi.Options{Alerts: -1, Now: atNoon}))
			e.must("init")
			e.stops("statuses", "plan", "-var", open) // the SIEM API has none
			e.env = append(e.env, "MDATP_API=graph")
			e.passes("plan", "-var", open)
			serveGraph(t, e.fake, values{"severity": "high", "status": "resolved"})
			e.passes("apply", "-auto-approve", "-var", open)
			e.stops("Gate failed: too many alerts", "plan")
			serveGraph(t, e.fake, values{"severity": "high", "status": "inProgress"})
			e.stops("Gate failed: too many alerts", "plan", "-var", open)
			e.passes("destroy", "-auto-approve", "-var", "gate=false")
			if len(e.fake.GraphRequests()) == 0 {
				t.Error("requests to Graph = 0, want some")
			}
		})
	}
}

// TestExampleSnippets plans the documentation's example of each object.
func TestExampleSnippets(t *testing.T) {
	t.Parallel()
	for pattern, since := range map[string]int{
		"provider/provider.tf": 1000, "data-sources/*/data-source.tf": 1000,
		"functions/*/function.tf": 1008, "ephemeral-resources/*/ephemeral-resource.tf": 1010,
	} {
		files, err := filepath.Glob(filepath.Join(examplesFolder, pattern))
		if err != nil {
			t.Fatal(err)
		}
		if len(files) == 0 {
			t.Errorf("files that match %s = none, want some", pattern)
		}
		for _, path := range files {
			t.Run(filepath.Base(filepath.Dir(path)), func(t *testing.T) {
				t.Parallel()
				needTerraform(t, since, "such objects")
				newFolder(t, startFake(t, fakeapi.Options{Alerts: -1}), snippet(t, path)).must("plan")
			})
		}
	}
}

// snippet returns an example of the documentation as a whole configuration.
func snippet(t *testing.T, path string) string {
	t.Helper()
	code := readText(t, path)
	if strings.Contains(code, "required_providers") {
		return code
	}
	return requiredProviders + code
}

// exampleFolders returns the folders with Terraform code, without snippets.
func exampleFolders(t *testing.T) (names []string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(examplesFolder), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		if strings.HasPrefix(entry.Name(), ".") && path != "." {
			return fs.SkipDir
		}
		for _, member := range []string{"main.tf", "versions.tf"} {
			if _, err := os.Stat(filepath.Join(examplesFolder, path, member)); err == nil {
				names = append(names, path)
				break
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range examples {
		if !slices.Contains(names, name) {
			t.Errorf("example %s is tested and has no folder, want one", name)
		}
	}
	return names
}

// exampleCode returns all code of an example.
func exampleCode(t *testing.T, name string) (code string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(examplesFolder, name, "*.tf"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		code += string(content)
	}
	return code
}

// newExample copies the examples and puts the provider where init finds it: a
// dev_override would serve plan, but not init, which the modules need.
func newExample(t *testing.T, name string) example {
	t.Helper()
	fake := startFake(t, fakeapi.Options{Alerts: -1})
	return exampleOf(t, name, fake)
}

func exampleOf(t *testing.T, name string, fake *fakeapi.Server) example {
	t.Helper()
	e := example{folder: newFolder(t, fake, ""), fake: fake}
	e.root = t.TempDir()
	copied := filepath.Join(e.root, "examples")
	copyCode(t, copied)
	e.dir = filepath.Join(copied, filepath.FromSlash(name))
	e.env = append(e.env, "TF_CLI_CONFIG_FILE="+testMirror(t))
	return e
}

// copyCode copies the code of the examples without files that a run left beside it.
func copyCode(t *testing.T, to string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(examplesFolder), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".tf") && !strings.HasSuffix(path, ".tftest.hcl") && path != "testing/fake/detections.json" {
			return err
		}
		code, err := os.ReadFile(filepath.Join(examplesFolder, path))
		if err != nil {
			return err
		}
		target := filepath.Join(to, filepath.FromSlash(path))
		if err = os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		return os.WriteFile(target, code, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// testMirror returns the path of a CLI configuration with a mirror that has this
// test binary as the provider.
func testMirror(t *testing.T) string {
	t.Helper()
	this, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	mirror := t.TempDir()
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		dir := filepath.Join(mirror, host, "mdatp", "mdatp", "0.1.0", runtime.GOOS+"_"+runtime.GOARCH)
		if err = os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err = os.Symlink(this, filepath.Join(dir, "terraform-provider-mdatp_v0.1.0")); err != nil {
			t.Fatal(err)
		}
	}
	config := filepath.Join(mirror, "terraform.rc")
	writeFile(t, config, fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", mirror))
	return config
}

// serious gives the fake three records of severity High, two of which are one
// alert, on two devices, and one of Medium.
func (e example) serious() {
	e.t.Helper()
	now := time.Now().UTC()
	record := func(minutes int, id, part, severity, title, device string) string {
		return fmt.Sprintf(`{"AlertId": %q, "FullId": %q, "AlertPart": %s, "Severity": %q, "AlertTitle": %q, "LastProcessedTimeUtc": %q, %s}`,
			id, id, part, severity, title, now.Add(-time.Duration(minutes)*time.Minute).Format(time.RFC3339Nano), device)
	}
	err := e.fake.SetAlerts([]byte("[" + strings.Join([]string{
		record(1, "da1_1", "0", "High", "=1+1", `"DeviceID": "d1", "ComputerDnsName": "srv-1.example"`),
		record(2, "da1_2", "0", "Medium", "Memory was read", `"DeviceID": "d1", "ComputerDnsName": "srv-1.example"`),
		record(3, "da1_3", "0", "High", "Memory was read", `"ComputerDnsName": "srv-2"`),
		record(4, "da1_3", "1", "High", "Memory was read", `"ComputerDnsName": "srv-2"`),
	}, ",\n") + "]"))
	if err != nil {
		e.t.Fatal(err)
	}
}

// passes runs a command that must succeed.
func (e example) passes(arguments ...string) result {
	e.t.Helper()
	return e.must(arguments...)
}

// tests runs terraform test, which must pass so many runs.
func (e example) tests(passed int, flags ...string) {
	e.t.Helper()
	want := fmt.Sprintf("Success! %d passed, 0 failed.", passed)
	if r := e.must(append([]string{"test"}, flags...)...); !strings.Contains(r.output, want) {
		e.t.Errorf("terraform test %v prints %q, want %q in it", flags, r.output, want)
	}
}

// stops runs a command that must fail with a message.
func (e example) stops(message string, arguments ...string) {
	e.t.Helper()
	r := e.run(arguments...)
	if r.status != 1 {
		e.t.Errorf("exit status of terraform %v = %d, want 1; output: %s", arguments, r.status, r.output)
	}
	if !strings.Contains(r.output, message) {
		e.t.Errorf("terraform %v prints %q, want %q in it", arguments, r.output, message)
	}
}

// stored checks whether the state contains a text.
func (e example) stored(content string, want bool) {
	e.t.Helper()
	state := e.read("terraform.tfstate")
	if got := strings.Contains(state, content); got != want {
		e.t.Errorf("state contains %q = %t, want %t; state: %s", content, got, want, state)
	}
}

// table checks the output markdown: its rows of severity High, and another line.
func (e example) table(high int, line string) {
	e.t.Helper()
	markdown := e.raw("markdown")
	if got := strings.Count(markdown, "\n| High |"); got != high {
		e.t.Errorf("rows of severity High in output markdown = %d, want %d; output: %s", got, high, markdown)
	}
	if !strings.Contains(markdown, line) {
		e.t.Errorf("output markdown = %q, want %q in it", markdown, line)
	}
}

// raw returns an output as text.
func (e example) raw(name string) string {
	e.t.Helper()
	return e.must("output", "-raw", name).stdout
}

// output decodes an output from JSON.
func (e example) output(name string, into any) {
	e.t.Helper()
	if err := json.Unmarshal([]byte(e.must("output", "-json", name).stdout), into); err != nil {
		e.t.Fatal(err)
	}
}
