package provider_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
	"github.com/mdatp/terraform-provider-mdatp/internal/provider"
)

// The tests of this file are rows of the table in the reliability guide.

// TestFault_T1_UnknownProviderConfiguration gives the provider a tenant that
// only the apply will know, in an environment that has one too.
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
	for _, want := range []string{"Error: Unknown tenant ID", "with provider[\"registry.terraform.io/hashicorp/mdatp\"],",
		"tenant_id = terraform_data.tenant.output", "The value of tenant_id is known only after apply"} {
		if !strings.Contains(output, want) {
			t.Errorf("%q is not in %s", want, output)
		}
	}
	if sent := fake.Requests(); len(sent) > 0 {
		t.Errorf("%d requests were sent", len(sent))
	}
}

// TestFault_T2_NullEmptyOrConflictingConfiguration: null is taken from the
// environment, empty and conflicting are errors, a line break is left out with a
// warning. The tables of settings_test.go have the details.
func TestFault_T2_NullEmptyOrConflictingConfiguration(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 5})
	for name, test := range map[string]struct {
		block values
		env   map[string]string
		want  string
	}{
		"null, and nothing else": {block: values{"client_secret": nil}, want: "error at client_secret: Missing client secret: "},
		"null, and an empty variable": {block: values{"client_secret": nil}, env: map[string]string{"MDATP_CLIENT_SECRET": ""},
			want: "error at client_secret: Missing client secret: "},
		"empty, and a variable": {block: values{"client_secret": ""}, env: map[string]string{"MDATP_CLIENT_SECRET": "s"},
			want: "error at client_secret: Invalid client secret: "},
		"conflicting variables": {block: values{"client_secret": nil},
			env:  map[string]string{"MDATP_CLIENT_SECRET": "s", "MDATP_CLIENT_SECRET_FILE_PATH": file(t, "t")},
			want: "error at client_secret: Conflicting client secret: "},
		"line break": {block: values{"client_secret": fakeapi.DefaultClientSecret + "\n"},
			want: "warning at client_secret: White space around the client secret: "},
	} {
		c := newClient(t, test.env)
		found := c.configure(block(fake, test.block))
		if len(found) != 1 || !strings.HasPrefix(found[0], test.want) {
			t.Errorf("%s: %q", name, found)
		}
		before := len(fake.Requests())
		if strings.HasPrefix(test.want, "warning") {
			c.mustRead("mdatp_alert_summary", nil)
		}
		if sent := fake.Requests()[before:]; strings.HasPrefix(test.want, "error") && len(sent) > 0 {
			t.Errorf("%s: %d requests were sent", name, len(sent))
		}
	}
}

// TestFault_T3_DeferredRead reads in the middle of the apply: the plan passes
// without a request, and what is wrong then is an error.
func TestFault_T3_DeferredRead(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 5})
	fake.Script(fakeapi.Alerts, fakeapi.Always(fakeapi.Reply(http.StatusForbidden, nil, "")))
	config := providerHCL(fake, nil) + "resource \"terraform_data\" \"first\" {}\n" +
		dataHCL("mdatp_alert_summary", "gate", values{"depends_on": expression("[terraform_data.first]")})
	terraform(t, resource.TestStep{Config: config, PlanOnly: true, ExpectNonEmptyPlan: true})
	if sent := fake.Requests(); len(sent) > 0 {
		t.Errorf("the plan sent %d requests", len(sent))
	}
	var output string
	runTerraform(t, resource.TestCase{ErrorCheck: expectFailure(&output), Steps: []resource.TestStep{{Config: config}}})
	if !strings.Contains(output, "Error: Not allowed to read alerts") {
		t.Errorf("the apply said %s", output)
	}
}

// panicking is a framework that panics with a secret.
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

func (panicking) ReadDataSource(context.Context, *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	panic(panicValue)
}

