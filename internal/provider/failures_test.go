package provider_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

const requiredProviders = "terraform {\n  required_providers {\n    mdatp = {\n      source = \"mdatp/mdatp\"\n    }\n  }\n}\n"

// A diagnostic is Terraform's JSON form of one.
type diagnostic struct {
	Severity, Summary, Detail, Address string
}

// diagnostics returns those of a command that ran with -json, by address.
func (r result) diagnostics(t *testing.T) map[string]diagnostic {
	t.Helper()
	found := map[string]diagnostic{}
	for line := range strings.Lines(r.stdout) {
		var message struct{ Diagnostic *diagnostic }
		if err := json.Unmarshal([]byte(line), &message); err != nil {
			t.Fatalf("Unmarshal(%q) = error %v, want none", line, err)
		}
		if d := message.Diagnostic; d != nil {
			found[d.Address] = *d
		}
	}
	return found
}

// aliased returns an aliased provider block for a fake, and a data source of the
// same name that uses it.
func aliased(kind, name string, fake *fakeapi.Server, changes values) string {
	attributes := block(fake, changes)
	attributes["alias"] = name
	return "provider \"mdatp\" {\n" + hcl(attributes) + "}\n" +
		fmt.Sprintf("data %q %q {\n  provider = mdatp.%s\n}\n", kind, name, name)
}

// closedPort returns an address at which nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := "http://" + listener.Addr().String()
	if err = listener.Close(); err != nil {
		t.Fatal(err)
	}
	return address
}

// noHost fails to resolve without a query: a label is too long.
var noHost = "https://" + strings.Repeat("a", 64) + ".invalid"

// TestFailuresInTerraform plans one data source for each way to fail: each has its
// own diagnostic, and none quotes the service's response or a secret.
func TestFailuresInTerraform(t *testing.T) {
	t.Parallel()
	const marker = "text-of-the-service"
	header := http.Header{"Content-Type": {"application/json"}, "Request-Id": {traceID}, "Www-Authenticate": {marker}}
	want := map[string][2]string{
		"s400": {"Request rejected by the SIEM API", "failed with status 400 at the first attempt."},
		"s401": {"Token rejected by the SIEM API", "failed with status 401 after 2 attempts. A new token was rejected too."},
		"s403": {"Not allowed to read alerts", "failed with status 403 at the first attempt."},
		"s404": {"SIEM API not found", "may have switched it off"},
		"s410": {"SIEM API not found", "may have switched it off"},
		"s429": {"Defender service unavailable", "failed with status 429 at the first attempt. Try again in a few minutes."},
		"s500": {"Defender service unavailable", "failed with status 500 at the first attempt. Try again in a few minutes."},
	}
	config := requiredProviders
	fake := startFake(t, fakeapi.Options{Alerts: 1})
	for _, name := range slices.Sorted(maps.Keys(want)) {
		var status int
		if _, err := fmt.Sscanf(name, "s%d", &status); err != nil {
			t.Fatal(err)
		}
		refusing := startFake(t, fakeapi.Options{Alerts: 1})
		refusing.Script(fakeapi.Alerts, fakeapi.Always(fakeapi.Reply(status, header, marker)))
		config += aliased("mdatp_alerts", name, refusing, nil)
	}
	for name, changes := range map[string]values{
		"secret":   {"client_secret": "another"},
		"refused":  {"siem_endpoint": closedPort(t)},
		"offline":  {"authority_host": closedPort(t)},
		"host":     {"siem_endpoint": noHost},
		"identity": {"authority_host": noHost},
	} {
		config += aliased("mdatp_alert_summary", name, fake, changes)
	}
	want["secret"] = [2]string{noSignIn, "The service responded with AADSTS7000215, invalid_client, HTTP status 401. The client secret is wrong"}
	want["refused"] = [2]string{noPull, "The connection was refused: nothing accepts connections at this address, or a firewall rejects them. Check siem_endpoint and the firewall."}
	want["offline"] = [2]string{noSignIn, "The connection was refused: nothing accepts connections at this address, or a firewall rejects them. Check authority_host and the firewall."}
	want["host"] = [2]string{noPull, "The host name does not exist. Check region and siem_endpoint." + retired}
	want["identity"] = [2]string{noSignIn, "The host name does not exist. Check region and authority_host."}

	r := newFolder(t, fake, config).run("plan", "-json")
	found := r.diagnostics(t)
	for name, texts := range want {
		d, ok := found["data.mdatp_alerts."+name]
		if !ok {
			d = found["data.mdatp_alert_summary."+name]
		}
		if d.Severity != "error" {
			t.Errorf("%s: severity of the diagnostic = %q, want error", name, d.Severity)
		}
		if d.Summary != texts[0] {
			t.Errorf("%s: summary of the diagnostic = %q, want %q", name, d.Summary, texts[0])
		}
		if !strings.Contains(d.Detail, texts[1]) {
			t.Errorf("%s: detail of the diagnostic = %q, want %q in it", name, d.Detail, texts[1])
		}
		if named := strings.Count(d.Detail, fakeapi.DefaultTenantID); named != 1 {
			t.Errorf("%s: detail of the diagnostic = %q, want the tenant once", name, d.Detail)
		}
		if strings.HasPrefix(name, "s4") && !strings.HasSuffix(d.Detail, traced) {
			t.Errorf("%s: detail of the diagnostic = %q, want %q at its end", name, d.Detail, traced)
		}
	}
	if r.status != 1 {
		t.Errorf("exit status of the plan = %d, want 1", r.status)
	}
	for _, secret := range []string{marker, fakeapi.DefaultClientSecret, "another", "eyJ"} {
		if strings.Contains(r.output, secret) {
			t.Errorf("the output contains %q, want no secret and no text of the service", secret)
		}
	}
}
