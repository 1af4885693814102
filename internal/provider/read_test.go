package provider_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	tfstate "github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

// A detection is one record of the SIEM API as the service sent it.
type detection = map[string]any

// pull reads from the fake as the vendor's page shows it, without any code of the
// provider. The provider's results are compared with what it returns.
func pull(t *testing.T, fake *fakeapi.Server, query string) []detection {
	t.Helper()
	var token struct {
		AccessToken string `json:"access_token"`
	}
	fetch(t, &token, fake.AuthorityHost()+"/"+fakeapi.DefaultTenantID+"/oauth2/token", "", url.Values{
		"grant_type": {"client_credentials"}, "resource": {fakeapi.DefaultResource},
		"client_id": {fakeapi.DefaultClientID}, "client_secret": {fakeapi.DefaultClientSecret},
	})
	var detections []detection
	fetch(t, &detections, fake.SIEMEndpoint()+"/api/alerts?"+query, token.AccessToken, nil)
	return detections
}

func fetch(t *testing.T, into any, address, token string, form url.Values) {
	t.Helper()
	method := http.MethodGet
	if form != nil {
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Authorization", "Bearer "+token)
	roundTripper := &http.Transport{DisableKeepAlives: true}
	resp, err := roundTripper.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, address, err)
	}
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s %s = status %d, want %d", method, address, resp.StatusCode, http.StatusOK)
	}
	if err := json.Unmarshal(body, into); err != nil {
		t.Fatalf("%s %s: %v", method, address, err)
	}
}

// textOf returns the text of the first of the keys that has one, else "".
func textOf(d detection, keys ...string) string {
	for _, key := range keys {
		if value, ok := d[key].(string); ok {
			return value
		}
	}
	return ""
}

// counted returns the counts of the detections that keep accepts, in the form of
// a state. It uses the service's records only.
func counted(detections []detection, keep func(detection) bool) values {
	tops, records := map[string]detection{}, map[string]bool{}
	devices, ofName := map[string]bool{}, map[string]string{}
	for _, d := range detections {
		if keep(d) && textOf(d, "DeviceID") != "" {
			ofName[textOf(d, "ComputerDnsName")] = textOf(d, "DeviceID")
		}
	}
	total := int64(0)
	var times []string
	for _, d := range detections {
		record := fmt.Sprint(d["FullId"], d["AlertPart"])
		if !keep(d) || records[record] && textOf(d, "FullId") != "" {
			continue
		}
		records[record] = true
		total++
		if id := textOf(d, "AlertId"); tops[id] == nil || outranks(d, tops[id]) {
			tops[id] = d
		}
		name := textOf(d, "ComputerDnsName")
		devices[cmp.Or(textOf(d, "DeviceID"), ofName[name], name)] = true
		times = append(times, textOf(d, "LastProcessedTimeUtc"))
	}
	bySeverity := values{"Informational": int64(0), "Low": int64(0), "Medium": int64(0), "High": int64(0)}
	groups := map[string]values{"Category": {}, "Source": {}, "MachineGroup": {}, "AlertTitle": {}}
	for _, d := range tops {
		increment(bySeverity, textOf(d, "Severity"))
		for key, group := range groups {
			increment(group, textOf(d, key))
		}
	}
	var highest any
	for _, severity := range ranking {
		if bySeverity[severity] != int64(0) {
			highest = severity
		}
	}
	state := values{
		"detection_count": total, "fetched": int64(len(detections)), "alert_count": int64(len(tops)), "devices": int64(len(devices)),
		"counts_by_severity": bySeverity, "max_severity": highest, "newest": nil, "oldest": nil,
		"counts_by_category": groups["Category"], "counts_by_source": groups["Source"],
		"counts_by_machine_group": groups["MachineGroup"], "counts_by_title": groups["AlertTitle"],
	}
	if len(times) > 0 {
		slices.SortFunc(times, func(a, b string) int { return instantOf(a).Compare(instantOf(b)) })
		state["oldest"], state["newest"] = times[0], times[len(times)-1]
	}
	return state
}

// ranking has the severities of the fake's records, in ascending order.
var ranking = []string{"Informational", "Low", "Medium", "High"}

