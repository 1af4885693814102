package provider_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

// TestAccessToken: the ephemeral resource returns the token that reads use, and
// its attributes.
func TestAccessToken(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 5, Resource: "https://resource.example"})
	c := configured(t, fake, values{"siem_resource": "https://resource.example"})
	before := time.Now()
	c.mustRead("mdatp_alert_summary", nil)
	opened := c.mustOpen("mdatp_access_token", nil)
	c.mustRead("mdatp_alerts", nil)
	after := time.Now()

	token, _ := opened["access_token"].(string)
	for i, request := range fake.AlertRequests() {
		checkAuthorization(t, i, request, token)
	}
	checkSignIns(t, fake, 1)
	for name, want := range (values{"token_type": "Bearer", "resource": "https://resource.example", "tenant_id": nil}) {
		if got := opened[name]; got != want {
			t.Errorf("%s of mdatp_access_token = %v, want %v", name, got, want)
		}
	}
	expiry, _ := opened["expires_on"].(string)
	expires, err := time.Parse("2006-01-02T15:04:05Z", expiry) // UTC, without a fraction
	if err != nil {
		t.Fatalf("expires_on = %q, want a time: %v", expiry, err)
	}
	earliest, latest := before.Add(3598*time.Second), after.Add(3599*time.Second)
	if expires.Before(earliest) || expires.After(latest) {
		t.Errorf("expires_on = %s, want a time from %s to %s", expires, earliest, latest)
	}
	// Another tool can use it.
	checkDetections(t, fake.SIEMEndpoint()+"/api/alerts?ago=P7D", token, 5)
}

// checkAuthorization compares the token of a request with the one expected.
func checkAuthorization(t *testing.T, i int, request fakeapi.Request, token any) {
	t.Helper()
	if got, want := request.Header.Get("Authorization"), fmt.Sprint("Bearer ", token); got != want {
		t.Errorf("Authorization of alert request %d = %q, want %q", i, got, want)
	}
}

// checkSignIns compares the number of token requests that a fake received.
func checkSignIns(t *testing.T, fake *fakeapi.Server, want int) {
	t.Helper()
	if got := len(fake.TokenRequests()); got != want {
		t.Errorf("token requests = %d, want %d", got, want)
	}
}

// checkDetections compares the number of detections that a token can read.
func checkDetections(t *testing.T, address, token string, want int) {
	t.Helper()
	var detections []detection
	if fetch(t, &detections, address, token, nil); len(detections) != want {
		t.Errorf("detections at %s = %d, want %d", address, len(detections), want)
	}
}

// TestAccessTokenFirst: two opens and a read sign in once.
func TestAccessTokenFirst(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 1})
	c := configured(t, fake, nil)
	first, second := c.mustOpen("mdatp_access_token", nil), c.mustOpen("mdatp_access_token", nil)
	c.mustRead("mdatp_alerts", nil)
	for _, name := range []string{"access_token", "expires_on"} {
		if first[name] != second[name] {
			t.Errorf("%s of the second open = %v, want %v as in the first", name, second[name], first[name])
		}
	}
	checkSignIns(t, fake, 1)
	checkAuthorization(t, 0, fake.AlertRequests()[0], first["access_token"])
}

// TestAccessTokenTenant signs in to another tenant; the token reads its alerts.
func TestAccessTokenTenant(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 1, NoDefaultWindow: true})
	fake.AddTenant(tenantA, 7)
	c := configured(t, fake, nil)
	own, other := c.mustOpen("mdatp_access_token", nil), c.mustOpen("mdatp_access_token", values{"tenant_id": tenantA})
	if got := other["tenant_id"]; got != tenantA {
		t.Errorf("tenant_id = %v, want %s", got, tenantA)
	}
	if own["access_token"] == other["access_token"] {
		t.Errorf("access_token of %s = %v, want another one than the provider's own tenant has", tenantA, other["access_token"])
	}
	if got, want := fake.TokenRequests()[1].Path, "/entra/"+tenantA+"/oauth2/token"; got != want {
		t.Errorf("path of the second token request = %s, want %s", got, want)
	}
	token, _ := other["access_token"].(string)
	checkDetections(t, fake.SIEMEndpoint()+"/api/alerts", token, 7)
}

