package provider_test

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
	"github.com/mdatp/terraform-provider-mdatp/internal/provider"
)

// Four identifiers, each for another place that sets a value.
const (
	tenantA = "aaaaaaaa-0000-4000-8000-000000000000"
	tenantB = "bbbbbbbb-0000-4000-8000-000000000000"
	tenantC = "cccccccc-0000-4000-8000-000000000000"
	tenantD = "dddddddd-0000-4000-8000-000000000000"
)

// file writes a file for a test and returns its path.
func file(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// signIn configures a provider, reads with it and returns its token request.
func signIn(
	t *testing.T, fake *fakeapi.Server, attributes values, env map[string]string,
) (request fakeapi.Request, found []string) {
	t.Helper()
	c := newClient(t, env)
	if found = c.configure(attributes); strings.Contains(strings.Join(found, "\n"), "error") {
		return request, found
	}
	before := len(fake.TokenRequests())
	_, ofRead := c.read("mdatp_alert_summary", nil)
	requests := fake.TokenRequests()[before:]
	if len(requests) == 0 {
		return request, append(found, ofRead...)
	}
	if len(requests) != 1 {
		t.Fatalf("token requests of one read = %d, want 1", len(requests))
	}
	return requests[0], found
}

// fakeEnvironment returns the environment that points the provider at a fake.
func fakeEnvironment(fake *fakeapi.Server) map[string]string {
	env := map[string]string{}
	for _, setting := range fake.Env() {
		name, value, _ := strings.Cut(setting, "=")
		env[name] = value
	}
	return env
}

// TestSettingsPrecedence sees in the token request which values were used: the
// block's before the environment's, by prefix. A file counts as its argument.
// TestCredential has more about secrets.
func TestSettingsPrecedence(t *testing.T) {
	t.Parallel()
	agreeing, other := file(t, "\n "+tenantA+"\r\n"), file(t, tenantB)
	secretFile := file(t, "from a file\n")
	trimmed := func(origin string) string {
		return "warning: White space around the client secret: The value of " + origin +
			" starts or ends with white space, such as a line break. It was trimmed."
	}
	for name, test := range map[string]struct {
		block                  values
		env                    map[string]string
		tenant, client, secret string // "" for those of the fake
		found                  string
	}{
		"block": {},
		"block before everything": {block: values{"tenant_id": tenantA}, tenant: tenantA,
			env: map[string]string{"MDATP_TENANT_ID": tenantB, "ARM_TENANT_ID": tenantC}},
		"MDATP_ first": {block: values{"tenant_id": nil}, tenant: tenantB,
			env: map[string]string{"MDATP_TENANT_ID": tenantB, "ARM_TENANT_ID": tenantC, "AZURE_TENANT_ID": tenantD}},
		"then ARM_": {block: values{"tenant_id": nil}, tenant: tenantC,
			env: map[string]string{"ARM_TENANT_ID": tenantC, "AZURE_TENANT_ID": tenantD}},
		"then AZURE_": {block: values{"tenant_id": nil}, tenant: tenantD,
			env: map[string]string{"AZURE_TENANT_ID": tenantD}},
		"an empty variable is unset": {block: values{"tenant_id": nil}, tenant: tenantC,
			env: map[string]string{"MDATP_TENANT_ID": "", "ARM_TENANT_ID": tenantC}},
		"the tenant by itself": {block: values{"tenant_id": nil, "client_id": nil, "client_secret": nil},
			tenant: tenantA, client: tenantC, secret: "of ARM_",
			env: map[string]string{"MDATP_TENANT_ID": tenantA, "ARM_CLIENT_ID": tenantC, "ARM_CLIENT_SECRET": "of ARM_"}},
		"file of the prefix before another secret": {block: values{"client_id": nil, "client_secret": nil}, client: tenantA, secret: "from a file",
			env: map[string]string{"MDATP_CLIENT_ID": tenantA, "MDATP_CLIENT_SECRET_FILE_PATH": secretFile, "ARM_CLIENT_SECRET": "of ARM_"}},
		"the block's secret": {block: values{"client_id": nil, "client_secret": "of the block"}, client: tenantA, secret: "of the block",
			env: map[string]string{"MDATP_CLIENT_ID": tenantA, "ARM_CLIENT_ID": tenantB}},
		"a secret of another prefix": {block: values{"client_id": nil, "client_secret": nil},
			env: map[string]string{"MDATP_CLIENT_ID": tenantA, "MDATP_CLIENT_SECRET": "", "ARM_CLIENT_SECRET": "of ARM_"},
			found: "error: Missing provider settings: The provider cannot read without these settings:\n\n" +
				"- client secret: the environment variable ARM_CLIENT_SECRET is not used with the client ID from the environment variable " +
				"MDATP_CLIENT_ID, as a client secret belongs to one application. Set both with one prefix, or one of them in the provider block. " +
				"MDATP_CLIENT_SECRET is set, but empty.\n\n" + waysToSignIn},

		"file in the block": {block: values{"client_id": nil, "client_id_file_path": agreeing}, client: tenantA},
		"file in the environment": {block: values{"client_secret": nil}, secret: "from a file",
			env: map[string]string{"ARM_CLIENT_SECRET_FILE_PATH": secretFile}},
		"MDATP_ file first": {block: values{"client_id": nil}, client: tenantA,
			env: map[string]string{"MDATP_CLIENT_ID_FILE_PATH": agreeing, "ARM_CLIENT_ID_FILE_PATH": other}},
		"block and its file agree": {block: values{"client_id": tenantA, "client_id_file_path": agreeing}, client: tenantA},
		"environment and its file agree": {block: values{"client_id": nil}, client: tenantA,
			env: map[string]string{"MDATP_CLIENT_ID": tenantA, "MDATP_CLIENT_ID_FILE_PATH": agreeing}},
		"environment before the file of the next prefix": {block: values{"client_id": nil}, client: tenantA,
			env: map[string]string{"MDATP_CLIENT_ID": tenantA, "ARM_CLIENT_ID_FILE_PATH": "/no/such/file"}},
		"file before the environment of the next prefix": {block: values{"client_id": nil}, client: tenantA,
			env: map[string]string{"MDATP_CLIENT_ID_FILE_PATH": agreeing, "ARM_CLIENT_ID": tenantB}},
		"block before the environment's file": {block: values{"client_id": tenantC}, client: tenantC,
			env: map[string]string{"MDATP_CLIENT_ID": "not even valid", "MDATP_CLIENT_ID_FILE_PATH": "/no/such/file"}},
		"file in the block before the environment": {
			block: values{"client_id": nil, "client_id_file_path": agreeing}, client: tenantA,
			env: map[string]string{"MDATP_CLIENT_ID": tenantB, "MDATP_CLIENT_ID_FILE_PATH": other}},

		"block and its file differ": {block: values{"client_id": tenantC, "client_id_file_path": other},
			found: "error: Conflicting client ID: Both client_id in the provider block and " +
				"client_id_file_path in the provider block are set, and they differ. Remove one of them."},
		"environment and its file differ": {block: values{"client_secret": nil},
			env: map[string]string{"ARM_CLIENT_SECRET": "another", "ARM_CLIENT_SECRET_FILE_PATH": secretFile},
			found: "error: Conflicting client secret: Both the environment variable ARM_CLIENT_SECRET and " +
				"the environment variable ARM_CLIENT_SECRET_FILE_PATH are set, and they differ. Remove one of them."},

		"white space around a secret": {block: values{"client_secret": " secret\n"}, secret: "secret",
			found: trimmed("client_secret in the provider block")},
		"white space around a variable": {block: values{"client_secret": nil}, secret: "secret",
			env:   map[string]string{"MDATP_CLIENT_SECRET": "secret\r\n"},
			found: trimmed("the environment variable MDATP_CLIENT_SECRET")},
		"white space inside a secret is kept": {block: values{"client_secret": "a b"}, secret: "a b"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := startFake(t, fakeapi.Options{Alerts: -1})
			request, found := signIn(t, fake, block(fake, test.block), test.env)
			if got := strings.Join(found, "\n"); got != test.found {
				t.Errorf("configure reports %q, want %q", got, test.found)
			}
			if strings.HasPrefix(test.found, "error") {
				checkNoRequests(t, fake)
				return
			}
			want := map[string]string{
				"path":          "/entra/" + cmp.Or(test.tenant, fakeapi.DefaultTenantID) + "/oauth2/token",
				"client_id":     cmp.Or(test.client, fakeapi.DefaultClientID),
				"client_secret": cmp.Or(test.secret, fakeapi.DefaultClientSecret),
			}
			got := map[string]string{
				"path":          request.Path,
				"client_id":     request.Form.Get("client_id"),
				"client_secret": request.Form.Get("client_secret"),
			}
			if !maps.Equal(got, want) {
				t.Errorf("token request = %v, want %v", got, want)
			}
		})
	}
}

