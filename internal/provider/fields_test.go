package provider_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	tfstate "github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

func testdata(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// decodeJSON keeps numbers as they are written: those of the service pass 2^53.
func decodeJSON(t *testing.T, text []byte, into any) {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(into); err != nil {
		t.Fatal(err)
	}
}

// TestFields reads records of every shape that the service has used and finds
// every field where it belongs, through Terraform, in the order of the list.
func TestFields(t *testing.T) {
	t.Parallel()
	var sent, want []map[string]any
	decodeJSON(t, testdata(t, "detections.json"), &sent)
	decodeJSON(t, testdata(t, "detections.state.json"), &want)
	for _, field := range alert.Fields {
		if sent[0][field.Key] == nil || want[1][field.Name] == nil {
			t.Errorf("the first record has no %s", field.Key)
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
				return fmt.Errorf("%d alerts", len(got))
			}
			for i := range want {
				for name, value := range want[i] {
					if found, ok := got[i][name]; !ok || !reflect.DeepEqual(found, value) {
						t.Errorf("alert %d: %s is %v, want %v", i, name, found, value)
					}
				}
				if len(got[i]) != len(want[i]) {
					t.Errorf("alert %d has %d attributes, want %d", i, len(got[i]), len(want[i]))
				}
			}
			return nil
		}),
	)})
}

// outputOfAlerts checks the output "alerts", a list in JSON.
func outputOfAlerts(check func([]map[string]any) error) resource.TestCheckFunc {
	return func(s *tfstate.State) error {
		text, ok := s.RootModule().Outputs["alerts"].Value.(string)
		if !ok {
			return fmt.Errorf("no output")
		}
		var alerts []map[string]any
		decoder := json.NewDecoder(strings.NewReader(text))
		decoder.UseNumber()
		if err := decoder.Decode(&alerts); err != nil {
			return err
		}
		return check(alerts)
	}
}
