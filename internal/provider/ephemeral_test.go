package provider_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
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

// validateEphemeral returns what the provider finds in the arguments of an
// ephemeral resource.
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

// open validates and opens an ephemeral resource. It returns nil instead of a
// result when there is none.
func (c *client) open(kind string, arguments values) (values, []string) {
	c.t.Helper()
	if found := c.validateEphemeral(kind, arguments); len(found) > 0 {
		return nil, found
	}
	resp := c.openFor(c.t.Context(), kind, arguments, false)
	found := findings(resp.Diagnostics)
	if failed(found) || resp.Result == nil {
		return nil, found
	}
	opened, err := resp.Result.Unmarshal(c.ephemeralSchema(kind).ValueType())
	if err != nil {
		c.t.Fatal(err)
	}
	attributes, ok := plain(c.t, opened).(values)
	if !ok {
		c.t.Fatalf("%s is no object", kind)
	}
	return attributes, found
}

// openFor opens without validating, for a Terraform that does or does not
// accept that it is put off.
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

// mustOpen is open for arguments that nothing is to be found in.
func (c *client) mustOpen(kind string, arguments values) values {
	c.t.Helper()
	opened, found := c.open(kind, arguments)
	if len(found) > 0 || opened == nil {
		c.t.Fatalf("%s %v: %q", kind, arguments, found)
	}
	return opened
}

func (c *client) ephemeralSchema(kind string) *tfprotov6.Schema {
	c.t.Helper()
	schema, ok := c.schemas.EphemeralResourceSchemas[kind]
	if !ok {
		c.t.Fatalf("no ephemeral resource %s", kind)
	}
	return schema
}

// TestEphemeralAlerts has all that the data source has of the same query, the
// list included, as values and as types.
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
		if !reflect.DeepEqual(list, opened) || !slices.Equal(found, foundByOpening) || opened == nil {
			t.Errorf("%v\nread   %v, %q\nopened %v, %q", arguments, list, found, opened, foundByOpening)
		}
		if alerts, ok := opened["alerts"].([]any); !ok || int64(len(alerts)) != opened["total"] {
			t.Errorf("%v: a list of %d, total %v", arguments, len(alerts), opened["total"])
		}
	}
	fake.ServeBody(testdata(t, "detections.json"))
	list, opened := c.mustRead("mdatp_alerts", nil), c.mustOpen("mdatp_alerts", nil)
	if !reflect.DeepEqual(list, opened) || opened["total"] == int64(0) {
		t.Errorf("every field read\n%v\nopened\n%v", list, opened)
	}
}

// TestEphemeralSchema compares the attributes with those of the data source.
func TestEphemeralSchema(t *testing.T) {
	t.Parallel()
	c := newClient(t, nil)
	data, ephemeral := c.schemaOf("mdatp_alerts").Block.Attributes, c.ephemeralSchema("mdatp_alerts").Block.Attributes
	attributes := func(of []*tfprotov6.SchemaAttribute) map[string]tfprotov6.SchemaAttribute {
		byName := map[string]tfprotov6.SchemaAttribute{}
		for _, attribute := range of {
			if attribute.Name != "timeouts" {
				byName[attribute.Name] = *attribute
			}
		}
		return byName
	}
	if want, got := attributes(data), attributes(ephemeral); !reflect.DeepEqual(got, want) {
		for name := range want {
			if !reflect.DeepEqual(got[name], want[name]) {
				t.Errorf("%s is %+v\nin the data source %+v", name, got[name], want[name])
			}
		}
		t.Errorf("%d attributes, %d in the data source", len(got), len(want))
	}
}

// TestEphemeralWarnings has the data source's.
func TestEphemeralWarnings(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: -1, Now: atNoon})
	serve(t, fake, withSeverities("Critical", "High")...)
	opened, found := configured(t, fake, nil).open("mdatp_alerts", values{"exclude": []any{because(values{"title": "none"})}})
	want := []string{stale("Matched no alert of this read: exclude[0]."), unusual}
	if opened["total"] != int64(2) || !slices.Equal(found, want) {
		t.Errorf("total %v, found %q\nwant %q", opened["total"], found, want)
	}
}