// TestSettingsFromEnvironment configures an empty block by the environment.
func TestSettingsFromEnvironment(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: -1, Resource: "api://another"})
	env := map[string]string{
		"MDATP_SIEM_RESOURCE": "api://another", "MDATP_MAX_ATTEMPTS": "1",
		"MDATP_ATTEMPT_TIMEOUT": "10s", "MDATP_TIMEOUT": "30s", "MDATP_MAX_RESPONSE_MIB": "1", "MDATP_API": "siem",
	}
	maps.Copy(env, fakeEnvironment(fake))
	env["ARM_ACTIVE_DIRECTORY_AUTHORITY_HOST"] = "https://never.invalid"
	request, found := signIn(t, fake, nil, env)
	if len(found) > 0 {
		t.Errorf("configure reports %q, want nothing", found)
	}
	if got := request.Form.Get("resource"); got != "api://another" {
		t.Errorf("resource of the token request = %q, want api://another", got)
	}
	if request.Status != http.StatusOK {
		t.Errorf("status of the token request = %d, want %d", request.Status, http.StatusOK)
	}

	c := newClient(t, env)
	c.configure(nil)
	fake.ServeBody([]byte("[" + strings.Repeat(" ", 1<<20) + "]"))
	const tooLarge = "larger than max_response_mib"
	if _, found := c.read("mdatp_alert_summary", nil); !strings.Contains(strings.Join(found, ""), tooLarge) {
		t.Errorf("read of 1 MiB with MDATP_MAX_RESPONSE_MIB=1 reports %q, want %q in it", found, tooLarge)
	}
}

