package provider_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
	"github.com/mdatp/terraform-provider-mdatp/internal/entra"
	"github.com/mdatp/terraform-provider-mdatp/internal/provider"
	"github.com/mdatp/terraform-provider-mdatp/internal/records"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

const noIntegration = ` Microsoft has allowed no new integration since 2021: tenants without one use Microsoft Graph (api = "graph").`

// Parts of the texts below.
const (
	traceID     = "11111111-2222-4333-8444-555555555555"
	traced      = " Request ID: 11111111-2222-4333-8444-555555555555."
	noPull      = "Unable to read from the SIEM API"
	noSignIn    = "Unable to sign in to Microsoft Entra ID"
	oddResponse = "Unexpected response from the SIEM API"
	readLess    = " Read less: a shorter window, a limit, or machine groups."
	retired     = " Microsoft deprecated the SIEM API and may have switched it off; " +
		`its successor is Microsoft Graph (api = "graph"). See the guide "Moving to Microsoft Graph".`
	otherwise = " It was discarded. Check siem_endpoint, and whether a proxy responds in its place; otherwise please report this."
)

func checkFailure(t *testing.T, err error, summary, detail string) {
	t.Helper()
	d := provider.Failure(err)
	if d.Summary() != summary {
		t.Errorf("Failure(%v).Summary() =\n%q, want\n%q", err, d.Summary(), summary)
	}
	if d.Detail() != detail {
		t.Errorf("Failure(%v).Detail() =\n%q, want\n%q", err, d.Detail(), detail)
	}
	if d.Summary() != strings.TrimSpace(d.Summary()) || strings.HasSuffix(d.Summary(), ".") {
		t.Errorf("Failure(%v).Summary() = %q, want no outer white space and no period", err, d.Summary())
	}
	if strings.Contains(d.Detail(), "  ") {
		t.Errorf("Failure(%v).Detail() = %q, want no double space", err, d.Detail())
	}
}

