package provider_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

// everyWay reads alerts with both data sources and the ephemeral resource. All
// must have the same findings and agree in every attribute that they share. It
// returns the summary, nil when the read failed.
func everyWay(t *testing.T, c *client, arguments values) (summary values, found []string) {
	t.Helper()
	list, foundByList := c.read("mdatp_alerts", arguments)
	summary, found = c.read("mdatp_alert_summary", arguments)
	opened, foundByOpening := c.open("mdatp_alerts", arguments)
	checkFindings(t, fmt.Sprintf("read(mdatp_alert_summary, %v)", arguments), found, foundByList)
	checkFindings(t, fmt.Sprintf("open(mdatp_alerts, %v)", arguments), foundByOpening, foundByList)
	if failed(found) {
		for call, attributes := range map[string]values{
			"read(mdatp_alerts": list, "read(mdatp_alert_summary": summary, "open(mdatp_alerts": opened,
		} {
			if attributes != nil {
				t.Errorf("%s, %v) = %v beside an error, want no result", call, arguments, attributes)
			}
		}
		return nil, found
	}
	agree(t, list, summary)
	if !reflect.DeepEqual(opened, list) {
		t.Errorf("open(mdatp_alerts, %v) =\n%v, want the data source's\n%v", arguments, opened, list)
	}
	return summary, found
}

// serve sets the fake's records. Fields that a record needs and does not set get
// defaults: IDs da0, da1, ..., severity Medium, processed at eleven.
func serve(t *testing.T, fake *fakeapi.Server, records ...values) {
	t.Helper()
	whole := []values{}
	for i, record := range records {
		fields := values{"AlertId": fmt.Sprintf("da%d", i), "Severity": "Medium", "LastProcessedTimeUtc": "2026-11-03T11:00:00Z"}
		maps.Copy(fields, record)
		whole = append(whole, fields)
	}
	body, err := json.Marshal(whole)
	if err != nil {
		t.Fatal(err)
	}
	if err := fake.SetAlerts(body); err != nil {
		t.Fatal(err)
	}
}

// serveGraph sets the fake's alerts of Graph. Members that an alert needs and does
// not set get defaults, as in serve; the status is new.
func serveGraph(t *testing.T, fake *fakeapi.Server, alerts ...values) {
	t.Helper()
	whole := []values{}
	for i, alert := range alerts {
		members := values{"id": fmt.Sprintf("da%d", i), "severity": "medium", "status": "new",
			"serviceSource": "microsoftDefenderForEndpoint", "lastUpdateDateTime": "2026-11-03T11:00:00Z"}
		maps.Copy(members, alert)
		whole = append(whole, members)
	}
	body, err := json.Marshal(whole)
	if err != nil {
		t.Fatal(err)
	}
	if err := fake.SetGraphAlerts(body); err != nil {
		t.Fatal(err)
	}
}

// withSeverities returns one record for each severity.
func withSeverities(severities ...string) []values {
	records := make([]values, len(severities))
	for i, severity := range severities {
		records[i] = values{"Severity": severity}
	}
	return records
}

const (
	gateTitle = "error at fail_on: Gate failed: too many alerts: "
	eleven    = "  1 detection, newest 2026-11-03T11:00:00Z"
	lastHours = "the API's default window, the last two hours"
	advice    = "\n\nTo inspect them, read the mdatp_alerts data source with the same arguments and without fail_on, or open the " +
		"Microsoft Defender portal."
	// anomalyWarning is about an unknown severity of the first record.
	anomalyWarning = "warning: Anomalies in the response: The response is valid, but these detections are unusual:\n\n" +
		"  - 1 detection: unrecognized severity. It ranks above High, so that no gate misses it. Alert IDs: da0."
)

// gateFailure returns the error of a gate for a window and lines about alerts of one
// detection each.
func gateFailure(counts, window string, alerts ...string) string {
	n, _, _ := strings.Cut(counts, " ")
	total := n + " detections of " + n + " alerts."
	if n == "1" {
		total = "1 detection of 1 alert."
	}
	id, _, _ := strings.Cut(alerts[0], "  ")
	accept := " To accept the first alert, add this block with your reason:\n\n" +
		"  exclude {\n    alert_id = \"" + id + "\"\n    reason   = \"\"\n  }\n"
	if strings.Contains(id, " ") {
		accept = " To accept an alert, add an exclude block with a reason."
	}
	return gateTitle + counts + ", in " + window + ".\n\n  - " + strings.Join(alerts, "\n  - ") + "\n\n" + total + advice + accept
}

