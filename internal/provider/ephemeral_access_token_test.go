package provider_test

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

// TestAccessToken hands out the token that reads use, and says what it is.
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
	for _, request := range fake.AlertRequests() {
		if request.Header.Get("Authorization") != "Bearer "+token {
			t.Error("a read has another token")
		}
	}
	if n := len(fake.TokenRequests()); n != 1 {
		t.Errorf("%d token requests", n)
	}
	if opened["token_type"] != "Bearer" || opened["resource"] != "https://resource.example" || opened["tenant_id"] != nil {
		t.Errorf("type %v, resource %v, tenant %v", opened["token_type"], opened["resource"], opened["tenant_id"])
	}
	text, _ := opened["expires_on"].(string)
	expires, err := time.Parse("2006-01-02T15:04:05Z", text) // UTC, without a fraction
	if err != nil || expires.Before(before.Add(3598*time.Second)) || expires.After(after.Add(3599*time.Second)) {
		t.Errorf("expires on %q: %v", text, err)
	}
	// Another tool uses it.
	var alerts []detection
	if fetch(t, &alerts, fake.SIEMEndpoint()+"/api/alerts?ago=P7D", token, nil); len(alerts) != 5 {
		t.Errorf("%d alerts with the token", len(alerts))
	}
}

// TestAccessTokenFirst signs in once for openings, too.
func TestAccessTokenFirst(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 1})
	c := configured(t, fake, nil)
	first, second := c.mustOpen("mdatp_access_token", nil), c.mustOpen("mdatp_access_token", nil)
	c.mustRead("mdatp_alerts", nil)
	if first["access_token"] != second["access_token"] || first["expires_on"] != second["expires_on"] || len(fake.TokenRequests()) != 1 {
		t.Errorf("%d token requests", len(fake.TokenRequests()))
	}
	if fake.AlertRequests()[0].Header.Get("Authorization") != fmt.Sprint("Bearer ", first["access_token"]) {
		t.Error("the read has another token")
	}
}

// TestAccessTokenTenant signs in to another tenant, whose alerts the token reads.
func TestAccessTokenTenant(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 1, NoDefaultWindow: true})
	fake.AddTenant(tenantA, 7)
	c := configured(t, fake, nil)
	own, other := c.mustOpen("mdatp_access_token", nil), c.mustOpen("mdatp_access_token", values{"tenant_id": tenantA})
	if other["tenant_id"] != tenantA || own["access_token"] == other["access_token"] {
		t.Errorf("tenant %v", other["tenant_id"])
	}
	if path := fake.TokenRequests()[1].Path; path != "/entra/"+tenantA+"/oauth2/token" {
		t.Errorf("signed in at %s", path)
	}
	token, _ := other["access_token"].(string)
	var alerts []detection
	if fetch(t, &alerts, fake.SIEMEndpoint()+"/api/alerts", token, nil); len(alerts) != 7 {
		t.Errorf("%d alerts of the other tenant", len(alerts))
	}
}

// TestAccessTokenShortLived is for tokens that end before ten minutes are over:
// a new one each time, and a warning that says how long it lasts.
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
		if len(found) != 1 || !want.MatchString(found[0]) || opened == nil {
			t.Errorf("found %q", found)
		}
		tokens = append(tokens, opened["access_token"])
	}
	if tokens[0] == tokens[1] || len(fake.TokenRequests()) != 3 {
		t.Errorf("%d token requests", len(fake.TokenRequests()))
	}

	long := startFake(t, fakeapi.Options{TokenLifetime: 11 * time.Minute})
	c = configured(t, long, nil)
	c.mustOpen("mdatp_access_token", nil)
	if c.mustOpen("mdatp_access_token", nil); len(long.TokenRequests()) != 1 {
		t.Errorf("%d token requests for one of 11 minutes", len(long.TokenRequests()))
	}
}

// TestAccessTokenFails has no token, says why, and not with which secret.
func TestAccessTokenFails(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: -1})
	opened, found := configured(t, fake, values{"client_secret": "wrong.Secret"}).open("mdatp_access_token", nil)
	if opened != nil || len(found) != 1 || !strings.HasPrefix(found[0], "error: Unable to sign in to Microsoft Entra ID: ") ||
		!strings.Contains(found[0], "AADSTS7000215") || strings.Contains(found[0], "wrong.Secret") {
		t.Errorf("%v, %q", opened, found)
	}
	fake.Script(fakeapi.Token, fakeapi.Reply(http.StatusOK, nil, `{"token_type":"Bearer","expires_in":"3599"}`))
	if opened, found := configured(t, fake, nil).open("mdatp_access_token", nil); opened != nil || len(found) != 1 || !strings.Contains(found[0], "access_token") {
		t.Errorf("%v, %q", opened, found)
	}
	fake.Script(fakeapi.Token, fakeapi.Always(fakeapi.Stall(0)))
	started := time.Now()
	if opened, found := configured(t, fake, values{"timeout": "250ms"}).open("mdatp_access_token", nil); opened != nil || len(found) != 1 ||
		!strings.HasPrefix(found[0], "error: Unable to sign in to Microsoft Entra ID: ") || !strings.Contains(found[0], " exceeded its timeout of 250ms.") || time.Since(started) > 5*time.Second {
		t.Errorf("after %s: %v, %q", time.Since(started), opened, found)
	}
	want := []string{"error at tenant_id: Invalid tenant ID: The value of tenant_id cannot be used: it must be a GUID or a domain such as contoso.onmicrosoft.com."}
	for _, tenant := range []string{"", "x/../y", "contoso", "a\n.example"} {
		if found := newClient(t, nil).validateEphemeral("mdatp_access_token", values{"tenant_id": tenant}); !slices.Equal(found, want) {
			t.Errorf("%q: %q", tenant, found)
		}
	}
}

// TestAccessTokenSchema hides the token, and the token alone.
func TestAccessTokenSchema(t *testing.T) {
	t.Parallel()
	for _, attribute := range newClient(t, nil).ephemeralSchema("mdatp_access_token").Block.Attributes {
		if attribute.Sensitive != (attribute.Name == "access_token") {
			t.Errorf("%s is sensitive: %t", attribute.Name, attribute.Sensitive)
		}
	}
}