// TestEphemeralTimeout ends at timeouts.open, as a read does at timeouts.read.
func TestEphemeralTimeout(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 3})
	fake.Script(fakeapi.Alerts, fakeapi.Always(fakeapi.Stall(10)))
	c := configured(t, fake, nil)
	started := time.Now()
	opened, found := c.open("mdatp_alerts", values{"timeouts": values{"open": "250ms"}})
	if opened != nil || len(found) != 1 || !strings.HasPrefix(found[0], "error: Unable to read from the SIEM API: ") || !strings.Contains(found[0], "The whole read exceeded its timeout of 250ms.") {
		t.Errorf("%v, %q", opened, found)
	}
	if took := time.Since(started); took > 5*time.Second {
		t.Errorf("it took %s", took)
	}
	for timeout, problem := range map[any]string{
		"0s":   `error at timeouts.open: Invalid timeout: The value of timeouts.open cannot be used: it must be a duration above zero, such as "90s" or "5m".`,
		"-1m":  `error at timeouts.open: Invalid timeout: The value of timeouts.open cannot be used: it must be a duration above zero, such as "90s" or "5m".`,
		"long": `error at timeouts.open: Invalid timeout: The value of timeouts.open cannot be used: it must be a duration above zero, such as "90s" or "5m".`,
	} {
		if found := c.validateEphemeral("mdatp_alerts", values{"timeouts": values{"open": timeout}}); len(found) != 1 || !strings.HasPrefix(found[0], problem) {
			t.Errorf("%s: %q", timeout, found)
		}
	}
	if found := c.validateEphemeral("mdatp_alerts", values{"timeouts": unknown{}}); len(found) > 0 {
		t.Errorf("unknown: %q", found)
	}
}

// TestEphemeralArguments is validated as the data source is.
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

// TestEphemeralDeferred (T1) is put off where the provider's configuration is
// not known yet, and sends nothing.
func TestEphemeralDeferred(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 3})
	c := newClient(t, nil)
	if found := c.configureFor(block(fake, values{"client_secret": unknown{}}), true); len(found) > 0 {
		t.Fatal(found)
	}
	for _, kind := range ephemerals {
		resp := c.openFor(t.Context(), kind, nil, true)
		if len(resp.Diagnostics) > 0 || resp.Deferred == nil || resp.Deferred.Reason != tfprotov6.DeferredReasonProviderConfigUnknown {
			t.Errorf("%s: %v, %q", kind, resp.Deferred, findings(resp.Diagnostics))
		}
	}
	if sent := fake.Requests(); len(sent) > 0 {
		t.Errorf("%d requests were sent", len(sent))
	}
}

var ephemerals = []string{"mdatp_alerts", "mdatp_access_token"}

// panickingEphemeral is a framework that panics with a secret.
type panickingEphemeral struct{ tfprotov6.ProviderServer }

func (panickingEphemeral) ValidateEphemeralResourceConfig(context.Context, *tfprotov6.ValidateEphemeralResourceConfigRequest) (*tfprotov6.ValidateEphemeralResourceConfigResponse, error) {
	panic("the secret in a panic")
}

func (panickingEphemeral) OpenEphemeralResource(context.Context, *tfprotov6.OpenEphemeralResourceRequest) (*tfprotov6.OpenEphemeralResourceResponse, error) {
	panic(errors.New("the secret in a panic"))
}

// TestEphemeralPanic (T7) makes a diagnostic of a panic, without its value.
func TestEphemeralPanic(t *testing.T) {
	t.Parallel()
	internal := []string{"error: Internal error: There is no result. This is a bug in the provider, please report it (code 1)."}
	server := provider.NewServerOf(panickingEphemeral{provider.NewServer("test", environment(nil))()}, 1<<20)
	validated, err := server.ValidateEphemeralResourceConfig(t.Context(), &tfprotov6.ValidateEphemeralResourceConfigRequest{})
	if found := findings(validated.Diagnostics); err != nil || !slices.Equal(found, internal) {
		t.Errorf("validating: %q, %v", found, err)
	}
	opened, err := server.OpenEphemeralResource(t.Context(), &tfprotov6.OpenEphemeralResourceRequest{})
	if found := findings(opened.Diagnostics); err != nil || !slices.Equal(found, internal) || opened.Result != nil {
		t.Errorf("opening: %q, %v", found, err)
	}
	// A provider that nobody configured: Terraform never does that.
	for _, kind := range ephemerals {
		if opened, found := newClient(t, nil).open(kind, nil); opened != nil || !slices.Equal(found, internal) {
			t.Errorf("%s, not configured: %v, %q", kind, opened, found)
		}
	}
}

