package provider_test

import (
	"encoding/base64"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// readBoth reads each API with a credential in place of the secret, and returns the
// requests that the fake received.
func readBoth(t *testing.T, name string, fake *fakeapi.Server, changes values, env map[string]string) map[string][]fakeapi.Request {
	t.Helper()
	requests := map[string][]fakeapi.Request{}
	for _, api := range []string{"siem", "graph"} {
		before := len(fake.Requests())
		c := newClient(t, env)
		attributes := block(fake, values{"client_secret": nil, "api": api, "graph_endpoint": fake.GraphEndpoint()})
		maps.Copy(attributes, changes)
		checkFindings(t, name+": "+api+": configure", c.configure(attributes), nil)
		_, found := c.read("mdatp_alert_summary", nil)
		checkFindings(t, name+": "+api+": read", found, nil)
		requests[api] = fake.Requests()[before:]
	}
	return requests
}

// checkAssertion checks the form fields of the token requests with an assertion.
func checkAssertion(t *testing.T, name string, requests map[string][]fakeapi.Request, at int) {
	t.Helper()
	for api, want := range map[string]map[string]string{
		"siem":  {"resource": fakeapi.DefaultResource},
		"graph": {"scope": fakeapi.GraphResource + "/.default"},
	} {
		want["client_id"], want["client_assertion_type"] = fakeapi.DefaultClientID, assertionType
		want["grant_type"], want["client_secret"] = "client_credentials", ""
		checkProof(t, name+": "+api, requests[api], at, want, "client_assertion")
	}
}

// checkProof checks the form fields of a token request with a proof, the last but one of
// the requests.
func checkProof(t *testing.T, name string, requests []fakeapi.Request, at int, want map[string]string, proof string) {
	t.Helper()
	if len(requests) != at+2 {
		t.Errorf("%s: requests = %d, want %d", name, len(requests), at+2)
		return
	}
	form := requests[at].Form
	for field, value := range want {
		if got := form.Get(field); got != value {
			t.Errorf("%s: %s = %q, want %q", name, field, got, value)
		}
	}
	if form.Get(proof) == "" {
		t.Errorf("%s: %s is empty, want a token", name, proof)
	}
}

// TestCertificateSignIn signs in with every form of a certificate.
func TestCertificateSignIn(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 3})
	certificate, err := fakeapi.NewClientCertificate(time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	fake.RegisterCertificate(certificate.Certificate)
	inPEM, err := certificate.PEM()
	if err != nil {
		t.Fatal(err)
	}
	pkcs12, err := certificate.PKCS12("a password")
	if err != nil {
		t.Fatal(err)
	}
	encoded := base64.StdEncoding.EncodeToString(pkcs12)
	for name, changes := range map[string]values{
		"PEM":     {"client_certificate_path": file(t, string(inPEM))},
		"PKCS#12": {"client_certificate_path": file(t, string(pkcs12)), "client_certificate_password": "a password"},
		"base64":  {"client_certificate": encoded[:76] + "\n" + encoded[76:], "client_certificate_password": "a password"},
	} {
		checkAssertion(t, name, readBoth(t, name, fake, changes, nil), 0)
	}
	env := map[string]string{"ARM_CLIENT_ID": fakeapi.DefaultClientID, "ARM_CLIENT_CERTIFICATE": encoded, "ARM_CLIENT_CERTIFICATE_PASSWORD": "a password"}
	checkAssertion(t, "ARM_", readBoth(t, "ARM_", fake, values{"client_id": nil}, env), 0)

	c := configured(t, fake, values{"client_secret": nil, "client_certificate": encoded, "client_certificate_password": "wrong"})
	_, found := c.read("mdatp_alert_summary", nil)
	checkFindings(t, "read", found, []string{
		"error: Invalid client certificate: The value of client_certificate in the provider block cannot be used: its password is wrong."})
}

// TestOIDCSignIn signs in with every form of OIDC tokens.
func TestOIDCSignIn(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 3})
	for name, test := range map[string]struct {
		block values
		env   map[string]string
		asked int // requests for an OIDC token
	}{
		"token":                {values{"oidc_token": fake.OIDCToken()}, nil, 0},
		"file":                 {values{"oidc_token_file_path": file(t, fake.OIDCToken()+"\n")}, nil, 0},
		"federated token file": {values{"use_oidc": true}, map[string]string{"AZURE_FEDERATED_TOKEN_FILE": file(t, fake.OIDCToken())}, 0},
		"GitHub Actions": {nil, map[string]string{
			"ACTIONS_ID_TOKEN_REQUEST_TOKEN": fakeapi.DefaultRequestToken, "ACTIONS_ID_TOKEN_REQUEST_URL": fake.GitHubRequestURL()}, 1},
		"Azure Pipelines": {values{"ado_pipeline_service_connection_id": fakeapi.DefaultConnection}, map[string]string{
			"SYSTEM_ACCESSTOKEN": fakeapi.DefaultRequestToken, "SYSTEM_OIDCREQUESTURI": fake.AzureDevOpsRequestURL()}, 1},
		"request by ARM_": {nil, map[string]string{
			"ARM_OIDC_REQUEST_TOKEN": fakeapi.DefaultRequestToken, "ARM_OIDC_REQUEST_URL": fake.GitHubRequestURL()}, 1},
	} {
		checkAssertion(t, name, readBoth(t, name, fake, test.block, test.env), test.asked)
	}
}

