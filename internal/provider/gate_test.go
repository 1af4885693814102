package provider_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

// everyWay reads alerts in each way there is. All must find the same, and agree
// in every attribute that they share. It returns the summary, nil when the read
// failed.
func everyWay(t *testing.T, c *client, arguments values) (summary values, found []string) {
	t.Helper()
	list, foundByList := c.read("mdatp_alerts", arguments)
	summary, found = c.read("mdatp_alert_summary", arguments)
	opened, foundByOpening := c.open("mdatp_alerts", arguments)
	if !slices.Equal(found, foundByList) || !slices.Equal(found, foundByOpening) {
		t.Errorf("the summary found %q\nthe list         %q\nopening          %q", found, foundByList, foundByOpening)
	}
	if failed(found) {
		if list["total"] != nil || summary["total"] != nil || opened != nil {
			t.Errorf("a result beside an error: %v, %v, %v", list["total"], summary["total"], opened["total"])
		}
		return nil, found
	}
	agree(t, list, summary)
	if !reflect.DeepEqual(list, opened) {
		t.Errorf("the list    %v\nopened alerts %v", list, opened)
	}
	return summary, found
}

// serve gives the fake records with these fields, and with what else a record
// needs: ids da0, da1, ..., severity Medium, processed at eleven.
func serve(t *testing.T, fake *fakeapi.Server, records ...values) {
	t.Helper()
	whole := []values{}
	for i, record := range records {
		fields := values{"AlertId": fmt.Sprintf("da%d", i), "Severity": "Medium", "LastProcessedTimeUtc": "2026-11-03T11:00:00Z"}
		maps.Copy(fields, record)
		whole = append(whole, fields)
	}
	text, err := json.Marshal(whole)
	if err != nil {
		t.Fatal(err)
	}
	if err := fake.SetAlerts(text); err != nil {
		t.Fatal(err)
	}
}

// withSeverities are records of these severities, one of them each.
func withSeverities(severities ...string) []values {
	records := make([]values, len(severities))
	for i, severity := range severities {
		records[i] = values{"Severity": severity}
	}
	return records
}

const (
	gateTitle = "error at fail_on: Gate failed: too many alerts: "
	lastHours = "the API's default window, the last two hours"
	lookAt    = "\nTo inspect them, read the mdatp_alerts data source with the same arguments and without fail_on, or open the " +
		"Microsoft Defender portal. To accept an alert, add it to exclude with a reason."
	// unusual is about an unknown severity of the first record.
	unusual = "warning: Unexpected alerts in the response: The response is valid, but has anomalies:\n\n  - 1 detection: unrecognized severity. " +
		"It ranks above High, so that no gate misses it. Positions in the response, from 0: 0."
)

// unclear is the error of a gate (P14) that saw a part only.
func unclear(fetched int) string {
	returned := fmt.Sprintf("%d detections", fetched)
	if fetched == 1 {
		returned = "1 detection"
	}
	return "error at fail_on: Gate inconclusive: The service returned " + returned + ", as many as limit allows. There may be more, " +
		"so fail_on cannot decide. Raise or remove limit, or read a shorter window."
}

