package provider_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

// A misspelling is a configuration with one argument that does not exist.
type misspelling struct{ block, argument, config string }

// misspellings has one for each argument that a user can set, of an object and of
// its blocks, made by walking the schema.
func misspellings(object, kind string, schema *tfprotov6.SchemaBlock) (list []misspelling) {
	add := func(block, argument, body string) {
		name := fmt.Sprintf("m%d", len(list))
		config := fmt.Sprintf("%s %q %q {\n%s}\n", object, kind, name, body)
		if object == "provider" {
			// Terraform ignores a provider block that nothing uses.
			config = fmt.Sprintf("provider %[1]q {\n  alias = %[2]q\n%[3]s}\ndata \"mdatp_alerts\" \"of_%[2]s\" {\n  provider = %[1]s.%[2]s\n}\n",
				kind, name, body)
		}
		list = append(list, misspelling{block, argument, config})
	}
	for _, attribute := range schema.Attributes {
		if attribute.Optional || attribute.Required {
			add("", attribute.Name+"x", "  "+attribute.Name+"x = null\n")
		}
	}
	for _, block := range schema.BlockTypes {
		add("", block.TypeName+"x", "  "+block.TypeName+"x {}\n")
		required := ""
		for _, attribute := range block.Block.Attributes {
			if attribute.Required {
				required += "    " + attribute.Name + " = \"x\"\n"
			}
		}
		for _, attribute := range block.Block.Attributes {
			body := fmt.Sprintf("  %s {\n%s    %sx = null\n  }\n", block.TypeName, required, attribute.Name)
			add(block.TypeName, attribute.Name+"x", body)
		}
	}
	return list
}

// TestMisspelt misspells every argument of the provider block, of every object and
// of their blocks once. Each is an error of terraform validate that names it:
// Terraform drops unknown keys of nested attributes, and a gate would fail open.
func TestMisspelt(t *testing.T) {
	t.Parallel()
	needTerraform(t, 1010, "ephemeral resources")
	fake := startFake(t, fakeapi.Options{Alerts: -1})
	c := newClient(t, nil)
	var config strings.Builder
	config.WriteString("terraform {\n  required_providers {\n    mdatp = {\n      source = \"mdatp/mdatp\"\n    }\n  }\n}\n")
	want := map[string]int{}
	for _, object := range []struct {
		object, kind string
		schema       *tfprotov6.Schema
	}{
		{"data", "mdatp_alerts", c.schemaOf("mdatp_alerts")},
		{"data", "mdatp_alert_summary", c.schemaOf("mdatp_alert_summary")},
		{"ephemeral", "mdatp_alerts", c.ephemeralSchema("mdatp_alerts")},
		{"ephemeral", "mdatp_access_token", c.ephemeralSchema("mdatp_access_token")},
		{"provider", "mdatp", c.schemas.Provider},
	} {
		for _, m := range misspellings(object.object, object.kind, object.schema.Block) {
			config.WriteString(m.config)
			want[m.argument]++
		}
	}
	for _, argument := range []string{"severityx", "allowedx", "titlex", "expiresx", "readx", "openx", "fail_onx", "agox", "regionx"} {
		if want[argument] == 0 {
			t.Errorf("misspellings lack %s", argument)
		}
	}
	result := newFolder(t, fake, config.String()).run("validate", "-json")
	var validated struct {
		Diagnostics []struct{ Severity, Summary, Detail string }
	}
	if err := json.Unmarshal([]byte(result.stdout), &validated); err != nil {
		t.Fatalf("terraform validate -json prints %q: %v", result.output, err)
	}
	got := map[string]int{}
	for _, d := range validated.Diagnostics {
		if d.Severity == "error" && strings.HasPrefix(d.Summary, "Unsupported ") {
			_, name, _ := strings.Cut(d.Detail, `"`)
			name, _, _ = strings.Cut(name, `"`)
			got[name]++
		}
	}
	for argument, n := range want {
		if got[argument] != n {
			t.Errorf("terraform validate rejects %s %d times, want %d", argument, got[argument], n)
		}
	}
	if sent := fake.Requests(); len(sent) != 0 {
		t.Errorf("requests sent = %d, want 0", len(sent))
	}
}

