package provider_test

import (
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
	"github.com/mdatp/terraform-provider-mdatp/internal/tokenfile"
)

// A trial is one credential that fails with one API.
type trial struct {
	t     *testing.T
	fake  *fakeapi.Server
	clock *atomic.Int64     // of the fake, in seconds from now
	token fakeapi.Endpoint  // the token endpoint of the API
	env   map[string]string // of the provider
}

// A credentialFault is a way in which a credential fails. In the text, HOST is the
// fake's.
type credentialFault struct {
	setUp       func(trial) values // returns the changes to the provider block
	title, text string
}

func (f credentialFault) check(t *testing.T, api string) {
	t.Helper()
	var clock atomic.Int64
	fake := startFake(t, fakeapi.Options{Alerts: 1, PublicClient: true, Now: func() time.Time {
		return time.Now().Add(time.Duration(clock.Load()) * time.Second)
	}})
	token := fakeapi.Token
	if api == "graph" {
		token = fakeapi.TokenV2
	}
	env := map[string]string{}
	changes := f.setUp(trial{t, fake, &clock, token, env})
	settings := block(fake, values{"client_secret": nil, "api": api, "graph_endpoint": fake.GraphEndpoint()})
	maps.Copy(settings, changes)
	c := newClient(t, env)
	found := c.configure(settings)
	if !failed(found) {
		_, found = c.read("mdatp_alert_summary", nil)
	}
	host, err := url.Parse(fake.AuthorityHost())
	if err != nil {
		t.Fatal(err)
	}
	want := strings.ReplaceAll(f.text, "HOST", host.Host)
	title := ": " + f.title + ": "
	if len(found) != 1 || !strings.HasPrefix(found[0], "error") || !strings.Contains(found[0], title) || !strings.Contains(found[0], want) {
		t.Errorf("read with %s reports\n%q, want one error with\n%q and\n%q", api, found, title, want)
	}
	for _, secret := range []string{faultCanary, fakeapi.DefaultClientSecret, fakeapi.DefaultRequestToken, fakeapi.DefaultIdentityHeader} {
		if strings.Contains(strings.Join(found, ""), secret) {
			t.Errorf("read with %s reports %q, want no %q", api, found, secret)
		}
	}
	if sent := len(fake.AlertRequests()) + len(fake.GraphRequests()); sent != 0 {
		t.Errorf("requests for alerts with %s = %d, want 0", api, sent)
	}
}

// faultCanary is what a response or a setting contains that no text may quote.
const faultCanary = "CANARY.of-the-fault"

// checkFaults checks faults with both APIs.
func checkFaults(t *testing.T, faults map[string]credentialFault) {
	t.Helper()
	for name, fault := range faults {
		for _, api := range []string{"siem", "graph"} {
			t.Run(name+", "+api, func(t *testing.T) {
				t.Parallel()
				fault.check(t, api)
			})
		}
	}
}

// with returns a setUp for settings alone.
func with(changes values) func(trial) values { return func(trial) values { return changes } }

// refuses makes Entra ID respond with an error of this number.
func (r trial) refuses(code int) {
	r.fake.Script(r.token, fakeapi.Reply(http.StatusUnauthorized, nil,
		fmt.Sprintf(`{"error":"invalid_client","error_description":"AADSTS%d: %s","error_codes":[%[1]d]}`, code, faultCanary)))
}

// The beginnings of texts.
func signingInWith(credential string) string {
	return "Signing in to tenant " + fakeapi.DefaultTenantID + " as application " + fakeapi.DefaultClientID + " with its " + credential + " failed. "
}

const (
	identityFailed = "Signing in with the managed identity " + fakeapi.DefaultClientID + " failed. "
	cliFailed      = "Signing in to tenant " + fakeapi.DefaultTenantID + " with the Azure CLI failed. "
)

