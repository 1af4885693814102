package provider_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
	"github.com/mdatp/terraform-provider-mdatp/internal/provider"
)

// validateEphemeral returns the findings about the arguments of an ephemeral
// resource.
func (c *client) validateEphemeral(kind string, arguments values) []string {
	c.t.Helper()
	resp, err := c.server.ValidateEphemeralResourceConfig(c.t.Context(), &tfprotov6.ValidateEphemeralResourceConfigRequest{
		TypeName: kind,
		Config:   c.dynamic(c.ephemeralSchema(kind).ValueType(), arguments),
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return findings(resp.Diagnostics)
}

// open validates and opens an ephemeral resource. It returns nil attributes when
// there is no result.
func (c *client) open(kind string, arguments values) (values, []string) {
	c.t.Helper()
	warnings := c.validateEphemeral(kind, arguments)
	if failed(warnings) {
		return nil, warnings
	}
	resp := c.openFor(c.t.Context(), kind, arguments, false)
	found := append(warnings, findings(resp.Diagnostics)...)
	if failed(found) || resp.Result == nil {
		return nil, found
	}
	opened, err := resp.Result.Unmarshal(c.ephemeralSchema(kind).ValueType())
	if err != nil {
		c.t.Fatal(err)
	}
	attributes, ok := plain(c.t, opened).(values)
	if !ok {
		c.t.Fatalf("result of %s = %v, want an object", kind, opened)
	}
	return attributes, found
}

// openFor opens without validating, for a Terraform that does or does not
// accept deferral.
func (c *client) openFor(ctx context.Context, kind string, arguments values, deferral bool) *tfprotov6.OpenEphemeralResourceResponse {
	c.t.Helper()
	resp, err := c.server.OpenEphemeralResource(ctx, &tfprotov6.OpenEphemeralResourceRequest{
		TypeName:           kind,
		Config:             c.dynamic(c.ephemeralSchema(kind).ValueType(), arguments),
		ClientCapabilities: &tfprotov6.OpenEphemeralResourceClientCapabilities{DeferralAllowed: deferral},
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return resp
}

// mustOpen is open for arguments without findings.
func (c *client) mustOpen(kind string, arguments values) values {
	c.t.Helper()
	opened, found := c.open(kind, arguments)
	if len(found) > 0 {
		c.t.Fatalf("open(%s, %v) reports %q, want nothing", kind, arguments, found)
	}
	if opened == nil {
		c.t.Fatalf("open(%s, %v) = no result, want one", kind, arguments)
	}
	return opened
}

// failedOpen opens an ephemeral resource, which must fail with one diagnostic that
// starts with prefix, and returns the diagnostic.
func failedOpen(t *testing.T, c *client, kind string, arguments values, prefix string) string {
	t.Helper()
	opened, found := c.open(kind, arguments)
	if opened != nil {
		t.Errorf("open(%s, %v) = %v, want no result", kind, arguments, opened)
	}
	checkFinding(t, fmt.Sprintf("open(%s, %v)", kind, arguments), found, prefix)
	return strings.Join(found, "\n")
}

func (c *client) ephemeralSchema(kind string) *tfprotov6.Schema {
	c.t.Helper()
	schema, ok := c.schemas.EphemeralResourceSchemas[kind]
	if !ok {
		c.t.Fatalf("ephemeral resource %s is not in the schema", kind)
	}
	return schema
}

// TestEphemeralAlerts: the ephemeral resource has the same values and types as the
// data source with the same arguments, the list included.
func TestEphemeralAlerts(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 150, Now: atNoon})
	c := configured(t, fake, nil)
	for _, arguments := range []values{
		nil,
		{"ago": "P7D"},
		{"since_time_utc": "2026-11-02T12:00:00+01:00", "until_time_utc": "2026-11-03T11:00:00", "min_severity": "Medium"},
		{"ago": "P7D", "limit": 9, "categories": []string{"malware"}, "machine_groups": []string{}},
		{"ago": "P7D", "severities": []string{"Low", "high"}, "sources": []string{"edr"}, "exclude": []any{because(values{"title": "none"})}},
		{"ago": "PT1S"},
	} {
		list, found := c.read("mdatp_alerts", arguments)
		opened, foundByOpening := c.open("mdatp_alerts", arguments)
		checkFindings(t, fmt.Sprintf("open(mdatp_alerts, %v)", arguments), foundByOpening, found)
		if opened == nil {
			t.Fatalf("open(mdatp_alerts, %v) = no result, want one", arguments)
		}
		if !reflect.DeepEqual(opened, list) {
			t.Errorf("open(mdatp_alerts, %v) =\n%v, want the data source's\n%v", arguments, opened, list)
		}
		alerts, ok := opened["alerts"].([]any)
		if !ok {
			t.Errorf("alerts of open(mdatp_alerts, %v) = %v, want a list", arguments, opened["alerts"])
		}
		if got := opened["detection_count"]; got != int64(len(alerts)) {
			t.Errorf("detection_count of open(mdatp_alerts, %v) = %v, want %d as in the list", arguments, got, len(alerts))
		}
	}
	fake.ServeBody(testdata(t, "detections.json"))
	list, opened := c.mustRead("mdatp_alerts", nil), c.mustOpen("mdatp_alerts", nil)
	if !reflect.DeepEqual(opened, list) {
		t.Errorf("open(mdatp_alerts) with every field =\n%v, want the data source's\n%v", opened, list)
	}
	if opened["alert_count"] == int64(0) {
		t.Error("alert_count of open(mdatp_alerts) with every field = 0, want more")
	}
}

// TestEphemeralSchema compares attributes and blocks with those of the data source.
func TestEphemeralSchema(t *testing.T) {
	t.Parallel()
	c := newClient(t, nil)
	got, want := schemaLines(c.ephemeralSchema("mdatp_alerts")), schemaLines(c.schemaOf("mdatp_alerts"))
	for name := range want {
		if !reflect.DeepEqual(got[name], want[name]) {
			t.Errorf("%s of the ephemeral resource = %+v, want the data source's %+v", name, got[name], want[name])
		}
	}
	if len(got) != len(want) {
		t.Errorf("attributes and blocks of the ephemeral resource = %d, want %d as in the data source", len(got), len(want))
	}
}

// schemaLines returns the attributes and the blocks of a schema by name, but for
// timeouts, whose operation differs.
func schemaLines(of *tfprotov6.Schema) map[string]any {
	byName := map[string]any{}
	for _, attribute := range of.Block.Attributes {
		byName["attribute "+attribute.Name] = *attribute
	}
	for _, block := range of.Block.BlockTypes {
		if block.TypeName != "timeouts" {
			byName["block "+block.TypeName] = *block
		}
	}
	return byName
}

// TestEphemeralWarnings: the warnings are those of the data source.
func TestEphemeralWarnings(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: -1, Now: atNoon})
	serve(t, fake, withSeverities("Critical", "High")...)
	opened, found := configured(t, fake, nil).open("mdatp_alerts", values{"exclude": []any{because(values{"title": "none"})}})
	if got := opened["alert_count"]; got != int64(2) {
		t.Errorf("alert_count = %v, want 2", got)
	}
	checkFindings(t, "open(mdatp_alerts)", found, []string{stale(noMatch + "exclude[0]."), anomalyWarning})
}

