package provider_test

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

const contoso, fabrikam = "contoso.onmicrosoft.com", "fabrikam.onmicrosoft.com"

// A tenantsStep runs a block of the guide to many tenants.
type tenantsStep struct {
	env    []string
	status int      // with High alerts of all tenants
	prints []string // then
	only   string   // the engine that can run it; "": both
	since  int
}

// TestManyTenantsGuide plans with each block of the guide, and checks the tenants that
// it signs in to.
func TestManyTenantsGuide(t *testing.T) {
	t.Parallel()
	steps := []tenantsStep{
		{prints: []string{"+ contoso = ", "+ fabrikam = "}},
		{status: 1, since: 1010, prints: []string{`ephemeral.mdatp_alerts.gate["contoso"]`, `ephemeral.mdatp_alerts.gate["fabrikam"]`, "Gate failed: too many alerts"}},
		{env: []string{"MDATP_TENANT_ID=" + fabrikam}, status: 1, prints: []string{"Gate failed: too many alerts"}},
		{},
		{only: inOpenTofu, since: 1009},
	}
	blocks := hclBlocks.FindAllStringSubmatch(readText(t, filepath.Join(guidesFolder, "many-tenants.md")), -1)
	if len(blocks) != len(steps) {
		t.Fatalf("blocks of HCL = %d, want %d", len(blocks), len(steps))
	}
	for i, step := range steps {
		if e := testedEngine(t); step.only != "" && e.name != step.only || e.version < step.since {
			continue
		}
		fake := startFake(t, fakeapi.Options{Alerts: -1})
		fake.AddTenant(contoso, 200)
		fake.AddTenant(fabrikam, 200)
		code, secrets := blocks[i][1], t.TempDir()
		for _, name := range []string{"contoso", "fabrikam"} {
			writeFile(t, filepath.Join(secrets, name), fakeapi.DefaultClientSecret)
		}
		code = strings.ReplaceAll(code, "/run/secrets", secrets)
		if !strings.Contains(code, "required_providers") {
			code = requiredProviders + code
		}
		f := newFolder(t, fake, code)
		f.env = append(f.env, step.env...)
		if strings.Contains(code, secrets) {
			f.env = slices.DeleteFunc(f.env, func(setting string) bool { return strings.HasPrefix(setting, "MDATP_CLIENT_SECRET=") })
		}
		r := f.run("plan")
		if r.status != step.status {
			t.Errorf("block %d: terraform plan = exit status %d, want %d: %s", i, r.status, step.status, r.output)
		}
		printed := regexp.MustCompile(` +`).ReplaceAllString(r.output, " ")
		for _, want := range step.prints {
			if !strings.Contains(printed, want) {
				t.Errorf("block %d: terraform plan prints %s, want %q in it", i, printed, want)
			}
		}
		tenants := signedIn(fake)
		want := []string{contoso, fabrikam}
		if step.env != nil {
			want = want[1:]
		}
		if !slices.Equal(tenants, want) {
			t.Errorf("block %d: tenants signed in to = %q, want %q", i, tenants, want)
		}
		if sent := len(fake.GraphRequests()); sent != len(want) {
			t.Errorf("block %d: requests to Graph = %d, want %d", i, sent, len(want))
		}
	}
}

// signedIn returns the tenants of the token requests, sorted.
func signedIn(fake *fakeapi.Server) (tenants []string) {
	for _, sent := range fake.TokenRequests() {
		parts := strings.Split(sent.Path, "/")
		tenants = append(tenants, parts[slices.Index(parts, "oauth2")-1])
	}
	slices.Sort(tenants)
	return tenants
}

// TestOneFailingTenant: two of three tenants fail. The plan fails, names both, finishes
// the read of the third, and changes no output.
func TestOneFailingTenant(t *testing.T) {
	t.Parallel()
	code := requiredProviders + hclBlocks.FindStringSubmatch(readText(t, filepath.Join(guidesFolder, "many-tenants.md")))[1]
	fake := startFake(t, fakeapi.Options{Alerts: -1})
	fake.AddTenant(contoso, 200)
	f := newFolder(t, fake, code)
	r := f.run("apply", "-auto-approve", "-var", `customers={contoso="`+contoso+`",fabrikam="`+fabrikam+`",gone="gone.example"}`)
	if r.status != 1 {
		t.Errorf("terraform apply = exit status %d, want 1", r.status)
	}
	for text, want := range map[string]int{
		`with data.mdatp_alert_summary.customer["fabrikam"]`: 1, `with data.mdatp_alert_summary.customer["gone"]`: 1,
		`with data.mdatp_alert_summary.customer["contoso"]`: 0, `data.mdatp_alert_summary.customer["contoso"]: Read complete`: 1,
		"Error: Unable to sign in to Microsoft Entra ID": 2, "Outputs:": 0,
	} {
		if got := strings.Count(r.output, text); got != want {
			t.Errorf("terraform apply prints %q %d times, want %d: %s", text, got, want, r.output)
		}
	}
	if strings.Contains(f.read("terraform.tfstate"), "counts_by_severity") {
		t.Error("the state has counts, want none")
	}
}