// TestSecretFaults: what a user reads when the client secret is the problem.
func TestSecretFaults(t *testing.T) {
	t.Parallel()
	secret := values{"client_secret": faultCanary}
	checkFaults(t, map[string]credentialFault{
		"expired": {func(r trial) values { r.refuses(7000222); return secret }, noSignIn, signingInWith("client secret") +
			"The service responded with AADSTS7000222, invalid_client, HTTP status 401. " +
			"The client secret has expired: create a new one under App registrations, Certificates & secrets."},
		"refused": {with(secret), noSignIn, signingInWith("client secret") + "The service responded with AADSTS7000215, invalid_client, HTTP status 401. " +
			"The client secret is wrong: check that client_secret is the secret's value, not its ID, and belongs to this application."},
		"line break": {with(values{"client_secret": faultCanary + "\n" + faultCanary}), "Invalid client secret",
			"The value of client_secret cannot be used: its character 20 is a line break."},
		"empty file": {func(r trial) values { return values{"client_secret_file_path": file(r.t, "\n")} }, "Invalid client secret",
			"The value of the file that client_secret_file_path in the provider block names cannot be used: it is empty."},
		"no file": {with(values{"client_secret_file_path": "/no/such/file"}), "Unreadable file of the client secret",
			"The file that client_secret_file_path in the provider block names cannot be read: there is no such file. Check the path and who may read it."},
	})
}

// TestCertificateFaults: what a user reads when the certificate is the problem.
func TestCertificateFaults(t *testing.T) {
	t.Parallel()
	_, valid, pkcs12 := newCertificate(t, time.Hour, faultCanary)
	_, past, _ := newCertificate(t, -time.Hour, faultCanary)
	end := time.Now().Add(-time.Hour).UTC().Format(time.DateOnly)
	path := func(content string) func(trial) values {
		return func(r trial) values { return values{"client_certificate_path": file(r.t, content)} }
	}
	const (
		invalid = "Invalid client certificate"
		unfit   = "The value of the file that client_certificate_path in the provider block names cannot be used: "
		neither = "it is not a PKCS#12 or PEM file with a certificate and its private key."
	)
	checkFaults(t, map[string]credentialFault{
		"expired": {path(past), noSignIn, signingInWith("client certificate") + "The certificate expired on " + end + "."},
		"refused": {path(valid), noSignIn, signingInWith("client certificate") + "The service responded with AADSTS700027, invalid_client, HTTP status 401. " +
			"The certificate of the application is not registered, expired or not valid yet: check it under App registrations, Certificates & secrets."},
		"HTML":              {path("<html>" + faultCanary), invalid, unfit + neither},
		"empty":             {path(""), invalid, unfit + "it is empty."},
		"truncated":         {path(valid[:len(valid)-40]), invalid, unfit + "one of its PEM blocks is damaged."},
		"truncated PKCS#12": {path(pkcs12[:len(pkcs12)-40]), invalid, unfit + neither},
		"no password":       {path(pkcs12), invalid, unfit + "it needs a password."},
		"truncated base64": {with(values{"client_certificate": base64.StdEncoding.EncodeToString([]byte(pkcs12[:400]))}), invalid,
			"The value of client_certificate in the provider block cannot be used: " + neither},
		"no base64": {with(values{"client_certificate": "$" + faultCanary}), invalid,
			"The value of client_certificate cannot be used: it is not base64; the path of a file belongs in client_certificate_path."},
		"no file": {with(values{"client_certificate_path": "/no/such/file"}), "Unreadable file of the client certificate",
			"The file that client_certificate_path in the provider block names cannot be read: there is no such file. Check the path and who may read it."},
	})
}