// oneHigh returns the error of a gate for the first record, of severity High.
func oneHigh(window string) []string {
	return []string{gateFailure("1 alert at severity High or above, 0 allowed", window, "da0  High"+eleven)}
}

// inconclusive returns the error of a gate (P14) on a truncated response.
func inconclusive(fetched int) string {
	returned := fmt.Sprintf("%d detections", fetched)
	if fetched == 1 {
		returned = "1 detection"
	}
	return "error at fail_on: Gate inconclusive: The service returned " + returned + ", as many as limit allows. There may be more, " +
		"so fail_on cannot decide. Raise or remove limit, or read a shorter window."
}

// TestFailOn checks the verdict of each way to read for many settings of fail_on.
func TestFailOn(t *testing.T) {
	t.Parallel()
	oneUnknown := []string{gateFailure("1 alert at severity High or above, 0 allowed", lastHours, "da0  unknown"+eleven), anomalyWarning}
	duplicate := func(severity string) values {
		return values{"Severity": severity, "FullId": "f", "AlertId": "d"}
	}
	for name, test := range map[string]struct {
		records   []values
		arguments values
		want      []string
	}{
		"no alert":              {nil, values{"fail_on": values{}}, nil},
		"no gate":               {withSeverities("High", "High"), nil, nil},
		"only less severe ones": {withSeverities("Medium", "Low", "Informational"), values{"fail_on": values{}}, nil},

		"defaults": {withSeverities("High"), values{"fail_on": values{}}, oneHigh(lastHours)},
		"defaults as nulls": {
			withSeverities("Medium", "High"), values{"fail_on": values{"severity": nil, "allowed": nil}},
			[]string{gateFailure("1 alert at severity High or above, 0 allowed", lastHours, "da1  High"+eleven)}},
		"another severity": {
			withSeverities("Low", "Medium", "High", "Informational"), values{"fail_on": values{"severity": "Medium"}},
			[]string{gateFailure("2 alerts at severity Medium or above, 0 allowed", lastHours, "da1  Medium"+eleven, "da2  High"+eleven)}},
		"all severities, case-insensitive": {
			withSeverities("INFORMATIONAL", "low"), values{"fail_on": values{"severity": "informational", "allowed": 1}},
			[]string{gateFailure("2 alerts at severity Informational or above, 1 allowed", lastHours,
				"da0  Informational"+eleven, "da1  Low"+eleven)}},

		"as many as allowed": {withSeverities("High", "High", "Medium"), values{"fail_on": values{"allowed": 2}}, nil},
		"one more than allowed": {
			withSeverities("High", "High"), values{"fail_on": values{"allowed": 1}},
			[]string{gateFailure("2 alerts at severity High or above, 1 allowed", lastHours, "da0  High"+eleven, "da1  High"+eleven)}},
		"the maximum allowed": {withSeverities("High"), values{"fail_on": values{"allowed": 1<<31 - 1}}, nil},

		"an unknown severity counts": {
			withSeverities("Critical"), values{"fail_on": values{"severity": "High"}}, oneUnknown},
		"an unknown severity passes filters": {
			withSeverities("Critical", "Low"), values{"fail_on": values{}, "severities": []string{"High"}}, oneUnknown},
		"an unknown severity is accepted": {
			withSeverities("Critical"), values{"fail_on": values{"allowed": 1}}, []string{anomalyWarning}},

		"truncated": {
			withSeverities("Low", "Low", "Low"), values{"fail_on": values{}, "limit": 2}, []string{inconclusive(2)}},
		"truncated, as many as come": {
			withSeverities("Low", "Low"), values{"fail_on": values{}, "limit": 2}, []string{inconclusive(2)}},
		"truncated and none too many": {
			withSeverities("High", "Low"), values{"fail_on": values{"allowed": 1}, "limit": 1}, []string{inconclusive(1)}},
		"truncated and hidden": {
			withSeverities("Low", "Low"), values{"fail_on": values{}, "limit": 1, "min_severity": "High"}, []string{inconclusive(1)}},
		"truncated without a gate":    {withSeverities("High", "High"), values{"limit": 1}, nil},
		"a limit that is not reached": {withSeverities("Low", "Low"), values{"fail_on": values{}, "limit": 3}, nil},
		"a limit of an empty window":  {nil, values{"fail_on": values{}, "limit": 1}, nil},
		"truncated and failed already": {
			withSeverities("High", "High", "High"), values{"fail_on": values{"allowed": 1}, "limit": 2},
			[]string{gateFailure("2 alerts at severity High or above, 1 allowed", lastHours, "da0  High"+eleven, "da1  High"+eleven)}},

		"other filters come first": {
			[]values{{"Severity": "High", "Category": "Malware"}, {"Severity": "High", "Category": "Ransomware"}},
			values{"fail_on": values{}, "categories": []string{"ransomware"}},
			[]string{gateFailure("1 alert at severity High or above, 0 allowed", lastHours, "da1  High"+eleven)}},
		"a duplicate counts once": {
			[]values{{"Severity": "High", "FullId": "f"}, {"Severity": "High", "FullId": "f"}},
			values{"fail_on": values{"allowed": 1}}, nil},
		"the severest duplicate counts": {
			[]values{duplicate("Low"), duplicate("High"), duplicate("Low")}, values{"fail_on": values{}},
			[]string{gateFailure("1 alert at severity High or above, 0 allowed", lastHours, "d  High"+eleven)}},
		"an alert of several detections": {
			[]values{
				{"Severity": "High", "AlertId": "d", "LastProcessedTimeUtc": "2026-11-03T10:10:00Z"},
				{"Severity": "Low", "AlertId": "d"},
				{"Severity": "High", "AlertId": "e", "LastProcessedTimeUtc": "2026-11-03T10:30:00Z"},
			},
			values{"fail_on": values{"allowed": 1}},
			[]string{gateTitle + "2 alerts at severity High or above, 1 allowed, in " + lastHours + ".\n\n" +
				"  - d  High  2 detections, newest 2026-11-03T11:00:00Z\n  - e  High  1 detection, newest 2026-11-03T10:30:00Z\n\n" +
				"3 detections of 2 alerts." + advice + " To accept the first alert, add this block with your reason:\n\n" +
				"  exclude {\n    alert_id = \"d\"\n    reason   = \"\"\n  }\n"}},
		"allowed counts alerts": {
			[]values{{"Severity": "High", "AlertId": "d"}, {"Severity": "High", "AlertId": "d"}},
			values{"fail_on": values{"allowed": 1}}, nil},
		"times are UTC": {
			[]values{{"Severity": "High", "LastProcessedTimeUtc": "2026-11-03T12:30:00.5+01:00"}}, values{"fail_on": values{}},
			[]string{gateFailure("1 alert at severity High or above, 0 allowed", lastHours, "da0  High  1 detection, newest 2026-11-03T11:30:00Z")}},

		"ago": {
			withSeverities("High"), values{"fail_on": values{}, "ago": "P1D"}, oneHigh("the window ago = P1D")},
		"since": {
			withSeverities("High"), values{"fail_on": values{}, "since_time_utc": "2026-11-03T09:00:00+01:00"},
			oneHigh("the window from 2026-11-03T08:00:00Z to now")},
		"since and until": {
			withSeverities("High"),
			values{"fail_on": values{}, "since_time_utc": "2026-11-03T08:00:00", "until_time_utc": "2026-11-03T12:00:00Z"},
			oneHigh("the window from 2026-11-03T08:00:00Z to 2026-11-03T12:00:00Z")},

		"after exclusions": {
			withSeverities("High", "High", "Low"),
			values{"fail_on": values{}, "exclude": []any{because(values{"alert_id": "da0"}), because(values{"alert_id": "da2"})}},
			[]string{gateFailure("1 alert at severity High or above, 0 allowed", lastHours+", after 2 excluded", "da1  High"+eleven)}},
		"after one exclusion": {
			withSeverities("High", "High"), values{"fail_on": values{}, "exclude": []any{because(values{"alert_id": "da1"})}},
			oneHigh(lastHours + ", after 1 excluded")},
		"all excluded": {
			withSeverities("High"), values{"fail_on": values{}, "exclude": []any{because(values{"alert_id": "da0"})}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := startFake(t, fakeapi.Options{Alerts: -1, Now: atNoon})
			serve(t, fake, test.records...)
			_, found := everyWay(t, configured(t, fake, nil), test.arguments)
			checkFindings(t, fmt.Sprintf("everyWay(%v)", test.arguments), found, test.want)
		})
	}
}

