package fakeapi_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

// graphFixture has an alert for each kind of comparison, in ascending order of
// update. The time of alert f is invalid, and the last element is not an alert.
const graphFixture = `[
{"id":"a","lastUpdateDateTime":"2026-03-10T09:59:59.9999999Z","createdDateTime":"2026-03-01T00:00:00Z","severity":"low",` +
	`"serviceSource":"microsoftDefenderForEndpoint","status":"new","classification":null,"determination":null,"assignedTo":null},
{"id":"b","lastUpdateDateTime":"2026-03-10T10:00:00Z","createdDateTime":"2026-03-02T00:00:00Z","severity":"high",` +
	`"serviceSource":"microsoftDefenderForIdentity","status":"inProgress","classification":"truePositive",` +
	`"determination":"malware","assignedTo":"o'hara@soc.example"},
{"id":"c","lastUpdateDateTime":"2026-03-10T11:59:59.5Z","createdDateTime":"2026-03-10T11:00:00Z","severity":"1023",` +
	`"serviceSource":"microsoftSentinel","status":"resolved","classification":"falsePositive","assignedTo":"ana@soc.example"},
{"id":"d", "lastUpdateDateTime":"2026-03-10T11:59:59.51Z","createdDateTime":"2026-03-10T11:00:00Z","severity":"medium",` +
	`"serviceSource":"microsoftDefenderForEndpoint","status":"new"},
{"id":"f","lastUpdateDateTime":"yesterday","createdDateTime":"2026-03-10T11:00:00Z","severity":"medium",` +
	`"serviceSource":"microsoftDefenderForEndpoint","status":"new"},
null]`

func graphServer(t *testing.T, o fakeapi.Options, alerts string) *fakeapi.Server {
	t.Helper()
	o.Now = atNoon
	s := start(t, o)
	if err := s.SetGraphAlerts([]byte(alerts)); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestGraphResponse(t *testing.T) {
	t.Parallel()
	s := graphServer(t, fakeapi.Options{}, `[{"id": "x",  "lastUpdateDateTime":"2026-03-10T10:00:00Z"}, {"lastUpdateDateTime":`+
		`"2026-03-10T11:00:00Z","id":"é\u00e9"},{"id":"z","lastUpdateDateTime":"2026-03-10T09:00:00Z"}]`)
	got := graph(t, s, "$filter=lastUpdateDateTime ge 2026-03-10T09:00:00Z", "$count=true", "$top=2")
	wantStatus(t, "request", got, http.StatusOK)
	wantText(t, "body", got.body, `{"@odata.context":"`+s.GraphEndpoint()+`/v1.0/$metadata#security/alerts_v2","@odata.count":3,`+
		`"@odata.nextLink":"`+s.GraphEndpoint()+`/v1.0/security/alerts_v2?$filter=lastUpdateDateTime+ge+2026-03-10T09%3A00%3A00Z`+
		`&$top=2&$count=true&$skip=2","value":[{"lastUpdateDateTime":"2026-03-10T11:00:00Z","id":"é\u00e9"},`+
		`{"id": "x",  "lastUpdateDateTime":"2026-03-10T10:00:00Z"}]}`)
	wantText(t, "Date", got.Header.Get("Date"), "Tue, 10 Mar 2026 12:00:00 GMT")
	wantText(t, "client-request-id", got.Header.Get("client-request-id"), got.Header.Get("request-id"))
	if id := got.Header.Get("request-id"); len(id) != 36 {
		t.Errorf("request-id = %q, want a GUID", id)
	}

	last := graphAt(t, s, page(t, got).Link)
	wantText(t, "last page", last.body, `{"@odata.context":"`+s.GraphEndpoint()+`/v1.0/$metadata#security/alerts_v2",`+
		`"@odata.count":3,"value":[{"id":"z","lastUpdateDateTime":"2026-03-10T09:00:00Z"}]}`)
}

func TestGraphErrorEnvelope(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{Now: atNoon})
	header := signInGraph(t, s)
	header.Set("client-request-id", "mine")
	got := do(t, client(t, s), http.MethodGet, s.GraphEndpoint()+"/v1.0/security/alerts_v2?$expand=evidence", header, "")
	wantStatus(t, "$expand", got, http.StatusBadRequest)
	wantText(t, "body", got.body, `{"error":{"code":"BadRequest","message":"The query specified in the URI is not valid. `+
		`The query option is not allowed.","innerError":{"date":"2026-03-10T12:00:00","request-id":"`+
		got.Header.Get("request-id")+`","client-request-id":"mine"}}}`)
	wantText(t, "client-request-id", got.Header.Get("client-request-id"), "mine")
}

func TestGraphAddresses(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{})
	for path, want := range map[string]struct {
		status int
		text   string
	}{
		"/graph/v1.0/security/Alerts_V2/":     {200, `"value":[`},
		"/graph/security/alerts_v2":           {400, `"message":"Invalid version: security"`},
		"/graph/v1.0/v1.0/security/alerts_v2": {400, `"message":"Resource not found for the segment 'v1.0'."`},
		"/graph/v1.0/":                        {400, `Resource not found`},
		"/graph/":                             {400, `Invalid version: `},
		"/v1.0/security/alerts_v2":            {404, "Not found."},
	} {
		got := graphAt(t, s, strings.TrimSuffix(s.GraphEndpoint(), "/graph")+path)
		wantStatus(t, path, got, want.status)
		if !strings.Contains(got.body, want.text) {
			t.Errorf("%s: body = %.200s, want it to contain %s", path, got.body, want.text)
		}
	}
	post := do(t, client(t, s), http.MethodPost, s.GraphEndpoint()+"/v1.0/security/alerts_v2", signInGraph(t, s), "{}")
	wantStatus(t, "POST", post, http.StatusMethodNotAllowed)
	wantText(t, "Allow", post.Header.Get("Allow"), http.MethodGet)
	if got := len(s.GraphRequests()); got != 2 {
		t.Errorf("recorded requests to Graph = %d, want 2", got)
	}
}

