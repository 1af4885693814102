package provider_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
	"github.com/mdatp/terraform-provider-mdatp/internal/provider"
)

// The tests of this file are rows of the table in the reliability guide.

// TestFault_T1_UnknownProviderConfiguration sets a tenant that is unknown until
// apply, while the environment has one too.
func TestFault_T1_UnknownProviderConfiguration(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 5})
	env := map[string]string{"MDATP_TENANT_ID": fakeapi.DefaultTenantID}
	var output string
	runTerraform(t, resource.TestCase{
		ProtoV6ProviderFactories: inProcess(provider.NewServer("test", environment(env))),
		ErrorCheck:               expectFailure(&output),
		Steps: []resource.TestStep{{Config: "resource \"terraform_data\" \"tenant\" {\n  input = \"" + fakeapi.DefaultTenantID + "\"\n}\n" +
			providerHCL(fake, values{"tenant_id": expression("terraform_data.tenant.output")}) +
			dataHCL("mdatp_alert_summary", "recent", nil)}},
	})
	for _, want := range []string{"Error: Unknown tenant ID", "with provider[\"" + testedEngine(t).registry + "/hashicorp/mdatp\"],",
		"tenant_id = terraform_data.tenant.output", "The value of tenant_id is known only after apply"} {
		if !strings.Contains(output, want) {
			t.Errorf("plan with an unknown tenant prints %q, want %q in it", output, want)
		}
	}
	checkNoRequests(t, fake)
}

// TestFault_T2_NullEmptyOrConflictingConfiguration: the environment completes null,
// empty and conflicting values and unreadable files are errors, a line break is removed
// with a warning.
// The tables of settings_test.go have the details.
func TestFault_T2_NullEmptyOrConflictingConfiguration(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 5})
	for name, test := range map[string]struct {
		block values
		env   map[string]string
		want  string
	}{
		"null, and nothing else": {block: values{"client_secret": nil}, want: "error: Missing provider settings: "},
		"null, and an empty variable": {
			block: values{"client_secret": nil}, env: map[string]string{"MDATP_CLIENT_SECRET": ""},
			want: "error: Missing provider settings: "},
		"empty, and a variable": {
			block: values{"client_secret": ""}, env: map[string]string{"MDATP_CLIENT_SECRET": "s"},
			want: "error: Invalid client secret: "},
		"conflicting variables": {block: values{"client_secret": nil},
			env:  map[string]string{"MDATP_CLIENT_SECRET": "s", "MDATP_CLIENT_SECRET_FILE_PATH": file(t, "t")},
			want: "error: Conflicting client secret: "},
		"missing file": {block: values{"client_secret": nil, "client_secret_file_path": "none/here"},
			want: "error: Unreadable file of the client secret: "},
		"line break": {block: values{"client_secret": fakeapi.DefaultClientSecret + "\n"},
			want: "warning: White space around the client secret: "},
	} {
		c := newClient(t, test.env)
		before := len(fake.Requests())
		found := c.configure(block(fake, test.block))
		if sent := len(fake.Requests()) - before; sent > 0 {
			t.Errorf("%s: requests sent by configure = %d, want 0", name, sent)
		}
		switch {
		case strings.HasPrefix(test.want, "warning"):
			c.mustRead("mdatp_alert_summary", nil)
		case len(found) == 0:
			_, found = c.read("mdatp_alert_summary", nil)
			if sent := len(fake.Requests()) - before; sent > 0 {
				t.Errorf("%s: requests sent by read = %d, want 0", name, sent)
			}
		}
		checkFinding(t, name, found, test.want)
	}
}

// TestFault_T3_DeferredRead reads during apply: the plan passes without a request,
// and the apply fails with the read's error.
func TestFault_T3_DeferredRead(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 5})
	fake.Script(fakeapi.Alerts, fakeapi.Always(fakeapi.Reply(http.StatusForbidden, nil, "")))
	config := providerHCL(fake, nil) + "resource \"terraform_data\" \"first\" {}\n" +
		dataHCL("mdatp_alert_summary", "gate", values{"depends_on": expression("[terraform_data.first]")})
	terraform(t, resource.TestStep{Config: config, PlanOnly: true, ExpectNonEmptyPlan: true})
	checkNoRequests(t, fake)
	var output string
	runTerraform(t, resource.TestCase{ErrorCheck: expectFailure(&output), Steps: []resource.TestStep{{Config: config}}})
	if want := "Error: Not allowed to read alerts"; !strings.Contains(output, want) {
		t.Errorf("apply prints %q, want %q in it", output, want)
	}
}