// TestFailOnNamesTen: the error names the newest ten and counts the rest.
func TestFailOnNamesTen(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: -1, Now: atNoon})
	c := configured(t, fake, nil)
	for n, more := range map[int]string{10: "", 11: "and 1 more", 23: "and 13 more"} {
		var records []values
		counts := fmt.Sprintf("%d alerts at severity High or above, 0 allowed", n)
		var named []string
		for i := range n {
			records = append(records, values{"Severity": "High", "LastProcessedTimeUtc": fmt.Sprintf("2026-11-03T11:%02d:00Z", i)})
			if i < 10 {
				named = append(named, fmt.Sprintf("da%d  High  1 detection, newest 2026-11-03T11:%02d:00Z", n-1-i, n-1-i))
			}
		}
		if more != "" {
			named = append(named, more)
		}
		serve(t, fake, records...)
		_, found := everyWay(t, c, values{"fail_on": values{}})
		checkFindings(t, fmt.Sprintf("everyWay(fail_on) with %d alerts", n), found, []string{gateFailure(counts, lastHours, named...)})
	}
}

// TestFailOnShowsNoText (R1): the error shows no text of an alert that an attacker
// controls and that would reach a log.
func TestFailOnShowsNoText(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: -1, Now: atNoon})
	c := configured(t, fake, nil)
	const counts = "1 alert at severity High or above, 0 allowed"
	unprintable := []string{gateFailure(counts, lastHours, "(unprintable ID)  High"+eleven)}
	for _, id := range []string{
		"da1\n::error::forged", "da1\r", "da1\n", "\nda1", "::set-output name=x::y", "##vso[task.complete]",
		"\x1b[2Jda1", "da1\x00", "da1\x7f", "\u202eda1", "da1\u2066", "d\u00e1", "da 1", " da1", "da1\t", "da1\u200b", "da1\u2028",
		"da1;id", "`id`", "$(id)", "<b>", "da1|da2", "da.1", "da/1",
		strings.Repeat("a", 65),
	} {
		serve(t, fake, values{"AlertId": id, "Severity": "High", "AlertTitle": id, "ComputerDnsName": id})
		_, found := everyWay(t, c, values{"fail_on": values{}})
		checkFindings(t, fmt.Sprintf("everyWay(fail_on) with ID %q", id), found, unprintable)
	}
	for _, id := range []string{"da637292082891366787_322129023", "-", "A_b-9", strings.Repeat("a", 64)} {
		serve(t, fake, values{"AlertId": id, "Severity": "High"})
		_, found := everyWay(t, c, values{"fail_on": values{}})
		checkFindings(t, fmt.Sprintf("everyWay(fail_on) with ID %q", id), found, []string{gateFailure(counts, lastHours, id+"  High"+eleven)})
	}
	serve(t, fake, values{"Severity": "High\n::error::forged"})
	_, found := everyWay(t, c, values{"fail_on": values{}})
	checkFindings(t, "everyWay(fail_on) with a forged severity", found,
		[]string{gateFailure(counts, lastHours, "da0  unknown"+eleven), anomalyWarning})
}