// TestOIDCFaults: what a user reads when the OIDC token is the problem.
func TestOIDCFaults(t *testing.T) {
	t.Parallel()
	// old returns an OIDC token that expired an hour ago.
	old := func(r trial) string {
		r.clock.Store(-4200)
		token := r.fake.OIDCToken()
		r.clock.Store(0)
		return token
	}
	const expired = "The service responded with AADSTS700024, invalid_client, HTTP status 401. The OIDC token has expired, or is not valid yet: set a new one."
	checkFaults(t, map[string]credentialFault{
		"expired": {func(r trial) values { return values{"oidc_token": old(r)} }, noSignIn, signingInWith("OIDC token") + expired},
		"expired file": {func(r trial) values { return values{"oidc_token_file_path": file(r.t, old(r))} }, noSignIn,
			signingInWith("OIDC token file") + expired},
		"refused": {func(r trial) values { r.refuses(700213); return values{"oidc_token": faultCanary} }, noSignIn, signingInWith("OIDC token") +
			"The service responded with AADSTS700213, invalid_client, HTTP status 401. " +
			"No federated credential of the application matches: check its issuer, subject and audience."},
		"no token": {with(values{"oidc_token": faultCanary}), noSignIn, signingInWith("OIDC token") +
			"The service responded with AADSTS50027, invalid_client, HTTP status 401. " +
			"Look the code up at https://login.microsoftonline.com/error, and check tenant_id, client_id and the OIDC token."},
		"line break": {with(values{"oidc_token": faultCanary + "\n" + faultCanary}), "Invalid OIDC token",
			"The value of oidc_token cannot be used: its character 20 is a line break."},
		"line break in the file": {func(r trial) values {
			return values{"oidc_token_file_path": file(r.t, faultCanary+"\n"+faultCanary)}
		}, "Invalid OIDC token", "The value of the file that oidc_token_file_path in the provider block names cannot be used: its character 20 is a line break."},
		"empty file": {func(r trial) values { return values{"oidc_token_file_path": file(r.t, "\n")} }, "Invalid OIDC token",
			"The value of the file that oidc_token_file_path in the provider block names cannot be used: it is empty."},
	})
}

// A tokenService is a service that a credential gets a token from, and how to choose it.
type tokenService struct {
	endpoint func(trial) fakeapi.Endpoint
	block    func(trial) values
	who      string // the beginning of errors of the credential
	request  string // of errors of the request
	setting  string // of its address
	member   string // of its response that is the token
	noObject string // the text of a response that is not a JSON object
	noMember string // of one without a usable token
}

// tokenServices are the token endpoints, which accept proofs of all kinds, the issuers
// of OIDC tokens, and the managed identity.
func tokenServices() map[string]tokenService {
	at := func(e fakeapi.Endpoint) func(trial) fakeapi.Endpoint {
		return func(trial) fakeapi.Endpoint { return e }
	}
	own := func(r trial) fakeapi.Endpoint { return r.token }
	requested := func(address func(*fakeapi.Server) string, connection any) func(trial) values {
		return func(r trial) values {
			return values{"oidc_request_token": fakeapi.DefaultRequestToken, "oidc_request_url": address(r.fake), "ado_pipeline_service_connection_id": connection}
		}
	}
	const (
		forID, forIdentity = "The request for an OIDC token to HOST failed at the first attempt. ", "The request for a token of the managed identity to HOST failed at the first attempt. "
		noToken            = "The response is not a token response. Check "
		noAccess           = "The response has no usable access_token. Check "
		authority          = "authority_host, and whether a proxy responds in its place."
	)
	entraID := func(credential string, settings func(trial) values) tokenService {
		return tokenService{own, settings, signingInWith(credential), "The sign-in to HOST failed at the first attempt. ", "authority_host", "access_token",
			noToken + authority, noAccess + authority}
	}
	const ofRequest = "oidc_request_url and oidc_request_token"
	return map[string]tokenService{
		"secret": entraID("client secret", with(values{"client_secret": fakeapi.DefaultClientSecret})),
		"refresh token": entraID("refresh token", func(r trial) values {
			return values{"refresh_token": r.fake.IssueRefreshToken()}
		}),
		"GitHub": {at(fakeapi.GitHub), requested((*fakeapi.Server).GitHubRequestURL, nil), signingInWith("GitHub Actions OIDC token"), forID, ofRequest, "value",
			"The response of HOST is not a JSON object.", "The response of HOST has no usable value."},
		"Azure DevOps": {at(fakeapi.AzureDevOps), requested((*fakeapi.Server).AzureDevOpsRequestURL, fakeapi.DefaultConnection),
			signingInWith("Azure DevOps OIDC token"), forID, ofRequest, "oidcToken",
			"The response of HOST is not a JSON object.", "The response of HOST has no usable oidcToken."},
		"virtual machine": {at(fakeapi.ManagedIdentity), func(r trial) values {
			return values{"use_msi": true, "msi_endpoint": r.fake.ManagedIdentityEndpoint()}
		}, identityFailed, forIdentity, "msi_endpoint", "access_token", noToken + "msi_endpoint.", noAccess + "msi_endpoint."},
		"App Service": {at(fakeapi.ManagedIdentity), func(r trial) values {
			r.env["IDENTITY_ENDPOINT"], r.env["IDENTITY_HEADER"] = r.fake.AppServiceEndpoint(), fakeapi.DefaultIdentityHeader
			return values{"use_msi": true}
		}, identityFailed, forIdentity, "msi_endpoint", "access_token", noToken + "msi_endpoint.", noAccess + "msi_endpoint."},
	}
}

