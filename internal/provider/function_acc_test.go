package provider_test

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
	"github.com/mdatp/terraform-provider-mdatp/internal/provider"
)

// runFunctions runs steps if Terraform supports provider functions.
func runFunctions(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	runTerraform(t, resource.TestCase{
		TerraformVersionChecks: []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_8_0)},
		Steps:                  steps,
	})
}

// outputs returns a step that has an output for each expression and checks that
// each is true.
func outputs(head string, expressions ...string) resource.TestStep {
	step := resource.TestStep{Config: head}
	for i, condition := range expressions {
		step.Config += fmt.Sprintf("output \"o%d\" {\n  value = %s\n}\n", i, condition)
		step.ConfigStateChecks = append(step.ConfigStateChecks,
			statecheck.ExpectKnownOutputValue(fmt.Sprintf("o%d", i), knownvalue.Bool(true)))
	}
	return step
}

func TestFunctionsInTerraform(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Now: atNoon})
	head := providerHCL(fake, nil) + dataHCL("mdatp_alerts", "all", values{"ago": "P1D"}) +
		dataHCL("mdatp_alerts", "none", values{"categories": []string{"none such"}}) + `
locals {
  all  = data.mdatp_alerts.all.alerts
  none = data.mdatp_alerts.none.alerts
  rows = csvdecode(provider::mdatp::csvencode(local.all))
}
`
	runFunctions(t, outputs(head,
		`provider::mdatp::severity_rank("medium") == 3`,
		`can(provider::mdatp::severity_rank("?")) == false`,

		`length(local.all) > 20`,
		`provider::mdatp::at_least(local.all, "Informational") == local.all`,
		`length(distinct(provider::mdatp::at_least(local.all, "High")[*].alert_id)) == lookup(data.mdatp_alerts.all.counts_by_severity, "High", 0)`,
		`provider::mdatp::at_least(local.none, "High") == local.none`,
		`length(provider::mdatp::at_least(tolist([]), "High")) == 0`,
		`length(provider::mdatp::at_least(toset([]), "High")) == 0`,
		`length(provider::mdatp::at_least([], "High")) == 0`,
		`provider::mdatp::at_least([{ severity = "Low" }, { severity = "High", a = 1 }], "Medium") == [{ severity = "High", a = 1 }]`,
		`provider::mdatp::at_least(toset([{ severity = "Low" }, { severity = "High" }]), "High") == toset([{ severity = "High" }])`,

		`length(local.rows) == length(local.all)`,
		`[for r in local.rows : r.command_line] == [for a in local.all : replace(a.command_line == null ? "" : a.command_line, "\r\n", "\n")]`,
		`[for r in local.rows : r.alert_part] == [for a in local.all : a.alert_part == null ? "" : tostring(a.alert_part)]`,
		`[for r in local.rows : r.internal_ipv4_list] == [for a in local.all : join(";", a.internal_ipv4_list)]`,
		`keys(local.rows[0]) == keys(local.all[0])`,
		`provider::mdatp::csvencode([]) == ""`,
		`length(csvdecode(provider::mdatp::csvencode(local.none))) == 0`,
		`sort(split(",", trimspace(provider::mdatp::csvencode(local.none)))) == sort(keys(local.all[0]))`,
		`startswith(provider::mdatp::csvencode(local.none), "last_processed_time_utc,severity,alert_title,computer_dns_name,")`,
		`endswith(provider::mdatp::csvencode(local.none), ",description,command_line,triage,additional\r\n")`,
		`provider::mdatp::csvencode(local.none, { columns = ["severity", "alert_title"], delimiter = ";", bom = true }) == "\ufeffseverity;alert_title\r\n"`,
		`provider::mdatp::csvencode([{ a = "x;=1", b = ["y", "-z"] }], { delimiter = "\t" }) == "a\tb\r\n\"x;'=1\"\t\"y;'-z\"\r\n"`,
		`provider::mdatp::csvencode([{ a = 1 }], {}) == "a\r\n1\r\n"`,
		`provider::mdatp::csvencode([{ n = -5, t = "-5", p = 0.1, q = 1180591620717411303424, nothing = null }]) == "n,nothing,p,q,t\r\n-5,,0.1,1180591620717411303424,'-5\r\n"`,
		`provider::mdatp::csvencode([{ n = 1/3 }]) == "n\r\n${1/3}\r\n"`,

		`length(split("\n", provider::mdatp::markdown_table(local.all))) == length(local.all) + 3`,
		`provider::mdatp::markdown_table(local.none) == "No alerts.\n"`,
		`length(provider::mdatp::markdown_table(local.all, { max_bytes = 1500 })) <= 1500`,
		`can(regex("\nand [0-9]+ more: [0-9]", provider::mdatp::markdown_table(local.all, { max_bytes = 1500 })))`,
		`provider::mdatp::markdown_table([{ severity = "Low" }, { severity = "High" }], { columns = tolist(["severity"]), max_rows = 1 }) == "| Severity |\n| --- |\n| High |\n\nand 1 more: 1 Low\n"`,
		`length(regexall("\\| \\[Open\\]\\(https://security.microsoft.com/alert/[0-9A-Za-z_-]+\\) \\|\n", provider::mdatp::markdown_table(local.all, { columns = ["title", "link"] }))) == length([for a in local.all : a if a.link_to_mtp != null])`,
		`length([for a in local.all : a if a.link_to_mtp != null]) > 10`,
		`strcontains(provider::mdatp::markdown_table([{ alert_title = "a|b\n# c" }]), "| a&#124;b &#35;&#8203; c |")`,
	))
}