// TestEphemeralTimeout: timeouts.open ends an open, as timeouts.read ends a read.
func TestEphemeralTimeout(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 3})
	fake.Script(fakeapi.Alerts, fakeapi.Always(fakeapi.Stall(10)))
	c := configured(t, fake, nil)
	started := time.Now()
	found := failedOpen(t, c, "mdatp_alerts", values{"timeouts": values{"open": "250ms"}}, "error: "+noPull+": ")
	if want := "The whole read exceeded its timeout of 250ms. Check the network, or raise timeouts.open."; !strings.Contains(found, want) {
		t.Errorf("open with a timeout of 250ms reports %q, want %q in it", found, want)
	}
	if took := time.Since(started); took > 5*time.Second {
		t.Errorf("open with a timeout of 250ms took %s, want at most 5s", took)
	}
	const invalid = "error at timeouts.open: Invalid timeout: The value of timeouts.open cannot be used: " +
		`it must be a duration above zero, such as "90s" or "5m".`
	for _, timeout := range []string{"0s", "-1m", "long"} {
		checkFinding(t, fmt.Sprintf("validateEphemeral(timeouts.open = %q)", timeout),
			c.validateEphemeral("mdatp_alerts", values{"timeouts": values{"open": timeout}}), invalid)
	}
	checkFindings(t, "validateEphemeral(unknown timeouts)", c.validateEphemeral("mdatp_alerts", values{"timeouts": unknown{}}), nil)
}