// TestTokenServiceFaults: what a user reads when a service does not respond as it must,
// or not in time.
func TestTokenServiceFaults(t *testing.T) {
	t.Parallel()
	for name, service := range tokenServices() {
		// fault returns the service with one step.
		fault := func(step fakeapi.Step, changes values, text string) credentialFault {
			return credentialFault{func(r trial) values {
				r.fake.Script(service.endpoint(r), step)
				settings := maps.Clone(service.block(r))
				maps.Copy(settings, changes)
				return settings
			}, noSignIn, text}
		}
		body := func(text string) fakeapi.Step { return fakeapi.WithBody(fakeapi.Normal(), text) }
		whole := `{"token_type":"Bearer","` + service.member + `":"` + faultCanary + `"}`
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkFaults(t, map[string]credentialFault{
				"null":      fault(body("null"), nil, service.who+service.noObject),
				"empty":     fault(body(""), nil, service.who+service.noObject),
				"truncated": fault(fakeapi.WithBody(fakeapi.CutAfter(9), whole), nil, service.request+"The connection was lost or the response truncated after 9 bytes."),
				"no object": fault(body(whole[:len(whole)-3]), nil, service.who+service.noObject),
				"null token": fault(body(strings.Replace(whole, `"`+faultCanary+`"`, "null", 1)), nil,
					service.who+service.noMember),
				"line break": fault(body(strings.Replace(whole, faultCanary, faultCanary+`\n`+faultCanary, 1)), nil, service.who+service.noMember),
				"redirect": fault(fakeapi.RedirectTo(http.StatusFound, "http://127.0.0.1:1/"+faultCanary), nil, service.request+
					"The response is a redirect (status 302), which is not followed: it would send the credentials elsewhere. Check "+service.setting+"."),
				"HTML": fault(fakeapi.ContentType("text/html", "<html>"+faultCanary), nil, service.request+
					"The response is not JSON in UTF-8. Check "+service.setting+", and whether a proxy or a sign-in page responds in its place."),
				"attempt_timeout": fault(fakeapi.Stall(0), values{"attempt_timeout": "100ms"}, service.request+
					"The complete response did not arrive within attempt_timeout. Check the network, or raise attempt_timeout."),
				"timeout": fault(fakeapi.Stall(0), values{"timeout": "100ms"},
					"Sign-in, or the read that waits for it, exceeded its timeout of 100ms. Check the network, or raise timeout."),
			})
		})
	}
}

// TestOIDCTokenServiceFaults: what a user reads when an issuer refuses the request token,
// or Entra ID its token.
func TestOIDCTokenServiceFaults(t *testing.T) {
	t.Parallel()
	services := tokenServices()
	faults := map[string]credentialFault{}
	for _, name := range []string{"GitHub", "Azure DevOps"} {
		service := services[name]
		faults[name+" expired"] = credentialFault{func(r trial) values {
			settings := service.block(r)
			settings["oidc_request_token"] = faultCanary
			return settings
		}, noSignIn, service.request + "The response has status 401. Check oidc_request_url and oidc_request_token, and whether a proxy responds in its place."}
		faults[name+" refused"] = credentialFault{func(r trial) values { r.refuses(700213); return service.block(r) }, noSignIn, service.who +
			"The service responded with AADSTS700213, invalid_client, HTTP status 401. " +
			"No federated credential of the application matches: check its issuer, subject and audience."}
	}
	faults["another connection"] = credentialFault{func(r trial) values {
		settings := services["Azure DevOps"].block(r)
		settings["ado_pipeline_service_connection_id"] = tenantA
		return settings
	}, noSignIn, services["Azure DevOps"].request + "The response has status 404. "}
	checkFaults(t, faults)
}