// TestFailureOfTheTransport has the text of every kind of failure, for a read and
// for a sign-in. An empty signIn has the text of the read.
func TestFailureOfTheTransport(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		err          transport.Error
		read, signIn string
	}{
		{transport.Error{Kind: transport.Invalid},
			" failed. The request could not be made. Check siem_endpoint.",
			" failed. The request could not be made. Check authority_host."},
		{transport.Error{Kind: transport.Unresolved, Attempts: 1},
			" failed at the first attempt. The host name does not exist. Check region and siem_endpoint." + retired,
			" failed at the first attempt. The host name does not exist. Check region and authority_host."},
		{transport.Error{Kind: transport.Unreachable, Attempts: 4},
			" failed after 4 attempts. A connection could not be established. Check the network, the firewall and siem_endpoint.",
			" failed after 4 attempts. A connection could not be established. Check the network, the firewall and authority_host."},
		{transport.Error{Kind: transport.NotLookedUp, Attempts: 4},
			" failed after 4 attempts. The host name could not be looked up. Check the network and its DNS servers.", ""},
		{transport.Error{Kind: transport.Refused, Attempts: 4},
			" failed after 4 attempts. The connection was refused: nothing accepts connections at this address, or a firewall rejects them. " +
				"Check siem_endpoint and the firewall.",
			" failed after 4 attempts. The connection was refused: nothing accepts connections at this address, or a firewall rejects them. " +
				"Check authority_host and the firewall."},
		{transport.Error{Kind: transport.Unanswered, Attempts: 4},
			" failed after 4 attempts. The host did not accept the connection within 10 seconds. Check the network, the firewall and siem_endpoint.",
			" failed after 4 attempts. The host did not accept the connection within 10 seconds. Check the network, the firewall and authority_host."},
		{transport.Error{Kind: transport.NoRoute, Attempts: 4},
			" failed after 4 attempts. There is no route to the host. Check the network, the VPN and siem_endpoint.",
			" failed after 4 attempts. There is no route to the host. Check the network, the VPN and authority_host."},
		{transport.Error{Kind: transport.Expired, Attempts: 1},
			" failed at the first attempt. The TLS certificate has expired, or is not valid yet. Check the clock of this computer; if it is right, " +
				"the operator of the host, or of a proxy that inspects TLS, has to renew the certificate.", ""},
		{transport.Error{Kind: transport.UnknownAuthority, Attempts: 1},
			" failed at the first attempt. The TLS certificate is from an unknown authority. If a proxy inspects TLS, " +
				"name the file of its authority's certificate in ca_certificate_path; otherwise check siem_endpoint.",
			" failed at the first attempt. The TLS certificate is from an unknown authority. If a proxy inspects TLS, " +
				"name the file of its authority's certificate in ca_certificate_path; otherwise check authority_host."},
		{transport.Error{Kind: transport.WrongName, Attempts: 1},
			" failed at the first attempt. The TLS certificate is for another host name. Check siem_endpoint, and whether a proxy responds in its place.",
			" failed at the first attempt. The TLS certificate is for another host name. Check authority_host, and whether a proxy responds in its place."},
		{transport.Error{Kind: transport.OldTLS, Attempts: 1},
			" failed at the first attempt. The host has no TLS version that the provider accepts, 1.2 or later. Check siem_endpoint, " +
				"and whether a proxy responds in its place.",
			" failed at the first attempt. The host has no TLS version that the provider accepts, 1.2 or later. Check authority_host, " +
				"and whether a proxy responds in its place."},
		{transport.Error{Kind: transport.Untrusted, Attempts: 1},
			" failed at the first attempt. TLS could not be negotiated, or the certificate is not acceptable. Check siem_endpoint, " +
				"and whether a proxy responds in its place.",
			" failed at the first attempt. TLS could not be negotiated, or the certificate is not acceptable. Check authority_host, " +
				"and whether a proxy responds in its place."},
		{transport.Error{Kind: transport.Proxy, Attempts: 2},
			" failed after 2 attempts. The proxy cannot be reached, or did not connect to the host. Check the proxy in HTTPS_PROXY.", ""},
		{transport.Error{Kind: transport.ProxyRefused},
			" failed. The proxy requires credentials, responded with a page of its own, or its address is malformed. Check HTTPS_PROXY.", ""},
		{transport.Error{Kind: transport.Broken, Bytes: 17, Status: 200, RequestID: traceID},
			" failed. The connection was lost or the response truncated after 17 bytes. The partial response was discarded. " +
				"Check the network and the proxy, or try again later." + traced, ""},
		{transport.Error{Kind: transport.Stalled},
			" failed. The complete response did not arrive within attempt_timeout. Check the network, or raise attempt_timeout.", ""},
		{transport.Error{Kind: transport.OutOfTime, Attempts: 3, Status: 503, Wait: 5 * time.Minute, RequestID: traceID},
			" failed after 3 attempts. The whole read exceeded its timeout of 5m0s. The last response had status 503. Check the network, or raise timeout." + traced,
			" failed after 3 attempts. Sign-in, or the read that waits for it, exceeded its timeout of 5m0s. The last response had status 503. " +
				"Check the network, or raise timeout." + traced},
		{transport.Error{Kind: transport.OutOfTime, Attempts: 1, Status: 200},
			" failed at the first attempt. The whole read exceeded its timeout. Check the network, or raise timeout.",
			" failed at the first attempt. Sign-in, or the read that waits for it, exceeded its timeout. Check the network, or raise timeout."},
		{transport.Error{Kind: transport.OutOfTime, Wait: 90 * time.Second, Setting: "timeouts.read"},
			" failed. The whole read exceeded its timeout of 1m30s. Check the network, or raise timeouts.read.",
			" failed. Sign-in, or the read that waits for it, exceeded its timeout of 1m30s. Check the network, or raise timeouts.read."},
		{transport.Error{Kind: transport.OutOfTime},
			" failed. The whole read exceeded its timeout. Check the network, or raise timeout.",
			" failed. Sign-in, or the read that waits for it, exceeded its timeout. Check the network, or raise timeout."},
		{transport.Error{Kind: transport.Redirected, Status: 302},
			" failed. The response is a redirect (status 302), which is not followed: " +
				"it would send the credentials elsewhere. Check siem_endpoint." + retired,
			" failed. The response is a redirect (status 302), which is not followed: " +
				"it would send the credentials elsewhere. Check authority_host."},
		{transport.Error{Kind: transport.WaitTooLong, Status: 429, Wait: 24 * time.Hour},
			" failed. The service responded with status 429 and asks to wait 86400 seconds, " +
				"which is more than a minute or than the remaining time. Try again later.", ""},
		{transport.Error{Kind: transport.MediaType, Status: 200},
			" failed. The response is not JSON in UTF-8. Check siem_endpoint, and whether a proxy or a sign-in page responds in its place.",
			" failed. The response is not JSON in UTF-8. Check authority_host, and whether a proxy or a sign-in page responds in its place."},
		{transport.Error{Kind: transport.Encoding, Status: 200},
			" failed. The compression of the response is unknown or damaged. Check siem_endpoint, and whether a proxy responds in its place.",
			" failed. The compression of the response is unknown or damaged. Check authority_host, and whether a proxy responds in its place."},
		{transport.Error{Kind: transport.Partial, Status: 200},
			" failed. The response is partial content. Check siem_endpoint, and whether a proxy responds in its place.",
			" failed. The response is partial content. Check authority_host, and whether a proxy responds in its place."},
		{transport.Error{Kind: transport.TooLarge, Status: 200, Bytes: 256 << 20},
			" failed. The response is larger than max_response_mib allows (268435456 bytes were read)." + readLess + " Or raise max_response_mib.",
			" failed. The response is larger than a token response can be. Check authority_host, and whether a proxy responds in its place."},
		{transport.Error{Kind: transport.NotUTF8, Status: 200, Bytes: 99},
			" failed. The response has a byte that is not UTF-8 within its first 99 bytes. Check siem_endpoint, and whether a proxy responds in its place.",
			" failed. The response has a byte that is not UTF-8 within its first 99 bytes. Check authority_host, and whether a proxy responds in its place."},
		{transport.Error{Kind: transport.Unread, Status: 200},
			" failed. The response has data after the JSON document. Check siem_endpoint, and whether a proxy responds in its place.",
			" failed. The response has data after the JSON document. Check authority_host, and whether a proxy responds in its place."},
		{transport.Error{Kind: transport.Headers},
			" failed. The response headers are too large. Check siem_endpoint, and whether a proxy responds in its place.",
			" failed. The response headers are too large. Check authority_host, and whether a proxy responds in its place."},
	} {
		ofRead, ofSignIn := test.err, test.err
		ofRead.Phase, ofRead.Host = transport.PhaseRead, "siem.example:8443"
		ofSignIn.Phase, ofSignIn.Host = transport.PhaseSignIn, "login.example"
		checkFailure(t, &ofRead, noPull, "The request to siem.example:8443"+test.read)
		checkFailure(t, fmt.Errorf("wrapped: %w", &ofSignIn), noSignIn, "The sign-in to login.example"+cmp.Or(test.signIn, test.read))
	}
	const failed = " failed after 4 attempts. The response has status "
	status := &transport.Error{Kind: transport.Status, Phase: transport.PhaseSignIn, Host: "login.example", Status: 502, Attempts: 4}
	checkFailure(t, status, noSignIn, "The sign-in to login.example"+failed+"502. Try again in a few minutes. "+
		"If it persists, check authority_host, and whether a proxy responds in its place.")
	status.Phase, status.Host = transport.PhaseOIDCToken, "pipelines.example"
	checkFailure(t, status, noSignIn, "The request for an OIDC token to pipelines.example"+failed+"502. Try again in a few minutes. "+
		"If it persists, check oidc_request_url and oidc_request_token, and whether a proxy responds in its place.")
	status.Status = 405
	checkFailure(t, status, noSignIn, "The request for an OIDC token to pipelines.example"+failed+"405. "+
		"Check oidc_request_url and oidc_request_token, and whether a proxy responds in its place.")
	unreachable := &transport.Error{Kind: transport.Unreachable, Phase: transport.PhaseIdentity, Host: "169.254.169.254", Attempts: 4}
	checkFailure(t, unreachable, noSignIn, "The request for a token of the managed identity to 169.254.169.254 failed after 4 attempts. "+
		"A connection could not be established. Check the network, the firewall and msi_endpoint.")
}