// TestSettingsRefused has one case for each way in which a setting can be invalid.
// Validation refuses it in the block, Configure in the environment, both at its
// argument, and no request is sent.
func TestSettingsRefused(t *testing.T) {
	t.Parallel()
	const (
		address  = "it must be a whole address, such as https://host.example"
		duration = `it must be a duration above zero, such as "90s" or "5m"`
		tenant   = "it must be a GUID or a domain such as contoso.onmicrosoft.com"
		guid     = "it must be a GUID such as 00000000-0000-0000-0000-000000000000"
		region   = `it must be one of "eu", "us", "uk", "gcc", "gcchigh", "dod"`
		attempts = "it must be a whole number from 1 to 20"
		mib      = "it must be a whole number from 1 to 4096"
		quotes   = "it is in quotation marks: remove them"
		token    = "it is the address of a token endpoint: set its host alone, such as https://login.microsoftonline.com, and the tenant in tenant_id"
		resource = "it must be the URI or the GUID of an application"
		ascii    = "it must have a host name in ASCII, such as xn--bcher-kva.example"
		port     = "it must have a port from 1 to 65535, or none"
		https    = "plain http is accepted for loopback hosts only, use https"
		user     = "it must not hold a user name or password"
		query    = "it must end with its path, without a query or fragment"
		local    = "it must have a loopback host, or an address of 169.254.0.0/16"
	)
	for _, test := range []struct {
		argument, label, env string
		value                any
		problem              string
	}{
		{"tenant_id", "tenant ID", "AZURE_TENANT_ID", "quoted", tenant},
		{"tenant_id", "tenant ID", "MDATP_TENANT_ID", "3b0c6a52-9d41-4f7e-8a15-c27e90d4f31", tenant},
		{"tenant_id", "tenant ID", "MDATP_TENANT_ID", "-a.example", tenant},
		{"tenant_id", "tenant ID", "MDATP_TENANT_ID", strings.Repeat("a.", 127) + "com", tenant},
		{"client_id", "client ID", "MDATP_CLIENT_ID", "quoted application", guid},
		{"client_id", "client ID", "ARM_CLIENT_ID", "{e81f2d07-54ab-4c36-b9e0-6f13a8752c4d}", guid},
		{"client_secret", "client secret", "MDATP_CLIENT_SECRET", " \n", "it is empty"},
		{"client_secret", "client secret", "MDATP_CLIENT_SECRET", "quoted\nlines", "its character 7 is a line break"},
		{"client_secret", "client secret", "ARM_CLIENT_SECRET", "\"quoted\"", quotes},
		{"client_secret", "client secret", "AZURE_CLIENT_SECRET", "quoted\u200b", "its character 7 is invisible, such as a zero-width space"},
		{"client_id", "client ID", "AZURE_CLIENT_ID", "'e81f2d07-54ab-4c36-b9e0-6f13a8752c4d'", quotes},
		{"tenant_id", "tenant ID", "ARM_TENANT_ID", "quoted\u2013tenant.example", "its character 7 is a dash, not a hyphen"},
		{"api", "API", "MDATP_API", "SIEM", `it must be "siem" or "graph"`},
		{"region", "region", "MDATP_REGION", "eu ", region},
		{"region", "region", "MDATP_REGION", "ch", region},
		{"authority_host", "authority host", "ARM_ACTIVE_DIRECTORY_AUTHORITY_HOST", "login.microsoftonline.com", address},
		{"authority_host", "authority host", "MDATP_AUTHORITY_HOST", "ftp://quoted", address},
		{"authority_host", "authority host", "MDATP_AUTHORITY_HOST", "https://", address},
		{"authority_host", "authority host", "MDATP_AUTHORITY_HOST", "https://quoted/%zz", "it is not a URL"},
		{"authority_host", "authority host", "MDATP_AUTHORITY_HOST", "https://login.microsoftonline.com/quoted/oauth2/token", token},
		{"authority_host", "authority host", "MDATP_AUTHORITY_HOST", "https://login.windows.net/quoted/OAuth2/v2.0/token/", token},
		{"authority_host", "authority host", "MDATP_AUTHORITY_HOST", "http://quoted.example", https},
		{"authority_host", "authority host", "MDATP_AUTHORITY_HOST", "https://quoted.micros\u043eft.example", ascii},
		{"siem_endpoint", "SIEM endpoint", "MDATP_SIEM_ENDPOINT", "https://quoted.example:65536", port},
		{"siem_endpoint", "SIEM endpoint", "MDATP_SIEM_ENDPOINT", "http://127.0.0.1.example", https},
		{"siem_endpoint", "SIEM endpoint", "MDATP_SIEM_ENDPOINT", "http://10.0.0.1/api/alerts", https},
		{"siem_endpoint", "SIEM endpoint", "MDATP_SIEM_ENDPOINT", "https://user:quoted@host.example", user},
		{"siem_endpoint", "SIEM endpoint", "MDATP_SIEM_ENDPOINT", "https://host.example/?quoted=1", query},
		{"siem_resource", "SIEM resource", "MDATP_SIEM_RESOURCE", "quoted words", resource},
		{"refresh_token", "refresh token", "MDATP_REFRESH_TOKEN", "quoted token", "its character 7 is a space"},
		{"refresh_token", "refresh token", "MDATP_REFRESH_TOKEN", "\"quoted\"", quotes},
		{"client_certificate", "client certificate", "ARM_CLIENT_CERTIFICATE", "quoted!", "it is not base64; the path of a file belongs in client_certificate_path"},
		{"oidc_token", "OIDC token", "ARM_OIDC_TOKEN", "quoted\u2013", "its character 7 is a dash, not a hyphen"},
		{"oidc_token", "OIDC token", "MDATP_OIDC_TOKEN", "quoted token", "its character 7 is a space"},
		{"oidc_request_token", "OIDC request token", "SYSTEM_ACCESSTOKEN", "quoted token", "its character 7 is a space"},
		{"oidc_request_url", "OIDC request URL", "ACTIONS_ID_TOKEN_REQUEST_URL", "http://quoted.example", https},
		{"ado_pipeline_service_connection_id", "service connection ID", "ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID", "quoted", guid},
		{"msi_endpoint", "endpoint of the managed identity", "ARM_MSI_ENDPOINT", "http://quoted.example", local},
		{"msi_endpoint", "endpoint of the managed identity", "MDATP_MSI_ENDPOINT", "http://10.0.0.1", local},
		{"graph_endpoint", "Graph endpoint", "MDATP_GRAPH_ENDPOINT", "https://graph.microsoft.com/?quoted=1", query},
		{"max_attempts", "number of attempts", "MDATP_MAX_ATTEMPTS", 0, attempts},
		{"max_attempts", "number of attempts", "MDATP_MAX_ATTEMPTS", 21, attempts},
		{"max_attempts", "number of attempts", "MDATP_MAX_ATTEMPTS", 1.5, attempts},
		{"max_attempts", "number of attempts", "MDATP_MAX_ATTEMPTS", -1, attempts},
		{"attempt_timeout", "attempt timeout", "MDATP_ATTEMPT_TIMEOUT", "60", `it must be a duration with its unit; write "60s" or "60m"`},
		{"attempt_timeout", "attempt timeout", "MDATP_ATTEMPT_TIMEOUT", "0", duration},
		{"attempt_timeout", "attempt timeout", "MDATP_ATTEMPT_TIMEOUT", "PT60S", `it must be a duration in the form of Go; write "1m"`},
		{"timeout", "timeout", "MDATP_TIMEOUT", "0s", duration},
		{"timeout", "timeout", "MDATP_TIMEOUT", "-5m", duration},
		{"max_response_mib", "response limit", "MDATP_MAX_RESPONSE_MIB", 0, mib},
		{"max_response_mib", "response limit", "MDATP_MAX_RESPONSE_MIB", 4097, mib},
	} {
		value := fmt.Sprint(test.value)
		t.Run(test.argument+" "+value, func(t *testing.T) {
			t.Parallel()
			fake := startFake(t, fakeapi.Options{Alerts: -1})
			title := "error at " + test.argument + ": Invalid " + test.label + ": The value of "
			if slices.Contains(secretArguments, test.argument) {
				title = strings.Replace(title, " at "+test.argument, "", 1)
			}

			found := newClient(t, nil).configure(block(fake, values{test.argument: test.value}))
			want := title + test.argument + " cannot be used: " + test.problem + "."
			if !slices.Equal(found, []string{want}) {
				t.Errorf("configure(%s = %q) reports %q, want %q", test.argument, value, found, want)
			}
			found = newClient(t, map[string]string{test.env: value}).configure(block(fake, values{test.argument: nil}))
			want = title + "the environment variable " + test.env + " cannot be used: " + test.problem + "."
			if strings.TrimSpace(value) != value && test.argument != "client_secret" {
				want += " It starts or ends with white space."
			}
			if len(found) == 0 || found[0] != want {
				t.Errorf("configure with %s=%q reports %q, want %q first", test.env, value, found, want)
			}
			if mark := "quoted"; strings.Contains(value, mark) && strings.Contains(strings.Join(found, ""), mark) {
				t.Errorf("configure with %s=%q reports %q, want no %q in it", test.env, value, found, mark)
			}
			checkNoRequests(t, fake)
		})
	}
}

