package provider_test

import (
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

// A detection is a record as the service sent it.
type detection = map[string]any

// pull asks the fake as the vendor's page shows it, without any code of the
// provider: what it returns is what the provider's results are compared with.
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
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("status %d, %v", resp.StatusCode, err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
}

// text is a field in its present or its old spelling; "" for null and absent.
func text(d detection, keys ...string) string {
	for _, key := range keys {
		if value, ok := d[key].(string); ok {
			return value
		}
	}
	return ""
}

// counted is what the detections that keep accepts add up to, in the form of a
// state. It knows the service's records only.
func counted(detections []detection, keep func(detection) bool) values {
	bySeverity := values{"Informational": int64(0), "Low": int64(0), "Medium": int64(0), "High": int64(0)}
	groups := map[string]values{"Category": {}, "Source": {}, "MachineGroup": {}, "AlertTitle": {}}
	ids, devices, records := map[string]bool{}, map[string]bool{}, map[string]bool{}
	total := int64(0)
	var times []string
	for _, d := range detections {
		record := fmt.Sprint(d["FullId"], d["AlertPart"])
		if !keep(d) || records[record] && text(d, "FullId") != "" {
			continue
		}
		records[record] = true
		total++
		increment(bySeverity, text(d, "Severity"))
		for key, group := range groups {
			increment(group, text(d, key))
		}
		ids[text(d, "AlertId")] = true
		devices[or(text(d, "DeviceID"), text(d, "ComputerDnsName"))] = true
		times = append(times, text(d, "LastProcessedTimeUtc"))
	}
	var highest any
	for _, severity := range []string{"Informational", "Low", "Medium", "High"} {
		if bySeverity[severity] != int64(0) {
			highest = severity
		}
	}
	result := values{
		"total": total, "fetched": int64(len(detections)), "distinct_alerts": int64(len(ids)), "devices": int64(len(devices)),
		"counts_by_severity": bySeverity, "max_severity": highest, "newest": nil, "oldest": nil,
		"counts_by_category": groups["Category"], "counts_by_source": groups["Source"],
		"counts_by_machine_group": groups["MachineGroup"], "counts_by_title": groups["AlertTitle"],
	}
	if len(times) > 0 {
		slices.SortFunc(times, func(a, b string) int { return instantOf(a).Compare(instantOf(b)) })
		result["oldest"], result["newest"] = times[0], times[len(times)-1]
	}
	return result
}

func increment(counts values, key string) {
	n, _ := counts[key].(int64)
	counts[key] = n + 1
}

// TestRead compares what both data sources make of many arguments with a count
// over the service's own records, and the two with each other.
func TestRead(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 150, Now: atNoon})
	c := configured(t, fake, nil)
	oneOf := func(key string, wanted ...string) func(detection) bool {
		return func(d detection) bool {
			return slices.ContainsFunc(wanted, func(w string) bool { return strings.EqualFold(w, text(d, key)) })
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
		{values{"ago": "P7D", "categories": []string{"malware", "Ransomware"}}, "ago=P7D", oneOf("Category", "Malware", "Ransomware")},
		{values{"ago": "P7D", "sources": []string{"ANTIVIRUS"}}, "ago=P7D", oneOf("Source", "Antivirus")},
		{values{"ago": "P7D", "sources": []string{"none such"}}, "ago=P7D", func(detection) bool { return false }},
		{values{"ago": "P1D", "limit": 7}, "ago=P1D&limit=7", all},
		{values{"ago": "P1D", "machine_groups": []string{"Servers"}}, "ago=P1D&machinegroups=Servers", all},
		{values{"since_time_utc": "2026-11-02T12:00:00", "until_time_utc": "2026-11-03T11:00:00"},
			"sinceTimeUtc=2026-11-02T12:00:00Z&untilTimeUtc=2026-11-03T11:00:00Z", all},
	} {
		summary := c.mustRead("mdatp_alert_summary", test.arguments)
		list := c.mustRead("mdatp_alerts", test.arguments)
		for name, want := range counted(pull(t, fake, test.query), test.keep) {
			if !reflect.DeepEqual(summary[name], want) {
				t.Errorf("%v: %s is %v, want %v", test.arguments, name, summary[name], want)
			}
		}
		agree(t, list, summary)
		alerts, ok := list["alerts"].([]any)
		if !ok || int64(len(alerts)) != list["total"] {
			t.Errorf("%v: a list of %d, total %v", test.arguments, len(alerts), list["total"])
		}
		if again := c.mustRead("mdatp_alerts", test.arguments); !reflect.DeepEqual(list, again) {
			t.Errorf("%v: another result the second time", test.arguments)
		}
	}
}

