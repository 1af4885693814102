package provider_test

import (
	"encoding/json"
	"fmt"
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
		list = append(list, misspelling{block, argument, fmt.Sprintf("%s %q %q {\n%s}\n", object, kind, name, body)})
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

// TestMisspelt misspells every argument of every object and block once. Each is
// an error of terraform validate that names it: Terraform drops unknown keys of
// nested attributes, which would open a gate.
func TestMisspelt(t *testing.T) {
	t.Parallel()
	needTerraform(t, 10, "ephemeral resources")
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
	} {
		for _, m := range misspellings(object.object, object.kind, object.schema.Block) {
			config.WriteString(m.config)
			want[m.argument]++
		}
	}
	for _, argument := range []string{"severityx", "allowedx", "titlex", "expiresx", "readx", "openx", "fail_onx", "agox"} {
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
