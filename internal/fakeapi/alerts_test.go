package fakeapi_test

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

// fixture has a record for each filter, read at noon. The time of record f is
// invalid, and the last element is not a record.
const fixture = `[
{"AlertId":"a","LastProcessedTimeUtc":"2026-03-10T11:59:59.5Z","MachineGroup":"UKMachines","DeviceCreatedMachineTags":"PCI"},
{"AlertId":"b","LastProcessedTimeUtc":"2026-03-10T10:00:00Z","MachineGroup":"FranceMachines","CloudCreatedMachineTags":"VIP; Tier0"},
{"AlertId":"c","LastProcessedTimeUtc":"2026-03-10T09:59:59.9999999Z","MachineGroup":"Japan Machines","CloudCreatedMachineTags":"tier1"},
{"AlertId":"d","LastProcessedTimeUtc":"2026-03-10T11:59:59.51Z","BuiltInMachineTags":"pci","UserDefinedMachineTags":"VIP"},
{"AlertId":"e","LastProcessedTimeUtc":"2026-03-09T12:00:00","MachineGroup":null},
{"AlertId":"f","LastProcessedTimeUtc":"yesterday","MachineGroup":"ukmachines"},
null
]`

func TestAlertsParameters(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{Now: atNoon})
	if err := s.SetAlerts([]byte(fixture)); err != nil {
		t.Fatal(err)
	}
	// "" is the AlertId of a null record.
	tests := map[string]struct{ query, want string }{
		"default window of two hours": {"", "a b d f "},
		"unknown parameters":          {"$filter=severity+eq+'High'&top=1", "a b d f "},
		"since":                       {"sinceTimeUtc=2026-03-10T09:59:59.9999999Z", "a b c d f "},
		"since without zone":          {"sinceTimeUtc=2026-03-10T10:00:00.000", "a b d f "},
		"since with offset":           {"sinceTimeUtc=2026-03-10T12:00:00%2B02:00", "a b d f "},
		"since and until, inclusive":  {"sinceTimeUtc=2026-03-09T12:00:00Z&untilTimeUtc=2026-03-10T10:00:00", "b c e f "},
		"until before since":          {"sinceTimeUtc=2026-03-10T12:00:00Z&untilTimeUtc=2026-03-09T12:00:00Z", "f "},
		"ago":                         {"ago=PT1S", "a d f "},
		"ago in days":                 {"ago=P1D", "a b c d e f "},
		"case-insensitive names":      {"SINCETIMEUTC=2026-03-10T11:59:59.51Z", "d f "},
		"limit keeps the newest":      {"limit=3", "d f "},
		"limit keeps the order":       {"limit=4", "a d f "},
		"limit above the number":      {"limit=2147483647", "a b d f "},
		"case-insensitive groups":     {"machinegroups=ukmachines&machinegroups=FRANCEMachines", "a b f"},
		"group with a space":          {"ago=P1D&machinegroups=Japan%20Machines", "c"},
		"no such group":               {"machinegroups=UK", "-"},
		"device tag":                  {"DeviceCreatedMachineTags=PCI", "a d"},
		"cloud tags":                  {"ago=P1D&CloudCreatedMachineTags=tier0&CloudCreatedMachineTags=Tier1", "b c"},
		"all together":                {"machinegroups=UKMachines&DeviceCreatedMachineTags=pci&limit=1", "a"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, request := alerts(t, s, test.query), "alerts?"+test.query
			wantStatus(t, request, got, http.StatusOK)
			if test.want == "-" {
				wantText(t, request, got.body, "[]")
				return
			}
			wantText(t, "IDs of "+request, strings.Join(ids(t, got.body), " "), test.want)
		})
	}
}