// TestSettingsBlank refuses values that are set but empty, in the block when it is
// configured and in files at the first read.
func TestSettingsBlank(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: -1})
	blank, missing, directory := file(t, " \n"), filepath.Join(t.TempDir(), "none"), t.TempDir()
	large := file(t, "a"+strings.Repeat(" ", 64<<10-1)+"b")
	utf16 := file(t, "\xff\xfes\x00e\x00")
	dash := file(t, "\ufeffquoted\u2013secret\n")
	invalid := func(at, label, value, problem string) string {
		return "error" + at + ": Invalid " + label + ": The value of " + value + " cannot be used: " + problem
	}
	content := func(label, argument, problem string) string {
		return invalid("", label, "the file that "+argument+" in the provider block names", problem)
	}
	unreadable := func(at, label, problem string) string {
		return "error: Unreadable file of the " + label + ": The file that " + at +
			" in the provider block names cannot be read: " + problem + " Check the path and who may read it."
	}
	for name, test := range map[string]struct {
		block     values
		configure bool // reports it
		want      string
	}{
		"tenant": {values{"tenant_id": ""}, true,
			invalid(" at tenant_id", "tenant ID", "tenant_id", "it must be a GUID or a domain such as contoso.onmicrosoft.com.")},
		"secret": {values{"client_secret": ""}, true,
			invalid("", "client secret", "client_secret", "it is empty.")},
		"region": {values{"region": ""}, true,
			invalid(" at region", "region", "region", `it must be one of "eu", "us", "uk", "gcc", "gcchigh", "dod".`)},
		"path": {values{"client_id_file_path": " "}, true,
			invalid(" at client_id_file_path", "file of the client ID", "client_id_file_path", "it is empty.")},
		"empty file": {values{"client_secret": nil, "client_secret_file_path": blank}, false,
			content("client secret", "client_secret_file_path", "it is empty.")},
		"UTF-16": {values{"client_secret": nil, "client_secret_file_path": utf16}, false,
			content("client secret", "client_secret_file_path", "it is UTF-16: save it as UTF-8.")},
		"dash": {values{"client_secret": nil, "client_secret_file_path": dash}, false,
			content("client secret", "client_secret_file_path", "its character 7 is a dash, not a hyphen.")},
		"missing file": {values{"client_secret": nil, "client_secret_file_path": missing}, false,
			unreadable("client_secret_file_path", "client secret", "there is no such file.")},
		"large file": {values{"client_secret": nil, "client_secret_file_path": large}, false,
			unreadable("client_secret_file_path", "client secret", "it is larger than 64 KiB.")},
		"device": {values{"client_secret": nil, "client_secret_file_path": os.DevNull}, false,
			unreadable("client_secret_file_path", "client secret", "it is not a regular file.")},
		"directory": {values{"client_id": nil, "client_id_file_path": directory}, false,
			unreadable("client_id_file_path", "client ID", "it is not a regular file.")},
	} {
		c := newClient(t, nil)
		found := c.configure(block(fake, test.block))
		if test.configure {
			checkFindings(t, name+": configure", found, []string{test.want})
			continue
		}
		checkFindings(t, name+": configure", found, nil)
		_, found = c.read("mdatp_alert_summary", nil)
		checkFindings(t, name+": read", found, []string{test.want})
	}
	checkNoRequests(t, fake)
}