// validateEveryWay returns the findings of validation, which must be the same for
// each way to read.
func validateEveryWay(t *testing.T, c *client, arguments values) []string {
	t.Helper()
	found := c.validateEphemeral("mdatp_alerts", arguments)
	for _, kind := range dataSources {
		checkFindings(t, fmt.Sprintf("validate(%s, %v)", kind, arguments), c.validate(kind, arguments), found)
	}
	return found
}

// TestFailOnHidden: a filter that hides alerts from the gate is an error.
func TestFailOnHidden(t *testing.T) {
	t.Parallel()
	hidden := func(severity, argument string) []string {
		return []string{fmt.Sprintf("error at %[2]s: Filter conflicts with fail_on: fail_on counts alerts at severity %[1]s or above, "+
			"and %[2]s removes some of them. Remove %[2]s, or make it include them.", severity, argument)}
	}
	noSeverity := []string{"error at fail_on.severity: Invalid severity: The value of fail_on.severity cannot be used: " +
		"it must be Informational, Low, Medium or High."}
	noCount := []string{"error at fail_on.allowed: Invalid number of alerts: The value of fail_on.allowed cannot be used: " +
		"it must be a whole number from 0 to 2147483647."}
	for _, test := range []struct {
		arguments values
		want      []string
	}{
		{values{"fail_on": values{}, "min_severity": "High"}, nil},
		{values{"fail_on": values{}, "min_severity": "Informational"}, nil},
		{values{"fail_on": values{"severity": "Medium"}, "min_severity": "medium"}, nil},
		{values{"fail_on": values{"severity": "Medium"}, "min_severity": "Low"}, nil},
		{values{"fail_on": values{"severity": "Medium"}, "min_severity": "HIGH"}, hidden("Medium", "min_severity")},
		{values{"fail_on": values{"severity": "informational", "allowed": 5}, "min_severity": "Low"},
			hidden("Informational", "min_severity")},
		{values{"fail_on": nil, "min_severity": "High", "severities": []string{}}, nil},

		{values{"fail_on": values{}, "severities": []string{}}, nil},
		{values{"fail_on": values{}, "severities": []string{"high"}}, nil},
		{values{"fail_on": values{}, "severities": []string{"Low", "High"}}, nil},
		{values{"fail_on": values{"severity": "Medium"}, "severities": []string{"High", "Medium"}}, nil},
		{values{"fail_on": values{"severity": "Informational"},
			"severities": []string{"Low", "High", "Medium", "Informational"}}, nil},
		{values{"fail_on": values{}, "severities": []string{"Medium"}}, hidden("High", "severities")},
		{values{"fail_on": values{"severity": "Medium"}, "severities": []string{"High"}}, hidden("Medium", "severities")},
		{values{"fail_on": values{"severity": "Low"}, "severities": []string{"Low", "High"}}, hidden("Low", "severities")},
		{values{"fail_on": values{"severity": "Informational"}, "severities": []string{"Low", "High", "Medium"}},
			hidden("Informational", "severities")},

		// Unknown values are checked before the read.
		{values{"fail_on": unknown{}, "min_severity": "High"}, nil},
		{values{"fail_on": values{"severity": unknown{}}, "min_severity": "High"}, nil},
		{values{"fail_on": values{"severity": unknown{}}, "severities": []string{"Medium"}}, nil},
		{values{"fail_on": values{"severity": "Low"}, "min_severity": unknown{}}, nil},
		{values{"fail_on": values{"severity": "Low"}, "severities": unknown{}}, nil},
		{values{"fail_on": values{"severity": "Low"}, "severities": []any{"High", unknown{}}}, nil},
		{values{"fail_on": values{"severity": "Low", "allowed": unknown{}}}, nil},

		{values{"fail_on": values{"severity": "Critical"}}, noSeverity},
		{values{"fail_on": values{"severity": ""}, "min_severity": "High"}, noSeverity},
		{values{"fail_on": values{"allowed": -1}}, noCount},
		{values{"fail_on": values{"allowed": 0.5}}, noCount},
		{values{"fail_on": values{"allowed": int64(1) << 31}}, noCount},
	} {
		checkFindings(t, fmt.Sprintf("validateEveryWay(%v)", test.arguments), validateEveryWay(t, newClient(t, nil), test.arguments), test.want)
	}
}