// TestFunctionErrorsInTerraform: Terraform names the argument, and quotes no text
// of an alert.
func TestFunctionErrorsInTerraform(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ call, parameter, want string }{
		"null": {`severity_rank(null)`,
			"text", "argument must not be null."},
		"no severity": {`at_least([for t in ["secret"] : { title = t }], "High")`,
			"alerts", "alerts[0] has no severity."},
		"invalid severity": {`at_least([], "Critical")`,
			"severity", `severity is not "Informational", "Low", "Medium" or "High".`},
		"not an object": {`csvencode(["secret"])`,
			"rows", "rows[0] is not an object."},
		"unknown option": {`csvencode([], { delimeter = ";" })`,
			"options", `options has an unknown key "delimeter"; its keys are columns, delimiter and bom.`},
		"invalid option": {`markdown_table([], { order = "newest" })`,
			"options", `options.order must be "severity" or "time".`},
		"null options": {`csvencode([], null)`,
			"options", "argument must not be null."},
		"two options": {`csvencode([], {}, { bom = true })`,
			"options", "options are two objects or more: one object holds all options."},
		"unknown column": {`csvencode([{ severity = "Low" }], { columns = ["severty"] })`,
			"options", `options.columns[0] "severty" is not an attribute of rows.`},
		"null in a list": {`markdown_table(tolist([null]))`,
			"alerts", "alerts[0] is null."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var output string
			runTerraform(t, resource.TestCase{
				TerraformVersionChecks: []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_8_0)},
				ErrorCheck:             expectFailure(&output),
				Steps:                  []resource.TestStep{{Config: "output \"o\" {\n  value = provider::mdatp::" + test.call + "\n}\n"}},
			})
			want := fmt.Sprintf("Invalid value for %q parameter: %s", test.parameter, test.want)
			if !strings.Contains(output, want) {
				t.Errorf("%s prints %q, want %q in it", test.call, output, want)
			}
		})
	}
}

// TestFunctionsOfUnknownInTerraform: unknown values are accepted in the plan, and
// the results are right in the apply.
func TestFunctionsOfUnknownInTerraform(t *testing.T) {
	t.Parallel()
	runFunctions(t, outputs(`
resource "terraform_data" "later" {
  input = "High"
}
locals {
  alerts = [{ severity = terraform_data.later.output }, { severity = "Low" }]
}
`,
		`provider::mdatp::severity_rank(terraform_data.later.output) == 4`,
		`length(provider::mdatp::at_least(local.alerts, terraform_data.later.output)) == 1`,
		`provider::mdatp::csvencode(local.alerts) == "severity\r\nHigh\r\nLow\r\n"`,
		`length(split("\n", provider::mdatp::markdown_table(local.alerts))) == 5`,
	))
}

// TestFunctionExamples runs the examples of the functions' pages.
func TestFunctionExamples(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{})
	files, err := filepath.Glob("../../examples/functions/*/function.tf")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 4 {
		t.Fatalf("examples of functions = %q, want 4", files)
	}
	for _, path := range files {
		t.Run(filepath.Base(filepath.Dir(path)), func(t *testing.T) {
			t.Parallel()
			code, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			runFunctions(t, resource.TestStep{Config: providerHCL(fake, nil) + string(code)})
		})
	}
}

// TestExportIsCSV reads a whole export with another reader than Terraform's.
func TestExportIsCSV(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Now: atNoon})
	state, found := configured(t, fake, nil).readValue(t.Context(), "mdatp_alerts", values{"ago": "P7D"})
	if len(found) > 0 {
		t.Fatalf("read(mdatp_alerts) reports %q, want nothing", found)
	}
	list := as[map[string]tftypes.Value](t, state)["alerts"]
	rows, err := csv.NewReader(strings.NewReader(exported(t, list))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	alerts := as[[]tftypes.Value](t, list)
	if len(alerts) < 100 {
		t.Fatalf("alerts to export = %d, want at least 100", len(alerts))
	}
	if len(rows) != len(alerts)+1 {
		t.Fatalf("rows of csvencode(%d alerts) = %d, want %d", len(alerts), len(rows), len(alerts)+1)
	}
	for _, row := range rows[1:] {
		for _, cell := range row {
			if strings.ContainsRune("=+@", []rune(cell + " ")[0]) {
				t.Errorf("cell = %q, want no start of a formula", cell)
			}
		}
	}
}

// exported returns csvencode of a list.
func exported(t *testing.T, list tftypes.Value) string {
	t.Helper()
	argument, err := tfprotov6.NewDynamicValue(tftypes.DynamicPseudoType, list)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := provider.NewServer("test", environment(nil))().CallFunction(t.Context(),
		&tfprotov6.CallFunctionRequest{Name: "csvencode", Arguments: []*tfprotov6.DynamicValue{&argument}})
	if err != nil {
		t.Fatalf("CallFunction(csvencode) = error %v, want none", err)
	}
	if resp.Error != nil {
		t.Fatalf("CallFunction(csvencode).Error = %v, want none", resp.Error)
	}
	encoded, err := resp.Result.Unmarshal(tftypes.String)
	if err != nil {
		t.Fatal(err)
	}
	return as[string](t, encoded)
}