// outranks reports whether an alert counts under the texts of d rather than of e:
// the more severe, then the newer.
func outranks(d, e detection) bool {
	x, y := slices.Index(ranking, textOf(d, "Severity")), slices.Index(ranking, textOf(e, "Severity"))
	return cmp.Or(x-y, instantOf(textOf(d, "LastProcessedTimeUtc")).Compare(instantOf(textOf(e, "LastProcessedTimeUtc")))) > 0
}

func increment(counts values, key string) {
	n, _ := counts[key].(int64)
	counts[key] = n + 1
}

// TestRead reads both data sources with many arguments and compares their results
// with counts of the service's own records, and with each other.
func TestRead(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 150, Now: atNoon})
	c := configured(t, fake, nil)
	oneOf := func(key string, wanted ...string) func(detection) bool {
		return func(d detection) bool {
			return slices.ContainsFunc(wanted, func(w string) bool { return strings.EqualFold(w, textOf(d, key)) })
		}
	}
	all := func(detection) bool { return true }
	for _, test := range []struct {
		arguments values
		query     string
		keep      func(detection) bool
	}{
		{nil, "", all},
		{values{"ago": "P7D"}, "ago=P7D", all},
		{values{"ago": "P7D", "min_severity": "informational"}, "ago=P7D", all},
		{values{"ago": "P7D", "min_severity": "Medium"}, "ago=P7D", oneOf("Severity", "Medium", "High")},
		{values{"ago": "P7D", "min_severity": "High"}, "ago=P7D", oneOf("Severity", "High")},
		{values{"ago": "P7D", "severities": []string{"low", "HIGH"}}, "ago=P7D", oneOf("Severity", "Low", "High")},
		{values{"ago": "P7D", "categories": []string{"malware", "Ransomware"}}, "ago=P7D",
			oneOf("Category", "Malware", "Ransomware")},
		{values{"ago": "P7D", "sources": []string{"ANTIVIRUS"}}, "ago=P7D", oneOf("Source", "Antivirus")},
		{values{"ago": "P7D", "severities": []string{"Informational"}, "categories": []string{"Ransomware"}}, "ago=P7D", func(d detection) bool {
			return oneOf("Severity", "Informational")(d) && oneOf("Category", "Ransomware")(d)
		}},
		{values{"ago": "P1D", "limit": 7}, "ago=P1D&limit=7", all},
		{values{"ago": "P1D", "machine_groups": []string{"Servers"}}, "ago=P1D&machinegroups=Servers", all},
		{values{"since_time_utc": "2026-11-02T12:00:00", "until_time_utc": "2026-11-03T11:00:00"},
			"sinceTimeUtc=2026-11-02T12:00:00Z&untilTimeUtc=2026-11-03T11:00:00Z", all},
	} {
		summary := c.mustRead("mdatp_alert_summary", test.arguments)
		list := c.mustRead("mdatp_alerts", test.arguments)
		for name, want := range counted(pull(t, fake, test.query), test.keep) {
			if !reflect.DeepEqual(summary[name], want) {
				t.Errorf("read(mdatp_alert_summary, %v): %s = %v, want %v", test.arguments, name, summary[name], want)
			}
		}
		agree(t, list, summary)
		alerts, ok := list["alerts"].([]any)
		if !ok {
			t.Errorf("read(mdatp_alerts, %v): alerts = %T, want a list", test.arguments, list["alerts"])
		}
		if got := int64(len(alerts)); got != list["detection_count"] {
			t.Errorf("read(mdatp_alerts, %v): len(alerts) = %d, want detection_count, %v", test.arguments, got, list["detection_count"])
		}
		if again := c.mustRead("mdatp_alerts", test.arguments); !reflect.DeepEqual(again, list) {
			t.Errorf("second read(mdatp_alerts, %v) = %v, want %v", test.arguments, again, list)
		}
	}
}

// agree checks that two data sources of one query have equal shared attributes.
func agree(t *testing.T, list, summary values) {
	t.Helper()
	shared := 0
	for name := range list {
		if _, ok := summary[name]; !ok {
			continue
		}
		shared++
		if !reflect.DeepEqual(list[name], summary[name]) {
			t.Errorf("%s of the list = %v, want %v as in the summary", name, list[name], summary[name])
		}
	}
	if want := len(list) - 1; shared < want { // all but the list itself
		t.Errorf("attributes of the list that the summary shares = %d, want %d", shared, want)
	}
}