// checkIdentity checks the requests with the managed identity of a service.
func checkIdentity(t *testing.T, name string, requests map[string][]fakeapi.Request, version string) {
	t.Helper()
	for api, resource := range map[string]string{"siem": fakeapi.DefaultResource, "graph": fakeapi.GraphResource} {
		if len(requests[api]) != 2 {
			t.Errorf("%s: %s: requests = %d, want 2", name, api, len(requests[api]))
			continue
		}
		query := requests[api][0].Query
		want := map[string]string{"resource": resource, "client_id": fakeapi.DefaultClientID, "api-version": version}
		for field, value := range want {
			if got := query.Get(field); got != value {
				t.Errorf("%s: %s: %s = %q, want %q", name, api, field, got, value)
			}
		}
	}
}

// TestIdentitySignIn signs in with the managed identity of both services.
func TestIdentitySignIn(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 3})
	own := values{"use_msi": true, "msi_endpoint": fake.ManagedIdentityEndpoint(), "tenant_id": nil}
	app := map[string]string{"IDENTITY_ENDPOINT": fake.AppServiceEndpoint(), "IDENTITY_HEADER": fakeapi.DefaultIdentityHeader, "ARM_USE_MSI": "true"}
	for _, test := range []struct {
		name, version string
		block         values
		env           map[string]string
	}{
		{"virtual machine", "2018-02-01", own, nil},
		{"App Service", "2019-08-01", nil, app},
		{"virtual machine by msi_endpoint", "2018-02-01", own, app},
	} {
		checkIdentity(t, test.name, readBoth(t, test.name, fake, test.block, test.env), test.version)
	}
	c := configured(t, fake, values{"client_secret": nil, "use_msi": true, "msi_endpoint": fake.ManagedIdentityEndpoint()})
	const another = "error at tenant_id: Another tenant than that of the credential: A managed identity "
	_, found := c.read("mdatp_alert_summary", values{"tenant_id": tenantA})
	checkFinding(t, "read of another tenant", found, another)
	_, found = c.open("mdatp_access_token", values{"tenant_id": tenantA})
	checkFinding(t, "open for another tenant", found, another)
	_, found = c.read("mdatp_alert_summary", values{"tenant_id": fakeapi.DefaultTenantID})
	checkFindings(t, "read of the same tenant", found, nil)
}

// bothRuns are the arguments of az for a token of the SIEM API, and of Graph.
var bothRuns = []string{
	"account get-access-token --output json --resource=" + fakeapi.DefaultResource + " --tenant=" + fakeapi.DefaultTenantID,
	"account get-access-token --output json --scope=" + fakeapi.GraphResource + "/.default --tenant=" + fakeapi.DefaultTenantID,
}

// TestCLISignIn signs in with the Azure CLI, by default and by use_cli, and says why
// the CLI failed.
func TestCLISignIn(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the programs in place of the Azure CLI are shell scripts")
	}
	fake := startFake(t, fakeapi.Options{Alerts: 3})
	folders := map[string]string{}
	for name, script := range map[string]string{
		"good": "", "signed out": "echo \"Please run 'az login' to setup account.\" >&2; exit 1\n", "refused": "echo 'ERROR: AADSTS50076: no'>&2; exit 1\n",
	} {
		folders[name] = t.TempDir()
		var err error
		if script == "" {
			_, err = fake.WriteAzureCLI(folders[name])
		} else {
			_, err = fakeapi.WriteAzureCLIScript(folders[name], script)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	none := values{"client_id": nil, "client_secret": nil}
	for name, test := range map[string]values{
		"default": none,
		"use_cli": {"use_cli": true, "client_secret": nil},
	} {
		before := len(runs(t, folders["good"]))
		for api, requests := range readBoth(t, name, fake, test, map[string]string{"PATH": folders["good"]}) {
			if len(requests) != 1 {
				t.Errorf("%s: %s: requests = %d, want 1", name, api, len(requests))
			}
		}
		if got := runs(t, folders["good"])[before:]; !slices.Equal(got, bothRuns) {
			t.Errorf("%s: runs of az = %q, want %q", name, got, bothRuns)
		}
	}

	const (
		failed = "Signing in to tenant " + fakeapi.DefaultTenantID + " with the Azure CLI failed. "
		origin = " The tenant ID comes from tenant_id in the provider block, the access token from the Azure CLI"
		login  = failed + "The Azure CLI is not signed in: run az login." + origin
		renew  = failed + "The service responded with AADSTS50076. The sign-in has to be renewed: run az login again." + origin
	)
	for name, test := range map[string]struct {
		folder, problem string
		use             any
	}{
		"signed out":             {"signed out", login + ", the default.", nil},
		"refused":                {"refused", renew + ", the default.", nil},
		"signed out, by use_cli": {"signed out", login + " by use_cli in the provider block.", true},
		"refused, by use_cli":    {"refused", renew + " by use_cli in the provider block.", true},
	} {
		c := newClient(t, map[string]string{"PATH": folders[test.folder]})
		settings := maps.Clone(none)
		settings["use_cli"] = test.use
		checkFindings(t, name+": configure", c.configure(block(fake, settings)), nil)
		_, found := c.read("mdatp_alert_summary", nil)
		want := "error: " + noSignIn + ": " + test.problem
		if test.use == nil {
			want = "error: Missing provider settings: The provider cannot read without these settings:\n\n" + missingClient + "\n" + missingSecret +
				"\n\n" + waysToSignIn + "\n\nThe Azure CLI was tried. " + test.problem
		}
		checkFindings(t, name+": read", found, []string{want})
	}
}

// runs returns the arguments of each run of the program that the fake wrote.
func runs(t *testing.T, folder string) []string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(folder, fakeapi.AzureCLILog))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return slices.DeleteFunc(strings.Split(string(content), "\n"), func(line string) bool { return line == "" })
}