// panicking is a server that panics with a secret.
type panicking struct{ tfprotov6.ProviderServer }

const panicValue = "the secret in a panic"

func (panicking) ValidateProviderConfig(context.Context, *tfprotov6.ValidateProviderConfigRequest) (*tfprotov6.ValidateProviderConfigResponse, error) {
	panic(panicValue)
}

func (panicking) ConfigureProvider(context.Context, *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	panic(errors.New(panicValue))
}

func (panicking) ValidateDataResourceConfig(context.Context, *tfprotov6.ValidateDataResourceConfigRequest) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	panic(panicValue)
}

func (panicking) CallFunction(context.Context, *tfprotov6.CallFunctionRequest) (*tfprotov6.CallFunctionResponse, error) {
	panic(panicValue)
}

func (panicking) ReadDataSource(context.Context, *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	panic(panicValue)
}

// TestFault_T7_Panic panics in every call of Terraform that runs the provider's
// code, in a read, and in the goroutine that signs in.
func TestFault_T7_Panic(t *testing.T) {
	t.Parallel()
	check := func(call string, found []string, err error) {
		t.Helper()
		if err != nil {
			t.Errorf("%s = error %v, want none", call, err)
		}
		checkFinding(t, call, found, "error: Internal error: ")
		if all := strings.Join(found, "\n"); strings.Contains(all, "secret") {
			t.Errorf("%s reports %q, want no secret in it", call, all)
		}
	}
	server := provider.NewServerOf(panicking{provider.NewServer("test", environment(nil))()}, 1<<20)
	ctx := t.Context()
	validated, err := server.ValidateProviderConfig(ctx, &tfprotov6.ValidateProviderConfigRequest{})
	check("ValidateProviderConfig", findings(validated.Diagnostics), err)
	configuration, err := server.ConfigureProvider(ctx, &tfprotov6.ConfigureProviderRequest{})
	check("ConfigureProvider", findings(configuration.Diagnostics), err)
	checked, err := server.ValidateDataResourceConfig(ctx, &tfprotov6.ValidateDataResourceConfigRequest{})
	check("ValidateDataResourceConfig", findings(checked.Diagnostics), err)
	read, err := server.ReadDataSource(ctx, &tfprotov6.ReadDataSourceRequest{})
	check("ReadDataSource", findings(read.Diagnostics), err)
	if read.State != nil {
		t.Errorf("State of a read that panicked = %v, want nil", read.State)
	}
	called, err := server.CallFunction(ctx, &tfprotov6.CallFunctionRequest{})
	if err != nil || called.Result != nil || called.Error == nil {
		t.Fatalf("CallFunction = %v, error %v, want an error of the function alone", called, err)
	}
	if want := "There is no result. This is a bug in the provider, please report it (code 1)."; called.Error.Text != want {
		t.Errorf("CallFunction fails with %q, want %q", called.Error.Text, want)
	}

	for _, method := range []string{http.MethodPost, http.MethodGet} {
		fake := startFake(t, fakeapi.Options{Alerts: 3})
		c := newClientOf(t, provider.NewServerOver(environment(nil), panicOn(method)))
		if found := c.configure(block(fake, nil)); len(found) > 0 {
			t.Fatalf("configure reports %q, want nothing", found)
		}
		for _, kind := range dataSources {
			state, found := c.read(kind, nil)
			check("read("+kind+") that panics in a "+method, found, nil)
			if state != nil {
				t.Errorf("read(%s) that panics in a %s = %v, want no state", kind, method, state)
			}
		}
	}
}

// panicOn sends requests, and panics at those with one method.
type panicOn string

func (method panicOn) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method == string(method) {
		panic(panicValue)
	}
	return (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
}

// TestFault_T8_ResultTooLarge: the provider's limit rejects a list before
// Terraform's does.
func TestFault_T8_ResultTooLarge(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 50, NoDefaultWindow: true, Now: atNoon})
	c := newClientOf(t, provider.NewBoundedServer(environment(nil), 10_000))
	if found := c.configure(block(fake, nil)); len(found) > 0 {
		t.Fatalf("configure reports %q, want nothing", found)
	}
	state, found := c.read("mdatp_alerts", nil)
	checkFinding(t, "read(mdatp_alerts)", found, "error: Too many alerts for one read: ")
	if state != nil {
		t.Errorf("read(mdatp_alerts) = %v, want no state", state)
	}
	if count := c.mustRead("mdatp_alert_summary", nil)["alert_count"]; count == int64(0) {
		t.Errorf("alert_count of mdatp_alert_summary = %v, want more", count)
	}
}