// TestEphemeralArguments: the arguments are validated like those of the data source.
func TestEphemeralArguments(t *testing.T) {
	t.Parallel()
	c := newClient(t, nil)
	for _, arguments := range []values{
		nil,
		{"ago": "P1D", "since_time_utc": "2026-11-01T00:00:00Z"},
		{"ago": "P1D", "until_time_utc": "2026-11-01T00:00:00Z"},
		{"until_time_utc": "2026-11-01T00:00:00Z"},
		{"min_severity": "Low", "severities": []string{"Low"}},
		{"limit": 0, "tenant_id": "x", "machine_groups": []any{nil}, "severities": []string{"none"}},
		{"ago": unknown{}, "limit": unknown{}, "machine_groups": []any{unknown{}}},
	} {
		validateEveryWay(t, c, arguments)
	}
}

// TestEphemeralDeferred (T1): with an unknown value in the provider's configuration
// an open is deferred and sends nothing.
func TestEphemeralDeferred(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 3})
	c := newClient(t, nil)
	if found := c.configureFor(block(fake, values{"client_secret": unknown{}}), true); len(found) > 0 {
		t.Fatalf("configuring with an unknown secret reports %q, want nothing", found)
	}
	for _, kind := range ephemerals {
		resp := c.openFor(t.Context(), kind, nil, true)
		checkFindings(t, "OpenEphemeralResource("+kind+")", findings(resp.Diagnostics), nil)
		want := tfprotov6.Deferred{Reason: tfprotov6.DeferredReasonProviderConfigUnknown}
		if resp.Deferred == nil || resp.Deferred.Reason != want.Reason {
			t.Errorf("Deferred of OpenEphemeralResource(%s) = %v, want %v", kind, resp.Deferred, want)
		}
	}
	checkNoRequests(t, fake)
}

var ephemerals = []string{"mdatp_alerts", "mdatp_access_token"}

// panickingEphemeral is a server that panics with a secret.
type panickingEphemeral struct{ tfprotov6.ProviderServer }

func (panickingEphemeral) ValidateEphemeralResourceConfig(context.Context, *tfprotov6.ValidateEphemeralResourceConfigRequest) (*tfprotov6.ValidateEphemeralResourceConfigResponse, error) {
	panic(panicValue)
}

func (panickingEphemeral) OpenEphemeralResource(context.Context, *tfprotov6.OpenEphemeralResourceRequest) (*tfprotov6.OpenEphemeralResourceResponse, error) {
	panic(errors.New(panicValue))
}

// TestEphemeralPanic (T7): a panic becomes a diagnostic without the panic's value.
func TestEphemeralPanic(t *testing.T) {
	t.Parallel()
	internal := []string{"error: Internal error: There is no result. This is a bug in the provider, please report it (code 1)."}
	server := provider.NewServerOf(panickingEphemeral{provider.NewServer("test", environment(nil))()}, 1<<20)
	validated, err := server.ValidateEphemeralResourceConfig(t.Context(), &tfprotov6.ValidateEphemeralResourceConfigRequest{})
	if err != nil {
		t.Fatalf("ValidateEphemeralResourceConfig() = error %v, want none", err)
	}
	checkFindings(t, "ValidateEphemeralResourceConfig()", findings(validated.Diagnostics), internal)
	opened, err := server.OpenEphemeralResource(t.Context(), &tfprotov6.OpenEphemeralResourceRequest{})
	if err != nil {
		t.Fatalf("OpenEphemeralResource() = error %v, want none", err)
	}
	checkFindings(t, "OpenEphemeralResource()", findings(opened.Diagnostics), internal)
	if opened.Result != nil {
		t.Errorf("Result of OpenEphemeralResource() = %v, want nil", opened.Result)
	}
	// Terraform never opens a resource of an unconfigured provider.
	for _, kind := range ephemerals {
		if found := failedOpen(t, newClient(t, nil), kind, nil, "error"); found != internal[0] {
			t.Errorf("open(%s), not configured, reports %q, want %q", kind, found, internal[0])
		}
	}
}

// TestEphemeralTooLarge (T8): the provider's own limit rejects a result.
func TestEphemeralTooLarge(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 100, Now: atNoon})
	c := newClientOf(t, provider.NewBoundedServer(environment(nil), 10_000))
	c.configure(block(fake, nil))
	failedOpen(t, c, "mdatp_alerts", values{"ago": "P7D"}, "error: Too many alerts for one read: The 10")
}