// TestFailureOfTheStatus has the text of every status of the SIEM API that has a
// meaning of its own, and of some that have none.
func TestFailureOfTheStatus(t *testing.T) {
	t.Parallel()
	const (
		unavailable = "Defender service unavailable"
		later       = " Try again in a few minutes."
		elsewhere   = " Check siem_endpoint, and whether a proxy responds in its place."
	)
	for status, want := range map[int][2]string{
		204: {oddResponse, elsewhere},
		206: {oddResponse, elsewhere},
		400: {"Request rejected by the SIEM API", " The service does not accept the arguments of this read. Check the time window and limit."},
		401: {"Token rejected by the SIEM API", " A new token was rejected too. Check that SIEM integration is enabled " +
			"for this application and tenant, and that region and siem_resource are right." + noIntegration},
		403: {"Not allowed to read alerts", " Check that SIEM integration was enabled with this application, that it has the " +
			"permission to read alerts (Alert.Read.All), and that the tenant has a licence for Defender for Endpoint." + noIntegration},
		404: {"SIEM API not found", " Check region and siem_endpoint." + retired},
		405: {oddResponse, elsewhere},
		408: {unavailable, later},
		410: {"SIEM API not found", " Check region and siem_endpoint." + retired},
		429: {unavailable, later},
		500: {unavailable, later},
		501: {oddResponse, elsewhere},
		502: {unavailable, later},
		503: {unavailable, later},
		504: {unavailable, later},
		505: {oddResponse, elsewhere},
	} {
		err := &transport.Error{Kind: transport.Status, Phase: transport.PhaseRead, Host: "siem.example", Status: status, Attempts: 2, RequestID: traceID}
		checkFailure(t, err, want[0],
			fmt.Sprintf("The request for alerts to siem.example failed with status %d after 2 attempts.%s%s", status, want[1], traced))
	}
}

