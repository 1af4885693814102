package provider_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

// TestNothingToRead runs a configuration that reads nothing, on a machine without any
// setting: objects with a count of 0, the module of a gate that is disabled, and
// functions. The same configuration with one read has one
// error for all that is missing, and one for a missing file.
func TestNothingToRead(t *testing.T) {
	t.Parallel()
	needTerraform(t, 1010, "ephemeral resources")
	const config = requiredProviders + `
variable "gate" {
  type    = bool
  default = false
}
provider "mdatp" {
  client_secret_file_path = "none/here"
  ca_certificate_path     = "none/here"
}
data "mdatp_alerts" "none" {
  count = 0
}
ephemeral "mdatp_alerts" "none" {
  count = 0
}
ephemeral "mdatp_access_token" "none" {
  count = 0
}
module "gate" {
  source  = "./gate"
  ago     = "P1D"
  enabled = var.gate
}
output "rank" {
  value = provider::mdatp::severity_rank("High")
}
`
	fake := startFake(t, fakeapi.Options{Alerts: -1})
	f := newFolder(t, fake, config)
	f.env = slices.DeleteFunc(f.env, func(setting string) bool { return strings.HasPrefix(setting, "MDATP_") })
	if err := os.CopyFS(filepath.Join(f.dir, "gate"), os.DirFS("../../examples/modules/alert-gate")); err != nil {
		t.Fatal(err)
	}
	f.must("get")
	for _, command := range [][]string{{"validate"}, {"plan"}, {"apply", "-auto-approve"}, {"plan", "-destroy"}} {
		if r := f.must(command...); strings.Contains(r.output, "Missing") {
			t.Errorf("terraform %v prints %s, want nothing that is missing", command, r.output)
		}
	}
	if rank := f.must("output", "rank").stdout; rank != "4\n" {
		t.Errorf("terraform output rank = %q, want 4", rank)
	}

	r := f.run("plan", "-var", "gate=true")
	if n := strings.Count(r.output, "Error: "); r.status != 1 || n != 2 {
		t.Errorf("terraform plan with the gate = exit status %d, %d errors, want 1 and 2: %s", r.status, n, r.output)
	}
	for _, want := range []string{"Error: Missing provider settings", "Error: Unreadable file of CA certificates", "- tenant ID: ", "- client ID: ", "- region: ", "To sign in, "} {
		if !strings.Contains(r.output, want) {
			t.Errorf("terraform plan with the gate prints %s, want %q in it", r.output, want)
		}
	}
	f.env = append(f.env, fake.Env()...)
	r = f.run("plan", "-var", "gate=true")
	for _, want := range []string{
		"Error: Unreadable file of the client secret", "Error: Unreadable file of CA certificates", "there is no such file.",
	} {
		if !strings.Contains(r.output, want) {
			t.Errorf("terraform plan with the gate and missing files prints %s, want %q in it", r.output, want)
		}
	}
	checkNoRequests(t, fake)
}