// TestFault_T7_Panic panics in every call of Terraform that runs our code, in a
// read, and in the goroutine that signs in.
func TestFault_T7_Panic(t *testing.T) {
	t.Parallel()
	check := func(name string, found []string, err error) {
		t.Helper()
		if err != nil || len(found) != 1 || !strings.HasPrefix(found[0], "error: Internal error: ") ||
			strings.Contains(found[0], "secret") {
			t.Errorf("%s: %q, %v", name, found, err)
		}
	}
	server := provider.NewServerOf(panicking{provider.NewServer("test", environment(nil))()}, 1<<20)
	ctx := t.Context()
	validated, err := server.ValidateProviderConfig(ctx, &tfprotov6.ValidateProviderConfigRequest{})
	check("ValidateProviderConfig", findings(validated.Diagnostics), err)
	configured, err := server.ConfigureProvider(ctx, &tfprotov6.ConfigureProviderRequest{})
	check("ConfigureProvider", findings(configured.Diagnostics), err)
	checked, err := server.ValidateDataResourceConfig(ctx, &tfprotov6.ValidateDataResourceConfigRequest{})
	check("ValidateDataResourceConfig", findings(checked.Diagnostics), err)
	read, err := server.ReadDataSource(ctx, &tfprotov6.ReadDataSourceRequest{})
	check("ReadDataSource", findings(read.Diagnostics), err)
	if read.State != nil {
		t.Error("a read that panicked has a state")
	}

	for _, method := range []string{http.MethodPost, http.MethodGet} {
		fake := startFake(t, fakeapi.Options{Alerts: 3})
		c := newClientOf(t, provider.NewServerOver(environment(nil), panicOn(method)))
		if found := c.configure(block(fake, nil)); len(found) > 0 {
			t.Fatal(found)
		}
		for _, kind := range dataSources {
			state, found := c.read(kind, nil)
			check(method+" for "+kind, found, nil)
			if state != nil {
				t.Errorf("%s for %s has a state", method, kind)
			}
		}
	}
}

// panicOn sends requests, but for those of one method.
type panicOn string

func (method panicOn) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method == string(method) {
		panic(panicValue)
	}
	return (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
}

// TestFault_T8_ResultTooLarge has our own limits speak before Terraform's.
func TestFault_T8_ResultTooLarge(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 50, NoDefaultWindow: true, Now: atNoon})
	c := newClientOf(t, provider.NewBoundedServer(environment(nil), 10_000))
	if found := c.configure(block(fake, nil)); len(found) > 0 {
		t.Fatal(found)
	}
	state, found := c.read("mdatp_alerts", nil)
	if state != nil || len(found) != 1 || !strings.HasPrefix(found[0], "error: Too many alerts for one read: ") {
		t.Errorf("the list found %q", found)
	}
	if summary := c.mustRead("mdatp_alert_summary", nil); summary["total"] == int64(0) {
		t.Error("the summary is empty")
	}
}

// TestFault_A13_TenantAndClientIDs refuses what would change the address of a
// request, in the provider block and at a data source, before anything is sent.
func TestFault_A13_TenantAndClientIDs(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 5})
	good := configured(t, fake, nil)
	for _, bad := range []string{"a/b.example", "../x", "..", "user@contoso.example", "contoso .example", " contoso.example",
		"contoso.example\n", "contoso.example/", "contoso%2eexample", "contoso.example?x=y", "contoso.example#x", `contoso\example`,
		"https://contoso.example", "3b0c6a52-9d41-4f7e-8a15-c27e90d4f316/", "3b0c6a52-9d41-4f7e-8a15-c27e90d4f316\n",
		"{3b0c6a52-9d41-4f7e-8a15-c27e90d4f316}", "contoso.example:443", "common", "organizations", "çontoso.example"} {
		for argument, label := range map[string]string{"tenant_id": "tenant ID", "client_id": "client ID"} {
			found := newClient(t, nil).configure(block(fake, values{argument: bad}))
			if want := "error at " + argument + ": Invalid " + label + ": "; len(found) != 1 || !strings.HasPrefix(found[0], want) {
				t.Errorf("%s %q: %q", argument, bad, found)
			}
		}
		for _, kind := range dataSources {
			_, found := good.read(kind, values{"tenant_id": bad})
			if len(found) != 1 || !strings.HasPrefix(found[0], "error at tenant_id: Invalid tenant ID: ") {
				t.Errorf("%s %q: %q", kind, bad, found)
			}
		}
	}
	if sent := fake.Requests(); len(sent) > 0 {
		t.Errorf("%d requests were sent", len(sent))
	}
}

// hostileTexts are what an attacker can have an alert say.
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

// megabyte is one text more, which Terraform is not asked to print.
var megabyte = strings.Repeat("Zalgo\u0300\u0301\u0302 ", 90_000)

