package provider_test

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
	"github.com/mdatp/terraform-provider-mdatp/internal/graph"
	"github.com/mdatp/terraform-provider-mdatp/internal/provider"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

// graphClient returns a client that reads Microsoft Graph of a fake.
func graphClient(t *testing.T, fake *fakeapi.Server) *client {
	t.Helper()
	return configured(t, fake, values{"api": "graph", "graph_endpoint": fake.GraphEndpoint()})
}

// alertIDs returns the distinct alert IDs of a list, sorted.
func alertIDs(t *testing.T, list values) []string {
	t.Helper()
	alerts, ok := list["alerts"].([]any)
	if !ok {
		t.Fatalf("alerts = %v, want a list", list["alerts"])
	}
	var ids []string
	for _, each := range alerts {
		if attributes, ok := each.(values); ok {
			ids = append(ids, fmt.Sprint(attributes["alert_id"]))
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// TestBothAPIs reads the same incidents through both APIs with one configuration.
// Everything that counts alerts is the same, but for the words of some sources.
func TestBothAPIs(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 300, Now: atNoon})
	siem, graph := configured(t, fake, nil), graphClient(t, fake)
	for name, arguments := range map[string]values{
		"default window": nil,
		"a week":         {"ago": "P7D", "fail_on": values{"allowed": 500}},
		"filters": {"ago": "P7D", "min_severity": "Low", "sources": []string{"Antivirus"}, "categories": []string{"execution", "Malware"},
			"fail_on": values{"severity": "Medium", "allowed": 500}},
		"machine groups": {"ago": "P7D", "machine_groups": []string{"Servers"}},
	} {
		bySIEM, byGraph := siem.mustRead("mdatp_alert_summary", arguments), graph.mustRead("mdatp_alert_summary", arguments)
		if bySIEM["alert_count"] == int64(0) && name != "machine groups" {
			t.Errorf("%s: alert_count = 0, want more", name)
		}
		for _, attribute := range []string{"alert_count", "counts_by_severity", "max_severity", "verdict", "newest", "excluded", "truncated",
			"counts_by_category", "counts_by_title"} {
			if !reflect.DeepEqual(byGraph[attribute], bySIEM[attribute]) {
				t.Errorf("%s: %s by graph = %v, want %v as by siem", name, attribute, byGraph[attribute], bySIEM[attribute])
			}
		}
		if byGraph["detection_count"] != byGraph["alert_count"] {
			t.Errorf("%s: detection_count by graph = %v, want %v as alert_count", name, byGraph["detection_count"], byGraph["alert_count"])
		}
		ids, want := alertIDs(t, graph.mustRead("mdatp_alerts", arguments)), alertIDs(t, siem.mustRead("mdatp_alerts", arguments))
		if !slices.Equal(ids, want) {
			t.Errorf("%s: alert IDs by graph = %q, want %q as by siem", name, ids, want)
		}
	}
}

// setGraphAlerts is serveGraph with other defaults: IDs g0, g1, ..., severity high, each
// updated a second after the one before.
func setGraphAlerts(t *testing.T, fake *fakeapi.Server, records ...values) {
	t.Helper()
	alerts := make([]values, len(records))
	for i, record := range records {
		alerts[i] = values{"id": fmt.Sprintf("g%d", i), "severity": "high",
			"createdDateTime": "2026-11-03T10:00:00Z", "lastUpdateDateTime": fmt.Sprintf("2026-11-03T11:00:%02dZ", i)}
		maps.Copy(alerts[i], record)
	}
	serveGraph(t, fake, alerts...)
}

// TestGraphArguments has the arguments that only Graph has. An alert on which nobody
// has decided is never dropped.
func TestGraphArguments(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: -1, Now: atNoon})
	setGraphAlerts(t, fake, values{}, values{"status": "inProgress", "classification": "truePositive"},
		values{"status": "resolved", "classification": "falsePositive"}, values{"status": "5", "classification": "6"},
		values{"status": nil, "classification": "informationalExpectedActivity"}, values{"serviceSource": "microsoftDefenderForIdentity"})
	for _, test := range []struct {
		arguments values
		want      string
	}{
		{nil, "g4 g3 g2 g1 g0"},
		{values{"statuses": []string{"new", "INPROGRESS"}}, "g4 g3 g1 g0"},
		{values{"statuses": []string{"resolved"}}, "g4 g3 g2"},
		{values{"statuses": []string{}}, "g4 g3 g2 g1 g0"},
		{values{"exclude_classifications": []string{"falsePositive", "informationalExpectedActivity"}}, "g3 g1 g0"},
		{values{"statuses": []string{"new"}, "exclude_classifications": []string{"truepositive"}}, "g4 g3 g0"},
		{values{"service_sources": []string{"microsoftDefenderForIdentity"}}, "g5"},
		{values{"service_sources": []string{"microsoftDefenderForIdentity", "microsoftDefenderForEndpoint"}, "limit": 2}, "g5 g4"},
		{values{"statuses": []string{"new"}, "limit": 3}, "g4 g3"}, // the limit comes first
	} {
		list := graphClient(t, fake).mustRead("mdatp_alerts", test.arguments)
		ids := alertIDs(t, list)
		slices.Reverse(ids)
		if got := strings.Join(ids, " "); got != test.want {
			t.Errorf("read(mdatp_alerts, %v) = %s, want %s", test.arguments, got, test.want)
		}
	}

	siem := configured(t, fake, nil)
	for name, value := range map[string][]string{
		"statuses": {"new"}, "exclude_classifications": {"truePositive"}, "service_sources": {"microsoftDefenderForEndpoint"},
	} {
		_, found := siem.read("mdatp_alert_summary", values{name: value})
		checkFinding(t, "read with siem and "+name, found, "error at "+name+": Argument without a meaning: ")
		if _, found := siem.read("mdatp_alert_summary", values{name: []string{}}); len(found) > 0 {
			t.Errorf("read with siem and empty %s reports %q, want nothing", name, found)
		}
	}
	if sent := len(fake.AlertRequests()); sent != 3 {
		t.Errorf("requests for alerts to the SIEM API = %d, want 3", sent)
	}
}