// TestFailOn has the verdict of each way to read on what fail_on asks for.
func TestFailOn(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		records   []values
		arguments values
		want      []string
	}{
		"no alert":              {nil, values{"fail_on": values{}}, nil},
		"no gate":               {withSeverities("High", "High"), nil, nil},
		"only less severe ones": {withSeverities("Medium", "Low", "Informational"), values{"fail_on": values{}}, nil},

		"defaults": {withSeverities("High"), values{"fail_on": values{}}, []string{gateTitle +
			"1 detection at severity High or above, 0 allowed, in " + lastHours + ".\n\n  - da0  High  2026-11-03T11:00:00Z\n" + lookAt}},
		"defaults as nulls": {withSeverities("Medium", "High"), values{"fail_on": values{"severity": nil, "allowed": nil}}, []string{gateTitle +
			"1 detection at severity High or above, 0 allowed, in " + lastHours + ".\n\n  - da1  High  2026-11-03T11:00:00Z\n" + lookAt}},
		"another severity": {withSeverities("Low", "Medium", "High", "Informational"), values{"fail_on": values{"severity": "Medium"}}, []string{gateTitle +
			"2 detections at severity Medium or above, 0 allowed, in " + lastHours + ".\n\n  - da1  Medium  2026-11-03T11:00:00Z\n  - da2  High  2026-11-03T11:00:00Z\n" + lookAt}},
		"all severities, in any case": {withSeverities("INFORMATIONAL", "low"), values{"fail_on": values{"severity": "informational", "allowed": 1}}, []string{gateTitle +
			"2 detections at severity Informational or above, 1 allowed, in " + lastHours + ".\n\n  - da0  Informational  2026-11-03T11:00:00Z\n  - da1  Low  2026-11-03T11:00:00Z\n" + lookAt}},

		"as many as allowed":    {withSeverities("High", "High", "Medium"), values{"fail_on": values{"allowed": 2}}, nil},
		"one more than allowed": {withSeverities("High", "High"), values{"fail_on": values{"allowed": 1}}, []string{gateTitle + "2 detections at severity High or above, 1 allowed, in " + lastHours + ".\n\n  - da0  High  2026-11-03T11:00:00Z\n  - da1  High  2026-11-03T11:00:00Z\n" + lookAt}},
		"allowed is not many":   {withSeverities("High"), values{"fail_on": values{"allowed": 1<<31 - 1}}, nil},

		"an unknown severity counts": {withSeverities("Critical"), values{"fail_on": values{"severity": "High"}}, []string{gateTitle +
			"1 detection at severity High or above, 0 allowed, in " + lastHours + ".\n\n  - da0  unknown  2026-11-03T11:00:00Z\n" + lookAt, unusual}},
		"an unknown severity passes filters": {withSeverities("Critical", "Low"), values{"fail_on": values{}, "severities": []string{"High"}}, []string{gateTitle +
			"1 detection at severity High or above, 0 allowed, in " + lastHours + ".\n\n  - da0  unknown  2026-11-03T11:00:00Z\n" + lookAt, unusual}},
		"an unknown severity is accepted": {withSeverities("Critical"), values{"fail_on": values{"allowed": 1}}, []string{unusual}},

		"truncated":                    {withSeverities("Low", "Low", "Low"), values{"fail_on": values{}, "limit": 2}, []string{unclear(2)}},
		"truncated, as many as come":   {withSeverities("Low", "Low"), values{"fail_on": values{}, "limit": 2}, []string{unclear(2)}},
		"truncated and none too many":  {withSeverities("High", "Low"), values{"fail_on": values{"allowed": 1}, "limit": 1}, []string{unclear(1)}},
		"truncated and hidden":         {withSeverities("Low", "Low"), values{"fail_on": values{}, "limit": 1, "min_severity": "High"}, []string{unclear(1)}},
		"truncated without a gate":     {withSeverities("High", "High"), values{"limit": 1}, nil},
		"a limit that is not reached":  {withSeverities("Low", "Low"), values{"fail_on": values{}, "limit": 3}, nil},
		"a limit of an empty window":   {nil, values{"fail_on": values{}, "limit": 1}, nil},
		"truncated and failed already": {withSeverities("High", "High", "High"), values{"fail_on": values{"allowed": 1}, "limit": 2}, []string{gateTitle + "2 detections at severity High or above, 1 allowed, in " + lastHours + ".\n\n  - da0  High  2026-11-03T11:00:00Z\n  - da1  High  2026-11-03T11:00:00Z\n" + lookAt}},

		"other filters come first": {
			[]values{{"Severity": "High", "Category": "Malware"}, {"Severity": "High", "Category": "Ransomware"}},
			values{"fail_on": values{}, "categories": []string{"ransomware"}}, []string{gateTitle +
				"1 detection at severity High or above, 0 allowed, in " + lastHours + ".\n\n  - da1  High  2026-11-03T11:00:00Z\n" + lookAt}},
		"a duplicate counts once": {
			[]values{{"Severity": "High", "FullId": "f"}, {"Severity": "High", "FullId": "f"}},
			values{"fail_on": values{"allowed": 1}}, nil},
		"the severest duplicate counts": {
			[]values{{"Severity": "Low", "FullId": "f", "AlertId": "d"}, {"Severity": "High", "FullId": "f", "AlertId": "d"}, {"Severity": "Low", "FullId": "f", "AlertId": "d"}},
			values{"fail_on": values{}}, []string{gateTitle +
				"1 detection at severity High or above, 0 allowed, in " + lastHours + ".\n\n  - d  High  2026-11-03T11:00:00Z\n" + lookAt}},
		"times are UTC": {
			[]values{{"Severity": "High", "LastProcessedTimeUtc": "2026-11-03T12:30:00.5+01:00"}},
			values{"fail_on": values{}}, []string{gateTitle +
				"1 detection at severity High or above, 0 allowed, in " + lastHours + ".\n\n  - da0  High  2026-11-03T11:30:00Z\n" + lookAt}},

		"ago": {withSeverities("High"), values{"fail_on": values{}, "ago": "P1D"}, []string{gateTitle +
			"1 detection at severity High or above, 0 allowed, in the window ago = P1D.\n\n  - da0  High  2026-11-03T11:00:00Z\n" + lookAt}},
		"since": {withSeverities("High"), values{"fail_on": values{}, "since_time_utc": "2026-11-03T09:00:00+01:00"}, []string{gateTitle +
			"1 detection at severity High or above, 0 allowed, in the window from 2026-11-03T08:00:00Z to now.\n\n  - da0  High  2026-11-03T11:00:00Z\n" + lookAt}},
		"since and until": {withSeverities("High"), values{"fail_on": values{}, "since_time_utc": "2026-11-03T08:00:00", "until_time_utc": "2026-11-03T12:00:00Z"}, []string{gateTitle +
			"1 detection at severity High or above, 0 allowed, in the window from 2026-11-03T08:00:00Z to 2026-11-03T12:00:00Z.\n\n  - da0  High  2026-11-03T11:00:00Z\n" + lookAt}},

		"after exclusions": {
			withSeverities("High", "High", "Low"),
			values{"fail_on": values{}, "exclude": []any{values{"alert_id": "da0", "reason": "r"}, values{"alert_id": "da2", "reason": "r"}}}, []string{gateTitle +
				"1 detection at severity High or above, 0 allowed, in " + lastHours + ", after 2 excluded.\n\n  - da1  High  2026-11-03T11:00:00Z\n" + lookAt}},
		"after one exclusion": {
			withSeverities("High", "High"),
			values{"fail_on": values{}, "exclude": []any{values{"alert_id": "da1", "reason": "r"}}}, []string{gateTitle +
				"1 detection at severity High or above, 0 allowed, in " + lastHours + ", after 1 excluded.\n\n  - da0  High  2026-11-03T11:00:00Z\n" + lookAt}},
		"all excluded": {
			withSeverities("High"),
			values{"fail_on": values{}, "exclude": []any{values{"alert_id": "da0", "reason": "r"}}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := startFake(t, fakeapi.Options{Alerts: -1, Now: atNoon})
			serve(t, fake, test.records...)
			if _, found := everyWay(t, configured(t, fake, nil), test.arguments); !slices.Equal(found, test.want) {
				t.Errorf("found %q\nwant  %q", found, test.want)
			}
		})
	}
}