// TestAccessTokenShortLived: a token that expires within ten minutes is renewed at
// each open, and a warning says how long it lasts.
func TestAccessTokenShortLived(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 1, TokenLifetime: 5 * time.Minute})
	c := configured(t, fake, nil)
	c.mustRead("mdatp_alerts", nil)
	// Less when the test had to wait for the processor.
	want := regexp.MustCompile(`^warning: Short-lived access token: Entra ID issued a token that expires in (5m0s|4m5\ds)\. Tools that use it later will fail\.$`)
	var tokens []any
	for range 2 {
		opened, found := c.open("mdatp_access_token", nil)
		if len(found) != 1 || !want.MatchString(found[0]) {
			t.Errorf("open(mdatp_access_token) reports %q, want one diagnostic that matches %s", found, want)
		}
		if opened == nil {
			t.Fatal("open(mdatp_access_token) = no result, want one")
		}
		tokens = append(tokens, opened["access_token"])
	}
	if tokens[0] == tokens[1] {
		t.Errorf("access_token of the second open = %v, want a new one", tokens[1])
	}
	checkSignIns(t, fake, 3)

	long := startFake(t, fakeapi.Options{TokenLifetime: 11 * time.Minute})
	c = configured(t, long, nil)
	c.mustOpen("mdatp_access_token", nil)
	c.mustOpen("mdatp_access_token", nil)
	checkSignIns(t, long, 1)
}

// TestAccessTokenFails: without a token there is one error, which gives the reason
// and does not quote the secret.
func TestAccessTokenFails(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: -1})
	const signInFailed = "error: Unable to sign in to Microsoft Entra ID: "
	found := failedOpen(t, configured(t, fake, values{"client_secret": "wrong.Secret"}), "mdatp_access_token", nil, signInFailed)
	if !strings.Contains(found, "AADSTS7000215") {
		t.Errorf("open with a wrong secret reports %q, want AADSTS7000215 in it", found)
	}
	if strings.Contains(found, "wrong.Secret") {
		t.Errorf("open with a wrong secret reports %q, want no secret in it", found)
	}
	fake.Script(fakeapi.Token, fakeapi.Reply(http.StatusOK, nil, `{"token_type":"Bearer","expires_in":"3599"}`))
	found = failedOpen(t, configured(t, fake, nil), "mdatp_access_token", nil, "")
	if !strings.Contains(found, "access_token") {
		t.Errorf("open after a token response without a token reports %q, want access_token in it", found)
	}
	fake.Script(fakeapi.Token, fakeapi.Always(fakeapi.Stall(0)))
	started := time.Now()
	found = failedOpen(t, configured(t, fake, values{"timeout": "250ms"}), "mdatp_access_token", nil, signInFailed)
	if !strings.Contains(found, " exceeded its timeout of 250ms. Check the network, or raise timeout.") {
		t.Errorf("open with a timeout of 250ms reports %q, want the timeout in it", found)
	}
	if took := time.Since(started); took > 5*time.Second {
		t.Errorf("open with a timeout of 250ms took %s, want at most 5s", took)
	}
	want := []string{"error at tenant_id: Invalid tenant ID: The value of tenant_id cannot be used: it must be a GUID or a domain such as contoso.onmicrosoft.com."}
	for _, tenant := range []string{"", "x/../y", "contoso", "a.example-"} {
		checkFindings(t, fmt.Sprintf("validateEphemeral(tenant_id = %q)", tenant),
			newClient(t, nil).validateEphemeral("mdatp_access_token", values{"tenant_id": tenant}), want)
	}
}

// TestAccessTokenSchema: the token is sensitive, all else is not.
func TestAccessTokenSchema(t *testing.T) {
	t.Parallel()
	for _, attribute := range newClient(t, nil).ephemeralSchema("mdatp_access_token").Block.Attributes {
		if attribute.Sensitive != (attribute.Name == "access_token") {
			t.Errorf("Sensitive of %s = %t, want %t", attribute.Name, attribute.Sensitive, !attribute.Sensitive)
		}
	}
}