func TestGraphAuthorization(t *testing.T) {
	t.Parallel()
	var clock atomic.Int64
	s := start(t, fakeapi.Options{
		TokenLifetime: time.Minute,
		Now:           func() time.Time { return noon.Add(time.Duration(clock.Load())) },
	})
	address := s.GraphEndpoint() + "/v1.0/security/alerts_v2"
	want := func(name string, header http.Header, message string) {
		t.Helper()
		got := do(t, client(t, s), http.MethodGet, address, header, "")
		wantStatus(t, name, got, http.StatusUnauthorized)
		prefix := fmt.Sprintf(`{"error":{"code":"InvalidAuthenticationToken","message":"%s","innerError":{`, message)
		if !strings.HasPrefix(got.body, prefix) {
			t.Errorf("%s: body = %s, want it to start with %s", name, got.body, prefix)
		}
		if challenge := got.Header.Get("WWW-Authenticate"); !strings.HasPrefix(challenge, `Bearer realm=""`) {
			t.Errorf("%s: WWW-Authenticate = %q, want a challenge", name, challenge)
		}
	}
	want("no token", nil, "Access token is empty.")
	want("another scheme", http.Header{"Authorization": {"Basic eA=="}}, "Access token is empty.")
	want("no such token", http.Header{"Authorization": {"Bearer eA"}}, "Signature is invalid.")
	siem, own := signIn(t, s, fakeapi.DefaultTenantID), signInGraph(t, s)
	want("token of the SIEM API", siem, "Access token validation failure. Invalid audience.")
	reverse := do(t, client(t, s), http.MethodGet, s.SIEMEndpoint()+"/api/alerts", own, "")
	wantStatus(t, "the SIEM API with a token of Graph", reverse, http.StatusUnauthorized)
	wantText(t, "body", reverse.body, "Malformed request or invalid token.")
	wantStatus(t, "the SIEM API with its token",
		do(t, client(t, s), http.MethodGet, s.SIEMEndpoint()+"/api/alerts", siem, ""), http.StatusOK)
	wantStatus(t, "its token", do(t, client(t, s), http.MethodGet, address, own, ""), http.StatusOK)
	clock.Store(int64(time.Minute))
	want("expired token", own, "Lifetime validation failed, the token is expired.")
	s.RevokeTokens()
	want("revoked token", own, "Signature is invalid.")
}

func TestGraphUnknownMembers(t *testing.T) {
	t.Parallel()
	const alert = `{"id":"x", "serviceSource":"microsoftSentinel","title":"active","detectionSource": "nrtAlerts",` +
		`"evidence":[{"remediationStatus":"\u0061ctive","verdict":"suspicious"},{"remediationStatus":"blocked"}]}`
	const hidden = `{"id":"x", "serviceSource":"unknownFutureValue","title":"active","detectionSource": "unknownFutureValue",` +
		`"evidence":[{"remediationStatus":"unknownFutureValue","verdict":"suspicious"},{"remediationStatus":"blocked"}]}`
	s := graphServer(t, fakeapi.Options{}, "["+alert+",3]")
	for prefer, want := range map[string]string{
		"include-unknown-enum-members":                      alert,
		"odata.maxpagesize=5, Include-Unknown-Enum-Members": alert,
		"":                               hidden,
		"include-unknown-enum-members=1": hidden,
		`odata.include-annotations="include-unknown-enum-members-never"`: hidden,
	} {
		header := signInGraph(t, s)
		header.Set("Prefer", prefer)
		got := do(t, client(t, s), http.MethodGet, s.GraphEndpoint()+"/v1.0/security/alerts_v2", header, "")
		_, value, _ := strings.Cut(got.body, `"value":`)
		wantText(t, "alerts with Prefer: "+prefer, value, "["+want+",3]}")
	}
}

func TestGraphTenantsAndTLS(t *testing.T) {
	t.Parallel()
	const customer = "7be1c1d4-9a9c-4f0e-9b7e-0c8f5c1d2e3a"
	s := start(t, fakeapi.Options{TLS: true, Alerts: 4})
	s.AddTenant(customer, 30)
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	address := s.AuthorityHost() + "/" + strings.ToUpper(customer) + "/oauth2/v2.0/token"
	signedIn := do(t, client(t, s), http.MethodPost, address, header, graphForm().Encode())
	wantStatus(t, "token request", signedIn, http.StatusOK)
	_, access, _ := strings.Cut(strings.TrimSuffix(signedIn.body, `"}`), `"access_token":"`)
	header = http.Header{"Authorization": {"Bearer " + access}}
	byName := strings.Replace(s.GraphEndpoint(), "127.0.0.1", "localhost", 1) + "/v1.0/security/alerts_v2"
	theirs := page(t, do(t, client(t, s), http.MethodGet, byName+"?$top=2", header, ""))
	if want := byName + "?$top=2&$skip=2"; theirs.Link != want {
		t.Errorf("link = %s, want %s", theirs.Link, want)
	}
	if text := string(theirs.Value[0]); !strings.Contains(text, `"tenantId":"`+customer+`"`) {
		t.Errorf("alert = %s, want one of the other tenant", text)
	}
	if own := page(t, graph(t, s)).ids(); strings.Contains(own, theirs.ids()[:20]) {
		t.Errorf("ids of a tenant = %s, want none of another tenant", own)
	}
}