// agree compares two data sources of one query in every attribute they share.
func agree(t *testing.T, list, summary values) {
	t.Helper()
	shared := 0
	for name := range list {
		if _, ok := summary[name]; !ok {
			continue
		}
		shared++
		if !reflect.DeepEqual(list[name], summary[name]) {
			t.Errorf("%s is %v in the list, %v in the summary", name, list[name], summary[name])
		}
	}
	if shared < len(list)-1 {
		t.Errorf("%d of the list's %d attributes are in the summary", shared, len(list))
	}
}

// TestReadEmpty has a result that is whole and empty.
func TestReadEmpty(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{})
	fake.ServeBody([]byte(" [ ] \r\n"))
	c := configured(t, fake, nil)
	none := values{}
	want := values{
		"total": int64(0), "fetched": int64(0), "distinct_alerts": int64(0), "max_severity": nil, "newest": nil, "oldest": nil,
		"counts_by_severity": values{"Informational": int64(0), "Low": int64(0), "Medium": int64(0), "High": int64(0)},
		"truncated":          false, "window_start": nil, "window_end": nil, "devices": int64(0), "alerts": []any{},
		"counts_by_category": none, "counts_by_source": none, "counts_by_machine_group": none, "counts_by_title": none,
	}
	for _, kind := range dataSources {
		state := c.mustRead(kind, nil)
		for name, value := range want {
			if got, ok := state[name]; ok && !reflect.DeepEqual(got, value) {
				t.Errorf("%s: %s is %v, want %v", kind, name, got, value)
			}
		}
	}
}

// TestReadWithoutFullID keeps every record that has no FullId, however alike.
func TestReadWithoutFullID(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{})
	record := `{"AlertId":"a","Severity":"Low","LastProcessedTimeUtc":"2026-11-03T11:00:00Z","AlertPart":0`
	fake.ServeBody([]byte("[" + record + "}," + record + `,"FullId":""},` + record + `,"FullId":null},` +
		record + `,"FullId":"a:b"},` + record + `,"FullId":"a:b"}]`))
	for _, kind := range dataSources {
		state := configured(t, fake, nil).mustRead(kind, nil)
		if state["total"] != int64(4) || state["fetched"] != int64(5) || state["distinct_alerts"] != int64(1) {
			t.Errorf("%s: %v", kind, state)
		}
	}
}

// TestReadWindow returns the window as it was asked for, and limits that tell
// whether there may be more.
func TestReadWindow(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 40, Now: atNoon})
	c := configured(t, fake, nil)
	state := c.mustRead("mdatp_alerts", values{"since_time_utc": "2026-11-01T01:00:00.50+01:00", "until_time_utc": "2026-11-03T12:00:00"})
	if state["window_start"] != "2026-11-01T00:00:00.5Z" || state["window_end"] != "2026-11-03T12:00:00Z" || state["truncated"] != false {
		t.Errorf("%v to %v, truncated %v", state["window_start"], state["window_end"], state["truncated"])
	}
	for _, kind := range dataSources {
		if state := c.mustRead(kind, values{"ago": "PT1H"}); state["window_start"] != nil || state["window_end"] != nil {
			t.Errorf("%s has a window of the clock: %v", kind, state)
		}
	}
}