// TestFault_A13_TenantAndClientIDs: IDs that would change the address of a request
// are errors in the provider block and in a data source, before anything is sent.
func TestFault_A13_TenantAndClientIDs(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 5})
	good := configured(t, fake, nil)
	for _, bad := range []string{
		"a/b.example", "../x", "..", "user@contoso.example", "contoso .example", " contoso.example", "contoso.example\n",
		"contoso.example/", "contoso%2eexample", "contoso.example?x=y", "contoso.example#x", `contoso\example`,
		"https://contoso.example", "contoso.example:443", "çontoso.example", "common", "organizations",
		"3b0c6a52-9d41-4f7e-8a15-c27e90d4f316/", "3b0c6a52-9d41-4f7e-8a15-c27e90d4f316\n", "{3b0c6a52-9d41-4f7e-8a15-c27e90d4f316}",
	} {
		for argument, label := range map[string]string{"tenant_id": "tenant ID", "client_id": "client ID"} {
			checkFinding(t, fmt.Sprintf("configure(%s = %q)", argument, bad),
				newClient(t, nil).configure(block(fake, values{argument: bad})), "error at "+argument+": Invalid "+label+": ")
		}
		for _, kind := range dataSources {
			_, found := good.read(kind, values{"tenant_id": bad})
			checkFinding(t, fmt.Sprintf("read(%s, tenant_id = %q)", kind, bad), found, "error at tenant_id: Invalid tenant ID: ")
		}
	}
	checkNoRequests(t, fake)
}

// hostileTexts are texts that an attacker can put into an alert.
var hostileTexts = map[string]string{
	"NUL and escapes":   "a\x00b\x1b[2J\x1b]0;title\x07",
	"line breaks":       "one\r\ntwo\n\rthree\u2028four\u0085",
	"bidi":              "\u202egnp.exe\u202c \u2066x\u2069 \u200f",
	"workflow command":  "::error file=a::x\n::add-mask::y\n##vso[task.setvariable variable=a]b",
	"templates":         "${path.root} %{ if true }x%{ endif } {{ .Values }} $(id) `id`",
	"not NFC":           "e\u0301 \u1100\u1161 \u212b",
	"Markdown and HTML": "| a | <script>alert(1)</script> [x](javascript:y) **",
	"edges of Unicode":  "\U0010ffff \ufffe \ufeff \ufffd",
}

// megabyte is another hostile text; no output has Terraform print it.
var megabyte = strings.Repeat("Zalgo\u0300\u0301\u0302 ", 90_000)