// TestReadEmpty has a complete, empty response.
func TestReadEmpty(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{})
	fake.ServeBody([]byte(" [ ] \r\n"))
	c := configured(t, fake, nil)
	none := values{}
	both := values{
		"detection_count": int64(0), "fetched": int64(0), "alert_count": int64(0), "max_severity": nil,
		"newest": nil, "oldest": nil,
		"counts_by_severity": values{"Informational": int64(0), "Low": int64(0), "Medium": int64(0), "High": int64(0)},
		"truncated":          false, "window_start": nil, "window_end": nil,
	}
	for kind, own := range map[string]values{
		"mdatp_alerts": {"alerts": []any{}},
		"mdatp_alert_summary": {
			"devices": int64(0), "counts_by_category": none, "counts_by_source": none, "counts_by_machine_group": none, "counts_by_title": none,
		},
	} {
		state := c.mustRead(kind, nil)
		for _, want := range []values{both, own} {
			for name, value := range want {
				if got, ok := state[name]; !ok || !reflect.DeepEqual(got, value) {
					t.Errorf("read(%s): %s = %v (%t), want %v", kind, name, got, ok, value)
				}
			}
		}
	}
}

// TestReadWithoutFullID keeps every detection without a FullId, even equal ones.
func TestReadWithoutFullID(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{})
	record := `{"AlertId":"a","Severity":"Low","LastProcessedTimeUtc":"2026-11-03T11:00:00Z","AlertPart":0`
	fake.ServeBody([]byte("[" + record + "}," + record + `,"FullId":""},` + record + `,"FullId":null},` +
		record + `,"FullId":"a:b"},` + record + `,"FullId":"a:b"}]`))
	for _, kind := range dataSources {
		state := configured(t, fake, nil).mustRead(kind, nil)
		for name, want := range map[string]int64{"detection_count": 4, "fetched": 5, "alert_count": 1} {
			if state[name] != want {
				t.Errorf("read(%s): %s = %v, want %d", kind, name, state[name], want)
			}
		}
	}
}

// TestReadWindow returns the window that was requested, and none for one that
// depends on the clock.
func TestReadWindow(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 40, Now: atNoon})
	c := configured(t, fake, nil)
	arguments := values{"since_time_utc": "2026-11-01T01:00:00.50+01:00", "until_time_utc": "2026-11-03T12:00:00"}
	state := c.mustRead("mdatp_alerts", arguments)
	for name, want := range (values{
		"window_start": "2026-11-01T00:00:00.5Z", "window_end": "2026-11-03T12:00:00Z", "truncated": false,
	}) {
		if state[name] != want {
			t.Errorf("read(mdatp_alerts, %v): %s = %v, want %v", arguments, name, state[name], want)
		}
	}
	for _, kind := range dataSources {
		state := c.mustRead(kind, values{"ago": "PT1H"})
		for _, name := range []string{"window_start", "window_end"} {
			if state[name] != nil {
				t.Errorf("read(%s, ago = PT1H): %s = %v, want null", kind, name, state[name])
			}
		}
	}
}

// TestReadTenants reads several tenants with one application. Each tenant has its
// own token, which all data sources share.
func TestReadTenants(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 10, NoDefaultWindow: true, Now: atNoon})
	fake.AddTenant(tenantA, 20)
	fake.AddTenant("customer.example", 5)
	c := configured(t, fake, nil)
	own := c.mustRead("mdatp_alerts", nil)
	type outcome struct {
		found   []string
		fetched any
	}
	done := make(chan outcome)
	for i := range 20 {
		tenant := []string{"", tenantA, "Customer.example"}[i%3]
		arguments := values{"tenant_id": tenant}
		if tenant == "" {
			arguments = nil
		}
		go func() {
			state, found := c.read(dataSources[i%2], arguments)
			done <- outcome{found, state["fetched"]}
		}()
	}
	fetched := map[any]int{}
	for range 20 {
		read := <-done
		if len(read.found) > 0 {
			t.Errorf("read reports %q, want nothing", read.found)
		}
		fetched[read.fetched]++
	}
	if len(fetched) != 3 {
		t.Errorf("reads by the number that they fetched = %v, want three numbers", fetched)
	}
	if n := fetched[own["fetched"]]; n < 7 {
		t.Errorf("reads that fetched %v = %d, want 7 or more", own["fetched"], n)
	}
	signedIn := map[string]int{}
	for _, request := range fake.TokenRequests() {
		signedIn[strings.ToLower(request.Path)]++
	}
	want := map[string]int{
		"/entra/" + fakeapi.DefaultTenantID + "/oauth2/token": 1,
		"/entra/" + tenantA + "/oauth2/token":                 1,
		"/entra/customer.example/oauth2/token":                1,
	}
	if !maps.Equal(signedIn, want) {
		t.Errorf("token requests by path = %v, want %v", signedIn, want)
	}
}