// TestFailureOfTheResponse has the text of every problem of a response.
func TestFailureOfTheResponse(t *testing.T) {
	t.Parallel()
	const record = "Record 0 of the response, counted from 0, "
	for _, test := range []struct {
		err  records.Error
		want string
	}{
		{records.Error{Problem: records.NotArray, Index: -1}, "The response is not a JSON array"},
		{records.Error{Problem: records.TrailingData, Index: -1}, "The response has data after its end"},
		{records.Error{Problem: records.Malformed, Index: -1}, "The response is not valid JSON"},
		{records.Error{Problem: records.Malformed, Index: 12}, "Record 12 of the response, counted from 0, is not valid JSON"},
		{records.Error{Problem: records.DuplicateKey}, record + "has a duplicate key"},
		{records.Error{Problem: records.NotObject}, record + "is not a JSON object"},
		{records.Error{Problem: records.MissingField, Field: "Severity"}, record + "lacks the field Severity"},
		{records.Error{Problem: records.WrongType, Field: "ReportID"}, record + "has a value of the wrong type in the field ReportID"},
		{records.Error{Problem: records.NotTime, Field: "LastProcessedTimeUtc"}, record + "has no date and time in the field LastProcessedTimeUtc"},
		{records.Error{Problem: records.LossyText, Field: "FullId"}, record + "has half of a surrogate pair in the field FullId"},
		{records.Error{Problem: records.OtherCase, Field: "AlertId"}, record + "has in another case the field AlertId"},
		{records.Error{Problem: records.TwoSpellings, Field: "IoaDefinitionId"}, record + "has in its old and its new spelling the field IoaDefinitionId"},
		{records.Error{Problem: records.TooManyKeys}, record + "has more than 256 fields that the provider does not know"},
		{records.Error{Problem: records.ErrorMember, Index: -1}, "The response has an error in place of alerts"},
		{records.Error{Problem: records.MissingField, Index: -1, Field: "value"}, "The response lacks the field value"},
		{records.Error{Problem: records.WrongType, Field: "evidence.processId"}, record + "has a value of the wrong type in the field evidence.processId"},
		{records.Error{Problem: records.TooManyItems, Field: "evidence"}, record + "has more elements than the provider reads in the field evidence"},
		{records.Error{Problem: records.TooLargeRecord}, record + "is larger than 8 MiB"},
		{records.Error{Problem: records.LongText, Field: "AlertTitle"}, record + "has a text that is too long in the field AlertTitle"},
		{records.Error{Problem: records.LongTexts}, record + "has more than 2 MiB of texts"},
		{records.Error{Problem: records.LargeUnknown}, record + "has too much data in fields that the provider does not know: a name of more than 4 KiB, a value of more than 1 MiB, or 2 MiB together"},
	} {
		test.err.Offset = 4711
		want := "The response with status 200 could not be read. " + test.want + ", at byte 4711." + otherwise
		checkFailure(t, &test.err, oddResponse, want)
		test.err.RequestID = traceID
		checkFailure(t, &test.err, oddResponse, want+traced)
	}
}

