package provider_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/entra"
	"github.com/mdatp/terraform-provider-mdatp/internal/provider"
	"github.com/mdatp/terraform-provider-mdatp/internal/siem"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

// Parts of the texts below.
const (
	traceID   = "11111111-2222-4333-8444-555555555555"
	traced    = " Request ID: 11111111-2222-4333-8444-555555555555."
	noPull    = "Unable to read from the SIEM API"
	noSignIn  = "Unable to sign in to Microsoft Entra ID"
	oddReply  = "Unexpected reply from the SIEM API"
	retired   = ` Microsoft deprecated the SIEM API and may have switched it off; its successor is Microsoft Graph (api = "graph", in a later version of this provider).`
	otherwise = " Nothing of it was used. Check siem_endpoint, and whether a proxy answers in its place; otherwise please report this."
)

func checkFailure(t *testing.T, err error, summary, detail string) {
	t.Helper()
	d := provider.Failure(err, 5*time.Minute)
	if d.Summary() != summary || d.Detail() != detail {
		t.Errorf("%v:\n got %s: %s\nwant %s: %s", err, d.Summary(), d.Detail(), summary, detail)
	}
	if d.Summary() != strings.TrimSpace(d.Summary()) || strings.HasSuffix(d.Summary(), ".") || strings.Contains(d.Detail(), "  ") {
		t.Errorf("%v: form of %q: %q", err, d.Summary(), d.Detail())
	}
}

// TestFailureOfTheWire has the text of every kind of failure, for the request
// and for the sign-in; the latter is the same where it is left out.
func TestFailureOfTheWire(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		err          transport.Error
		pull, signIn string
	}{
		{transport.Error{Kind: transport.Invalid},
			" failed. The request could not be made. Check siem_endpoint.",
			" failed. The request could not be made. Check authority_host."},
		{transport.Error{Kind: transport.Unresolved, Attempts: 1},
			" failed at the first attempt. The host's name does not exist. Check region and siem_endpoint." + retired,
			" failed at the first attempt. The host's name does not exist. Check region and authority_host."},
		{transport.Error{Kind: transport.Unreachable, Attempts: 4},
			" failed after 4 attempts. No connection came about. Check the network, the firewall and siem_endpoint.",
			" failed after 4 attempts. No connection came about. Check the network, the firewall and authority_host."},
		{transport.Error{Kind: transport.Untrusted, Attempts: 1},
			" failed at the first attempt. The TLS certificate or version is not acceptable. Check siem_endpoint; if a proxy inspects TLS, add its certificate authority to the system's, or name it in SSL_CERT_FILE.",
			" failed at the first attempt. The TLS certificate or version is not acceptable. Check authority_host; if a proxy inspects TLS, add its certificate authority to the system's, or name it in SSL_CERT_FILE."},
		{transport.Error{Kind: transport.Proxy, Attempts: 2},
			" failed after 2 attempts. The proxy cannot be reached, or did not let the request through. Check the proxy that HTTPS_PROXY names.", ""},
		{transport.Error{Kind: transport.ProxyRefused},
			" failed. The proxy asks for credentials, or its address is malformed. Check HTTPS_PROXY.", ""},
		{transport.Error{Kind: transport.Broken, Bytes: 17, Status: 200, RequestID: traceID},
			" failed. The connection broke, or the reply stopped short, after 17 bytes. Nothing of it was used." + traced, ""},
		{transport.Error{Kind: transport.Stalled},
			" failed. The reply did not come, or not to its end, within attempt_timeout. Check the network, or raise attempt_timeout.", ""},
		{transport.Error{Kind: transport.OutOfTime, Attempts: 3, Status: 503, RequestID: traceID},
			" failed after 3 attempts. The time for the whole read, 5m0s, ran out. Check the network, or raise timeout." + traced,
			" failed after 3 attempts. The time for signing in, or for the read that waits for it, ran out. Check the network, or raise timeout." + traced},
		{transport.Error{Kind: transport.Redirected, Status: 302},
			" failed. It was answered with a redirect (status 302), which is not followed, as it would take the credentials elsewhere. Check siem_endpoint." + retired,
			" failed. It was answered with a redirect (status 302), which is not followed, as it would take the credentials elsewhere. Check authority_host."},
		{transport.Error{Kind: transport.WaitTooLong, Status: 429, Wait: 24 * time.Hour},
			" failed. The service answered with status 429 and asks to wait 86400 seconds, more than a minute or than the time that is left. Try again later.", ""},
		{transport.Error{Kind: transport.MediaType, Status: 200},
			" failed. The reply is not JSON in UTF-8. Check siem_endpoint, and whether a proxy or a sign-in page answers in its place.",
			" failed. The reply is not JSON in UTF-8. Check authority_host, and whether a proxy or a sign-in page answers in its place."},
		{transport.Error{Kind: transport.Encoding, Status: 200},
			" failed. The reply's compression is unknown or damaged.", ""},
		{transport.Error{Kind: transport.Partial, Status: 200},
			" failed. The reply is a part of an answer only.", ""},
		{transport.Error{Kind: transport.TooLarge, Status: 200, Bytes: 256 << 20},
			" failed. The reply is larger than max_response_mib allows (268435456 bytes were read). Ask for less: a shorter window, a limit, machine groups. Or raise max_response_mib.",
			" failed. The reply is larger than a token reply can be. Check authority_host, and whether a proxy answers in its place."},
		{transport.Error{Kind: transport.NotUTF8, Status: 200, Bytes: 99},
			" failed. The reply has a byte that is not UTF-8 within its first 99 bytes.", ""},
		{transport.Error{Kind: transport.Unread, Status: 200},
			" failed. The reply goes on after its end.", ""},
		{transport.Error{Kind: transport.Headers},
			" failed. The reply has more headers than a reply can need. Check siem_endpoint, and whether a proxy answers in its place.",
			" failed. The reply has more headers than a reply can need. Check authority_host, and whether a proxy answers in its place."},
	} {
		pull, signIn := test.err, test.err
		pull.Phase, pull.Host = transport.PhaseRead, "siem.example:8443"
		signIn.Phase, signIn.Host = transport.PhaseSignIn, "login.example"
		checkFailure(t, &pull, noPull, "The request to siem.example:8443"+test.pull)
		checkFailure(t, fmt.Errorf("wrapped: %w", &signIn), noSignIn, "The sign-in to login.example"+or(test.signIn, test.pull))
	}
	checkFailure(t, &transport.Error{Kind: transport.Status, Phase: transport.PhaseSignIn, Host: "login.example", Status: 502, Attempts: 4}, noSignIn,
		"The sign-in to login.example failed after 4 attempts. It was answered with status 502. Check authority_host, and whether a proxy answers in its place.")
}

