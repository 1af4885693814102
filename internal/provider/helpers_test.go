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

// values are attributes by name, as a configuration gives them.
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

// block is a provider block for a fake: one attempt, so that no test waits for
// another, and the changes. A nil takes an argument out.
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

// hcl prints attributes in the order of their names.
func hcl(attributes values) string {
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		if attributes[name] != nil {
			fmt.Fprintf(&text, "  %s = %s\n", name, literal(attributes[name]))
		}
	}
	return text.String()
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

// providerHCL is the block that points the provider at a fake.
func providerHCL(fake *fakeapi.Server, changes values) string {
	return "provider \"mdatp\" {\n" + hcl(block(fake, changes)) + "}\n"
}

func dataHCL(kind, name string, attributes values) string {
	return fmt.Sprintf("data %q %q {\n%s}\n", kind, name, hcl(attributes))
}

// environment is a getenv of the given variables and nothing else.
func environment(variables map[string]string) func(string) string {
	return func(name string) string { return variables[name] }
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

// outputOf is what Terraform said when a step failed, as one line without
// frames, so that texts are found however Terraform broke their lines.
func outputOf(err error) string {
	return strings.Join(strings.FieldsFunc(err.Error(), func(r rune) bool {
		return strings.ContainsRune(" \n\t│╷╵", r)
	}), " ")
}

// expectFailure is a TestCase.ErrorCheck that hands on what Terraform said and
// accepts it; the test checks that it was called.
func expectFailure(output *string) resource.ErrorCheckFunc {
	return func(err error) error {
		*output = outputOf(err)
		return nil
	}
}

// instantOf is a time of the service as an instant, the zero time for none.
func instantOf(text string) time.Time {
	t, _ := time.Parse(time.RFC3339Nano, text)
	return t
}

// jsonText is a text as a JSON string.
func jsonText(t *testing.T, text string) string {
	t.Helper()
	encoded, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(encoded)
}

// nfc is the form in which Terraform keeps a text.
func nfc(text string) string { return norm.NFC.String(text) }