// TestFailureOfTheSignIn has the hint for every AADSTS code of an application with a
// secret, and the texts of responses that are no token response.
func TestFailureOfTheSignIn(t *testing.T) {
	t.Parallel()
	const (
		app      = "e81f2d07-54ab-4c36-b9e0-6f13a8752c4d"
		who      = "Signing in to tenant contoso.example as application " + app + " with its client secret failed. "
		tenant   = "The tenant does not exist in this cloud: check tenant_id and region, or authority_host."
		resource = "The resource is unknown in this tenant: check siem_resource, and that SIEM integration was enabled." + noIntegration
		later    = "The service asks to try again later."
		access   = "A Conditional Access policy of the tenant blocks the sign-in: check the policies for workload identities, or for users if a person signed in."

		certificate = "The certificate of the application is not registered, expired or not valid yet: check it under App registrations, Certificates & secrets."
		lookUp      = "Look the code up at https://login.microsoftonline.com/error, and check tenant_id, client_id and client_secret."
		proxy       = " Check authority_host, and whether a proxy responds in its place."
	)
	for sts, hint := range map[int]string{
		7000215: "The client secret is wrong: check that client_secret is the secret's value, not its ID, " +
			"and belongs to this application.",
		7000222: "The client secret has expired: create a new one under App registrations, Certificates & secrets.",
		7000112: "The application is disabled in this tenant: check it under Enterprise applications.",
		700016: "The application does not exist in this tenant: check client_id and tenant_id, " +
			"and that an administrator of the tenant has consented.",
		90002: tenant, 90038: tenant, 900382: tenant, 900432: tenant,
		500011: resource, 50001: resource, 901002: resource,
		7000229: "The application has no service principal in this tenant: an administrator of the tenant must consent to it. Check tenant_id and client_id.",
		7000218: "The service found no credential in the request: check authority_host, and whether a proxy changes requests.",
		65001:   "The permission was not consented to: an administrator of the tenant must consent to the application's permissions.",
		650057:  "The application does not have a permission for the resource: add it under App registrations, API permissions, and have an administrator consent.",
		500014:  "The resource is disabled in this tenant: check the tenant's licence, and the resource under Enterprise applications.",
		53003:   access, 530004: access, 700027: certificate, 1000502: certificate,
		900023: "The tenant ID is neither a GUID nor a verified domain of a tenant: check tenant_id.",
		90033:  later, 90055: later, 50196: later,
		50034: lookUp,
	} {
		err := &entra.Error{Kind: entra.Refused, Tenant: "contoso.example", ClientID: app, Credential: entra.ClientSecret, Status: 400, Code: "invalid_client", STS: sts, RequestID: traceID}
		checkFailure(t, err, noSignIn,
			fmt.Sprintf("%sThe service responded with AADSTS%d, invalid_client, HTTP status 400. %s%s", who, sts, hint, traced))
	}
	for _, test := range []struct {
		err  entra.Error
		want string
	}{
		{entra.Error{Kind: entra.BadCredential, Problem: "The certificate expired on 2026-01-01."}, "The certificate expired on 2026-01-01."},
		{entra.Error{Code: "invalid_client"}, "The service responded with invalid_client. " + lookUp},
		{entra.Error{Status: 401}, "The service responded with HTTP status 401. " + lookUp},
		{entra.Error{}, "The service responded with an error without a code. " + lookUp},
		{entra.Error{Kind: entra.Unusable, RequestID: traceID}, "The response is not a token response." + proxy + traced},
		{entra.Error{Kind: entra.Unusable, Field: "expires_in"}, "The response has no usable expires_in." + proxy},
	} {
		test.err.Tenant, test.err.ClientID, test.err.Credential = "contoso.example", app, entra.ClientSecret
		checkFailure(t, &test.err, noSignIn, who+test.want)
	}
	for _, test := range []struct {
		err  entra.Error
		want string
	}{
		{entra.Error{ClientID: app, Credential: entra.ClientCertificate}, "Signing in to tenant contoso.example as application " + app +
			" with its client certificate failed. The response is not a token response." + proxy},
		{entra.Error{Credential: entra.Identity}, "Signing in with the system-assigned managed identity failed. " +
			"The response is not a token response. Check msi_endpoint."},
		{entra.Error{ClientID: app, Credential: entra.Identity}, "Signing in with the managed identity " + app + " failed. " +
			"The response is not a token response. Check msi_endpoint."},
		{entra.Error{ClientID: app, Credential: entra.CLI}, "Signing in to tenant contoso.example with the Azure CLI failed. " +
			"The response is not a token response. Check that az is the Azure CLI, in a current version."},
	} {
		test.err.Kind, test.err.Tenant = entra.Unusable, "contoso.example"
		checkFailure(t, &test.err, noSignIn, test.want)
	}
}