// TestFault_P10_HostileText keeps every text in state, in the form that
// Terraform gives it, and prints none of it.
func TestFault_P10_HostileText(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{})
	var records, names []string
	for name := range hostileTexts {
		names = append(names, name)
	}
	slices.Sort(names)
	for i, name := range names {
		text := jsonText(t, hostileTexts[name])
		records = append(records, fmt.Sprintf(`{"AlertId":%q,"Severity":"Low","LastProcessedTimeUtc":"2026-11-03T11:00:%02dZ",`+
			`"AlertTitle":%[3]s,"Description":%[3]s,"LogOnUsers":%[3]s,"X":%[3]s}`, name, 59-i, text))
	}
	records = append(records, `{"AlertId":"1 MB","Severity":"Low","LastProcessedTimeUtc":"2026-11-03T10:00:00Z","Description":`+jsonText(t, megabyte)+`}`)
	fake.ServeBody([]byte("[" + strings.Join(records, ",") + "]"))
	config := providerHCL(fake, nil) + dataHCL("mdatp_alerts", "all", nil) + dataHCL("mdatp_alert_summary", "all", nil) +
		"output \"alerts\" {\n  value = jsonencode(slice(data.mdatp_alerts.all.alerts, 0, " + fmt.Sprint(len(names)) + "))\n}\n" +
		"output \"megabyte\" {\n  value = sha256(data.mdatp_alerts.all.alerts[" + fmt.Sprint(len(names)) + "].description)\n}\n" +
		"output \"titles\" {\n  value = length(data.mdatp_alert_summary.all.counts_by_title)\n}\n"
	terraform(t, resource.TestStep{Config: config, Check: resource.ComposeAggregateTestCheckFunc(
		resource.TestCheckOutput("titles", fmt.Sprint(len(names)+1)), // and none
		resource.TestCheckOutput("megabyte", fmt.Sprintf("%x", sha256.Sum256([]byte(nfc(megabyte))))),
		outputOfAlerts(func(alerts []map[string]any) error {
			if len(alerts) != len(names) {
				return fmt.Errorf("%d alerts", len(alerts))
			}
			for i, name := range names {
				want := nfc(hostileTexts[name])
				additional, _ := alerts[i]["additional"].(map[string]any)
				users, _ := alerts[i]["log_on_users"].([]any)
				if alerts[i]["description"] != want || alerts[i]["alert_title"] != want || len(users) == 0 || additional["X"] == nil {
					t.Errorf("%s: %.200q", name, alerts[i]["description"])
				}
			}
			return nil
		}),
	)})

	// With an unknown severity each comes with a warning, which does not quote it.
	c := configured(t, fake, nil)
	hostile := maps.Clone(hostileTexts)
	hostile["1 MB"] = megabyte
	for name, text := range hostile {
		fake.ServeBody([]byte(fmt.Sprintf(`[{"AlertId":"a","Severity":%[1]s,"LastProcessedTimeUtc":"2026-11-03T11:00:00Z",%[1]s:1},{"AlertId":%[1]s}]`,
			jsonText(t, text))))
		_, found := c.read("mdatp_alert_summary", nil)
		for _, said := range found {
			if len(said) > 600 || strings.ContainsAny(said, "\x00\x1b\r\u202e\u2028`|") || strings.Contains(said, "::") {
				t.Errorf("%s is printed: %.1000q", name, said)
			}
		}
	}
}

// TestFault_P14_AsManyAsTheLimit says that there may be more, and that a gate
// which did not fail has no verdict.
func TestFault_P14_AsManyAsTheLimit(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{})
	record := func(n int, severity string) string {
		return fmt.Sprintf(`{"AlertId":"%d","Severity":"%s","LastProcessedTimeUtc":"2026-11-03T11:00:%02dZ","FullId":"f"}`, n, severity, n)
	}
	// Duplicates collapse after the service counted them.
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
			state, found := c.read(kind, values{"limit": test.limit, "fail_on": test.failOn})
			switch {
			case test.found == "" && (len(found) > 0 || !reflect.DeepEqual(state["truncated"], test.truncated)):
				t.Errorf("%s, limit %v: %q, truncated %v", kind, test.limit, found, state["truncated"])
			case test.found != "" && (state != nil || len(found) != 1 || !strings.HasPrefix(found[0], test.found)):
				t.Errorf("%s, limit %v, fail_on %v: %q", kind, test.limit, test.failOn, found)
			}
		}
	}
	if _, found := c.read("mdatp_alert_summary", values{"limit": 2}); len(found) != 1 ||
		!strings.HasPrefix(found[0], "warning: Unexpected alerts in the response: ") {
		t.Errorf("more than the limit: %q", found)
	}
}
