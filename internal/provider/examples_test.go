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

// An example runs in a copy of examples/, so that what it refers to is there and
// nothing is left beside the code.
type example struct {
	*folder
	fake *fakeapi.Server
}

// examples is what each folder with a configuration does against a fake without
// alerts, until serious is called.
var examples = map[string]func(e example){
	"recent-alerts": func(e example) {
		e.serious()
		e.must("apply", "-auto-approve")
		var counts struct{ Detections, Alerts int }
		e.output("counts", &counts)
		if counts.Detections != 4 || counts.Alerts != 3 {
			e.t.Errorf("%+v", counts)
		}
	},

	"requests": func(e example) {
		e.must("apply", "-auto-approve")
		var totals map[string]int
		if e.output("totals", &totals); len(totals) != 5 || len(e.fake.AlertRequests()) != 5 {
			e.t.Errorf("%v, %d requests", totals, len(e.fake.AlertRequests()))
		}
	},

	"gate-postcondition": func(e example) {
		e.passes("plan")
		e.serious()
		e.stops("Too many detections of severity High or above in the last two hours: 3 found, 0 accepted.", "plan")
		e.passes("plan", "-var", "allowed_high=3")
	},

	"gate-fail-on": func(e example) {
		e.passes("apply", "-auto-approve")
		e.serious()
		const found = "3 detections at severity High or above, 0 allowed, in the API's default window"
		e.stops(found, "plan")
		e.stops(found, "plan", "-refresh-only")
		e.passes("plan", "-var", "allowed_high=3")
		e.passes("plan", "-var", `accepted=[{alert_id="da1_1",reason="A drill."},{title="Memory was read",reason="A drill.",expires="2999-01-01T00:00:00Z"}]`)
		e.stops(found, "destroy", "-auto-approve")
		e.passes("destroy", "-auto-approve", "-refresh=false")
	},

	"gate-ephemeral": func(e example) {
		e.passes("plan", "-out", "tfplan")
		e.serious()
		e.stops("Gate failed: too many alerts", "apply", "tfplan")
		if state := e.read("terraform.tfstate"); strings.Contains(state, "terraform_data") {
			e.t.Error("what the gate protects was created")
		}
		e.stops("in the window ago = P1D", "plan", "-var", "ago=P1D")
		e.passes("apply", "-auto-approve", "-var", "allowed_high=3")
		if state := e.read("terraform.tfstate"); !strings.Contains(state, "terraform_data") || strings.Contains(state, "da1_1") {
			e.t.Errorf("stored: %s", state)
		}
		e.stops("Gate failed: too many alerts", "destroy", "-auto-approve")
		e.passes("destroy", "-auto-approve", "-var", "gate=false")
	},

	"gate-validation": func(e example) {
		e.passes("apply", "-auto-approve", "-var", "release=v1")
		e.serious()
		e.stops("Nothing is released now: 3 detections of severity High or above", "plan", "-var", "release=v2")
		e.passes("destroy", "-auto-approve")
	},

	"gate-check": func(e example) {
		e.serious()
		if r := e.passes("plan"); !strings.Contains(r.output, "3 detections of severity High or above in the last two hours, on 2 devices.") {
			e.t.Errorf("the plan does not tell: %s", r.output)
		}
		e.fake.Close()
		e.stops("Unable to sign in", "plan")
	},

	"gate-module": func(e example) {
		e.passes("apply", "-auto-approve")
		e.serious()
		e.stops("Gate failed: too many alerts", "plan")
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
		if got := fmt.Sprint(devices); got != "map[d1:{srv-1.example [da1_1]} srv-2:{srv-2 [da1_3]}]" {
			e.t.Error(got)
		}
	},

	"export": func(e example) {
		e.serious()
		if r := e.must("apply", "-auto-approve"); strings.Contains(r.stdout, "Memory was read") {
			e.t.Errorf("alert text is in the log: %s", r.stdout)
		}
		var alerts []map[string]any
		if err := json.Unmarshal([]byte(e.raw("json")), &alerts); err != nil || len(alerts) != 4 || len(alerts[0]) < 46 {
			e.t.Errorf("JSON: %v, %v", alerts, err)
		}
		rows, err := csv.NewReader(strings.NewReader(e.raw("csv"))).ReadAll()
		if err != nil || len(rows) != 5 {
			e.t.Fatalf("CSV: %q, %v", rows, err)
		}
		if title := slices.Index(rows[0], "alert_title"); title < 0 || rows[1][title] != "'=1+1" {
			e.t.Errorf("CSV: %q", rows[:2])
		}
		if text := e.raw("markdown"); strings.Count(text, "\n| High |") != 3 || !strings.Contains(text, "\n\n4 of 4 alerts.\n") {
			e.t.Errorf("Markdown: %s", text)
		}
		e.must("apply", "-auto-approve", "-var", "rows=1")
		if text := e.raw("markdown"); strings.Count(text, "\n| High |") != 1 || !strings.Contains(text, "\n\n1 of 4 alerts.\n") {
			e.t.Errorf("Markdown: %s", text)
		}
	},

	"many-tenants": func(e example) {
		e.serious()
		e.fake.AddTenant("fabrikam.example", 0)
		tenants := fmt.Sprintf(`{contoso = %q, fabrikam = "fabrikam.example"}`, fakeapi.DefaultTenantID)
		e.must("apply", "-auto-approve", "-var", "tenants="+tenants)
		var alerts map[string]map[string]int
		if e.output("alerts", &alerts); alerts["contoso"]["High"] != 3 || alerts["fabrikam"]["High"] != 0 {
			e.t.Error(alerts)
		}
		var severe map[string]string
		if e.output("most_severe", &severe); fmt.Sprint(severe) != "map[contoso:High]" {
			e.t.Error(severe)
		}
		e.stops("Unable to sign in", "plan", "-var", `tenants={unknown = "unknown.example"}`)
	},

	"modules/alert-gate": func(e example) {
		needTerraform(e.t, 1008, "mock_provider in both Terraform and OpenTofu")
		if r := e.must("test"); !regexp.MustCompile(`Success! 1\d passed, 0 failed\.`).MatchString(r.output) {
			e.t.Error(r.output)
		}
		if n := len(e.fake.Requests()); n > 0 {
			e.t.Errorf("%d requests although the provider is mocked", n)
		}
	},

	// Runs as an instance of the example around it.
	"devices-to-module/device": nil,
}