// TestReadUnknownSeverity keeps detections of an unknown severity, ranks them
// highest and warns once.
func TestReadUnknownSeverity(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{})
	record := func(n int, severity string) string {
		return fmt.Sprintf(`{"AlertId":"%d","Severity":"%s","LastProcessedTimeUtc":"2026-11-03T11:00:0%dZ"}`, n, severity, n)
	}
	fake.ServeBody([]byte("[" + strings.Join([]string{
		record(0, "Low"), record(1, "Urgent"), record(2, "HIGH"),
		record(3, "critical"), record(4, "UnSpecified"), record(5, "medium"),
	}, ",") + "]"))
	c := configured(t, fake, nil)
	warning := []string{"warning: Anomalies in the response: The response is valid, but these detections are unusual:\n\n" +
		"  - 3 detections: unrecognized severity. It ranks above High, so that no gate misses it. " +
		"Alert IDs: 1, 3, 4."}
	counts := func(low, medium, high int64) values {
		return values{"Informational": int64(0), "Low": low, "Medium": medium, "High": high,
			"Urgent": int64(1), "critical": int64(1), "UnSpecified": int64(1)}
	}
	for _, test := range []struct {
		arguments values
		counts    values
	}{
		{nil, counts(1, 1, 1)},
		{values{"min_severity": "High"}, counts(0, 0, 1)},
		{values{"severities": []string{"Low"}}, counts(1, 0, 0)},
	} {
		for _, kind := range dataSources {
			state, found := c.read(kind, test.arguments)
			if !slices.Equal(found, warning) {
				t.Errorf("read(%s, %v) reports %q, want %q", kind, test.arguments, found, warning)
			}
			if got := state["counts_by_severity"]; !reflect.DeepEqual(got, test.counts) {
				t.Errorf("read(%s, %v): counts_by_severity = %v, want %v", kind, test.arguments, got, test.counts)
			}
			if got := state["max_severity"]; got != "UnSpecified" {
				t.Errorf("read(%s, %v): max_severity = %v, want UnSpecified", kind, test.arguments, got)
			}
		}
	}
}

// TestReadTerraform reads both data sources with Terraform. The counts equal those
// of the service's records, the two agree, and a second plan is empty although
// outputs hold every alert: the test framework checks that after each step.
func TestReadTerraform(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 25, Now: atNoon})
	arguments := map[string]values{
		"all":    {"ago": "P7D"},
		"recent": nil,
		"some": {"ago": "P7D", "min_severity": "Medium", "sources": []string{"EDR", "antivirus"},
			"categories": []string{}},
		"few": {"since_time_utc": "2026-11-01T00:00:00Z", "limit": 3, "timeouts": expression(`{ read = "30s" }`)},
	}
	config := providerHCL(fake, nil)
	var checks []resource.TestCheckFunc
	for _, name := range slices.Sorted(maps.Keys(arguments)) {
		for _, kind := range dataSources {
			config += dataHCL(kind, name, arguments[name]) +
				fmt.Sprintf("output %q {\n  value = data.%s.%s\n}\n", kind+"_"+name, kind, name)
		}
		checks = append(checks, sharedAttributesAgree(name))
	}
	all := counted(pull(t, fake, "ago=P7D"), func(detection) bool { return true })
	checks = append(checks,
		resource.TestCheckResourceAttr("data.mdatp_alerts.all", "alert_count", fmt.Sprint(all["alert_count"])),
		resource.TestCheckResourceAttr("data.mdatp_alerts.all", "detection_count", fmt.Sprint(all["detection_count"])),
		resource.TestCheckResourceAttr("data.mdatp_alerts.all", "alerts.#", fmt.Sprint(all["detection_count"])),
		resource.TestCheckResourceAttr("data.mdatp_alerts.few", "truncated", "true"),
		resource.TestCheckResourceAttr("data.mdatp_alerts.few", "window_start", "2026-11-01T00:00:00Z"),
		resource.TestCheckNoResourceAttr("data.mdatp_alerts.few", "window_end"),
	)
	terraform(t, resource.TestStep{Config: config, Check: resource.ComposeAggregateTestCheckFunc(checks...)})
}