// TestIdentityFaults: what a user reads when the computer's identity is the problem.
func TestIdentityFaults(t *testing.T) {
	t.Parallel()
	faults := map[string]credentialFault{}
	for name, refused := range map[string]string{
		"virtual machine": "Signing in with the managed identity " + tenantA + " failed. The service responded with invalid_request, HTTP status 400. " +
			"Check client_id, and that the computer has this identity.",
		"App Service": "The request for a token of the managed identity to HOST failed at the first attempt. The response has status 400. " +
			"Check client_id, and that the computer has this identity. Check msi_endpoint.",
	} {
		service := tokenServices()[name]
		faults[name+" expired"] = credentialFault{func(r trial) values {
			r.fake.Script(fakeapi.ManagedIdentity, fakeapi.WithBody(fakeapi.Normal(), `{"token_type":"Bearer","access_token":"`+faultCanary+`","expires_on":"1700000000"}`))
			return service.block(r)
		}, noSignIn, identityFailed + "The response has no usable expires_on. Check this computer's clock. Check msi_endpoint."}
		faults[name+" refused"] = credentialFault{func(r trial) values {
			settings := service.block(r)
			settings["client_id"] = tenantA
			return settings
		}, noSignIn, refused}
	}
	checkFaults(t, faults)
}

// TestCLIFaults: what a user reads when the Azure CLI is the problem.
func TestCLIFaults(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the programs in place of the Azure CLI are shell scripts")
	}
	// The scripts are written before the first runs.
	folders := map[string]string{"none": t.TempDir()}
	for name, script := range map[string]string{
		"expired":   `echo '{"accessToken":"` + faultCanary + `","tokenType":"Bearer","expires_on":1700000000}'`,
		"garbage":   "echo 'WARNING: " + faultCanary + "'",
		"null":      "echo null",
		"empty":     "exit 0",
		"truncated": `printf '{"accessToken":"` + faultCanary + `'`,
		"break":     `printf '%s' '{"accessToken":"` + faultCanary + `\n` + faultCanary + `","tokenType":"Bearer"}'`,
		"status":    "echo '" + faultCanary + "' >&2; exit 3",
		"slow":      "exec sleep 60",
	} {
		folders[name] = t.TempDir()
		if _, err := fakeapi.WriteAzureCLIScript(folders[name], script+"\n"); err != nil {
			t.Fatal(err)
		}
	}
	const version = " Check that az is the Azure CLI, in a current version."
	faults := map[string]credentialFault{}
	for name, text := range map[string]string{
		"none":      cliFailed + "The Azure CLI, az, is not in the PATH.",
		"expired":   cliFailed + "The response has no usable expires_on. Check this computer's clock." + version,
		"garbage":   cliFailed + "The response is not a token response." + version,
		"null":      cliFailed + "The response is not a token response." + version,
		"empty":     cliFailed + "The response is not a token response." + version,
		"truncated": cliFailed + "The response is not a token response." + version,
		"break":     cliFailed + "The response has no usable access_token." + version,
		"status":    cliFailed + "The Azure CLI failed with exit status 3.",
		"slow":      "exceeded its timeout of 100ms. Check the network, or raise timeout.",
	} {
		faults[name] = credentialFault{func(r trial) values {
			r.env["PATH"] = folders[name]
			if name == "slow" {
				return values{"use_cli": true, "timeout": "100ms"}
			}
			return values{"use_cli": true}
		}, noSignIn, text}
	}
	checkFaults(t, faults)
}