// TestFailureOfTheStatus has the text of every status of the SIEM API that means
// something of its own.
func TestFailureOfTheStatus(t *testing.T) {
	t.Parallel()
	const (
		unavailable = "Defender service unavailable"
		later       = " Try again in a few minutes."
		elsewhere   = " Check siem_endpoint, and whether a proxy answers in its place."
	)
	for status, want := range map[int][2]string{
		204: {oddReply, elsewhere},
		206: {oddReply, elsewhere},
		400: {"Request refused by the SIEM API", " The service does not accept the arguments of this read. Check the time window and limit."},
		401: {"Token rejected by the SIEM API", " A new token was rejected too. Check that SIEM integration is enabled for this application and tenant, and that region and siem_resource are right."},
		403: {"Not allowed to pull alerts", " Check that the application is the one that SIEM integration was enabled with, that it may read alerts (Alert.Read.All), and that the tenant has a licence for Defender for Endpoint."},
		404: {"SIEM API not found", " Check region and siem_endpoint." + retired},
		405: {oddReply, elsewhere},
		408: {unavailable, later},
		410: {"SIEM API not found", " Check region and siem_endpoint." + retired},
		429: {unavailable, later},
		500: {unavailable, later},
		501: {oddReply, elsewhere},
		502: {unavailable, later},
		503: {unavailable, later},
		504: {unavailable, later},
		505: {oddReply, elsewhere},
	} {
		checkFailure(t, &transport.Error{Kind: transport.Status, Phase: transport.PhaseRead, Host: "siem.example", Status: status, Attempts: 2, RequestID: traceID}, want[0],
			fmt.Sprintf("The request for alerts to siem.example was answered with status %d after 2 attempts.%s%s", status, want[1], traced))
	}
}