func sharedAttributesAgree(name string) resource.TestCheckFunc {
	return func(s *tfstate.State) error {
		list := s.RootModule().Resources["data.mdatp_alerts."+name].Primary.Attributes
		summary := s.RootModule().Resources["data.mdatp_alert_summary."+name].Primary.Attributes
		for key, value := range list {
			if other, ok := summary[key]; key != "%" && (ok && other != value || !ok && !strings.HasPrefix(key, "alerts.")) {
				return fmt.Errorf("%s of data.mdatp_alerts.%s = %q, want %q as in the summary", key, name, value, other)
			}
		}
		return nil
	}
}

// TestReadRequests sends the five example requests of Microsoft's page "Pull
// Microsoft Defender for Endpoint alerts using SIEM REST API".
func TestReadRequests(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 20, Now: atNoon})
	config := providerHCL(fake, nil) +
		dataHCL("mdatp_alerts", "default", nil) +
		dataHCL("mdatp_alerts", "since", values{"limit": 20, "since_time_utc": "2016-09-12T00:00:00.000"}) +
		dataHCL("mdatp_alerts", "ago", values{"ago": "PT10M"}) +
		dataHCL("mdatp_alerts", "groups", values{"machine_groups": []string{"UKMachines", "FranceMachines"}}) +
		dataHCL("mdatp_alerts", "tags", values{"device_created_machine_tags": []string{"PCI"},
			"cloud_created_machine_tags": []string{"PCI", "DMZ"}})
	terraform(t, resource.TestStep{Config: config})
	want := []string{
		"",
		"CloudCreatedMachineTags=PCI&CloudCreatedMachineTags=DMZ&DeviceCreatedMachineTags=PCI",
		"ago=PT10M",
		"limit=20&sinceTimeUtc=2016-09-12T00%3A00%3A00.0000000Z",
		"machinegroups=UKMachines&machinegroups=FranceMachines",
	}
	const line = "GET /siem/api/alerts: 200"
	queries := map[string]bool{}
	for _, request := range fake.AlertRequests() {
		queries[request.RawQuery] = true
		if got := fmt.Sprintf("%s %s: %d", request.Method, request.Path, request.Status); got != line {
			t.Errorf("request with the query %q = %s, want %s", request.RawQuery, got, line)
		}
		agent := request.Header.Get("User-Agent")
		if !strings.HasPrefix(agent, "Terraform/1.") || !strings.HasSuffix(agent, " terraform-provider-mdatp/test") {
			t.Errorf("User-Agent = %q, want Terraform/1.… terraform-provider-mdatp/test", agent)
		}
	}
	if got := slices.Sorted(maps.Keys(queries)); !slices.Equal(got, want) {
		t.Errorf("queries = %q, want %q", got, want)
	}
}

// TestReadLate has an argument that is known only during the apply. The plan
// passes, the apply validates it, and an invalid one sends no request.
func TestReadLate(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 5, Now: atNoon})
	config := func(since string) string {
		return providerHCL(fake, nil) + "resource \"terraform_data\" \"since\" {\n  input = \"" + since + "\"\n}\n" +
			dataHCL("mdatp_alerts", "late", values{"since_time_utc": expression("terraform_data.since.output")})
	}
	var output string
	runTerraform(t, resource.TestCase{
		ErrorCheck: expectFailure(&output),
		Steps:      []resource.TestStep{{Config: config("yesterday")}},
	})
	for _, want := range []string{"Error: Invalid start of the window", "with data.mdatp_alerts.late,",
		"since_time_utc = terraform_data.since.output", "it must be an RFC 3339 date and time"} {
		if !strings.Contains(output, want) {
			t.Errorf("Terraform printed %s, want %q in it", output, want)
		}
	}
	checkNoRequests(t, fake)
	terraform(t, resource.TestStep{
		Config: config("2026-11-02T00:00:00Z"),
		Check:  resource.TestCheckResourceAttr("data.mdatp_alerts.late", "window_start", "2026-11-02T00:00:00Z"),
	})
}