// TestRefreshFaults: what a user reads when the refresh token is the problem.
func TestRefreshFaults(t *testing.T) {
	t.Parallel()
	stored := func(content string) func(trial) values {
		return func(r trial) values { return values{"refresh_token_file_path": file(r.t, content)} }
	}
	const (
		again   = " The sign-in has to be renewed: run terraform-provider-mdatp login again."
		unfit   = "The file that refresh_token_file_path in the provider block names cannot be used: "
		check   = ". Check the path and who may read it, or run terraform-provider-mdatp login again."
		unread  = "Unusable file of the refresh token"
		refused = "The service responded with AADSTS%d, invalid_grant, HTTP status 400."
	)
	checkFaults(t, map[string]credentialFault{
		"expired": {func(r trial) values {
			token := r.fake.IssueRefreshToken()
			r.fake.ExpireRefreshTokens()
			return values{"refresh_token": token}
		}, noSignIn, signingInWith("refresh token") + fmt.Sprintf(refused, 700082) + again},
		"revoked": {func(r trial) values {
			token := r.fake.IssueRefreshToken()
			r.fake.RevokeRefreshTokens()
			return values{"refresh_token_file_path": file(r.t, token)}
		}, noSignIn, signingInWith("refresh token") + fmt.Sprintf(refused, 50173) + again},
		"never issued": {with(values{"refresh_token": faultCanary}), noSignIn, signingInWith("refresh token") + fmt.Sprintf(refused, 9002313) +
			" Look the code up at https://login.microsoftonline.com/error, and check tenant_id and client_id, and run terraform-provider-mdatp login again."},
		"secret of a public client": {func(r trial) values {
			return values{"refresh_token": r.fake.IssueRefreshToken(), "client_secret": fakeapi.DefaultClientSecret}
		}, noSignIn, "The application is a public client, which must not send a secret: remove client_secret."},
		"line break": {with(values{"refresh_token": faultCanary + "\n" + faultCanary}), "Invalid refresh token",
			"The value of refresh_token cannot be used: its character 20 is a line break."},
		"line break in the file": {stored(faultCanary + "\n" + faultCanary), unread, unfit + "it is not what the login command stores, and has a character that a token cannot have" + check},
		"empty file":             {stored("\n"), unread, unfit + "it is empty" + check},
		"null":                   {stored(`{"tenant":null,"client":null,"refresh_token":null}`), unread, unfit + "its tenant or client is missing" + check},
		"truncated":              {stored(`{"tenant":"` + faultCanary), unread, unfit + "it is not the JSON object that the login command stores" + check},
		"no file":                {with(values{"refresh_token_file_path": "/no/such/file"}), unread, unfit + "there is no such file" + check},
		"locked": {func(r trial) values {
			path := file(r.t, r.fake.IssueRefreshToken())
			unlock, err := tokenfile.Lock(r.t.Context(), path)
			if err != nil {
				r.t.Fatal(err)
			}
			r.t.Cleanup(unlock)
			return values{"refresh_token_file_path": path, "timeout": "100ms"}
		}, noSignIn, "exceeded its timeout of 100ms. Check the network, or raise timeout."},
	})
}

// TestTokenOfAnotherAudience: a valid token for another audience is renewed once, and
// then the user reads which settings decide the audience. A token that comes again is
// not sent again.
func TestTokenOfAnotherAudience(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		tokens, alerts int // tokens of the sign-in, and requests for alerts
		text           string
	}{
		"two tokens": {2, 2, " failed with status 401 after 2 attempts. A new token was rejected too."},
		"one token":  {1, 1, " failed with status 401 at the first attempt."},
	} {
		fake := startFake(t, fakeapi.Options{Alerts: 1})
		var tokens []string
		for range test.tokens {
			graphClient(t, fake).mustRead("mdatp_alert_summary", nil)
			sent := fake.GraphRequests()
			tokens = append(tokens, strings.TrimPrefix(sent[len(sent)-1].Header.Get("Authorization"), "Bearer "))
		}
		for _, token := range []string{tokens[0], tokens[len(tokens)-1]} {
			fake.Script(fakeapi.Token, fakeapi.Reply(http.StatusOK, nil, `{"token_type":"Bearer","expires_in":3599,"access_token":"`+token+`"}`))
		}
		before := len(fake.TokenRequests())
		_, found := configured(t, fake, nil).read("mdatp_alert_summary", nil)
		checkFinding(t, name+": read", found, "error: Token rejected by the SIEM API: The request for alerts to ")
		want := test.text + " Check that SIEM integration is enabled for this application and tenant, and that region and siem_resource are right."
		if got := strings.Join(found, ""); !strings.Contains(got, want) || strings.Contains(got, tokens[0]) {
			t.Errorf("%s: read reports %q, want %q in it, and no token", name, got, want)
		}
		if got := len(fake.TokenRequests()) - before; got != 2 {
			t.Errorf("%s: token requests = %d, want 2", name, got)
		}
		if got := len(fake.AlertRequests()); got != test.alerts {
			t.Errorf("%s: requests for alerts = %d, want %d", name, got, test.alerts)
		}
	}
}