// TestFailOnNamesTen names the newest ten and counts the rest.
func TestFailOnNamesTen(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: -1, Now: atNoon})
	c := configured(t, fake, nil)
	for n, more := range map[int]string{10: "", 11: "  - and 1 more\n", 23: "  - and 13 more\n"} {
		var records []values
		want := fmt.Sprintf("%s%d detections at severity High or above, 0 allowed, in %s.\n\n", gateTitle, n, lastHours)
		for i := range n {
			records = append(records, values{"Severity": "High", "LastProcessedTimeUtc": fmt.Sprintf("2026-11-03T11:%02d:00Z", i)})
			if i < 10 {
				want += fmt.Sprintf("  - da%d  High  2026-11-03T11:%02d:00Z\n", n-1-i, n-1-i)
			}
		}
		serve(t, fake, records...)
		if _, found := everyWay(t, c, values{"fail_on": values{}}); !slices.Equal(found, []string{want + more + lookAt}) {
			t.Errorf("found %q\nwant  %q", found, want+more+lookAt)
		}
	}
}

// TestFailOnShowsNoText (R1) shows of an alert only what cannot carry a text
// of an attacker into a log.
func TestFailOnShowsNoText(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: -1, Now: atNoon})
	c := configured(t, fake, nil)
	want := []string{gateTitle + "1 detection at severity High or above, 0 allowed, in " + lastHours +
		".\n\n  - (unprintable ID)  High  2026-11-03T11:00:00Z\n" + lookAt}
	for _, id := range []string{
		"da1\n::error::forged", "da1\r", "da1\n", "\nda1", "::set-output name=x::y", "##vso[task.complete]", "\x1b[2Jda1", "da1\x00", "da1\x7f",
		"\u202eda1", "da1\u2066", "d\u00e1", "da 1", " da1", "da1\t", "da1\u200b", "da1\u2028", "da1;id", "`id`", "$(id)", "<b>", "da1|da2", "da.1", "da/1",
		strings.Repeat("a", 65),
	} {
		serve(t, fake, values{"AlertId": id, "Severity": "High", "AlertTitle": id, "ComputerDnsName": id})
		if _, found := everyWay(t, c, values{"fail_on": values{}}); !slices.Equal(found, want) {
			t.Errorf("%q: found %q", id, found)
		}
	}
	for _, id := range []string{"da637292082891366787_322129023", "-", "A_b-9", strings.Repeat("a", 64)} {
		serve(t, fake, values{"AlertId": id, "Severity": "High"})
		if _, found := everyWay(t, c, values{"fail_on": values{}}); len(found) != 1 || !strings.Contains(found[0], "  - "+id+"  High  ") {
			t.Errorf("%q: found %q", id, found)
		}
	}
	serve(t, fake, values{"Severity": "High\n::error::forged"})
	want = []string{gateTitle + "1 detection at severity High or above, 0 allowed, in " + lastHours +
		".\n\n  - da0  unknown  2026-11-03T11:00:00Z\n" + lookAt, unusual}
	if _, found := everyWay(t, c, values{"fail_on": values{}}); !slices.Equal(found, want) {
		t.Errorf("found %q", found)
	}
}