// TestFailureByCredential has the hints that only some credentials have.
func TestFailureByCredential(t *testing.T) {
	t.Parallel()
	const (
		renewed   = "The sign-in has to be renewed: run terraform-provider-mdatp login again."
		federated = "No federated credential of the application matches: check its issuer, subject and audience."
		expired   = "The OIDC token has expired, or is not valid yet: set a new one."
		public    = "The application is not a public client: set its secret in MDATP_CLIENT_SECRET, or add the redirect URI http://localhost under Mobile and desktop applications."
	)
	for _, test := range []struct {
		credential string
		sts        int
		want       string
	}{
		{entra.Refresh, 50076, renewed},
		{entra.Refresh, 50079, renewed},
		{entra.Refresh, 50173, renewed},
		{entra.Refresh, 70008, renewed},
		{entra.Refresh, 700082, renewed},
		{entra.Refresh, 7000218, public},
		{entra.Refresh, 700025, "The application is a public client, which must not send a secret: remove client_secret."},
		{entra.AuthorizationCode, 7000218, public},
		{entra.AuthorizationCode, 65004, "The person did not consent to the application's permissions: sign in again and consent, or have an administrator consent."},
		{entra.AuthorizationCode, 54005, "The authorization code was already used: run terraform-provider-mdatp login again."},
		{entra.AuthorizationCode, 50011, "Look the code up at https://login.microsoftonline.com/error, and check -tenant-id and -client-id, " +
			"and that the application has the redirect URI http://localhost under Mobile and desktop applications."},
		{entra.OIDCToken, 70021, federated},
		{entra.OIDCTokenFile, 700211, federated},
		{entra.GitHubOIDC, 700212, federated},
		{entra.AzureDevOpsOIDC, 700213, federated},
		{entra.OIDCToken, 700024, expired},
		{entra.OIDCTokenFile, 700024, expired},
		{entra.ClientCertificate, 700024, "The assertion is not valid at this time: check this computer's clock."},
	} {
		err := &entra.Error{Kind: entra.Refused, Tenant: "contoso.example", ClientID: "app", Credential: test.credential, STS: test.sts}
		checkFailure(t, err, noSignIn, fmt.Sprintf("Signing in to tenant contoso.example as application app with its %s failed. "+
			"The service responded with AADSTS%d. %s", test.credential, test.sts, test.want))
	}
	err := &entra.Error{Kind: entra.Refused, Tenant: "contoso.example", Credential: entra.CLI, STS: 65002}
	checkFailure(t, err, noSignIn, "Signing in to tenant contoso.example with the Azure CLI failed. The service responded with AADSTS65002. "+
		"The application of the Azure CLI cannot have this permission. Sign in az as an application, or yourself with terraform-provider-mdatp login.")
}

// TestFailureOfAnythingElse: the text of an unknown error is not shown.
func TestFailureOfAnythingElse(t *testing.T) {
	t.Parallel()
	checkFailure(t, fmt.Errorf("reading: %w", context.Canceled), "Read cancelled",
		"The read, or its sign-in, was cancelled before it was complete. There is no result.")
	for list, want := range map[bool]string{
		true: "The response contains more detections than Terraform accepts from a provider. " +
			"If the counts are enough, use the mdatp_alert_summary data source." + readLess,
		false: "The response contains more detections than a summary keeps in memory." + readLess +
			" Or raise max_response_mib: the limit grows with it.",
	} {
		if got := provider.ReadFailure(fmt.Errorf("adding: %w", alert.ErrTooLarge), list).Detail(); got != want {
			t.Errorf("ReadFailure(ErrTooLarge, list %t) = %q, want %q", list, got, want)
		}
	}
	checkFailure(t, errors.New("a library quotes a secret"), "Internal error",
		"There is no result. This is a bug in the provider, please report it (code 4).")
}