// TestRegionOrigin: errors that a wrong region or address can cause say where it comes
// from.
func TestRegionOrigin(t *testing.T) {
	t.Parallel()
	const (
		fromBlock    = " The region comes from region in the provider block."
		fromVariable = " The region comes from the environment variable MDATP_REGION."
		unset        = " No region is set, which means the commercial cloud."
		authority    = " The authority host comes from authority_host in the provider block."
		endpoint     = " The SIEM endpoint comes from siem_endpoint in the provider block."
		otherCloud   = "The tenant does not exist in this cloud: check tenant_id and region, or authority_host."
		inGraph      = "The resource is unknown in this tenant: check that region names the cloud of the tenant."
		inSIEM       = "check siem_resource, and that SIEM integration was enabled. Microsoft has allowed no new integration since 2021: " +
			`tenants without one use Microsoft Graph (api = "graph").`
		tenant = " The tenant ID comes from tenant_id in the provider block"
	)
	signIn := func(code int) func(trial) { return func(r trial) { r.refuses(code) } }
	status := func(code int) func(trial) {
		return func(r trial) {
			for range 2 { // a token is renewed once
				r.fake.Script(fakeapi.Alerts, fakeapi.Reply(code, nil, ""))
				r.fake.Script(fakeapi.Graph, fakeapi.Reply(code, nil, ""))
			}
		}
	}
	for name, test := range map[string]struct {
		api, region string
		env         map[string]string
		fails       func(trial)
		want        string
	}{
		"tenant, block":      {"siem", "UK", nil, signIn(90002), otherCloud + authority + tenant},
		"tenant, variable":   {"graph", "", map[string]string{"MDATP_REGION": "dod"}, signIn(900432), otherCloud + authority + tenant},
		"tenant, unset":      {"graph", "", nil, signIn(90038), otherCloud + authority + tenant},
		"tenant, addresses":  {"siem", "", nil, signIn(90002), otherCloud + authority + tenant},
		"resource, block":    {"graph", "gcchigh", nil, signIn(500011), inGraph + fromBlock + tenant},
		"resource, variable": {"siem", "", map[string]string{"MDATP_REGION": "eu"}, signIn(500011), inSIEM + fromVariable + tenant},
		"token, unset":       {"graph", "", nil, status(http.StatusUnauthorized), "reject new tokens for some minutes: try again." + unset},
		"token, block":       {"siem", "us", nil, status(http.StatusUnauthorized), `(api = "graph").` + fromBlock},
		"not found, block":   {"siem", "us", nil, status(http.StatusNotFound), "Check region and siem_endpoint." + endpoint},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := startFake(t, fakeapi.Options{Alerts: 1})
			token := fakeapi.Token
			if test.api == "graph" {
				token = fakeapi.TokenV2
			}
			test.fails(trial{t: t, fake: fake, token: token})
			changes := values{"api": test.api, "graph_endpoint": fake.GraphEndpoint(), "region": nil}
			if test.region != "" {
				changes["region"] = test.region
			}
			c := newClient(t, test.env)
			checkFindings(t, "configure", c.configure(block(fake, changes)), nil)
			_, found := c.read("mdatp_alert_summary", nil)
			if got := strings.Join(found, "\n"); len(found) != 1 || !strings.Contains(got, test.want) {
				t.Errorf("read reports %q, want one error with %q", got, test.want)
			}
		})
	}
}