const waysToSignIn = `To sign in, the provider needs the tenant ID and one of these:

- a client secret: client_id, and client_secret or client_secret_file_path
- a certificate: client_id, and client_certificate or client_certificate_path
- an OIDC token: client_id, and oidc_token, oidc_token_file_path, or oidc_request_token and oidc_request_url
- the managed identity of this computer: use_msi
- a person who signed in: refresh_token_file_path, after terraform-provider-mdatp login
- the Azure CLI: after az login, without any other of these, or with use_cli

See the guide "Signing in".`

const (
	missingClient = "- client ID: set client_id or client_id_file_path in the provider block, or MDATP_CLIENT_ID or MDATP_CLIENT_ID_FILE_PATH in the environment."
	missingSecret = "- client secret: set client_secret or client_secret_file_path in the provider block, " +
		"or MDATP_CLIENT_SECRET or MDATP_CLIENT_SECRET_FILE_PATH in the environment."
)

// TestSettingsMissing: the first read reports all missing settings at once, and
// nothing before it.
func TestSettingsMissing(t *testing.T) {
	t.Parallel()
	const (
		region = "- region: set region in the provider block, or MDATP_REGION in the environment. " +
			`The SIEM API has an address for each region: "eu", "us", "uk", "gcc", "gcchigh", "dod"; the Defender portal shows where the tenant's data ` +
			`is stored, under Settings > Endpoints > Data retention. Microsoft Graph needs none: set api = "graph", or MDATP_API=graph. ` +
			`Most tenants can use only Graph.`
		tenant = "- tenant ID: set tenant_id in the provider block, or MDATP_TENANT_ID in the environment."
		client = missingClient
		secret = missingSecret
		taken  = "The file that refresh_token_file_path in the provider block names is not what terraform-provider-mdatp login stores, " +
			"so that its text is taken as a refresh token, which needs the tenant ID and the client ID.\n\n"
	)
	fake := startFake(t, fakeapi.Options{Alerts: -1})
	for name, test := range map[string]struct {
		block values
		env   map[string]string
		want  []string
		hint  string
	}{
		"all":       {nil, nil, []string{tenant, client, secret, region}, ""},
		"not graph": {values{"api": "graph"}, nil, []string{tenant, client, secret}, ""},
		"a file that login did not store": {block(fake, values{"tenant_id": nil, "client_id": nil, "client_secret": nil, "refresh_token_file_path": file(t, "<html>s3cr3t</html>\n")}),
			nil, []string{tenant, client}, taken},
		"the same, with a client ID": {block(fake, values{"tenant_id": nil, "client_secret": nil, "refresh_token_file_path": file(t, "s3cr3t")}),
			nil, []string{tenant}, taken},
		"empty variables": {nil, map[string]string{"MDATP_TENANT_ID": "", "ARM_CLIENT_SECRET": "", "AZURE_CLIENT_SECRET": "", "MDATP_REGION": ""},
			[]string{tenant + " MDATP_TENANT_ID is set, but empty.", client, secret + " ARM_CLIENT_SECRET and AZURE_CLIENT_SECRET are set, but empty.",
				region + " MDATP_REGION is set, but empty."}, ""},
		// An unset address needs a region.
		"no endpoint":  {block(fake, values{"siem_endpoint": nil}), nil, []string{region}, ""},
		"no authority": {block(fake, values{"authority_host": nil}), nil, []string{region}, ""},
		"no tenant":    {block(fake, values{"tenant_id": nil}), nil, []string{tenant}, ""},
	} {
		c := newClient(t, test.env)
		checkFindings(t, name+": configure", c.configure(test.block), nil)
		want := []string{"error: Missing provider settings: The provider cannot read without these settings:\n\n" +
			strings.Join(test.want, "\n") + "\n\n" + test.hint + waysToSignIn}
		for range 2 { // a second read too
			_, found := c.read("mdatp_alert_summary", nil)
			checkFindings(t, name+": read", found, want)
		}
	}
	checkNoRequests(t, fake)
	for _, argument := range []string{"siem_endpoint", "authority_host"} {
		if found := newClient(t, nil).configure(block(fake, values{argument: nil, "region": "dod"})); len(found) > 0 {
			t.Errorf("configure without %s, with a region, reports %q, want nothing", argument, found)
		}
	}
}