func TestExamples(t *testing.T) {
	t.Parallel()
	for _, name := range exampleFolders(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			use, ok := examples[name]
			if !ok {
				t.Fatal("no test runs this example")
			}
			if use == nil {
				return
			}
			code := exampleCode(t, name)
			if !strings.Contains(strings.Join(strings.Fields(strings.ReplaceAll(code, "#", "")), " "), "two hours") {
				t.Error("it does not say what no time argument means")
			}
			need := regexp.MustCompile(`required_version = ">= 1\.(\d+)"`).FindStringSubmatch(code)
			if need == nil {
				t.Fatal("it does not say which Terraform it needs")
			}
			minor, err := strconv.Atoi(need[1])
			if err != nil {
				t.Fatal(err)
			}
			needTerraform(t, 1000+minor, "what this example uses")
			e := newExample(t, name)
			e.must("init")
			use(e)
		})
	}
}

// TestExampleSnippets plans what the documentation shows of each object.
func TestExampleSnippets(t *testing.T) {
	t.Parallel()
	for pattern, since := range map[string]int{
		"provider/provider.tf": 1000, "data-sources/*/data-source.tf": 1000,
		"functions/*/function.tf": 1008, "ephemeral-resources/*/ephemeral-resource.tf": 1010,
	} {
		files, err := filepath.Glob(filepath.Join(examplesFolder, pattern))
		if err != nil || len(files) == 0 {
			t.Errorf("%s: %v, %v", pattern, files, err)
		}
		for _, file := range files {
			t.Run(filepath.Base(filepath.Dir(file)), func(t *testing.T) {
				t.Parallel()
				needTerraform(t, since, "such objects")
				code, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				text := string(code)
				if !strings.Contains(text, "required_providers") {
					text = "terraform {\n  required_providers {\n    mdatp = {\n      source = \"mdatp/mdatp\"\n    }\n  }\n}\n" + text
				}
				newFolder(t, startFake(t, fakeapi.Options{Alerts: -1}), text).must("plan")
			})
		}
	}
}

// exampleFolders are the folders with Terraform code that are no snippets.
func exampleFolders(t *testing.T) (names []string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(examplesFolder), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		if strings.HasPrefix(entry.Name(), ".") && path != "." {
			return fs.SkipDir
		}
		for _, file := range []string{"main.tf", "versions.tf"} {
			if _, err := os.Stat(filepath.Join(examplesFolder, path, file)); err == nil {
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
			t.Errorf("there is no example %s", name)
		}
	}
	return names
}

// exampleCode is all code of an example.
func exampleCode(t *testing.T, name string) (text string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(examplesFolder, name, "*.tf"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		code, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text += string(code)
	}
	return text
}

// newExample copies the examples and puts the provider where init finds it: it
// does not ask for one with a dev_override, but for the modules it does.
func newExample(t *testing.T, name string) example {
	t.Helper()
	fake := startFake(t, fakeapi.Options{Alerts: -1})
	e := example{newFolder(t, fake, ""), fake}
	copied := t.TempDir()
	copyCode(t, copied)
	e.dir = filepath.Join(copied, filepath.FromSlash(name))
	e.env = append(e.env, "TF_CLI_CONFIG_FILE="+testMirror(t))
	return e
}

// copyCode leaves out what somebody who tried an example has beside it.
func copyCode(t *testing.T, to string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(examplesFolder), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".tf") && !strings.HasSuffix(path, ".tftest.hcl") {
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

// testMirror is a CLI configuration with a mirror that has this test binary as
// the provider.
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

// passes runs a command that has to succeed.
func (e example) passes(arguments ...string) result {
	e.t.Helper()
	return e.must(arguments...)
}

// stops runs a command that has to fail and say so.
func (e example) stops(message string, arguments ...string) {
	e.t.Helper()
	if r := e.run(arguments...); r.status != 1 || !strings.Contains(r.output, message) {
		e.t.Errorf("%v: exit %d, %q is not in: %s", arguments, r.status, message, r.output)
	}
}

// raw is an output as text.
func (e example) raw(name string) string {
	e.t.Helper()
	return e.must("output", "-raw", name).stdout
}

// output decodes an output.
func (e example) output(name string, into any) {
	e.t.Helper()
	if err := json.Unmarshal([]byte(e.must("output", "-json", name).stdout), into); err != nil {
		e.t.Fatal(err)
	}
}