// TestEphemeralTooLarge (T8) is refused by the provider's own limit.
func TestEphemeralTooLarge(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 100, Now: atNoon})
	c := newClientOf(t, provider.NewBoundedServer(environment(nil), 10_000))
	c.configure(block(fake, nil))
	opened, found := c.open("mdatp_alerts", values{"ago": "P7D"})
	if opened != nil || len(found) != 1 || !strings.HasPrefix(found[0], "error: Too many alerts for one read: The 10") {
		t.Errorf("%v, %q", opened, found)
	}
}

// canaries are texts of an alert that may be nowhere, by their field.
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

// spellings are the forms in which a text may be found.
func spellings(text string) []string {
	found := []string{text, url.QueryEscape(text), hex.EncodeToString([]byte(text)), strings.ToUpper(hex.EncodeToString([]byte(text)))}
	for shift := range 3 { // where the text lies in the triples of base64
		encoded := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat(" ", shift) + text))
		encoded = encoded[4 : len(encoded)-4]
		found = append(found, encoded, strings.NewReplacer("+", "-", "/", "_").Replace(encoded))
	}
	return found
}

// written is all that a folder holds, plans unpacked, by file.
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

// TestEphemeralLeavesNothing runs plan and apply with a log of everything. What
// was opened reaches what it is for, and is nowhere else: not in a plan, a state
// or the log, neither the provider's nor Terraform's own.
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
		t.Errorf("the title is %q", title)
	}
	token := readText(t, filepath.Join(out, "token"))
	fetch(t, new([]detection), fake.SIEMEndpoint()+"/api/alerts", token, nil)
	requests := fake.AlertRequests()
	if len(requests) != 3 || requests[1].Header.Get("Authorization") != "Bearer "+token {
		t.Errorf("%d requests; the apply's is not with the token that was handed out", len(requests))
	}

	texts["secret"], texts["token"] = fakeapi.DefaultClientSecret, token
	parts := strings.Split(token, ".")
	texts["signature"] = parts[len(parts)-1][:40]
	texts["token of the plan"] = strings.TrimPrefix(requests[0].Header.Get("Authorization"), "Bearer ")
	places := f.written()
	places["printed"] = printed
	for what, text := range texts {
		for _, spelling := range spellings(text) {
			for place, content := range places {
				if at := strings.Index(content, spelling); at >= 0 {
					t.Errorf("the %s is in %s: ...%.200s", what, place, content[max(0, at-100):])
				}
			}
		}
	}
	for _, place := range []string{"log", "saved!tfplan", "saved!tfstate", "terraform.tfstate"} {
		if content := places[filepath.Join(f.dir, place)]; !strings.Contains(content, "terraform") {
			t.Errorf("%s was not looked into: %q", place, content)
		}
	}
	if log := places[filepath.Join(f.dir, "log")]; !strings.Contains(log, "ephemeral.mdatp_alerts.all") || !strings.Contains(log, "HTTP request") {
		t.Error("the log is not that of both")
	}
}

// TestSpellings finds a text in each form.
func TestSpellings(t *testing.T) {
	t.Parallel()
	const text = "canary/00-9e37?"
	forms := []string{text, url.QueryEscape(text), fmt.Sprintf("%x", text), fmt.Sprintf("%X", text)}
	for _, before := range []string{"", "a", "ab", "abc"} {
		whole := []byte(before + text + "z")
		forms = append(forms, base64.StdEncoding.EncodeToString(whole), base64.RawURLEncoding.EncodeToString(whole))
	}
	for _, form := range forms {
		if !slices.ContainsFunc(spellings(text), func(spelling string) bool { return strings.Contains(form, spelling) }) {
			t.Errorf("not found in %s", form)
		}
	}
}