// TestSignInOrigins: errors of the sign-in say where its settings come from.
func TestSignInOrigins(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: -1})
	secretFile := file(t, "a wrong one")
	for name, test := range map[string]struct {
		block     values
		env       map[string]string
		arguments values
		want      string
	}{
		"block": {values{"client_secret": "a wrong one"}, nil, nil, "The tenant ID comes from tenant_id in the provider block, " +
			"the client ID from client_id in the provider block, the client secret from client_secret in the provider block."},
		"environment": {values{"tenant_id": nil, "client_id": nil, "client_secret": nil},
			map[string]string{"AZURE_TENANT_ID": fakeapi.DefaultTenantID, "ARM_CLIENT_ID": fakeapi.DefaultClientID, "ARM_CLIENT_SECRET_FILE_PATH": secretFile}, nil,
			"The tenant ID comes from the environment variable AZURE_TENANT_ID, the client ID from the environment variable ARM_CLIENT_ID, " +
				"the client secret from the file that the environment variable ARM_CLIENT_SECRET_FILE_PATH names."},
		"tenant of the read": {values{"tenant_id": tenantA, "client_secret": "a wrong one"}, nil, values{"tenant_id": fakeapi.DefaultTenantID},
			"The tenant ID comes from tenant_id of the read, the client ID from client_id in the provider block, the client secret from client_secret in the provider block."},
	} {
		c := newClient(t, test.env)
		if found := c.configure(block(fake, test.block)); len(found) > 0 {
			t.Errorf("%s: configure reports %q, want nothing", name, found)
		}
		_, found := c.read("mdatp_alert_summary", test.arguments)
		checkFinding(t, name+": read", found, "error: "+noSignIn)
		if got := strings.Join(found, ""); !strings.Contains(got, "AADSTS7000215") || !strings.Contains(got, test.want) || strings.Contains(got, "wrong one") {
			t.Errorf("%s: read reports %q, want AADSTS7000215 and %q in it, and no secret", name, got, test.want)
		}
	}
}

// TestCACertificates trusts a service by the file, for signing in and for reads.
func TestCACertificates(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 3, NoDefaultWindow: true, TLS: true})
	authority, host := string(fake.CAPEM()), strings.Split(fake.AuthorityHost(), "/")[2]
	key := "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
	title := "error: Invalid file of CA certificates: The file that ca_certificate_path in the provider block names cannot be used: "
	for name, test := range map[string]struct {
		content string
		want    string // of the read; "" for none
	}{
		"authority":        {authority, ""},
		"others beside it": {"\ufeff# a comment\r\n" + key + authority + authority, ""},
		"no certificate":   {key, title + "it has no certificate."},
		"DER":              {"0\x82\x01\x01", title + "it is not PEM, which has lines such as -----BEGIN CERTIFICATE-----."},
		"empty":            {"", title + "it is not PEM, which has lines such as -----BEGIN CERTIFICATE-----."},
		"no end":           {authority + authority[:200], title + "one of its PEM blocks is damaged."},
		"damaged":          {"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", title + "its certificate 1 is damaged."},
		"of somebody else": {string(startFake(t, fakeapi.Options{TLS: true}).CAPEM()), "error: " + noSignIn + ": The sign-in to " + host +
			" failed at the first attempt. The TLS certificate is from an unknown authority. If a proxy inspects TLS, " +
			"name the file of its authority's certificate in ca_certificate_path; otherwise check authority_host. Tenant: " + fakeapi.DefaultTenantID + "."},
	} {
		before := len(fake.Requests())
		c := newClient(t, nil)
		checkFindings(t, name+": configure", c.configure(block(fake, values{"ca_certificate_path": file(t, test.content)})), nil)
		state, found := c.read("mdatp_alert_summary", nil)
		if test.want != "" {
			checkFindings(t, name+": read", found, []string{test.want})
			if sent := len(fake.Requests()) - before; sent > 0 {
				t.Errorf("%s: requests = %d, want 0", name, sent)
			}
			continue
		}
		checkFindings(t, name+": read", found, nil)
		if state["fetched"] != int64(3) {
			t.Errorf("%s: fetched = %v, want 3", name, state["fetched"])
		}
		if sent := len(fake.Requests()) - before; sent != 2 {
			t.Errorf("%s: requests = %d, want 2", name, sent)
		}
	}
	c := newClient(t, map[string]string{"MDATP_CA_CERTIFICATE_PATH": t.TempDir()})
	checkFindings(t, "configure", c.configure(block(fake, nil)), nil)
	_, found := c.read("mdatp_alert_summary", nil)
	checkFindings(t, "read", found, []string{"error: Unreadable file of CA certificates: The file that the environment variable MDATP_CA_CERTIFICATE_PATH " +
		"names cannot be read: it is not a regular file. Check the path and who may read it."})
}