// validateEveryWay is what validation finds, the same for each way to read.
func validateEveryWay(t *testing.T, c *client, arguments values) []string {
	t.Helper()
	found := c.validateEphemeral("mdatp_alerts", arguments)
	for _, kind := range dataSources {
		if other := c.validate(kind, arguments); !slices.Equal(found, other) {
			t.Errorf("%s found %q\nthe ephemeral resource %q", kind, other, found)
		}
	}
	return found
}

// TestFailOnHidden refuses a filter that hides what the gate counts.
func TestFailOnHidden(t *testing.T) {
	t.Parallel()
	hidden := func(severity, argument string) []string {
		return []string{fmt.Sprintf("error at %[2]s: Filter conflicts with fail_on: fail_on counts detections at severity %[1]s or above, "+
			"and %[2]s removes some of them. Remove %[2]s, or make it include them.", severity, argument)}
	}
	for _, test := range []struct {
		arguments values
		want      []string
	}{
		{values{"fail_on": values{}, "min_severity": "High"}, nil},
		{values{"fail_on": values{}, "min_severity": "Informational"}, nil},
		{values{"fail_on": values{"severity": "Medium"}, "min_severity": "medium"}, nil},
		{values{"fail_on": values{"severity": "Medium"}, "min_severity": "Low"}, nil},
		{values{"fail_on": values{"severity": "Medium"}, "min_severity": "HIGH"}, hidden("Medium", "min_severity")},
		{values{"fail_on": values{"severity": "informational", "allowed": 5}, "min_severity": "Low"}, hidden("Informational", "min_severity")},
		{values{"fail_on": nil, "min_severity": "High", "severities": []string{}}, nil},

		{values{"fail_on": values{}, "severities": []string{}}, nil},
		{values{"fail_on": values{}, "severities": []string{"high"}}, nil},
		{values{"fail_on": values{}, "severities": []string{"Low", "High"}}, nil},
		{values{"fail_on": values{"severity": "Medium"}, "severities": []string{"High", "Medium"}}, nil},
		{values{"fail_on": values{"severity": "Informational"}, "severities": []string{"Low", "High", "Medium", "Informational"}}, nil},
		{values{"fail_on": values{}, "severities": []string{"Medium"}}, hidden("High", "severities")},
		{values{"fail_on": values{"severity": "Medium"}, "severities": []string{"High"}}, hidden("Medium", "severities")},
		{values{"fail_on": values{"severity": "Low"}, "severities": []string{"Low", "High"}}, hidden("Low", "severities")},
		{values{"fail_on": values{"severity": "Informational"}, "severities": []string{"Low", "High", "Medium"}}, hidden("Informational", "severities")},

		// What is not known yet is looked at before the read.
		{values{"fail_on": unknown{}, "min_severity": "High"}, nil},
		{values{"fail_on": values{"severity": unknown{}}, "min_severity": "High"}, nil},
		{values{"fail_on": values{"severity": unknown{}}, "severities": []string{"Medium"}}, nil},
		{values{"fail_on": values{"severity": "Low"}, "min_severity": unknown{}}, nil},
		{values{"fail_on": values{"severity": "Low"}, "severities": unknown{}}, nil},
		{values{"fail_on": values{"severity": "Low"}, "severities": []any{"High", unknown{}}}, nil},
		{values{"fail_on": values{"severity": "Low", "allowed": unknown{}}}, nil},

		{values{"fail_on": values{"severity": "Critical"}},
			[]string{"error at fail_on.severity: Invalid severity: The value of fail_on.severity cannot be used: it must be Informational, Low, Medium or High."}},
		{values{"fail_on": values{"severity": ""}, "min_severity": "High"},
			[]string{"error at fail_on.severity: Invalid severity: The value of fail_on.severity cannot be used: it must be Informational, Low, Medium or High."}},
		{values{"fail_on": values{"allowed": -1}},
			[]string{"error at fail_on.allowed: Invalid number of alerts: The value of fail_on.allowed cannot be used: it must be a whole number from 0 to 2147483647."}},
		{values{"fail_on": values{"allowed": 0.5}},
			[]string{"error at fail_on.allowed: Invalid number of alerts: The value of fail_on.allowed cannot be used: it must be a whole number from 0 to 2147483647."}},
		{values{"fail_on": values{"allowed": int64(1) << 31}},
			[]string{"error at fail_on.allowed: Invalid number of alerts: The value of fail_on.allowed cannot be used: it must be a whole number from 0 to 2147483647."}},
	} {
		if found := validateEveryWay(t, newClient(t, nil), test.arguments); !slices.Equal(found, test.want) {
			t.Errorf("%v\nfound %q\nwant  %q", test.arguments, found, test.want)
		}
	}
}

// TestFailOnHiddenLate has a filter that is known only during the apply. It is
// refused then, and nothing is sent.
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
		if !strings.Contains(output, "Error: Filter conflicts with fail_on") {
			t.Errorf("%s: %s", argument, output)
		}
	}
	if sent := fake.Requests(); len(sent) > 0 {
		t.Errorf("%d requests were sent", len(sent))
	}
}