// canaries returns texts of an alert that must not show up, by field.
func canaries() map[string]string {
	texts := map[string]string{}
	for i, key := range []string{
		"AlertTitle", "AlertId", "ComputerDnsName", "UserName", "UserDomain", "CommandLine", "FileName", "FilePath", "IpAddress", "Url",
		"LogOnUsers", "MachineDomain", "ThreatName", "RemediationAction", "InternalIPv4List", "FullId", "DetectorBuild",
	} {
		texts[key] = fmt.Sprintf("canary%02d-%x", i, 0x9e3779b97f4a7c15*uint64(i+1))
	}
	return texts
}

// written returns the files of a folder, those in saved plans included, by path.
func (f *folder) written() map[string]string {
	f.t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(f.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files[path] = string(content)
		if !bytes.HasPrefix(content, []byte("PK")) {
			return nil
		}
		plan, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
		if err != nil {
			return err
		}
		for _, packed := range plan.File {
			content, err := fs.ReadFile(plan, packed.Name)
			if err != nil {
				return err
			}
			files[path+"!"+packed.Name] = string(content)
		}
		return nil
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return files
}

// TestEphemeralLeavesNothing runs plan and apply with full logging. The values of
// ephemeral resources reach the provisioner and nothing else: no plan, no state and
// no log, neither the provider's nor Terraform's own.
func TestEphemeralLeavesNothing(t *testing.T) {
	t.Parallel()
	needTerraform(t, 1010, "ephemeral resources")
	fake := startFake(t, fakeapi.Options{Alerts: -1, Now: atNoon})
	record, texts := values{"Severity": "High"}, canaries()
	for key, canary := range texts {
		record[key] = canary
	}
	serve(t, fake, record)
	out := t.TempDir()
	f := newFolder(t, fake, requiredProviders+`
ephemeral "mdatp_alerts" "all" {}
ephemeral "mdatp_access_token" "siem" {}
locals {
  titles = [for a in ephemeral.mdatp_alerts.all.alerts : a.alert_title]
}
resource "terraform_data" "use" {
  provisioner "local-exec" {
    command     = "printf %s \"$TITLE\" > title; printf %s \"$TOKEN\" > token; echo \"$TITLE $TOKEN\""
    working_dir = "`+out+`"
    environment = {
      TITLE = one(local.titles)
      TOKEN = ephemeral.mdatp_access_token.siem.access_token
    }
  }
}
`)
	f.env = append(f.env, "TF_LOG=TRACE", "TF_LOG_PATH="+filepath.Join(f.dir, "log"))
	printed := f.must("plan", "-out=saved").output + f.must("apply", "saved").output + f.must("show", "-json", "saved").output +
		f.must("show", "-json").output
	if title := readText(t, filepath.Join(out, "title")); title != texts["AlertTitle"] {
		t.Errorf("TITLE of the provisioner = %q, want %q", title, texts["AlertTitle"])
	}
	token := readText(t, filepath.Join(out, "token"))
	fetch(t, new([]detection), fake.SIEMEndpoint()+"/api/alerts", token, nil)
	requests := fake.AlertRequests()
	if len(requests) != 3 { // the plan's, the apply's and the one above
		t.Fatalf("alert requests = %d, want 3", len(requests))
	}
	checkAuthorization(t, 1, requests[1], token)

	texts["secret"], texts["token"] = fakeapi.DefaultClientSecret, token
	parts := strings.Split(token, ".")
	texts["signature"] = parts[len(parts)-1][:40]
	texts["token of the plan"] = strings.TrimPrefix(requests[0].Header.Get("Authorization"), "Bearer ")
	places := f.written()
	places["printed"] = printed
	for place, content := range places {
		checkCanaries(t, place, content, slices.Sorted(maps.Values(texts))...)
	}
	for _, place := range []string{"log", "saved!tfplan", "saved!tfstate", "terraform.tfstate"} {
		if content := places[filepath.Join(f.dir, place)]; !strings.Contains(content, "terraform") {
			t.Errorf("%s = %q, want a file that was searched", place, content)
		}
	}
	// Terraform's own log and the provider's.
	for _, want := range []string{"ephemeral.mdatp_alerts.all", "HTTP request"} {
		if !strings.Contains(places[filepath.Join(f.dir, "log")], want) {
			t.Errorf("the log has no %q, want it", want)
		}
	}
}
