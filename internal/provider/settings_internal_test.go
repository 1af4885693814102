package provider

import (
	"cmp"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

// testInput returns a provider block and an environment.
func testInput(block map[string]attr.Value, environment map[string]string) settingInput {
	lookup := func(name string) (string, bool) {
		value, ok := environment[name]
		return value, ok
	}
	return settingInput{block: block, environment: Environment{lookup, func() []string { return nil }}}
}

// testResolve checks the value of one setting, for an input without errors.
func testResolve[T comparable](t *testing.T, s *settingRow[T], in settingInput, value T, origin string) {
	t.Helper()
	all := make(resolvedSettings)
	diags := s.resolveInto(all, in)
	diags.Append(s.open(all)...)
	if got := s.in(all); got.value != value || got.origin != origin || got.set != (origin != "") {
		t.Errorf("%s of %v = %+v, want value %v, origin %q", s.name, in.block, got, value, origin)
	}
	if len(diags) > 0 {
		t.Errorf("%s of %v reports %v, want nothing", s.name, in.block, diags)
	}
}

// TestResolve checks the values of settings, whether they are set, and their origin.
func TestResolve(t *testing.T) {
	t.Parallel()
	const id = "aaaaaaaa-0000-4000-8000-000000000000"
	path := filepath.Join(t.TempDir(), "id")
	if err := os.WriteFile(path, []byte("\uFEFF"+id+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	unset := testInput(map[string]attr.Value{"client_id": types.StringNull(), "max_attempts": types.NumberNull()}, nil)

	testResolve(t, clientID, unset, "", "")
	testResolve(t, clientID, testInput(map[string]attr.Value{"client_id": types.StringValue(id)}, nil),
		id, "client_id in the provider block")
	testResolve(t, clientID, testInput(map[string]attr.Value{"client_id_file_path": types.StringValue(path)}, nil),
		id, "the file that client_id_file_path in the provider block names")
	testResolve(t, clientID, testInput(nil, map[string]string{"ARM_CLIENT_ID": id}),
		id, "the environment variable ARM_CLIENT_ID")
	testResolve(t, clientID, testInput(nil, map[string]string{"ARM_CLIENT_ID_FILE_PATH": path}),
		id, "the file that the environment variable ARM_CLIENT_ID_FILE_PATH names")

	testResolve(t, maxAttempts, unset, 4, "")
	testResolve(t, maxAttempts, testInput(map[string]attr.Value{"max_attempts": types.NumberValue(big.NewFloat(20))}, nil),
		20, "max_attempts in the provider block")
	testResolve(t, maxAttempts, testInput(nil, map[string]string{"MDATP_MAX_ATTEMPTS": "7"}),
		7, "the environment variable MDATP_MAX_ATTEMPTS")
	testResolve(t, attemptTimeout, unset, time.Minute, "")
	testResolve(t, readTimeout, unset, 5*time.Minute, "")
	testResolve(t, maxResponseMiB, unset, 256, "")
	testResolve(t, siemResource, unset, "https://graph.windows.net", "")
}

// TestResolveAndMissing keeps the two steps apart: an invalid setting is not
// missing, and a missing one is not an error of resolving.
func TestResolveAndMissing(t *testing.T) {
	t.Parallel()
	s, diags := resolveSettings(testInput(nil, map[string]string{"MDATP_CLIENT_ID": "no GUID"}))
	titles := func(list diag.Diagnostics) (titles []string) {
		for _, d := range list {
			titles = append(titles, d.Summary())
		}
		return titles
	}
	if got, want := titles(diags), []string{"Invalid client ID"}; !slices.Equal(got, want) {
		t.Errorf("resolveSettings(MDATP_CLIENT_ID = no GUID) reports %q, want %q", got, want)
	}
	_, diags = completeSettings(s)
	if got, want := titles(diags), []string{"Missing provider settings"}; !slices.Equal(got, want) {
		t.Fatalf("completeSettings reports %q, want %q", got, want)
	}
	if detail := diags[0].Detail(); strings.Contains(detail, "- client ID") {
		t.Errorf("completeSettings reports %q, want no client ID in it", detail)
	}
}

// TestCredential has the examples of the guide: which client ID and secret a sign-in
// sends, or which variables the error names.
func TestCredential(t *testing.T) {
	t.Parallel()
	const (
		mdatp = "aaaaaaaa-0000-4000-8000-000000000000"
		arm   = "bbbbbbbb-0000-4000-8000-000000000000"
		other = "cccccccc-0000-4000-8000-000000000000"
	)
	inFile := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(inFile, []byte("of a file\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("t\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	certificate := filepath.Join(t.TempDir(), "certificate")
	made, err := fakeapi.NewClientCertificate(time.Now(), time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	content, err := made.PEM()
	if err == nil {
		err = os.WriteFile(certificate, content, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	refresh, odd := filepath.Join(t.TempDir(), "refresh"), filepath.Join(t.TempDir(), "odd")
	for path, client := range map[string]string{refresh: mdatp, odd: "odd"} {
		if err = os.WriteFile(path, []byte(`{"tenant": "`+other+`", "client": "`+client+`", "refresh_token": "t"}`), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	withCLI := t.TempDir()
	if _, err = fakeapi.WriteAzureCLIScript(withCLI, "exit 9\n"); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		block      map[string]attr.Value
		env        map[string]string
		id, secret string   // of the sign-in
		origin     string   // in the text about the sign-in
		refused    []string // in the error instead
	}{
		"a managed identity, the last": {
			env: map[string]string{"MDATP_CLIENT_ID": mdatp, "ARM_CLIENT_SECRET": "of ARM", "ARM_USE_MSI": "true"},
			id:  mdatp, secret: "of ARM", origin: "The managed identity by the environment variable ARM_USE_MSI, its client ID from the environment variable MDATP_CLIENT_ID. Set, but not used: "},
		"an App Service endpoint elsewhere": {
			env:     map[string]string{"ARM_USE_MSI": "true", "IDENTITY_ENDPOINT": "https://login.test", "IDENTITY_HEADER": "h"},
			refused: []string{"The value of the environment variable IDENTITY_ENDPOINT cannot be used: it must have a loopback host"}},
		"a refresh token before a secret of its application": {
			env: map[string]string{"MDATP_CLIENT_ID": mdatp, "MDATP_CLIENT_SECRET": "of MDATP", "MDATP_REFRESH_TOKEN": "t"},
			id:  mdatp, secret: "of MDATP", origin: "the client ID from the environment variable MDATP_CLIENT_ID, " +
				"the refresh token from the environment variable MDATP_REFRESH_TOKEN, the client secret from the environment variable MDATP_CLIENT_SECRET."},
		"a refresh token beside a secret of another prefix": {
			env: map[string]string{"MDATP_CLIENT_ID": mdatp, "ARM_CLIENT_SECRET": "of ARM", "MDATP_REFRESH_TOKEN": "t"},
			id:  mdatp, secret: "of ARM", origin: "the refresh token from the environment variable MDATP_REFRESH_TOKEN. " +
				"Set, but not used: the client secret from the environment variable ARM_CLIENT_SECRET."},
		"a refresh token of another prefix": {
			env:     map[string]string{"ARM_CLIENT_ID": arm, "MDATP_REFRESH_TOKEN": "t"},
			refused: []string{"- refresh token: the environment variable MDATP_REFRESH_TOKEN is not used with the client ID from the environment variable ARM_CLIENT_ID"}},
		"a refresh token and a file": {
			env:     map[string]string{"MDATP_REFRESH_TOKEN_FILE_PATH": refresh, "MDATP_REFRESH_TOKEN": "t"},
			refused: []string{"Both the environment variable MDATP_REFRESH_TOKEN and the environment variable MDATP_REFRESH_TOKEN_FILE_PATH are set."}},
		"a file of login": {
			env: map[string]string{"MDATP_REFRESH_TOKEN_FILE_PATH": refresh, "AZURE_TENANT_ID": ""},
			id:  mdatp, origin: "The tenant ID comes from the file that the environment variable MDATP_REFRESH_TOKEN_FILE_PATH names, the client ID from the file"},
		"a file of login beside azurerm": {
			env: map[string]string{"MDATP_REFRESH_TOKEN_FILE_PATH": refresh, "ARM_CLIENT_ID": arm, "ARM_CLIENT_SECRET": "of ARM"},
			id:  mdatp, secret: "of ARM", origin: "Set, but not used: the client secret from the environment variable ARM_CLIENT_SECRET."},
		"a file of login in the block beside azurerm": {
			block: map[string]attr.Value{"refresh_token_file_path": types.StringValue(refresh)},
			env:   map[string]string{"ARM_CLIENT_ID": arm, "ARM_CLIENT_ID_FILE_PATH": "/no/such/file", "ARM_CLIENT_SECRET": "of ARM"},
			id:    mdatp, secret: "of ARM", origin: "the refresh token from the file that refresh_token_file_path in the provider block names. " +
				"Set, but not used: the client secret from the environment variable ARM_CLIENT_SECRET."},
		"a file of login in the block beside a secret of azurerm": {
			block: map[string]attr.Value{"refresh_token_file_path": types.StringValue(refresh)},
			env:   map[string]string{"ARM_CLIENT_SECRET": "of ARM"},
			id:    mdatp, secret: "of ARM", origin: "Set, but not used: the client secret from the environment variable ARM_CLIENT_SECRET."},
		"a file of login, its client ID in the block, beside azurerm": {
			block: map[string]attr.Value{"client_id": types.StringValue(mdatp)},
			env:   map[string]string{"MDATP_REFRESH_TOKEN_FILE_PATH": refresh, "ARM_CLIENT_ID": arm, "ARM_CLIENT_SECRET": "of ARM"},
			id:    mdatp, secret: "of ARM", origin: "Set, but not used: the client secret from the environment variable ARM_CLIENT_SECRET."},
		"a file of login of an application with a secret": {
			block: map[string]attr.Value{"refresh_token_file_path": types.StringValue(refresh)},
			env:   map[string]string{"MDATP_CLIENT_SECRET": "of MDATP", "ARM_CLIENT_ID": arm},
			id:    mdatp, secret: "of MDATP", origin: "names, the client secret from the environment variable MDATP_CLIENT_SECRET."},
		"a refresh token in the block for an application of ARM_": {
			block: map[string]attr.Value{"refresh_token": types.StringValue("t")},
			env:   map[string]string{"ARM_CLIENT_ID": arm, "ARM_CLIENT_SECRET": "of ARM"},
			id:    arm, secret: "of ARM", origin: "the refresh token from refresh_token in the provider block, the client secret from the environment variable ARM_CLIENT_SECRET."},
		"a file of login of another application": {
			block:   map[string]attr.Value{"client_id": types.StringValue(arm)},
			env:     map[string]string{"MDATP_REFRESH_TOKEN_FILE_PATH": refresh},
			refused: []string{"The value of client_id in the provider block is not the client ID in the file that the environment variable MDATP_REFRESH_TOKEN_FILE_PATH names"}},
		"a file of login of another tenant": {
			env:     map[string]string{"MDATP_REFRESH_TOKEN_FILE_PATH": refresh, "AZURE_TENANT_ID": arm},
			refused: []string{"The value of the environment variable AZURE_TENANT_ID is not the tenant ID in the file"}},
		"no file of login": {
			env:     map[string]string{"MDATP_REFRESH_TOKEN_FILE_PATH": "/no/such/file"},
			refused: []string{"The file that the environment variable MDATP_REFRESH_TOKEN_FILE_PATH names cannot be used: there is no such file."}},
		"a file of login with an odd client ID": {
			env:     map[string]string{"MDATP_REFRESH_TOKEN_FILE_PATH": odd},
			refused: []string{"The client ID in the file that the environment variable MDATP_REFRESH_TOKEN_FILE_PATH names cannot be used: it must be a GUID"}},
		"the Azure CLI by default": {
			env: map[string]string{"PATH": "relative:" + withCLI}, origin: "the access token from the Azure CLI, the default."},
		"the Azure CLI, the last": {
			env: map[string]string{"PATH": withCLI, "MDATP_USE_CLI": "true", "ARM_CLIENT_ID": arm, "ARM_CLIENT_SECRET": "of ARM"},
			id:  arm, secret: "of ARM",
			origin: "the client secret from the environment variable ARM_CLIENT_SECRET. Set, but not used: the Azure CLI by the environment variable MDATP_USE_CLI."},
		"the Azure CLI beside a secret of another prefix": {
			env:     map[string]string{"PATH": withCLI, "MDATP_CLIENT_ID": mdatp, "ARM_CLIENT_SECRET": "of ARM"},
			refused: []string{"the environment variable ARM_CLIENT_SECRET is not used with the client ID from the environment variable MDATP_CLIENT_ID"}},
		"the Azure CLI by use_cli beside a secret of another prefix": {
			env: map[string]string{"PATH": withCLI, "MDATP_CLIENT_ID": mdatp, "ARM_CLIENT_SECRET": "of ARM", "ARM_USE_CLI": "true"},
			id:  mdatp, secret: "of ARM", origin: "the access token from the Azure CLI by the environment variable ARM_USE_CLI. " +
				"Set, but not used: the client secret from the environment variable ARM_CLIENT_SECRET."},
		"the Azure CLI beside a client ID": {
			env:     map[string]string{"PATH": withCLI, "MDATP_CLIENT_ID": mdatp},
			refused: []string{"- client secret: "}},
		"the Azure CLI beside an empty secret": {
			env:     map[string]string{"PATH": withCLI, "MDATP_CLIENT_ID": "", "MDATP_CLIENT_SECRET": ""},
			refused: []string{"MDATP_CLIENT_ID is set, but empty.", "MDATP_CLIENT_SECRET is set, but empty."}},
		"the Azure CLI beside an empty certificate": {
			env:     map[string]string{"PATH": withCLI, "ARM_CLIENT_CERTIFICATE": "", "MDATP_OIDC_TOKEN": ""},
			refused: []string{" in the environment. ARM_CLIENT_CERTIFICATE and MDATP_OIDC_TOKEN are set, but empty.\n\n"}},
		"an empty OIDC token": {
			env: map[string]string{"MDATP_CLIENT_ID": mdatp, "MDATP_USE_OIDC": "true", "MDATP_OIDC_TOKEN": "", "ARM_OIDC_REQUEST_TOKEN": ""},
			refused: []string{"- OIDC token: set oidc_token or oidc_token_file_path in the provider block, or MDATP_OIDC_TOKEN or MDATP_OIDC_TOKEN_FILE_PATH " +
				"in the environment. MDATP_OIDC_TOKEN and ARM_OIDC_REQUEST_TOKEN are set, but empty.\n\n"}},
		"the Azure CLI in a pod": {
			env: map[string]string{"PATH": withCLI, "AZURE_FEDERATED_TOKEN_FILE": token}, origin: "the access token from the Azure CLI, the default."},
		"the Azure CLI in a job of GitHub Actions": {
			env:    map[string]string{"PATH": withCLI, "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "t", "ACTIONS_ID_TOKEN_REQUEST_URL": "https://github.test/"},
			origin: "the access token from the Azure CLI, the default."},
		"no Azure CLI": {
			env:     map[string]string{"PATH": t.TempDir()},
			refused: []string{"- client ID: ", "- client secret: "}},
		"the Azure CLI that is off": {
			env:     map[string]string{"PATH": withCLI, "MDATP_USE_CLI": "false"},
			refused: []string{"- client ID: ", "- client secret: "}},
		"a secret of another prefix, and OIDC": {
			env: map[string]string{"MDATP_CLIENT_ID": mdatp, "ARM_CLIENT_SECRET": "of ARM", "ARM_OIDC_TOKEN": "t"},
			id:  mdatp, secret: "of ARM",
			origin: "the client ID from the environment variable MDATP_CLIENT_ID, the OIDC token from the environment variable ARM_OIDC_TOKEN. " +
				"Set, but not used: the client secret from the environment variable ARM_CLIENT_SECRET."},
		"OIDC without a client ID": {
			env:     map[string]string{"ARM_OIDC_TOKEN": "t"},
			refused: []string{"- client ID: "}},
		"GitHub Actions": {
			env: map[string]string{"ARM_CLIENT_ID": arm, "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "t", "ACTIONS_ID_TOKEN_REQUEST_URL": "https://github.test/"},
			id:  arm, origin: "the OIDC request token from the environment variable ACTIONS_ID_TOKEN_REQUEST_TOKEN, the OIDC request URL from the environment variable ACTIONS_ID_TOKEN_REQUEST_URL."},
		"variables of two CI systems": {
			env:     map[string]string{"ARM_CLIENT_ID": arm, "ARM_USE_OIDC": "true", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "t", "SYSTEM_OIDCREQUESTURI": "https://pipelines.test/"},
			refused: []string{"the environment variable ACTIONS_ID_TOKEN_REQUEST_TOKEN does not belong to the environment variable SYSTEM_OIDCREQUESTURI"}},
		"Azure Pipelines without a service connection": {
			env:     map[string]string{"ARM_CLIENT_ID": arm, "ARM_USE_OIDC": "true", "SYSTEM_ACCESSTOKEN": "t", "SYSTEM_OIDCREQUESTURI": "https://pipelines.test/"},
			refused: []string{"- service connection ID: set ado_pipeline_service_connection_id in the provider block"}},
		"a federated token file": {
			env: map[string]string{"AZURE_CLIENT_ID": arm, "MDATP_USE_OIDC": "true", "AZURE_FEDERATED_TOKEN_FILE": token},
			id:  arm, origin: "the OIDC token from the file that the environment variable AZURE_FEDERATED_TOKEN_FILE names."},
		"a federated token file without use_oidc": {
			env:     map[string]string{"AZURE_CLIENT_ID": arm, "AZURE_FEDERATED_TOKEN_FILE": token},
			refused: []string{"- client secret: "}},
		"use_oidc alone": {
			env:     map[string]string{"AZURE_CLIENT_ID": arm, "MDATP_USE_OIDC": "true"},
			refused: []string{"- OIDC token: set oidc_token or oidc_token_file_path in the provider block"}},
		"OIDC that is off": {
			env:     map[string]string{"AZURE_CLIENT_ID": arm, "MDATP_USE_OIDC": "false", "MDATP_OIDC_TOKEN": "t"},
			refused: []string{"- client secret: "}},
		"a certificate beside a secret of another prefix": {
			env: map[string]string{"MDATP_CLIENT_ID": mdatp, "ARM_CLIENT_SECRET": "of ARM", "MDATP_CLIENT_CERTIFICATE_PATH": certificate},
			id:  mdatp, secret: "of ARM",
			origin: "the client certificate from the file that the environment variable MDATP_CLIENT_CERTIFICATE_PATH names. " +
				"Set, but not used: the client secret from the environment variable ARM_CLIENT_SECRET."},
		"a secret before a certificate": {
			env: map[string]string{"MDATP_CLIENT_ID": mdatp, "MDATP_CLIENT_SECRET": "of MDATP", "MDATP_CLIENT_CERTIFICATE_PATH": "/no/such/file"},
			id:  mdatp, secret: "of MDATP",
			origin: "the client secret from the environment variable MDATP_CLIENT_SECRET. " +
				"Set, but not used: the client certificate from the file that the environment variable MDATP_CLIENT_CERTIFICATE_PATH names."},
		"a certificate of another prefix": {
			env:     map[string]string{"MDATP_CLIENT_ID": mdatp, "ARM_CLIENT_CERTIFICATE_PATH": certificate},
			refused: []string{"ARM_CLIENT_CERTIFICATE_PATH names is not used with the client ID from the environment variable MDATP_CLIENT_ID"}},
		"a certificate of a higher level": {
			env: map[string]string{"MDATP_CLIENT_CERTIFICATE_PATH": certificate, "ARM_CLIENT_CERTIFICATE": "AAAA", "MDATP_CLIENT_ID": mdatp},
			id:  mdatp, origin: "MDATP_CLIENT_CERTIFICATE_PATH names"},
		"a password of another prefix": {
			env: map[string]string{"MDATP_CLIENT_CERTIFICATE_PATH": certificate, "ARM_CLIENT_CERTIFICATE_PASSWORD": "p", "MDATP_CLIENT_ID": mdatp},
			id:  mdatp, origin: "MDATP_CLIENT_CERTIFICATE_PATH names."},
		"a certificate and another file": {
			env:     map[string]string{"ARM_CLIENT_CERTIFICATE_PATH": certificate, "ARM_CLIENT_CERTIFICATE": "AAAA", "ARM_CLIENT_ID": mdatp},
			refused: []string{"Both the environment variable ARM_CLIENT_CERTIFICATE and the environment variable ARM_CLIENT_CERTIFICATE_PATH are set, and they differ."}},
		"no file": {
			env:     map[string]string{"ARM_CLIENT_CERTIFICATE_PATH": "/no/such/file", "ARM_CLIENT_ID": mdatp},
			refused: []string{"ARM_CLIENT_CERTIFICATE_PATH names cannot be read: there is no such file."}},
		"no certificate": {
			env:     map[string]string{"ARM_CLIENT_CERTIFICATE": "AA\nAA", "ARM_CLIENT_ID": mdatp},
			refused: []string{"ARM_CLIENT_CERTIFICATE cannot be used: it is not a PKCS#12 or PEM file with a certificate and its private key."}},
		"a file of the prefix, a secret of another": {
			env: map[string]string{"MDATP_CLIENT_ID": mdatp, "MDATP_CLIENT_SECRET_FILE_PATH": inFile, "ARM_CLIENT_SECRET": "of ARM"},
			id:  mdatp, secret: "of a file"},
		"a secret of another prefix": {
			env:     map[string]string{"MDATP_CLIENT_ID": mdatp, "ARM_CLIENT_SECRET": "of ARM"},
			refused: []string{"the environment variable ARM_CLIENT_SECRET is not used with the client ID from the environment variable MDATP_CLIENT_ID"}},
		"the block's secret": {
			block: map[string]attr.Value{"client_secret": types.StringValue("of the block")},
			env:   map[string]string{"MDATP_CLIENT_ID": mdatp, "ARM_CLIENT_ID": arm},
			id:    mdatp, secret: "of the block"},
		"only ARM_": {
			env: map[string]string{"ARM_CLIENT_ID": arm, "ARM_CLIENT_SECRET": "of ARM"},
			id:  arm, secret: "of ARM"},
		"a tenant of another prefix": {
			env: map[string]string{"MDATP_TENANT_ID": other, "ARM_CLIENT_ID": arm, "ARM_CLIENT_SECRET": "of ARM"},
			id:  arm, secret: "of ARM"},

		"only AZURE_": {
			env: map[string]string{"AZURE_CLIENT_ID": arm, "AZURE_CLIENT_SECRET": "of AZURE"},
			id:  arm, secret: "of AZURE"},
		"MDATP_ beside ARM_": {
			env: map[string]string{"MDATP_CLIENT_ID": mdatp, "MDATP_CLIENT_SECRET": "of MDATP", "ARM_CLIENT_ID": arm, "ARM_CLIENT_SECRET": "of ARM",
				"ARM_CLIENT_ID_FILE_PATH": "/no/such/file", "ARM_CLIENT_SECRET_FILE_PATH": "/no/such/file"},
			id: mdatp, secret: "of MDATP"},
		"the block's client ID": {
			block: map[string]attr.Value{"client_id": types.StringValue(other)},
			env:   map[string]string{"MDATP_CLIENT_ID": mdatp, "ARM_CLIENT_SECRET": "of ARM"},
			id:    other, secret: "of ARM"},
		"a client ID without a secret before a pair": {
			env:     map[string]string{"MDATP_CLIENT_ID": mdatp, "MDATP_CLIENT_SECRET": "", "ARM_CLIENT_ID": arm, "ARM_CLIENT_SECRET": "of ARM"},
			refused: []string{"ARM_CLIENT_SECRET is not used with the client ID from the environment variable MDATP_CLIENT_ID", "MDATP_CLIENT_SECRET is set, but empty."}},
		"a secret without a client ID before a pair": {
			env:     map[string]string{"MDATP_CLIENT_SECRET": "of MDATP", "ARM_CLIENT_ID": arm, "ARM_CLIENT_SECRET": "of ARM"},
			refused: []string{"MDATP_CLIENT_SECRET is not used with the client ID from the environment variable ARM_CLIENT_ID"}},
		"an empty client ID and secret": {
			env: map[string]string{"MDATP_CLIENT_ID": "", "MDATP_CLIENT_SECRET": "", "ARM_CLIENT_ID": arm, "ARM_CLIENT_SECRET": "of ARM"},
			id:  arm, secret: "of ARM"},
	} {
		env := map[string]string{"AZURE_TENANT_ID": other, "MDATP_REGION": "eu"}
		for variable, value := range test.env {
			env[variable] = value
		}
		s, diags := resolveSettings(testInput(test.block, env))
		in, more := completeSettings(s)
		if got := in.origins.of(tenantID.in(s).value); !strings.Contains(got, test.origin) {
			t.Errorf("%s: origins = %q, want %q in it", name, got, test.origin)
		}
		diags.Append(more...)
		if test.refused == nil {
			if len(diags) > 0 {
				t.Errorf("%s: the settings report %v, want nothing", name, diags)
			}
			if id, secret := clientID.in(s).value, clientSecret.in(s).value; id != test.id || secret != test.secret {
				t.Errorf("%s: client ID, secret = %q, %q, want %q, %q", name, id, secret, test.id, test.secret)
			}
			continue
		}
		if len(diags) != 1 {
			t.Errorf("%s: the settings report %v, want one error", name, diags)
			continue
		}
		for _, want := range test.refused {
			if got := diags[0].Detail(); !strings.Contains(got, want) {
				t.Errorf("%s: the settings report %q, want %q in it", name, got, want)
			}
		}
	}
}

// TestCharacters has every kind of character that is no part of a secret.
func TestCharacters(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"abc":           "",
		`a"b'c ~!"`:     "",
		`"`:             "",
		`"abc"`:         "it is in quotation marks: remove them",
		`'abc'`:         "it is in quotation marks: remove them",
		"`abc`":         "it is in quotation marks: remove them",
		"ab\nc":         "its character 3 is a line break",
		"a\tc":          "its character 2 is a tab",
		"\uFEFFabc":     "its character 1 is a byte order mark",
		"abc\x00":       "its character 4 is a control character",
		"a\u200Bc":      "its character 2 is invisible, such as a zero-width space",
		"a\u00A0c":      "its character 2 is another space than the ordinary one",
		"ab\u2013c":     "its character 3 is a dash, not a hyphen",
		"\u201Cab":      "its character 1 is a typographic quotation mark",
		"\u00E9\u00E9":  "its character 1 is a letter outside ASCII",
		"ab\u2603":      "its character 3 is outside ASCII",
		"ab\xffc":       "its character 3 is a byte that is not UTF-8",
		"\xff\xfea\x00": "it is UTF-16: save it as UTF-8",
	} {
		got := ""
		if err := checkCharacters(text); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("checkCharacters(%q) = %q, want %q", text, got, want)
		}
	}
}

// TestLongDuration: a text of 400 KB is refused at once, not in quadratic time.
func TestLongDuration(t *testing.T) {
	t.Parallel()
	started := time.Now()
	if got, err := parseAgo("P" + strings.Repeat("1", 400_000) + "D"); err == nil {
		t.Errorf("parseAgo(P, 400,000 digits, D) = %v, want an error", got.Duration)
	}
	if took := time.Since(started); took > 5*time.Second {
		t.Errorf("parseAgo(P, 400,000 digits, D) took %s, want no time", took)
	}
}

// TestDurationHints: the error of a duration in the other format has the right one.
func TestDurationHints(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"24h": "PT24H", "P24H": "PT24H", "1h30m": "PT1H30M", "90s": "PT90S", "1d": "P1D", "p1d": "P1D", "2w": "P2W", "P1D12H": "P1DT12H", "PT24h": "PT24H",
		"PT1D": "P1D", "PT7D": "P7D", "PT2W": "P2W", "PT1D12H": "P1DT12H", "PT1DT12H": "P1DT12H", "1d12h": "P1DT12H", "pt1d": "P1D", "P1D1.5S": "P1DT1.5S", "1m": "PT1M",
		"PT0D": "", "PT1M1D": "", "T": "", "PT": "", "PTT1H": "PT1H", "PT1D\n": "", "P1W1H": "",
		"0h": "", "yesterday": "", "": "", "-1h": "", "24h\n": "",
	} {
		if want = cmp.Or(want, `it must be an ISO 8601 duration above zero and up to 292 years, such as "PT10M" or "P1D"`); want[0] == 'P' {
			want = `it must be an ISO 8601 duration; write "` + want + `"`
		}
		if _, err := parseAgo(text); err == nil || err.Error() != want {
			t.Errorf("parseAgo(%q) = error %v, want %q", text, err, want)
		}
	}
	for text, want := range map[string]string{
		"PT24H": "24h", "PT1M": "1m", "P1D": "24h", "PT1H30M": "1h30m", "PT90S": "1m30s", "PT10S": "10s", "pt5m": "5m",
		"PT1D": "24h", "1d": "24h", "1D12H": "36h", "5M": "5m",
		"-1h": "", "0s": "", "PT0S": "",
	} {
		if want = cmp.Or(want, `it must be a duration above zero, such as "90s" or "5m"`); want[0] != 'i' {
			want = `it must be a duration in the form of Go; write "` + want + `"`
		}
		if _, err := parseTimeout(text); err == nil || err.Error() != want {
			t.Errorf("parseTimeout(%q) = error %v, want %q", text, err, want)
		}
	}
	const unit = `it must be a duration with its unit; write "5s" or "5m"`
	if _, err := parseTimeout("5"); err == nil || err.Error() != unit {
		t.Errorf("parseTimeout(5) = error %v, want %q", err, unit)
	}
}
