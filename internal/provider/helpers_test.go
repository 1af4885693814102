package provider_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"golang.org/x/text/unicode/norm"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
	"github.com/mdatp/terraform-provider-mdatp/internal/provider"
)

// values are attributes by name, as a configuration sets them.
type values = map[string]any

// noon is the clock of fakes whose data a test compares: the same data, and so
// the same numbers, in every run.
var noon = time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC)

func atNoon() time.Time { return noon }

// startFake starts a fake of its own for a test.
func startFake(t *testing.T, o fakeapi.Options) *fakeapi.Server {
	t.Helper()
	fake, err := fakeapi.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(fake.Close)
	return fake
}

// block returns the provider block for a fake, with changes. It makes one
// attempt, so that no test waits for another. A nil unsets an argument.
func block(fake *fakeapi.Server, changes values) values {
	attributes := values{
		"tenant_id":      fakeapi.DefaultTenantID,
		"client_id":      fakeapi.DefaultClientID,
		"client_secret":  fakeapi.DefaultClientSecret,
		"authority_host": fake.AuthorityHost(),
		"siem_endpoint":  fake.SIEMEndpoint(),
		"max_attempts":   1,
	}
	maps.Copy(attributes, changes)
	return attributes
}

// hcl prints attributes, sorted by name.
func hcl(attributes values) string {
	var lines strings.Builder
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		switch {
		case attributes[name] == nil:
		case name == "fail_on" || name == "timeouts": // blocks
			fmt.Fprintf(&lines, "  %s %s\n", name, literal(attributes[name]))
		default:
			fmt.Fprintf(&lines, "  %s = %s\n", name, literal(attributes[name]))
		}
	}
	return lines.String()
}

// An expression is printed into a configuration as it is.
type expression string

func literal(value any) string {
	switch v := value.(type) {
	case expression:
		return string(v)
	case string:
		return fmt.Sprintf("%q", v)
	case []string:
		parts := make([]string, len(v))
		for i, element := range v {
			parts[i] = literal(element)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return fmt.Sprint(value)
}

// providerHCL returns the provider block for a fake.
func providerHCL(fake *fakeapi.Server, changes values) string {
	return "provider \"mdatp\" {\n" + hcl(block(fake, changes)) + "}\n"
}

func dataHCL(kind, name string, attributes values) string {
	return fmt.Sprintf("data %q %q {\n%s}\n", kind, name, hcl(attributes))
}

// environment returns an environment that has only these variables.
func environment(variables map[string]string) provider.Environment {
	return provider.Environment{
		Lookup: func(name string) (string, bool) {
			value, ok := variables[name]
			return value, ok
		},
		List: func() (list []string) {
			for name, value := range variables {
				list = append(list, name+"="+value)
			}
			return list
		},
	}
}

// terraform runs steps with the real Terraform and the provider in this process.
func terraform(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	runTerraform(t, resource.TestCase{Steps: steps})
}

func runTerraform(t *testing.T, c resource.TestCase) {
	t.Helper()
	if c.ProtoV6ProviderFactories == nil {
		c.ProtoV6ProviderFactories = inProcess(provider.NewServer("test", environment(nil)))
	}
	resource.UnitTest(t, c)
}

func inProcess(newServer func() tfprotov6.ProviderServer) map[string]func() (tfprotov6.ProviderServer, error) {
	return map[string]func() (tfprotov6.ProviderServer, error){
		"mdatp": func() (tfprotov6.ProviderServer, error) { return newServer(), nil },
	}
}

// outputOf returns Terraform's output for a failed step as one line without
// frames, so that texts are found however Terraform broke their lines.
func outputOf(err error) string {
	return strings.Join(strings.FieldsFunc(err.Error(), func(r rune) bool {
		return strings.ContainsRune(" \n\t│╷╵", r)
	}), " ")
}

// expectFailure returns a TestCase.ErrorCheck that stores Terraform's output and
// accepts the error; the test checks that it was called.
func expectFailure(output *string) resource.ErrorCheckFunc {
	return func(err error) error {
		*output = outputOf(err)
		return nil
	}
}

// instantOf parses a time of the service; it returns the zero time for none.
func instantOf(formatted string) time.Time {
	t, _ := time.Parse(time.RFC3339Nano, formatted)
	return t
}

// jsonText encodes a text as a JSON string.
func jsonText(t *testing.T, raw string) string {
	t.Helper()
	encoded, err := json.Marshal(raw)
	if err != nil {
		t.Fatal(err)
	}
	return string(encoded)
}

// nfc returns the form in which Terraform keeps a text.
func nfc(raw string) string { return norm.NFC.String(raw) }

// checkNoRequests reports requests that a fake received.
func checkNoRequests(t *testing.T, fake *fakeapi.Server) {
	t.Helper()
	if sent := fake.Requests(); len(sent) > 0 {
		t.Errorf("requests sent = %d, want 0", len(sent))
	}
}

// checkFindings compares all diagnostics of a call.
func checkFindings(t *testing.T, call string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s reports\n%q, want\n%q", call, got, want)
	}
}

// checkFinding checks that a call has one diagnostic, which starts with prefix.
func checkFinding(t *testing.T, call string, got []string, prefix string) {
	t.Helper()
	if len(got) != 1 || !strings.HasPrefix(got[0], prefix) {
		t.Errorf("%s reports\n%q, want one diagnostic that starts with\n%q", call, got, prefix)
	}
}
