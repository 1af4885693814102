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

// A diagnostic is one that Terraform shows in its JSON form.
type diagnostic struct {
	Severity, Summary, Detail, Address string
}

// diagnostics are those of a command that ran with -json, by address.
func (r result) diagnostics(t *testing.T) map[string]diagnostic {
	t.Helper()
	found := map[string]diagnostic{}
	for line := range strings.Lines(r.stdout) {
		var message struct{ Diagnostic *diagnostic }
		if err := json.Unmarshal([]byte(line), &message); err != nil {
			t.Fatalf("%v in %q", err, line)
		}
		if d := message.Diagnostic; d != nil {
			found[d.Address] = *d
		}
	}
	return found
}

// aliased is a provider block of its own for a fake, with a data source named
// after it that uses it.
func aliased(kind, name string, fake *fakeapi.Server, changes, arguments values) string {
	attributes := block(fake, changes)
	attributes["alias"] = name
	return "provider \"mdatp\" {\n" + hcl(attributes) + "}\n" +
		fmt.Sprintf("data %q %q {\n  provider = mdatp.%s\n%s}\n", kind, name, name, hcl(arguments))
}

// closedPort is an address at which nobody listens.
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

// noHost is a name that no resolver has to be asked for: a label is too long.
var noHost = "https://" + strings.Repeat("a", 64) + ".invalid"

// TestFailuresInTerraform plans one data source for each way to fail: each has a
// diagnostic of its own, and none holds what the service said or was sent.
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
		config += aliased("mdatp_alerts", name, refusing, nil, nil)
	}
	for name, changes := range map[string]values{
		"secret":   {"client_secret": "another"},
		"refused":  {"siem_endpoint": closedPort(t)},
		"offline":  {"authority_host": closedPort(t)},
		"host":     {"siem_endpoint": noHost},
		"identity": {"authority_host": noHost},
	} {
		config += aliased("mdatp_alert_summary", name, fake, changes, nil)
	}
	want["secret"] = [2]string{noSignIn, "The service responded with AADSTS7000215, invalid_client, HTTP status 401. The client secret is wrong"}
	want["refused"] = [2]string{noPull, "A connection could not be established. Check the network, the firewall and siem_endpoint."}
	want["offline"] = [2]string{noSignIn, "A connection could not be established. Check the network, the firewall and authority_host."}
	want["host"] = [2]string{noPull, "The host name does not exist. Check region and siem_endpoint." + retired}
	want["identity"] = [2]string{noSignIn, "The host name does not exist. Check region and authority_host."}

	r := newFolder(t, fake, config).run("plan", "-json")
	found := r.diagnostics(t)
	for name, texts := range want {
		d, ok := found["data.mdatp_alerts."+name]
		if !ok {
			d = found["data.mdatp_alert_summary."+name]
		}
		if d.Severity != "error" || d.Summary != texts[0] || !strings.Contains(d.Detail, texts[1]) {
			t.Errorf("%s: %+v", name, d)
		}
		if strings.HasPrefix(name, "s4") && !strings.HasSuffix(d.Detail, traced) {
			t.Errorf("%s has no request id: %s", name, d.Detail)
		}
	}
	if r.status != 1 {
		t.Errorf("exit status %d", r.status)
	}
	for _, secret := range []string{marker, fakeapi.DefaultClientSecret, "another", "eyJ"} {
		if strings.Contains(r.output, secret) {
			t.Errorf("%q is printed", secret)
		}
	}
}