func TestAlertsMalformedParameters(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{Now: atNoon})
	for _, query := range []string{
		"sinceTimeUtc=", "sinceTimeUtc=yesterday", "sinceTimeUtc=2026-03-10", "sinceTimeUtc=2026-03-10+10:00:00",
		`sinceTimeUtc="2026-03-10T10:00:00"`, "sinceTimeUtc=2026-03-10T10:00:00.12345678Z", "sinceTimeUtc=2026-02-30T10:00:00Z",
		"sinceTimeUtc=2026-03-10T10:00:00.Z", "sinceTimeUtc=2026-03-10T10:00:00Z&sinceTimeUtc=2026-03-10T10:00:00Z",
		"untilTimeUtc=2026-03-10T10:00:00Z",
		"sinceTimeUtc=2026-03-10T10:00:00Z&untilTimeUtc=now",
		"ago=P2W", "ago=10m", "ago=P", "ago=PT", "ago=P1DT", "ago=-PT1H", "ago=PT1.5H", "ago=pt1h", "ago=P999999Y",
		"ago=PT1H&sinceTimeUtc=2026-03-10T10:00:00Z",
		"ago=PT1H&sinceTimeUtc=2026-03-10T10:00:00Z&untilTimeUtc=2026-03-10T11:00:00Z",
		"limit=0", "limit=-1", "limit=1.5", "limit=1e3", "limit=%2B1", "limit=", "limit=2147483648", "limit=1&limit=2",
		"DeviceCreatedMachineTags=a&DeviceCreatedMachineTags=b",
		"limit=%zz",
	} {
		t.Run(query, func(t *testing.T) {
			t.Parallel()
			wantStatus(t, "alerts?"+query, alerts(t, s, query), http.StatusBadRequest)
		})
	}
}

func TestAlertsDurations(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{Now: atNoon})
	err := s.SetAlerts([]byte(`[{"AlertId":"x","LastProcessedTimeUtc":"2025-01-19T10:58:57.5Z"}]`))
	if err != nil {
		t.Fatal(err)
	}
	// The record is 365 + 30 + 20 days, 1 h, 1 min and 2.5 s old.
	for query, want := range map[string]int{
		"ago=P1Y1M20DT1H1M2.5S": 1,
		"ago=P1Y1M20DT1H1M2.4S": 0,
		"ago=P415DT3662.5S":     1,
		"ago=P415DT61M":         0,
		"ago=PT0S":              0,
	} {
		if got := ids(t, alerts(t, s, query).body); len(got) != want {
			t.Errorf("alerts?%s returns %d records, want %d", query, len(got), want)
		}
	}
}

func TestAlertsAuthorization(t *testing.T) {
	t.Parallel()
	var clock atomic.Int64
	s := start(t, fakeapi.Options{
		TokenLifetime: time.Minute,
		Now:           func() time.Time { return noon.Add(time.Duration(clock.Load())) },
	})
	want := func(what, authorization string, status int) {
		header := http.Header{"Authorization": {authorization}}
		got := do(t, client(t, s), http.MethodGet, s.SIEMEndpoint()+"/api/alerts", header, "")
		wantStatus(t, what, got, status)
		challenge := got.Header.Get("WWW-Authenticate")
		if status == http.StatusUnauthorized && !strings.HasPrefix(challenge, "Bearer ") {
			t.Errorf("%s: WWW-Authenticate = %q, want a Bearer challenge", what, challenge)
		}
	}
	newToken := func() string { return signIn(t, s, fakeapi.DefaultTenantID).Get("Authorization") }
	good := newToken()
	for authorization, status := range map[string]int{
		"": 401, "Bearer": 401, "Bearer ": 401, "Bearer x": 401, "Basic eDp5": 401, good + "x": 401,
		good: 200, strings.Replace(good, "Bearer", "bearer", 1): 200,
	} {
		want(fmt.Sprintf("Authorization %.20q", authorization), authorization, status)
	}
	clock.Store(int64(time.Minute))
	want("expired token", good, http.StatusUnauthorized)
	renewed := newToken()
	s.RevokeTokens()
	want("revoked token", renewed, http.StatusUnauthorized)
	want("token after revocation", newToken(), http.StatusOK)
}

func TestAlertsPathsAndMethods(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{})
	header := signIn(t, s, fakeapi.DefaultTenantID)
	host := strings.TrimSuffix(s.SIEMEndpoint(), "/siem")
	for _, test := range []struct {
		method, path string
		status       int
	}{
		{http.MethodGet, "/siem/api/alerts", 200},
		{http.MethodGet, "/siem/api/alerts/", 200},
		{http.MethodGet, "/siem/api/Alerts", 200},
		{http.MethodGet, "/siem/API/ALERTS/", 200},
		{http.MethodGet, "/api/alerts", 404},
		{http.MethodGet, "/siem/api/alert", 404},
		{http.MethodGet, "/siem/api/alerts/api/alerts", 404},
		{http.MethodGet, "/siem//api/alerts", 404},
		{http.MethodPost, "/siem/api/alerts", 405},
		{http.MethodPost, "/" + fakeapi.DefaultTenantID + "/oauth2/token", 404},
		{http.MethodPost, "/entra/a/b/oauth2/token", 404},
	} {
		got := do(t, client(t, s), test.method, host+test.path, header, "")
		wantStatus(t, test.method+" "+test.path, got, test.status)
	}
}