// TestGraphGate: a gate on an alert of Graph, and one that closing an incident does not stop.
func TestGraphGate(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: -1, Now: atNoon})
	setGraphAlerts(t, fake, values{"status": "resolved"})
	c := graphClient(t, fake)
	_, found := everyWay(t, c, values{"fail_on": values{}})
	checkFinding(t, "everyWay(fail_on)", found, "error at fail_on: Gate failed: too many alerts: 1 alert at severity High or above, 0 allowed")
	summary, found := everyWay(t, c, values{"fail_on": values{}, "statuses": []string{"new", "inProgress"}})
	checkFindings(t, "everyWay(fail_on, statuses)", found, nil)
	if got := summary["fetched"]; got != int64(1) {
		t.Errorf("fetched = %v, want 1", got)
	}
	setGraphAlerts(t, fake, values{"severity": "1023"})
	_, found = everyWay(t, c, values{"fail_on": values{}})
	if len(found) != 2 || !strings.Contains(found[1], "1 detection: unrecognized severity. It ranks above High, so that no gate misses it.") {
		t.Errorf("findings about an unknown severity = %q, want the gate's error and a warning", found)
	}
}

// TestGraphFilters: a filter of devices that matches nothing warns, as Graph returns
// the alerts of all devices.
func TestGraphFilters(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: -1, Now: atNoon})
	setGraphAlerts(t, fake, values{})
	for _, name := range []string{"machine_groups", "device_created_machine_tags", "cloud_created_machine_tags"} {
		_, found := everyWay(t, graphClient(t, fake), values{name: []string{"none such"}, "fail_on": values{}})
		checkFinding(t, "everyWay("+name+")", found, "warning at "+name+": Filter matches no detection: The service returned alerts, and "+name+" alone ")
	}
}

// TestGraphRegion has the addresses of every region, and the setting that replaces them.
func TestGraphRegion(t *testing.T) {
	t.Parallel()
	const path = "/v1.0/security/alerts_v2"
	for _, test := range []struct {
		block                      values
		authority, endpoint, scope string
	}{
		{nil, "https://login.microsoftonline.com", "https://graph.microsoft.com", "https://graph.microsoft.com/.default"},
		{values{"region": "gcc"}, "https://login.microsoftonline.com", "https://graph.microsoft.com", "https://graph.microsoft.com/.default"},
		{values{"region": "gcchigh"}, "https://login.microsoftonline.us", "https://graph.microsoft.us", "https://graph.microsoft.us/.default"},
		{values{"region": "dod"}, "https://login.microsoftonline.us", "https://dod-graph.microsoft.us", "https://dod-graph.microsoft.us/.default"},
		{values{"graph_endpoint": "https://graph.example/x/v1.0", "siem_endpoint": "https://siem.example"},
			"https://login.microsoftonline.com", "https://graph.example/x", "https://graph.microsoft.com/.default"},
	} {
		network := &graphNetwork{}
		c := newClientOf(t, provider.NewServerOver(environment(nil), network))
		attributes := values{"api": "graph", "tenant_id": "contoso.example", "client_id": tenantA, "client_secret": "s"}
		maps.Copy(attributes, test.block)
		if found := c.configure(attributes); len(found) > 0 {
			t.Errorf("configure(%v) reports %q, want nothing", test.block, found)
			continue
		}
		c.mustRead("mdatp_alert_summary", nil)
		want := []string{test.authority + "/contoso.example/oauth2/v2.0/token", test.endpoint + path}
		if !slices.Equal(network.seen, want) || network.scope != test.scope {
			t.Errorf("requests of read with %v = %q for %s, want %q for %s", test.block, network.seen, network.scope, want, test.scope)
		}
		if token := c.mustOpen("mdatp_access_token", nil); token["resource"] != strings.TrimSuffix(test.scope, "/.default") {
			t.Errorf("resource of the token with %v = %v, want that of %s", test.block, token["resource"], test.scope)
		}
	}
}

