package siem

import (
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

func TestParameters(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, time.February, 14, 6, 31, 8, 0, time.UTC)
	tests := map[string]struct {
		query alert.Query
		want  string
	}{
		"none":  {alert.Query{}, ""},
		"since": {alert.Query{Since: at}, "sinceTimeUtc=2026-02-14T06%3A31%3A08.0000000Z"},
		"window": {
			alert.Query{Since: at, Until: at.Add(90 * time.Minute)},
			"sinceTimeUtc=2026-02-14T06%3A31%3A08.0000000Z&untilTimeUtc=2026-02-14T08%3A01%3A08.0000000Z",
		},
		"seven digits":         {alert.Query{Since: at.Add(123_456_700)}, "sinceTimeUtc=2026-02-14T06%3A31%3A08.1234567Z"},
		"fewer digits":         {alert.Query{Since: at.Add(500_000_000)}, "sinceTimeUtc=2026-02-14T06%3A31%3A08.5000000Z"},
		"one tick":             {alert.Query{Until: at.Add(100)}, "untilTimeUtc=2026-02-14T06%3A31%3A08.0000001Z"},
		"another zone":         {alert.Query{Since: at.In(time.FixedZone("", 2*3600))}, "sinceTimeUtc=2026-02-14T06%3A31%3A08.0000000Z"},
		"zone of the next day": {alert.Query{Since: at.In(time.FixedZone("", 23*3600))}, "sinceTimeUtc=2026-02-14T06%3A31%3A08.0000000Z"},
		"ago":                  {alert.Query{Ago: alert.Period{Text: "PT10M"}}, "ago=PT10M"},
		"ago of all units":     {alert.Query{Ago: alert.Period{Text: "P1Y2M3DT4H5M6.7S"}}, "ago=P1Y2M3DT4H5M6.7S"},
		"weeks are days":       {alert.Query{Ago: alert.Period{Text: "P2W"}}, "ago=P14D"},
		"one week":             {alert.Query{Ago: alert.Period{Text: "P1W"}}, "ago=P7D"},
		"many weeks":           {alert.Query{Ago: alert.Period{Text: "P9999W"}}, "ago=P69993D"},
		"zeros before weeks":   {alert.Query{Ago: alert.Period{Text: "P0052W"}}, "ago=P364D"},
		"no number, unchanged": {alert.Query{Ago: alert.Period{Text: "PW"}}, "ago=PW"},
		"no period, unchanged": {alert.Query{Ago: alert.Period{Text: "2W"}}, "ago=2W"},
		"signed, unchanged":    {alert.Query{Ago: alert.Period{Text: "P-2W"}}, "ago=P-2W"},
		"too many, unchanged":  {alert.Query{Ago: alert.Period{Text: "P99999999999999999999W"}}, "ago=P99999999999999999999W"},
		"limit":                {alert.Query{Limit: 20}, "limit=20"},
		"the largest limit":    {alert.Query{Limit: 1<<31 - 1}, "limit=2147483647"},
		"groups, the key repeated": {
			alert.Query{MachineGroups: []string{"UKMachines", "FranceMachines"}},
			"machinegroups=UKMachines&machinegroups=FranceMachines",
		},
		"groups in their order": {
			alert.Query{MachineGroups: []string{"b", "a", "b"}},
			"machinegroups=b&machinegroups=a&machinegroups=b",
		},
		"groups that need escaping": {
			alert.Query{MachineGroups: []string{"R&D, Köln", "a=b", "50%", "x+y", "#1/2?"}},
			"machinegroups=R%26D%2C+K%C3%B6ln&machinegroups=a%3Db&machinegroups=50%25&machinegroups=x%2By&machinegroups=%231%2F2%3F",
		},
		"device tag": {alert.Query{DeviceTags: []string{"plant"}}, "DeviceCreatedMachineTags=plant"},
		"cloud tags": {
			alert.Query{CloudTags: []string{"tier 1", "windows"}},
			"CloudCreatedMachineTags=tier+1&CloudCreatedMachineTags=windows",
		},
		"empty lists": {alert.Query{MachineGroups: []string{}, DeviceTags: []string{}, CloudTags: []string{}}, ""},
		"all seven": {
			alert.Query{
				Since: at, Until: at.Add(time.Hour), Ago: alert.Period{Text: "PT2H"}, Limit: 7,
				MachineGroups: []string{"g", "h"}, DeviceTags: []string{"d"}, CloudTags: []string{"c", "e"},
			},
			"CloudCreatedMachineTags=c&CloudCreatedMachineTags=e&DeviceCreatedMachineTags=d&ago=PT2H&limit=7&" +
				"machinegroups=g&machinegroups=h&sinceTimeUtc=2026-02-14T06%3A31%3A08.0000000Z&untilTimeUtc=2026-02-14T07%3A31%3A08.0000000Z",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := parameters(test.query).Encode(); got != test.want {
				t.Errorf("parameters(%+v) = %s, want %s", test.query, got, test.want)
			}
		})
	}
}

func TestEndpoints(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"https://siem.invalid":                         "https://siem.invalid/api/alerts",
		"https://siem.invalid/":                        "https://siem.invalid/api/alerts",
		"https://siem.invalid/api/alerts":              "https://siem.invalid/api/alerts",
		"https://siem.invalid/api/alerts/":             "https://siem.invalid/api/alerts",
		"https://siem.invalid/api/alerts//":            "https://siem.invalid/api/alerts",
		"https://siem.invalid/api/Alerts":              "https://siem.invalid/api/Alerts",
		"https://siem.invalid/API/ALERTS/":             "https://siem.invalid/API/ALERTS",
		"https://siem.invalid:8443":                    "https://siem.invalid:8443/api/alerts",
		"https://siem.invalid/tenant/proxy":            "https://siem.invalid/tenant/proxy/api/alerts",
		"https://siem.invalid/tenant/proxy/":           "https://siem.invalid/tenant/proxy/api/alerts",
		"https://siem.invalid/tenant/proxy/api/alerts": "https://siem.invalid/tenant/proxy/api/alerts",
		"https://siem.invalid/a%20b":                   "https://siem.invalid/a%20b/api/alerts",
		"https://siem.invalid/a%2Fb/api/alerts":        "https://siem.invalid/a%2Fb/api/alerts",
		"https://siem.invalid/notapi/alerts":           "https://siem.invalid/notapi/alerts/api/alerts",
		"https://siem.invalid/api":                     "https://siem.invalid/api/api/alerts",
		"http://[::1]:8080":                            "http://[::1]:8080/api/alerts",
	}
	for endpoint, want := range tests {
		t.Run(endpoint, func(t *testing.T) {
			t.Parallel()
			if got := newClient(t, endpoint, transport.Options{}, nil).url.String(); got != want {
				t.Errorf("URL of New(%s) = %s, want %s", endpoint, got, want)
			}
		})
	}
}

// The endpoint is the caller's: New must not write to it.
func TestNewLeavesTheEndpoint(t *testing.T) {
	t.Parallel()
	endpoint := parseURL(t, "https://siem.invalid/base")
	New(endpoint, nil, nil, 0)
	if got := endpoint.String(); got != "https://siem.invalid/base" {
		t.Errorf("endpoint after New() = %s, want https://siem.invalid/base", got)
	}
}