// TestFailOnHiddenLate: a filter that is unknown until apply is an error then, and
// nothing is sent.
func TestFailOnHiddenLate(t *testing.T) {
	t.Parallel()
	needTerraform(t, 1004, "terraform_data")
	fake := startFake(t, fakeapi.Options{Alerts: -1})
	late := expression("terraform_data.filter.output")
	for argument, value := range map[string]any{"min_severity": late, "severities": expression("[terraform_data.filter.output]")} {
		config := providerHCL(fake, nil) + "resource \"terraform_data\" \"filter\" {\n  input = \"High\"\n}\n" +
			dataHCL("mdatp_alert_summary", "gate", values{argument: value, "fail_on": expression(`{ severity = "Medium" }`)})
		var output string
		runTerraform(t, resource.TestCase{ErrorCheck: expectFailure(&output), Steps: []resource.TestStep{{Config: config}}})
		if want := "Error: Filter conflicts with fail_on"; !strings.Contains(output, want) {
			t.Errorf("apply with an unknown %s prints %q, want %q in it", argument, output, want)
		}
	}
	checkNoRequests(t, fake)
}

// TestEmptyFilters: a filter of an open set that matches no detection of a
// response warns, each judged alone and against all detections, since a misspelt
// value hides every alert from a gate.
func TestEmptyFilters(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: -1, Now: atNoon})
	c := configured(t, fake, nil)
	warning := func(name, returned string) string {
		return "warning at " + name + ": Filter matches no detection: The service returned " + returned + ", and " + name +
			" alone matches none of them. Check the spelling of its values."
	}
	undocumented := func(at string) string {
		return "warning at " + at + ": Undocumented category: The value of " + at + " is not a category that Microsoft documents. If it is " +
			"misspelt, the filter hides alerts. Documented categories: " + strings.Join(alert.Categories[:], ", ") + "."
	}
	malware, edr := values{"Category": "Malware", "Source": "Antivirus"}, values{"Category": "Execution", "Source": "EDR"}
	for name, test := range map[string]struct {
		records   []values
		arguments values
		want      []string
	}{
		"a misspelt category": {[]values{malware, edr}, values{"categories": []string{"Malwar"}},
			[]string{undocumented("categories[0]"), warning("categories", "2 detections")}},
		"a misspelt source": {[]values{malware}, values{"sources": []string{"EDR "}}, []string{warning("sources", "1 detection")}},
		"both": {[]values{malware}, values{"categories": []string{"x"}, "sources": []string{"y"}},
			[]string{undocumented("categories[0]"), warning("categories", "1 detection"), warning("sources", "1 detection")}},
		"one of two values": {[]values{malware}, values{"categories": []string{"MALWARE", "x"}}, []string{undocumented("categories[1]")}},
		"an old category": {[]values{{"Category": "Backdoor"}}, values{"categories": []string{"backdoor"}},
			[]string{undocumented("categories[0]")}},
		"each alone, none together": {[]values{malware, edr},
			values{"categories": []string{"Malware"}, "sources": []string{"EDR"}}, nil},
		"removed by the severity": {[]values{malware}, values{"categories": []string{"Malware"}, "min_severity": "High"}, nil},
		"removed by exclude": {[]values{malware, edr},
			values{"categories": []string{"Malware"}, "exclude": []any{because(values{"alert_id": "da0"})}}, nil},
		"an empty response": {nil, values{"categories": []string{"Exploit"}, "sources": []string{"y"}}, nil},
		"a severity":        {[]values{malware}, values{"severities": []string{"High"}}, nil},
		"with a gate": {[]values{malware}, values{"fail_on": values{}, "categories": []string{"Malwar"}},
			[]string{undocumented("categories[0]"), warning("categories", "1 detection")}},
	} {
		serve(t, fake, test.records...)
		_, found := everyWay(t, c, test.arguments)
		checkFindings(t, name, found, test.want)
	}
}