// The arguments by what a misspelt value of theirs can be compared with.
var (
	// Refused by validation: the arguments have closed sets or a form.
	misspeltClosed = map[string]any{
		"min_severity": "Hihg", "severities": []string{"Hihg"}, "fail_on.severity": "Hihg", "fail_on.allowed": -1,
		"ago": "P1DD", "since_time_utc": "2026-13-01T00:00:00Z", "until_time_utc": "2026-11-31T00:00:00Z", "limit": 0,
		"tenant_id": "contoso", "exclude.expires": "2027-02-30T00:00:00Z", "exclude.reason": "", "timeouts.read": "5mm", "timeouts.open": "5mm",
		"statuses": []string{"nwe"}, "exclude_classifications": []string{"falsePositve"}, "service_sources": []string{"microsoft-defender"},

		"api": "seim", "region": "ue", "client_id": "0000", "authority_host": "login.microsoftonline.com", "siem_endpoint": "http://example.com",
		"graph_endpoint": "graph.microsoft.com",
		"siem_resource":  "a b", "max_attempts": 21, "attempt_timeout": "60", "timeout": "5mm", "max_response_mib": 0, "client_secret": "a\nb",
		"client_certificate": "no base64!", "msi_endpoint": "http://example.com", "oidc_token": "a b", "refresh_token": "a b", "oidc_request_token": "a b", "oidc_request_url": "http://example.com",
		"ado_pipeline_service_connection_id": "0000",
	}
	// Warned about: open sets, of which the provider sees what they match.
	misspeltOpen = map[string]any{
		"categories": []string{"Malwaer"}, "sources": []string{"ERD"}, "exclude.alert_id": "da00", "exclude.ioa_definition_id": "x",
		"exclude.title": "x", "exclude.computer_dns_name": "x", "exclude.machine_group": "x",
	}
	// Accepted: names of the tenant that the service compares, passwords, flags, whose
	// type Terraform checks, and paths of files, which the first read opens.
	misspeltFree = []string{
		"machine_groups", "device_created_machine_tags", "cloud_created_machine_tags", "client_id_file_path", "client_secret_file_path",
		"ca_certificate_path", "client_certificate_path", "client_certificate_password", "oidc_token_file_path", "refresh_token_file_path", "use_oidc", "use_msi", "use_cli",
	}
)

// misspeltArguments returns the arguments with one misspelt value.
func misspeltArguments(name string, value any) values {
	block, argument, nested := strings.Cut(name, ".")
	switch {
	case !nested:
		return values{name: value}
	case block != "exclude":
		return values{block: values{argument: value}}
	}
	rule := values{"title": "x", "reason": "r"}
	if misspeltClosed[name] == nil {
		delete(rule, "title")
	}
	rule[argument] = value
	return values{block: []any{rule}}
}

// TestMisspeltValues misspells a value of every argument. It is refused before
// anything is sent; where the set is open, a warning names the argument.
func TestMisspeltValues(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: -1, Now: atNoon})
	serve(t, fake, values{"Severity": "High", "Category": "Malware", "Source": "EDR"})
	c := configured(t, fake, nil)
	walk := func(schema *tfprotov6.SchemaBlock, try func(name string, value any)) {
		check := func(name string) {
			value, closed := misspeltClosed[name]
			if !closed {
				value = misspeltOpen[name]
			}
			switch {
			case value != nil:
				try(name, value)
			case !slices.Contains(misspeltFree, name):
				t.Errorf("%s has no misspelt value in this test", name)
			}
		}
		for _, attribute := range schema.Attributes {
			if attribute.Optional || attribute.Required {
				check(attribute.Name)
			}
		}
		for _, of := range schema.BlockTypes {
			for _, attribute := range of.Block.Attributes {
				check(of.TypeName + "." + attribute.Name)
			}
		}
	}
	// judge compares the findings about one misspelt value.
	judge := func(kind, name string, found []string) {
		at, _, _ := strings.Cut(name, ".")
		place := " at " + at
		if slices.Contains(secretArguments, name) {
			place = ": Invalid "
		}
		if misspeltClosed[name] != nil && (!failed(found) || !strings.HasPrefix(found[0], "error"+place)) {
			t.Errorf("%s of %s misspelt: findings = %q, want an error at it", name, kind, found)
		}
		if misspeltClosed[name] == nil && (failed(found) || len(found) == 0 || !strings.HasPrefix(found[0], "warning at "+at)) {
			t.Errorf("%s of %s misspelt: findings = %q, want a warning at it", name, kind, found)
		}
	}
	for _, kind := range dataSources {
		walk(c.schemaOf(kind).Block, func(name string, value any) {
			_, found := c.read(kind, misspeltArguments(name, value))
			judge(kind, name, found)
		})
	}
	for _, kind := range []string{"mdatp_alerts", "mdatp_access_token"} {
		walk(c.ephemeralSchema(kind).Block, func(name string, value any) {
			_, found := c.open(kind, misspeltArguments(name, value))
			judge(kind, name, found)
		})
	}
	if got, want := len(fake.AlertRequests()), 3*len(misspeltOpen); got != want {
		t.Errorf("requests for alerts = %d, want %d: one for each warning", got, want)
	}
	walk(c.schemas.Provider.Block, func(name string, value any) {
		judge("the provider", name, newClient(t, nil).configure(values{name: value}))
	})
}