func TestAlertsHeadersAndCompression(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{})
	header := signIn(t, s, fakeapi.DefaultTenantID)
	plain := do(t, client(t, s), http.MethodGet, s.SIEMEndpoint()+"/api/alerts", header, "")
	wantText(t, "Content-Type", plain.Header.Get("Content-Type"), "application/json; charset=utf-8")
	if id := plain.Header.Get("request-id"); len(id) != 36 {
		t.Errorf("request-id = %q, want 36 characters", id)
	}
	for accept, want := range map[string]string{
		"gzip": "gzip", "br, GZIP;q=0.5": "gzip", "gzip;q=0": "", "gzip; q=0.0": "", "deflate": "", "": "",
	} {
		header.Set("Accept-Encoding", accept)
		got := do(t, client(t, s), http.MethodGet, s.SIEMEndpoint()+"/api/alerts", header, "")
		if encoding := got.Header.Get("Content-Encoding"); encoding != want {
			t.Errorf("Accept-Encoding %q: Content-Encoding = %q, want %q", accept, encoding, want)
			continue
		}
		if body := decoded(t, got); body != plain.body {
			t.Errorf("Accept-Encoding %q: body = %.100q, want %.100q as without", accept, body, plain.body)
		}
	}
}

func decoded(t *testing.T, a received) string {
	t.Helper()
	if a.Header.Get("Content-Encoding") == "" {
		return a.body
	}
	r, err := gzip.NewReader(strings.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestSetAlertsKeepsBytes(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{NoDefaultWindow: true})
	const unusual = "{\"b\" :1e3,\"b\":\"\\u00E9\", \"a\":\"\xff\"}"
	if err := s.SetAlerts([]byte("\n[ " + unusual + " , [1] ]")); err != nil {
		t.Fatal(err)
	}
	wantText(t, "alerts", alerts(t, s, "").body, "["+unusual+",[1]]")
	for _, bad := range []string{"", "null", "{}", "[", "[1,]", "[] []", "\ufeff[]"} {
		if err := s.SetAlerts([]byte(bad)); err == nil {
			t.Errorf("SetAlerts(%q) = nil, want an error", bad)
		}
	}
}

func TestServeBody(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{Alerts: -1})
	for _, body := range []string{"", "null", `[{"AlertId":"x"}]`} {
		s.ServeBody([]byte(body))
		header := signIn(t, s, fakeapi.DefaultTenantID)
		header.Set("Accept-Encoding", "gzip")
		got := do(t, client(t, s), http.MethodGet, s.SIEMEndpoint()+"/api/alerts?limit=0", header, "")
		what := fmt.Sprintf("ServeBody(%q)", body)
		wantStatus(t, what, got, http.StatusOK)
		wantText(t, what+": body", got.body, body)
		wantText(t, what+": Content-Type", got.Header.Get("Content-Type"), "application/json")
		wantText(t, what+": Content-Encoding", got.Header.Get("Content-Encoding"), "")
	}
	got := do(t, client(t, s), http.MethodGet, s.SIEMEndpoint()+"/api/alerts", nil, "")
	wantStatus(t, "without a token", got, http.StatusUnauthorized)
	s.ServeBody(nil)
	wantText(t, "ServeBody(nil): body", alerts(t, s, "").body, "[]")
}

func TestAddTenant(t *testing.T) {
	t.Parallel()
	const customer = "Customer.Example"
	s := start(t, fakeapi.Options{Now: atNoon})
	s.AddTenant(customer, 7)
	header := signIn(t, s, "customer.example")
	get := func(header http.Header) []string {
		return ids(t, do(t, client(t, s), http.MethodGet, s.SIEMEndpoint()+"/api/alerts?ago=P7D", header, "").body)
	}
	theirs := get(header)
	ours := get(signIn(t, s, fakeapi.DefaultTenantID))
	if len(theirs) != 7 {
		t.Fatalf("records of the added tenant = %d, want 7", len(theirs))
	}
	if len(ours) != fakeapi.DefaultAlerts {
		t.Fatalf("records of the default tenant = %d, want %d", len(ours), fakeapi.DefaultAlerts)
	}
	for _, id := range theirs {
		if slices.Contains(ours, id) {
			t.Errorf("alert %s is in both tenants, want it in one", id)
		}
	}
}