// TestSettingsAccepted has values at the limits of what is accepted.
func TestSettingsAccepted(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: -1})
	for argument, accepted := range map[string][]any{
		"tenant_id": {"3B0C6A52-9D41-4F7E-8A15-C27E90D4F316", "contoso.onmicrosoft.com", "a-b.co",
			"xn--bcher-kva.example"},
		"client_secret":       {"a", `~"'$%+/=& e`},
		"refresh_token":       {"a", "0.AX~._-"},
		"oidc_token":          {"e30.e30.x"},
		"oidc_request_url":    {"https://host.example/idtoken?a=b", "http://localhost:8080/"},
		"client_certificate":  {"AAAA", "AA\n AA"},
		"msi_endpoint":        {"http://169.254.169.254/metadata/identity/oauth2/token", "http://127.0.0.1:40342"},
		"use_cli":             {true, false},
		"use_oidc":            {true, false},
		"use_msi":             {true, false},
		"graph_endpoint":      {"https://graph.microsoft.com", "https://graph.microsoft.us/v1.0/"},
		"api":                 {"siem"},
		"region":              {"eu", "us", "uk", "gcc", "gcchigh", "dod", "EU", "GccHigh"},
		"ca_certificate_path": {"/no/such/file"},
		"authority_host": {"https://login.microsoftonline.us/", "http://[::1]:80", "http://localhost:1/base/", "http://LOCALHOST",
			"http://127.8.9.1"},
		"siem_endpoint":    {"https://host.example/api/alerts", "https://host.example:8443/base/api/alerts/"},
		"siem_resource":    {"https://graph.windows.net", "fc780465-2017-40d4-a0c5-307022471b92"},
		"max_attempts":     {1, 20},
		"attempt_timeout":  {"1ms", "1h"},
		"timeout":          {"1.5s", "24h"},
		"max_response_mib": {1, 4096},
	} {
		for _, value := range accepted {
			if found := newClient(t, nil).configure(block(fake, values{argument: value})); len(found) > 0 {
				t.Errorf("configure(%s = %v) reports %q, want nothing", argument, value, found)
			}
		}
	}
}

// TestSettingsUnknown refuses an unknown value: it is neither "" nor replaced by
// the environment's. If Terraform supports deferral, reads are deferred instead.
func TestSettingsUnknown(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: -1})
	env := fakeEnvironment(fake)
	labels := map[string]string{
		"tenant_id": "tenant ID", "client_id": "client ID", "client_secret": "client secret",
		"client_id_file_path": "file of the client ID", "client_secret_file_path": "file of the client secret",
		"api": "API", "region": "region", "authority_host": "authority host", "siem_endpoint": "SIEM endpoint",
		"siem_resource": "SIEM resource", "max_attempts": "number of attempts", "attempt_timeout": "attempt timeout",
		"timeout": "timeout", "max_response_mib": "response limit", "ca_certificate_path": "path of CA certificates",
		"refresh_token": "refresh token", "refresh_token_file_path": "file of the refresh token",
		"client_certificate": "client certificate", "client_certificate_path": "path of the client certificate",
		"client_certificate_password": "password of the client certificate",
		"use_oidc":                    "choice of OIDC", "oidc_token": "OIDC token", "oidc_token_file_path": "file of the OIDC token",
		"oidc_request_token": "OIDC request token", "oidc_request_url": "OIDC request URL", "ado_pipeline_service_connection_id": "service connection ID",
		"use_msi": "choice of the managed identity", "msi_endpoint": "endpoint of the managed identity", "use_cli": "choice of the Azure CLI",
		"graph_endpoint": "Graph endpoint",
	}
	if got, want := slices.Sorted(maps.Keys(labels)), argumentsOf(newClient(t, nil).schemas.Provider.Block); !slices.Equal(got, want) {
		t.Errorf("arguments in this test = %q, want all: %q", got, want)
	}
	for argument, label := range labels {
		place := " at " + argument
		if slices.Contains(secretArguments, argument) {
			place = "" // the line can have a part of the secret
		}
		want := "error" + place + ": Unknown " + label + ": " +
			"The value of " + argument + " is known only after apply. " +
			"Set a value that is known when planning, set it in the environment, or first apply what it depends on with -target."
		c := newClient(t, env)
		if found := c.configure(block(fake, values{argument: unknown{}})); !slices.Equal(found, []string{want}) {
			t.Errorf("configure(%s = unknown) reports %q, want %q", argument, found, want)
		}

		// A Terraform that supports deferral defers the reads.
		c = newClient(t, env)
		if found := c.configureFor(block(fake, values{argument: unknown{}}), true); len(found) > 0 {
			t.Errorf("configure(%s = unknown) with deferral reports %q, want nothing", argument, found)
		}
		resp, err := c.server.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{
			TypeName:           "mdatp_alerts",
			Config:             c.dynamic(c.schemaOf("mdatp_alerts").ValueType(), nil),
			ClientCapabilities: &tfprotov6.ReadDataSourceClientCapabilities{DeferralAllowed: true},
		})
		if err != nil {
			t.Fatalf("ReadDataSource with an unknown %s: %v", argument, err)
		}
		if found := findings(resp.Diagnostics); len(found) > 0 {
			t.Errorf("ReadDataSource with an unknown %s reports %q, want nothing", argument, found)
		}
		wanted := &tfprotov6.Deferred{Reason: tfprotov6.DeferredReasonProviderConfigUnknown}
		if !reflect.DeepEqual(resp.Deferred, wanted) {
			t.Errorf("ReadDataSource with an unknown %s: Deferred = %v, want %v", argument, resp.Deferred, wanted)
		}
	}
	checkNoRequests(t, fake)
}

// argumentsOf returns the names of a block's arguments, sorted.
func argumentsOf(block *tfprotov6.SchemaBlock) (names []string) {
	for _, attribute := range block.Attributes {
		names = append(names, attribute.Name)
	}
	slices.Sort(names)
	return names
}

