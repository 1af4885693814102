package provider_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

// commands has commands of GitHub's and Azure's runners, and a bidi mark.
const commands = "a\n::error::x\n##vso[task.complete]\r\n::add-mask::a\u202e"

// startHostile starts a fake with commands in all texts but severity, group, category
// and source, which no attacker writes. The two detections are of one device.
func startHostile(t *testing.T) *fakeapi.Server {
	t.Helper()
	fake := startFake(t, fakeapi.Options{Now: atNoon})
	record := func(id string) values {
		record := values{"Severity": "High", "MachineGroup": "Servers", "AlertId": commands + id, "FullId": commands + id}
		for _, key := range []string{
			"AlertTitle", "Description", "ComputerDnsName", "MachineName", "MachineDomain", "UserName", "UserDomain", "LogOnUsers",
			"CommandLine", "FileName", "FilePath", "Sha1", "Sha256", "Md5", "FileHash", "IpAddress", "Url", "ThreatName", "ThreatFamily",
			"RemediationAction", "Actor", "IocName", "IocValue", "IoaDefinitionId", "ExternalId", "LinkToWDATP",
			"InternalIPv4List", "DeviceCreatedMachineTags", "Unknown",
		} {
			record[key] = commands
		}
		return record
	}
	identified := record("1")
	identified["DeviceID"] = commands
	serve(t, fake, identified, record("2"))

	inGraph := func(id string) values {
		alert := values{"id": commands + id, "severity": "high", "lastUpdateDateTime": "2026-11-03T11:00:00Z", "serviceSource": "microsoftDefenderForEndpoint"}
		for _, key := range []string{"title", "description", "detectorId", "actorDisplayName", "threatDisplayName", "alertWebUrl", "unknown"} {
			alert[key] = commands
		}
		alert["evidence"] = []values{{"@odata.type": "#microsoft.graph.security.deviceEvidence", "mdeDeviceId": commands, "deviceDnsName": commands}}
		return alert
	}
	body, err := json.Marshal([]values{inGraph("1"), inGraph("2")})
	if err != nil {
		t.Fatal(err)
	}
	if err = fake.SetGraphAlerts(body); err != nil {
		t.Fatal(err)
	}
	return fake
}

// checkNoCommands checks that plan and apply print nothing that a runner obeys.
func checkNoCommands(t *testing.T, f *folder, flags ...string) {
	t.Helper()
	for _, command := range [][]string{{"plan"}, {"apply", "-auto-approve"}} {
		command = append(command, flags...)
		r := f.run(command...)
		if r.status != 0 && !strings.Contains(r.output, "High or above") { // the text of every gate
			t.Errorf("exit status of terraform %v = %d, want 0; output: %s", command, r.status, r.output)
		}
		for line := range strings.Lines(r.lines) {
			if line = strings.TrimSpace(line); strings.HasPrefix(line, "::") || strings.HasPrefix(line, "##") {
				t.Errorf("terraform %v prints the line %q, want none with a command", command, line)
			}
		}
		for _, text := range []string{"vso[", "\u202e"} {
			if strings.Contains(r.lines, text) {
				t.Errorf("terraform %v prints\n%s\nwant no %q in it", command, r.lines, text)
			}
		}
	}
	// The state of a read alert shows that the texts arrived.
	state := f.read("terraform.tfstate")
	if strings.Contains(state, `"detection_count": 2`) && strings.Contains(state, `"alert_title"`) && !strings.Contains(state, "vso[") {
		t.Errorf("state = %s, want the commands in it", state)
	}
}

// TestExamplesHostile: no example prints the commands in an alert to the log.
func TestExamplesHostile(t *testing.T) {
	t.Parallel()
	flags := map[string][]string{
		"gate-ephemeral":     {"-var", "allowed_high=2"},
		"gate-validation":    {"-var", "release=v1"},
		"modules/alert-gate": {"-var", "ago=P1D"},
		"many-tenants":       {"-var", fmt.Sprintf("tenants={contoso = %q}", fakeapi.DefaultTenantID)},
		"testing":            {"-var", "gate=false"},
	}
	for _, name := range exampleFolders(t) {
		if examples[name] == nil {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			needTerraform(t, 1010, "feature of one of the examples")
			e := exampleOf(t, name, startHostile(t))
			e.must("init")
			checkNoCommands(t, e.folder, flags[name]...)
			if name == "devices-to-module" {
				var devices map[string]any
				if e.output("devices", &devices); len(devices) != 1 {
					t.Errorf("devices of output devices = %d, want 1", len(devices))
				}
			}
		})
	}
}

// TestExampleSnippetsHostile is TestExamplesHostile for the documentation's examples.
func TestExampleSnippetsHostile(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{"data-sources/*/*.tf", "functions/*/*.tf", "ephemeral-resources/mdatp_alerts/*.tf"} {
		files, err := filepath.Glob(filepath.Join(examplesFolder, pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("Glob(%s) = %v, error %v, want files", pattern, files, err)
		}
		for _, path := range files {
			t.Run(filepath.Base(filepath.Dir(path)), func(t *testing.T) {
				t.Parallel()
				needTerraform(t, 1010, "feature of one of the examples")
				checkNoCommands(t, newFolder(t, startHostile(t), snippet(t, path)))
			})
		}
	}
}

// TestReadmeHostile is TestExamplesHostile for the README's first configuration.
func TestReadmeHostile(t *testing.T) {
	t.Parallel()
	checkNoCommands(t, newFolder(t, startHostile(t), readmeCode(t)))
}