// TestVerdict: a gate that passed leaves what it counted, against what.
func TestVerdict(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: -1, Now: atNoon})
	c := configured(t, fake, nil)
	serve(t, fake, withSeverities("High", "Medium", "Low")...)
	for name, test := range map[string]struct{ arguments, want values }{
		"no gate":   {nil, nil},
		"nothing":   {values{"fail_on": values{}, "exclude": []any{because(values{"alert_id": "da0"})}}, values{"severity": "High", "allowed": int64(0), "violations": int64(0)}},
		"accepted":  {values{"fail_on": values{"severity": "mEDIUM", "allowed": 2}}, values{"severity": "Medium", "allowed": int64(2), "violations": int64(2)}},
		"the least": {values{"fail_on": values{"severity": "informational", "allowed": 5}}, values{"severity": "Informational", "allowed": int64(5), "violations": int64(3)}},
	} {
		state, found := everyWay(t, c, test.arguments)
		checkFindings(t, name, found, nil)
		got, _ := state["verdict"].(values)
		if !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: verdict = %v, want %v", name, got, test.want)
		}
	}
}

// TestGateLog: a gate that passes writes one line to the log, with numbers and
// configuration only; a failed one writes none.
func TestGateLog(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: -1, Now: atNoon})
	serve(t, fake, values{"Severity": "High", "AlertTitle": "Secret title"})
	head := "terraform {\n  required_providers {\n    mdatp = {\n      source = \"mdatp/mdatp\"\n    }\n  }\n}\n"
	for allowed, want := range map[int]int{0: 0, 1: 1} {
		f := newFolder(t, fake, head+fmt.Sprintf("data \"mdatp_alert_summary\" \"gate\" {\n  since_time_utc = \"2026-11-03T08:00:00Z\"\n  fail_on {\n    allowed = %d\n  }\n}\n", allowed))
		f.env = append(f.env, "TF_LOG_PROVIDER=INFO")
		output := f.run("plan").output
		if got := strings.Count(output, "Gate passed"); got != want {
			t.Errorf("%d allowed: lines of the gate in the log = %d, want %d: %s", allowed, got, want, output)
		}
		for _, part := range []string{"fetched=1", "kept=1", "excluded=0", "violations=1", "allowed=1", "severity=High"} {
			if want > 0 && !strings.Contains(output, part) {
				t.Errorf("%d allowed: log = %s, want %s in it", allowed, output, part)
			}
		}
		if strings.Contains(output, "Secret title") {
			t.Errorf("%d allowed: the log contains the text of an alert: %s", allowed, output)
		}
	}
}