// addresses is a network that responds to every request with an empty list or a
// token, and records its URL.
type addresses struct{ seen []string }

func (a *addresses) RoundTrip(req *http.Request) (*http.Response, error) {
	a.seen = append(a.seen, req.URL.String())
	body := "[]"
	if req.Method == http.MethodPost {
		body = `{"token_type":"Bearer","access_token":"t","expires_in":"3599"}`
	}
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(body)), Request: req,
	}, nil
}

// TestSettingsRegion has the addresses of every region, and the settings that
// replace them.
func TestSettingsRegion(t *testing.T) {
	t.Parallel()
	const (
		global = "https://login.microsoftonline.com/"
		us     = "https://login.microsoftonline.us/"
		usGov  = "https://wdatp-alertexporter-us.securitycenter.windows.us/api/alerts"
	)
	for _, test := range []struct {
		block               values
		authority, endpoint string
	}{
		{values{"region": "eu"}, global, "https://wdatp-alertexporter-eu.windows.com/api/alerts"},
		{values{"region": "us"}, global, "https://wdatp-alertexporter-us.windows.com/api/alerts"},
		{values{"region": "uk"}, global, "https://wdatp-alertexporter-uk.windows.com/api/alerts"},
		{values{"region": "gcc"}, global, "https://wdatp-alertexporter-us.gcc.securitycenter.windows.us/api/alerts"},
		{values{"region": "gcchigh"}, us, usGov},
		{values{"region": "dod"}, us, usGov},
		{values{"region": "UK"}, global, "https://wdatp-alertexporter-uk.windows.com/api/alerts"},
		{values{"region": "dod", "authority_host": "https://login.example/base/"}, "https://login.example/base/", usGov},
		{values{"region": "uk", "siem_endpoint": "https://siem.example:8443"}, global,
			"https://siem.example:8443/api/alerts"},
		{values{"region": "uk", "siem_endpoint": "https://siem.example/x/api/alerts/"}, global,
			"https://siem.example/x/api/alerts"},
	} {
		network := &addresses{}
		c := newClientOf(t, provider.NewServerOver(environment(nil), network))
		attributes := values{"tenant_id": "contoso.example", "client_id": tenantA, "client_secret": "s"}
		maps.Copy(attributes, test.block)
		if found := c.configure(attributes); len(found) > 0 {
			t.Errorf("configure(%v) reports %q, want nothing", test.block, found)
			continue
		}
		c.mustRead("mdatp_alert_summary", nil)
		want := []string{test.authority + "contoso.example/oauth2/token", test.endpoint}
		if !slices.Equal(network.seen, want) {
			t.Errorf("requests of read with %v = %q, want %q", test.block, network.seen, want)
		}
	}
}

// TestUnknownVariables: a variable with the provider's prefix that is no setting is a
// warning, as it may be one that is misspelt. Its value is not printed.
func TestUnknownVariables(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: -1})
	const noSuch = " set, but the provider has no such variable. Such variables have no effect: correct the name of a setting. " +
		"Names with MDATP_ belong to this provider."
	for want, env := range map[string]map[string]string{
		"":                                    {"MDATP_API": "siem", "MDATP_TIMEOUT": "", "ARM_CLIENT_SECRT": "s3cr3t"},
		"MDATP_AIP is":                        {"MDATP_AIP": "graph", "ARM_AIP": "graph"},
		"MDATP_PATH and MDATP_TENNANT_ID are": {"MDATP_TENNANT_ID": "", "MDATP_PATH": "s3cr3t", "MDATP_API": "siem"},
		"MDATP_A, MDATP_B and MDATP_C are":    {"MDATP_C": "", "MDATP_B": "", "MDATP_A": ""},
		"MDATP_A, MDATP_B, MDATP_C and others are": {"MDATP_D": "", "MDATP_C": "", "MDATP_B": "", "MDATP_A": ""},
	} {
		var warnings []string
		if want != "" {
			warnings = []string{"warning: Unknown environment variables: " + want + noSuch}
		}
		c := newClient(t, env)
		checkFindings(t, want+": configure", c.configure(block(fake, nil)), warnings)
		c.mustRead("mdatp_alert_summary", nil)
	}
	odd := map[string]string{"MDATP_": "", "MDATP_s3cr3t\n": "", "MDATP_" + strings.Repeat("S", 61): ""} // no names
	checkFindings(t, "odd names: configure", newClient(t, odd).configure(block(fake, nil)), nil)
}

// secretArguments are the arguments whose values are secrets.
var secretArguments = []string{"client_secret", "refresh_token", "oidc_token", "oidc_request_token", "client_certificate", "client_certificate_password"}

// TestSecretsHaveNoPath: a diagnostic about a secret points at no line, because
// Terraform prints the line of the configuration.
func TestSecretsHaveNoPath(t *testing.T) {
	t.Parallel()
	const secret = "c3VwZXI0"
	const broken, blank = secret + "\n" + secret, secret + " "
	for _, name := range secretArguments {
		for _, value := range []string{broken, blank} {
			if strings.HasPrefix(name, "client_certificate") && value == broken {
				continue // which they can be
			}
			found := newClient(t, nil).configure(map[string]any{name: value})
			if len(found) != 1 || strings.Contains(found[0], " at "+name) || strings.Contains(found[0], secret) {
				t.Errorf("configure with %s = %q reports %q, want one finding without path and value", name, value, found)
			}
		}
	}
}