// TestReadTenants reads other tenants with the same application, each with a
// token of its own, once for all data sources.
func TestReadTenants(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 10, NoDefaultWindow: true, Now: atNoon})
	fake.AddTenant(tenantA, 20)
	fake.AddTenant("customer.example", 5)
	c := configured(t, fake, nil)
	own := c.mustRead("mdatp_alerts", nil)
	done := make(chan [2]any)
	for i := range 20 {
		tenant := []string{"", tenantA, "Customer.example"}[i%3]
		arguments := values{"tenant_id": tenant}
		if tenant == "" {
			arguments = nil
		}
		go func() {
			state, found := c.read(dataSources[i%2], arguments)
			done <- [2]any{fmt.Sprint(found), state["fetched"]}
		}()
	}
	fetched := map[any]int{}
	for range 20 {
		result := <-done
		if result[0] != "[]" {
			t.Error(result[0])
		}
		fetched[result[1]]++
	}
	if len(fetched) != 3 || fetched[own["fetched"]] < 7 {
		t.Errorf("alerts of the tenants: %v", fetched)
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
		t.Errorf("token requests: %v", signedIn)
	}
}

// TestReadUnknownSeverity never drops a severity that the provider does not
// know, ranks it highest and says so once.
func TestReadUnknownSeverity(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{})
	record := func(n int, severity string) string {
		return fmt.Sprintf(`{"AlertId":"%d","Severity":"%s","LastProcessedTimeUtc":"2026-11-03T11:00:0%dZ"}`, n, severity, n)
	}
	fake.ServeBody([]byte("[" + strings.Join([]string{
		record(0, "Low"), record(1, "Urgent"), record(2, "HIGH"), record(3, "critical"), record(4, "UnSpecified"), record(5, "medium"),
	}, ",") + "]"))
	c := configured(t, fake, nil)
	warning := []string{"warning: Unexpected alerts in the response: The response is valid, but has anomalies:\n\n  - 3 detections: unrecognized severity. " +
		"It ranks above High, so that no gate misses it. Positions in the response, from 0: 1, 3, 4."}
	for _, test := range []struct {
		arguments values
		counts    values
	}{
		{nil, values{"Informational": int64(0), "Low": int64(1), "Medium": int64(1), "High": int64(1), "Urgent": int64(1), "critical": int64(1), "UnSpecified": int64(1)}},
		{values{"min_severity": "High"}, values{"Informational": int64(0), "Low": int64(0), "Medium": int64(0), "High": int64(1), "Urgent": int64(1), "critical": int64(1), "UnSpecified": int64(1)}},
		{values{"severities": []string{"Low"}}, values{"Informational": int64(0), "Low": int64(1), "Medium": int64(0), "High": int64(0), "Urgent": int64(1), "critical": int64(1), "UnSpecified": int64(1)}},
	} {
		for _, kind := range dataSources {
			state, found := c.read(kind, test.arguments)
			if !slices.Equal(found, warning) {
				t.Errorf("%s %v found %q", kind, test.arguments, found)
			}
			if !reflect.DeepEqual(state["counts_by_severity"], test.counts) || state["max_severity"] != "UnSpecified" {
				t.Errorf("%s %v: %v, highest %v", kind, test.arguments, state["counts_by_severity"], state["max_severity"])
			}
		}
	}
}