// A graphNetwork responds to every request with an empty page or a token. It records
// the addresses without their queries, and the scope of a token.
type graphNetwork struct {
	seen  []string
	scope string
}

func (n *graphNetwork) RoundTrip(req *http.Request) (*http.Response, error) {
	address := *req.URL
	address.RawQuery = ""
	n.seen = append(n.seen, address.String())
	body := `{"value":[]}`
	if req.Method == http.MethodPost {
		form, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		sent, err := url.ParseQuery(string(form))
		if err != nil {
			return nil, err
		}
		n.scope = sent.Get("scope")
		body = `{"token_type":"Bearer","access_token":"t","expires_in":3599}`
	}
	return &http.Response{
		StatusCode: http.StatusOK,
		Header:     http.Header{"Content-Type": {"application/json"}, "Date": {time.Now().UTC().Format(http.TimeFormat)}},
		Body:       io.NopCloser(strings.NewReader(body)), Request: req,
	}, nil
}

// TestGraphFailures has the texts of errors that only Graph has, or has its own words for.
func TestGraphFailures(t *testing.T) {
	t.Parallel()
	status := func(n int) error {
		return &transport.Error{Kind: transport.Status, Phase: transport.PhaseRead, Host: "graph.example", Status: n, Attempts: 1, RequestID: traceID}
	}
	slice := func(err error) error {
		return &graph.SliceError{From: noon, To: noon.Add(time.Hour / 2), Err: err}
	}
	const incomplete, discarded = "Incomplete response from the Microsoft Graph API", " What was read was discarded."
	for _, test := range []struct {
		err            error
		summary, start string
	}{
		{status(403), "Not allowed to read alerts", "The request for alerts to graph.example failed with status 403 at the first attempt. " +
			"Check that the application has the application permission SecurityAlert.Read.All (the delegated one is for a person who signed in), "},
		{status(400), "Request rejected by the Microsoft Graph API", "The request for alerts to graph.example failed with status 400 at the first attempt. " +
			"The service does not accept the arguments of this read. Check service_sources, and graph_endpoint, "},
		{status(404), "Microsoft Graph API not found", "The request for alerts to graph.example failed with status 404 at the first attempt. " +
			"Check region and graph_endpoint." + traced},
		{slice(status(504)), "Defender service unavailable", "The request for alerts to graph.example failed with status 504 at the first attempt. " +
			"Try again in a few minutes." + traced + " The request was for the part of the window from 2026-11-03T12:00:00Z to 2026-11-03T12:30:00Z."},
		{&graph.Error{Kind: graph.FilterIgnored, RequestID: traceID}, incomplete, "A response has an alert outside the requested time, or of another product. " +
			"Check graph_endpoint, and whether a proxy responds in its place." + discarded + traced},
		{&graph.Error{Kind: graph.BadLink}, incomplete, "A response links to its next page with another address, without the filter, or again. "},
		{slice(&graph.Error{Kind: graph.Incomplete}), incomplete, "A response has fewer alerts than there are, and no link to the rest. "},
		{&graph.SliceError{From: noon, Err: &graph.Error{Kind: graph.Moving}}, incomplete, "The alerts kept changing while they were read. Try again in a few minutes, " +
			"or read a shorter window." + discarded + " The request was for the part of the window from 2026-11-03T12:00:00Z to now."},
		{&graph.Error{Kind: graph.NoClock}, incomplete, "The response has no Date, so it is unknown when the window begins. Set since_time_utc, " +
			"and check whether a proxy responds in its place." + discarded},
		{&graph.Error{Kind: graph.Warned}, incomplete, "The service says that it could not read the alerts of a product. "},
	} {
		d := provider.GraphFailure(test.err)
		if d.Summary() != test.summary {
			t.Errorf("GraphFailure(%v).Summary() = %q, want %q", test.err, d.Summary(), test.summary)
		}
		if !strings.HasPrefix(d.Detail(), test.start) || strings.Contains(d.Detail(), "  ") {
			t.Errorf("GraphFailure(%v).Detail() = %q, want it to start with %q", test.err, d.Detail(), test.start)
		}
	}
}