// TestFailureOfTheReply has the text of every problem of a reply.
func TestFailureOfTheReply(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		err  siem.Error
		want string
	}{
		{siem.Error{Problem: siem.NotArray, Index: -1}, "The reply is not a JSON array"},
		{siem.Error{Problem: siem.TrailingData, Index: -1}, "The reply goes on after the end of the array"},
		{siem.Error{Problem: siem.Malformed, Index: -1}, "The reply is not valid JSON"},
		{siem.Error{Problem: siem.Malformed, Index: 12}, "Record 12 of the reply, counted from 0, is not valid JSON"},
		{siem.Error{Problem: siem.DuplicateKey}, "Record 0 of the reply, counted from 0, has a key twice"},
		{siem.Error{Problem: siem.NotObject}, "Record 0 of the reply, counted from 0, is not a JSON object"},
		{siem.Error{Problem: siem.MissingField, Field: "Severity"}, "Record 0 of the reply, counted from 0, lacks the field Severity"},
		{siem.Error{Problem: siem.WrongType, Field: "ReportID"}, "Record 0 of the reply, counted from 0, has a value of the wrong type in the field ReportID"},
		{siem.Error{Problem: siem.NotTime, Field: "LastProcessedTimeUtc"}, "Record 0 of the reply, counted from 0, has no date and time in the field LastProcessedTimeUtc"},
		{siem.Error{Problem: siem.OtherCase, Field: "AlertId"}, "Record 0 of the reply, counted from 0, has the field AlertId in another case"},
		{siem.Error{Problem: siem.TwoSpellings, Field: "IoaDefinitionId"}, "Record 0 of the reply, counted from 0, has the field IoaDefinitionId in its old and its new spelling"},
		{siem.Error{Problem: siem.TooManyKeys}, "Record 0 of the reply, counted from 0, has more than 256 fields that the provider does not know"},
		{siem.Error{Problem: siem.TooLargeRecord}, "Record 0 of the reply, counted from 0, is larger than 8 MiB"},
	} {
		test.err.Offset = 4711
		want := "Reading the reply with status 200 failed. " + test.want + ", at byte 4711." + otherwise
		checkFailure(t, &test.err, oddReply, want)
		test.err.RequestID = traceID
		checkFailure(t, &test.err, oddReply, want+traced)
	}
}

// TestFailureOfTheSignIn has the hint for every AADSTS code that has one, and
// the texts of replies that are none.
func TestFailureOfTheSignIn(t *testing.T) {
	t.Parallel()
	const (
		app      = "e81f2d07-54ab-4c36-b9e0-6f13a8752c4d"
		who      = "Signing in to tenant contoso.example as application " + app + " with its client secret failed. "
		tenant   = "The tenant does not exist in this cloud: check tenant_id and region, or authority_host."
		resource = "The resource is not known in this tenant: check siem_resource, and that SIEM integration was enabled."
		later    = "The service asks to try again later."
		lookUp   = "Look the code up at https://login.microsoftonline.com/error, and check tenant_id, client_id and client_secret."
		proxy    = " Check authority_host, and whether a proxy answers in its place."
	)
	for sts, hint := range map[int]string{
		7000215: "The client secret is wrong: check that client_secret is the secret's value, not its ID, and belongs to this application.",
		7000222: "The client secret has expired: make a new one under App registrations, Certificates & secrets.",
		7000112: "The application is disabled in this tenant.",
		700016:  "The application does not exist in this tenant: check client_id and tenant_id, and that an administrator of the tenant has consented.",
		90002:   tenant, 90038: tenant, 900382: tenant, 900432: tenant,
		500011: resource, 50001: resource, 901002: resource,
		90033: later, 90055: later, 50196: later,
		50034: lookUp,
	} {
		checkFailure(t, &entra.Error{Kind: entra.Refused, Tenant: "contoso.example", ClientID: app, Status: 400, Code: "invalid_client", STS: sts, RequestID: traceID}, noSignIn,
			fmt.Sprintf("%sThe service refused with AADSTS%d, invalid_client, HTTP status 400. %s%s", who, sts, hint, traced))
	}
	for _, test := range []struct {
		err  entra.Error
		want string
	}{
		{entra.Error{Code: "invalid_client"}, "The service refused with invalid_client. " + lookUp},
		{entra.Error{Status: 401}, "The service refused with HTTP status 401. " + lookUp},
		{entra.Error{}, "The service refused with an error without a code. " + lookUp},
		{entra.Error{Kind: entra.Unusable, RequestID: traceID}, "The reply is not a token reply." + proxy + traced},
		{entra.Error{Kind: entra.Unusable, Field: "expires_in"}, "The reply has no usable expires_in." + proxy},
	} {
		test.err.Tenant, test.err.ClientID = "contoso.example", app
		checkFailure(t, &test.err, noSignIn, who+test.want)
	}
}

// TestFailureOfAnythingElse never passes on the text of an error.
func TestFailureOfAnythingElse(t *testing.T) {
	t.Parallel()
	checkFailure(t, fmt.Errorf("reading: %w", context.Canceled), "Read cancelled",
		"The read of alerts was cancelled before it was complete. There is no result.")
	checkFailure(t, errors.New("a library quotes a secret"), "Internal error",
		"The read of alerts failed for a reason that the provider does not know. Please report this.")
}
