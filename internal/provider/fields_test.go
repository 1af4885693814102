package provider_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	tfstate "github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

func testdata(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// decodeJSON decodes JSON and keeps numbers as written: those of the service
// exceed 2^53.
func decodeJSON(content []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber()
	return decoder.Decode(into)
}

// TestFields reads records of every shape that the service has used, through
// Terraform, and compares every attribute of the list, in its order.
func TestFields(t *testing.T) {
	t.Parallel()
	var sent, want []map[string]any
	for name, into := range map[string]*[]map[string]any{"detections.json": &sent, "detections.state.json": &want} {
		if err := decodeJSON(testdata(t, name), into); err != nil {
			t.Fatalf("decoding %s: %v", name, err)
		}
	}
	for _, field := range alert.Fields {
		if sent[0][field.Key] == nil {
			t.Errorf("detections.json: %s of the first record = null, want a value", field.Key)
		}
		if want[1][field.Name] == nil {
			t.Errorf("detections.state.json: %s of the second detection = null, want a value", field.Name)
		}
	}
	fake := startFake(t, fakeapi.Options{})
	fake.ServeBody(testdata(t, "detections.json"))
	config := providerHCL(fake, nil) + dataHCL("mdatp_alerts", "all", nil) + `
output "alerts" {
  value = jsonencode(data.mdatp_alerts.all.alerts)
}
output "usable" {
  value = sum([for a in data.mdatp_alerts.all.alerts : length(a.log_on_users) + length(a.internal_ipv4_list) + length(a.internal_ipv6_list)])
}
output "additional" {
  value = jsondecode(data.mdatp_alerts.all.alerts[1].additional["Scores"]).risk
}
`
	terraform(t, resource.TestStep{Config: config, Check: resource.ComposeAggregateTestCheckFunc(
		resource.TestCheckOutput("usable", "8"),
		resource.TestCheckOutput("additional", "0.75"),
		outputOfAlerts(func(got []map[string]any) error {
			if len(got) != len(want) {
				return fmt.Errorf("detections in the state = %d, want %d", len(got), len(want))
			}
			for i := range want {
				for name, value := range want[i] {
					if found, ok := got[i][name]; !ok || !reflect.DeepEqual(found, value) {
						t.Errorf("alerts[%d].%s = %v, want %v", i, name, found, value)
					}
				}
				if len(got[i]) != len(want[i]) {
					t.Errorf("attributes of alerts[%d] = %d, want %d", i, len(got[i]), len(want[i]))
				}
			}
			return nil
		}),
	)})
}

// outputOfAlerts decodes the output "alerts", a list in JSON, and checks it.
func outputOfAlerts(check func([]map[string]any) error) resource.TestCheckFunc {
	return func(s *tfstate.State) error {
		output := s.RootModule().Outputs["alerts"].Value
		list, ok := output.(string)
		if !ok {
			return fmt.Errorf("output alerts = %v, want a text", output)
		}
		var alerts []map[string]any
		if err := decodeJSON([]byte(list), &alerts); err != nil {
			return err
		}
		return check(alerts)
	}
}