// TestReadTerraform runs both data sources through Terraform: the counts are
// those of the service's records, the two agree, and a second plan is empty
// although outputs hold every alert (each step of the test framework checks that).
func TestReadTerraform(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 25, Now: atNoon})
	arguments := map[string]values{
		"all":    {"ago": "P7D"},
		"recent": nil,
		"some":   {"ago": "P7D", "min_severity": "Medium", "sources": []string{"EDR", "antivirus"}, "categories": []string{}},
		"few":    {"since_time_utc": "2026-11-01T00:00:00Z", "limit": 3, "timeouts": expression(`{ read = "30s" }`)},
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
	total := counted(pull(t, fake, "ago=P7D"), func(detection) bool { return true })["total"]
	checks = append(checks,
		resource.TestCheckResourceAttr("data.mdatp_alerts.all", "total", fmt.Sprint(total)),
		resource.TestCheckResourceAttr("data.mdatp_alerts.all", "alerts.#", fmt.Sprint(total)),
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
				return fmt.Errorf("%s.%s is %q in the list, %q in the summary", name, key, value, other)
			}
		}
		return nil
	}
}

// TestReadRequests sends the five requests of Microsoft's page "Pull Microsoft
// Defender for Endpoint alerts using SIEM REST API".
func TestReadRequests(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 20, Now: atNoon})
	config := providerHCL(fake, nil) +
		dataHCL("mdatp_alerts", "default", nil) +
		dataHCL("mdatp_alerts", "since", values{"limit": 20, "since_time_utc": "2016-09-12T00:00:00.000"}) +
		dataHCL("mdatp_alerts", "ago", values{"ago": "PT10M"}) +
		dataHCL("mdatp_alerts", "groups", values{"machine_groups": []string{"UKMachines", "FranceMachines"}}) +
		dataHCL("mdatp_alerts", "tags", values{"device_created_machine_tags": []string{"PCI"}, "cloud_created_machine_tags": []string{"PCI", "DMZ"}})
	terraform(t, resource.TestStep{Config: config})
	want := []string{
		"",
		"CloudCreatedMachineTags=PCI&CloudCreatedMachineTags=DMZ&DeviceCreatedMachineTags=PCI",
		"ago=PT10M",
		"limit=20&sinceTimeUtc=2016-09-12T00%3A00%3A00.0000000Z",
		"machinegroups=UKMachines&machinegroups=FranceMachines",
	}
	asked := map[string]bool{}
	for _, request := range fake.AlertRequests() {
		asked[request.RawQuery] = true
		if request.Method != http.MethodGet || request.Path != "/siem/api/alerts" || request.Status != http.StatusOK ||
			!strings.HasPrefix(request.Header.Get("User-Agent"), "Terraform/1.") ||
			!strings.HasSuffix(request.Header.Get("User-Agent"), " terraform-provider-mdatp/test") {
			t.Errorf("%+v", request)
		}
	}
	if got := slices.Sorted(maps.Keys(asked)); !slices.Equal(got, want) {
		t.Errorf("asked for %q\nwant      %q", got, want)
	}
}

// TestReadLate has arguments that are known only during the apply: they pass
// the plan, are checked then, and nothing is sent for those that are wrong.
func TestReadLate(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 5, Now: atNoon})
	config := func(since string) string {
		return providerHCL(fake, nil) + "resource \"terraform_data\" \"since\" {\n  input = \"" + since + "\"\n}\n" +
			dataHCL("mdatp_alerts", "late", values{"since_time_utc": expression("terraform_data.since.output")})
	}
	var output string
	runTerraform(t, resource.TestCase{ErrorCheck: expectFailure(&output), Steps: []resource.TestStep{{Config: config("yesterday")}}})
	for _, want := range []string{"Error: Invalid start of the window", "with data.mdatp_alerts.late,",
		"since_time_utc = terraform_data.since.output", "it must be an RFC 3339 date and time"} {
		if !strings.Contains(output, want) {
			t.Errorf("%q is not in %s", want, output)
		}
	}
	if sent := fake.Requests(); len(sent) > 0 {
		t.Errorf("%d requests were sent", len(sent))
	}
	terraform(t, resource.TestStep{
		Config: config("2026-11-02T00:00:00Z"),
		Check:  resource.TestCheckResourceAttr("data.mdatp_alerts.late", "window_start", "2026-11-02T00:00:00Z"),
	})
}