// checkRefresh checks the token requests with a refresh token and a secret, if any.
func checkRefresh(t *testing.T, name string, requests map[string][]fakeapi.Request, secret string) {
	t.Helper()
	for api, want := range map[string]map[string]string{
		"siem":  {"resource": fakeapi.DefaultResource},
		"graph": {"scope": fakeapi.GraphResource + "/SecurityAlert.Read.All offline_access"},
	} {
		want["client_id"], want["grant_type"], want["client_secret"] = fakeapi.DefaultClientID, "refresh_token", secret
		checkProof(t, name+": "+api, requests[api], 0, want, "refresh_token")
	}
}

// TestRefreshSignIn signs in with the refresh token of a person, from a file, which then
// has the newest token, and from the provider block.
func TestRefreshSignIn(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 3, PublicClient: true, Rotation: fakeapi.RotateOneUse})
	// The fake accepts each token once: the second read proves that the file was updated.
	stored := file(t, `{"tenant":"`+fakeapi.DefaultTenantID+`","client":"`+fakeapi.DefaultClientID+`","refresh_token":"`+fake.IssueRefreshToken()+`"}`)
	alone := values{"tenant_id": nil, "client_id": nil, "refresh_token_file_path": stored}
	checkRefresh(t, "file of login", readBoth(t, "file of login", fake, alone, nil), "")
	bare := values{"refresh_token_file_path": file(t, fake.IssueRefreshToken()+"\n")}
	checkRefresh(t, "bare token", readBoth(t, "bare token", fake, bare, nil), "")
	other := map[string]string{"ARM_CLIENT_ID": tenantA, "ARM_CLIENT_SECRET": "of azurerm", "MDATP_REFRESH_TOKEN_FILE_PATH": stored}
	checkRefresh(t, "beside azurerm", readBoth(t, "beside azurerm", fake, values{"client_id": nil}, other), "")

	confidential := startFake(t, fakeapi.Options{Alerts: 3})
	withSecret := values{"refresh_token_file_path": file(t, confidential.IssueRefreshToken()), "client_secret": fakeapi.DefaultClientSecret}
	checkRefresh(t, "with a secret", readBoth(t, "with a secret", confidential, withSecret, nil), fakeapi.DefaultClientSecret)

	c := configured(t, fake, values{"client_secret": nil, "refresh_token": fake.IssueRefreshToken()})
	const lost = "warning: Refresh token not stored: Entra ID replaced the refresh token with a newer one, which is lost when this run ends. " +
		"Keep it in a file, which is updated."
	_, found := c.read("mdatp_alert_summary", nil)
	checkFindings(t, "read with a token of the block", found, []string{lost})
	_, found = c.read("mdatp_alert_summary", nil)
	checkFindings(t, "second read", found, nil)
	_, found = c.read("mdatp_alert_summary", values{"tenant_id": tenantA})
	checkFinding(t, "read of another tenant", found, "error at tenant_id: Another tenant than that of the credential: A refresh token is of one tenant.")

	fake.RevokeRefreshTokens()
	c = configured(t, fake, values{"client_secret": nil, "client_id": nil, "refresh_token_file_path": stored})
	_, found = c.read("mdatp_alert_summary", nil)
	checkFinding(t, "read after a revocation", found, "error: "+noSignIn+": Signing in to tenant "+fakeapi.DefaultTenantID+" as application "+
		fakeapi.DefaultClientID+" with its refresh token failed. The service responded with AADSTS50173, invalid_grant, HTTP status 400. "+
		"The sign-in has to be renewed: run terraform-provider-mdatp login again. The tenant ID comes from tenant_id in the provider block, "+
		"the client ID from the file that refresh_token_file_path in the provider block names, "+
		"the refresh token from the file that refresh_token_file_path in the provider block names. Request ID: ")
}