// TestFault_P10_HostileText: the state has every text, in Terraform's Unicode form,
// and no diagnostic quotes it.
func TestFault_P10_HostileText(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{})
	var records, names []string
	for name := range hostileTexts {
		names = append(names, name)
	}
	slices.Sort(names)
	for i, name := range names {
		records = append(records, fmt.Sprintf(`{"AlertId":%q,"Severity":"Low","LastProcessedTimeUtc":"2026-11-03T11:00:%02dZ",`+
			`"AlertTitle":%[3]s,"Description":%[3]s,"LogOnUsers":%[3]s,"X":%[3]s}`, name, 59-i, jsonText(t, hostileTexts[name])))
	}
	records = append(records, `{"AlertId":"1 MB","Severity":"Low","LastProcessedTimeUtc":"2026-11-03T10:00:00Z",`+
		`"Description":`+jsonText(t, megabyte)+`}`)
	fake.ServeBody([]byte("[" + strings.Join(records, ",") + "]"))
	config := providerHCL(fake, nil) + dataHCL("mdatp_alerts", "all", nil) + dataHCL("mdatp_alert_summary", "all", nil) +
		"output \"alerts\" {\n  value = jsonencode(slice(data.mdatp_alerts.all.alerts, 0, " + fmt.Sprint(len(names)) + "))\n}\n" +
		"output \"megabyte\" {\n  value = sha256(data.mdatp_alerts.all.alerts[" + fmt.Sprint(len(names)) + "].description)\n}\n" +
		"output \"titles\" {\n  value = length(data.mdatp_alert_summary.all.counts_by_title)\n}\n"
	terraform(t, resource.TestStep{Config: config, Check: resource.ComposeAggregateTestCheckFunc(
		resource.TestCheckOutput("titles", fmt.Sprint(len(names)+1)), // with that of no title
		resource.TestCheckOutput("megabyte", fmt.Sprintf("%x", sha256.Sum256([]byte(nfc(megabyte))))),
		outputOfAlerts(func(alerts []map[string]any) error {
			if len(alerts) != len(names) {
				return fmt.Errorf("detections in the state = %d, want %d", len(alerts), len(names))
			}
			for i, name := range names {
				want := nfc(hostileTexts[name])
				additional, _ := alerts[i]["additional"].(map[string]any)
				users, _ := alerts[i]["log_on_users"].([]any)
				for _, attribute := range []string{"description", "alert_title"} {
					if got := alerts[i][attribute]; got != want {
						t.Errorf("%s: %s = %.200q, want %.200q", name, attribute, got, want)
					}
				}
				if len(users) == 0 {
					t.Errorf("%s: log_on_users = %v, want at least one", name, alerts[i]["log_on_users"])
				}
				if additional["X"] == nil {
					t.Errorf("%s: additional = %v, want an X", name, alerts[i]["additional"])
				}
			}
			return nil
		}),
	)})

	// As an unknown severity each text causes a warning, which does not quote it.
	c := configured(t, fake, nil)
	hostile := maps.Clone(hostileTexts)
	hostile["1 MB"] = megabyte
	for name := range hostile {
		fake.ServeBody([]byte(fmt.Sprintf(`[{"AlertId":"a","Severity":%[1]s,"LastProcessedTimeUtc":"2026-11-03T11:00:00Z",%[1]s:1},{"AlertId":%[1]s}]`,
			jsonText(t, hostile[name]))))
		_, found := c.read("mdatp_alert_summary", nil)
		for _, finding := range found {
			if len(finding) > 600 {
				t.Errorf("%s: length of %.1000q = %d, want at most 600", name, finding, len(finding))
			}
			for _, mark := range []string{"\x00", "\x1b", "\r", "\u202e", "\u2028", "`", "|", "::"} {
				if strings.Contains(finding, mark) {
					t.Errorf("%s: read reports %.1000q, want no %q in it", name, finding, mark)
				}
			}
		}
	}
}

// TestFault_P14_AsManyAsTheLimit: truncated says that there may be more detections,
// and a gate that did not fail is inconclusive.
func TestFault_P14_AsManyAsTheLimit(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{})
	record := func(n int, severity string) string {
		return fmt.Sprintf(`{"AlertId":"%d","Severity":"%s","LastProcessedTimeUtc":"2026-11-03T11:00:%02dZ","FullId":"f"}`, n, severity, n)
	}
	// The service counts duplicates before the provider merges them.
	fake.ServeBody([]byte("[" + record(1, "High") + "," + record(2, "Low") + "," + record(3, "High") + "]"))
	c := configured(t, fake, nil)
	for _, test := range []struct {
		limit, failOn any
		truncated     bool
		found         string
	}{
		{nil, nil, false, ""},
		{4, nil, false, ""},
		{3, nil, true, ""},
		{4, values{"allowed": 1}, false, ""},
		{3, values{"allowed": 1}, true, "error at fail_on: Gate inconclusive: The service returned 3 detections, as many as limit allows."},
		{3, values{"allowed": 5}, true, "error at fail_on: Gate inconclusive: "},
		{3, values{}, true, "error at fail_on: Gate failed: too many alerts: "},
	} {
		for _, kind := range dataSources {
			arguments := values{"limit": test.limit, "fail_on": test.failOn}
			call := fmt.Sprintf("read(%s, %v)", kind, arguments)
			state, found := c.read(kind, arguments)
			if test.found != "" {
				checkFinding(t, call, found, test.found)
				if state != nil {
					t.Errorf("%s = %v, want no state", call, state)
				}
				continue
			}
			checkFindings(t, call, found, nil)
			if got := state["truncated"]; got != test.truncated {
				t.Errorf("truncated of %s = %v, want %t", call, got, test.truncated)
			}
		}
	}
	_, found := c.read("mdatp_alert_summary", values{"limit": 2})
	checkFinding(t, "read(mdatp_alert_summary, limit = 2)", found, "warning: Anomalies in the response: ")
}
