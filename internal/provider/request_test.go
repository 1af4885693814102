package provider_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

var dataSources = []string{"mdatp_alerts", "mdatp_alert_summary"}

// TestArgumentsRefused has one case for each thing that is wrong with the
// arguments of a data source. Each is refused by validation, at its place, and
// nothing is sent.
func TestArgumentsRefused(t *testing.T) {
	t.Parallel()
	const (
		notTime  = `it must be an RFC 3339 date and time such as "2026-11-01T00:00:00Z"; without a zone it is UTC.`
		notAgo   = `it must be an ISO 8601 duration above zero, such as "PT10M" or "P1D".`
		notLimit = "it must be a whole number from 1 to 2147483647."
		tenant   = "it must be a GUID or a domain such as contoso.onmicrosoft.com."
		severity = "it must be Informational, Low, Medium or High."
		empty    = "it is empty."
		null     = "it is null."
	)
	invalid := func(at, label, problem string) string {
		return "error at " + at + ": Invalid " + label + ": The value of " + at + " cannot be used: " + problem
	}
	conflict := func(at, other string) string {
		return "error at " + at + ": Conflicting arguments: Only one of " + at + " and " + other + " can be set."
	}
	for name, test := range map[string]struct {
		arguments values
		want      []string
	}{
		"two time forms": {values{"ago": "P1D", "since_time_utc": "2026-11-01T00:00:00Z"},
			[]string{conflict("ago", "since_time_utc")}},
		"two time forms, three arguments": {values{"ago": "P1D", "since_time_utc": "2026-11-01T00:00:00Z", "until_time_utc": "2026-11-02T00:00:00Z"},
			[]string{conflict("ago", "since_time_utc"), conflict("ago", "until_time_utc")}},
		"until without since": {values{"until_time_utc": "2026-11-01T00:00:00Z"},
			[]string{"error at until_time_utc: Invalid time range: until_time_utc needs since_time_utc: set both, or use ago."}},
		"until before since": {values{"since_time_utc": "2026-11-01T01:00:00+01:00", "until_time_utc": "2026-10-31T23:59:59.9999999"},
			[]string{"error at until_time_utc: Invalid time range: until_time_utc (2026-10-31T23:59:59.9999999Z) must be after since_time_utc (2026-11-01T00:00:00Z)."}},
		"until at since": {values{"since_time_utc": "2026-11-01T00:00:00", "until_time_utc": "2026-11-01T00:00:00Z"},
			[]string{"error at until_time_utc: Invalid time range: until_time_utc (2026-11-01T00:00:00Z) must be after since_time_utc (2026-11-01T00:00:00Z)."}},

		"duration in Go's form":  {values{"ago": "10m"}, []string{invalid("ago", "duration", notAgo)}},
		"duration of zero":       {values{"ago": "PT0S"}, []string{invalid("ago", "duration", notAgo)}},
		"negative duration":      {values{"ago": "-PT10M"}, []string{invalid("ago", "duration", notAgo)}},
		"negative part":          {values{"ago": "PT-10M"}, []string{invalid("ago", "duration", notAgo)}},
		"duration without parts": {values{"ago": "P"}, []string{invalid("ago", "duration", notAgo)}},
		"duration ends in T":     {values{"ago": "P1DT"}, []string{invalid("ago", "duration", notAgo)}},
		"parts in wrong order":   {values{"ago": "PT1S1M"}, []string{invalid("ago", "duration", notAgo)}},
		"parts twice":            {values{"ago": "PT1M1M"}, []string{invalid("ago", "duration", notAgo)}},
		"weeks with days":        {values{"ago": "P1W1D"}, []string{invalid("ago", "duration", notAgo)}},
		"lower case":             {values{"ago": "pt10m"}, []string{invalid("ago", "duration", notAgo)}},
		"white space":            {values{"ago": " PT10M"}, []string{invalid("ago", "duration", notAgo)}},
		"line break":             {values{"ago": "PT10M\n"}, []string{invalid("ago", "duration", notAgo)}},
		"empty duration":         {values{"ago": ""}, []string{invalid("ago", "duration", notAgo)}},

		"date alone":       {values{"since_time_utc": "2026-11-01"}, []string{invalid("since_time_utc", "start of the window", notTime)}},
		"no such day":      {values{"since_time_utc": "2026-02-30T00:00:00Z"}, []string{invalid("since_time_utc", "start of the window", notTime)}},
		"words":            {values{"since_time_utc": "yesterday"}, []string{invalid("since_time_utc", "start of the window", notTime)}},
		"blank for a T":    {values{"since_time_utc": "2026-11-01 00:00:00Z"}, []string{invalid("since_time_utc", "start of the window", notTime)}},
		"comma":            {values{"since_time_utc": "2026-11-01T00:00:00,5Z"}, []string{invalid("since_time_utc", "start of the window", notTime)}},
		"offset of a day":  {values{"since_time_utc": "2026-11-01T00:00:00+24:00"}, []string{invalid("since_time_utc", "start of the window", notTime)}},
		"named zone":       {values{"since_time_utc": "2026-11-01T00:00:00CET"}, []string{invalid("since_time_utc", "start of the window", notTime)}},
		"empty time":       {values{"since_time_utc": ""}, []string{invalid("since_time_utc", "start of the window", notTime)}},
		"both are no time": {values{"since_time_utc": "x", "until_time_utc": "y"}, []string{invalid("since_time_utc", "start of the window", notTime), invalid("until_time_utc", "end of the window", notTime)}},
		"first instant":    {values{"since_time_utc": "0001-01-01T00:00:00Z"}, []string{invalid("since_time_utc", "start of the window", "it must lie in the years 1601 to 9999.")}},
		"year 10000 in UTC": {values{"since_time_utc": "9999-12-31T23:00:00-02:00"},
			[]string{invalid("since_time_utc", "start of the window", "it must lie in the years 1601 to 9999.")}},
		"eight digits": {values{"since_time_utc": "2026-11-01T00:00:00.12345678Z"},
			[]string{invalid("since_time_utc", "start of the window", "it must have at most seven fractional digits.")}},

		"limit of zero":     {values{"limit": 0}, []string{invalid("limit", "limit", notLimit)}},
		"negative limit":    {values{"limit": -5}, []string{invalid("limit", "limit", notLimit)}},
		"half a limit":      {values{"limit": 1.5}, []string{invalid("limit", "limit", notLimit)}},
		"limit of 33 bits":  {values{"limit": int64(1) << 31}, []string{invalid("limit", "limit", notLimit)}},
		"limit of infinity": {values{"limit": 1e300}, []string{invalid("limit", "limit", notLimit)}},

		"empty machine group": {values{"machine_groups": []string{"a", ""}}, []string{invalid("machine_groups[1]", "machine group", empty)}},
		"blank machine group": {values{"machine_groups": []string{" \t"}}, []string{invalid("machine_groups[0]", "machine group", empty)}},
		"null machine group":  {values{"machine_groups": []any{"a", nil}}, []string{invalid("machine_groups[1]", "machine group", null)}},
		"empty device tag":    {values{"device_created_machine_tags": []string{""}}, []string{invalid("device_created_machine_tags[0]", "device tag", empty)}},
		"two device tags": {values{"device_created_machine_tags": []string{"a", "b"}},
			[]string{invalid("device_created_machine_tags", "device tag", "it has 2 tags, and the API accepts one.")}},
		"empty cloud tag": {values{"cloud_created_machine_tags": []string{""}}, []string{invalid("cloud_created_machine_tags[0]", "device tag", empty)}},
		"null cloud tag":  {values{"cloud_created_machine_tags": []any{nil}}, []string{invalid("cloud_created_machine_tags[0]", "device tag", null)}},
		"empty category":  {values{"categories": []string{""}}, []string{invalid("categories[0]", "category", empty)}},
		"null category":   {values{"categories": []any{nil}}, []string{invalid("categories[0]", "category", null)}},
		"empty source":    {values{"sources": []string{"EDR", ""}}, []string{invalid("sources[1]", "source", empty)}},
		"null source":     {values{"sources": []any{nil}}, []string{invalid("sources[0]", "source", null)}},

		"unknown minimum":    {values{"min_severity": "Critical"}, []string{invalid("min_severity", "severity", severity)}},
		"empty minimum":      {values{"min_severity": ""}, []string{invalid("min_severity", "severity", severity)}},
		"unknown severity":   {values{"severities": []string{"High", "critical"}}, []string{invalid("severities[1]", "severity", severity)}},
		"null severity":      {values{"severities": []any{nil}}, []string{invalid("severities[0]", "severity", null)}},
		"minimum and a list": {values{"min_severity": "Low", "severities": []string{"High"}}, []string{conflict("min_severity", "severities")}},

		"tenant is no domain": {values{"tenant_id": "contoso"}, []string{invalid("tenant_id", "tenant ID", tenant)}},
		"empty tenant":        {values{"tenant_id": ""}, []string{invalid("tenant_id", "tenant ID", tenant)}},

		"timeout of zero":  {values{"timeouts": values{"read": "0s"}}, []string{invalid("timeouts.read", "timeout", `it must be a duration above zero, such as "90s" or "5m".`)}},
		"negative timeout": {values{"timeouts": values{"read": "-1m"}}, []string{invalid("timeouts.read", "timeout", `it must be a duration above zero, such as "90s" or "5m".`)}},
		"timeout in words": {values{"timeouts": values{"read": "long"}}, []string{invalid("timeouts.read", "timeout", `it must be a duration above zero, such as "90s" or "5m".`)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := startFake(t, fakeapi.Options{Alerts: -1})
			c := configured(t, fake, nil)
			for _, kind := range dataSources {
				state, found := c.read(kind, test.arguments)
				if state != nil || !slices.EqualFunc(found, test.want, strings.HasPrefix) {
					t.Errorf("%s: %q\nwant %q", kind, found, test.want)
				}
			}
			if sent := fake.Requests(); len(sent) > 0 {
				t.Errorf("%d requests were sent", len(sent))
			}
		})
	}
}

// TestArgumentsAccepted has arguments at the edges of what is accepted, and what
// the service is then asked for.
func TestArgumentsAccepted(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: -1})
	c := configured(t, fake, nil)
	for _, test := range []struct {
		arguments values
		query     string
	}{
		{nil, ""},
		{values{"machine_groups": []string{}, "device_created_machine_tags": []string{}, "cloud_created_machine_tags": []string{},
			"severities": []string{}, "categories": []string{}, "sources": []string{}, "timeouts": values{}}, ""},
		{values{"since_time_utc": "2026-11-01T02:30:00.1234567+02:30"}, "sinceTimeUtc=2026-11-01T00%3A00%3A00.1234567Z"},
		{values{"since_time_utc": "2026-11-01T00:00:00"}, "sinceTimeUtc=2026-11-01T00%3A00%3A00.0000000Z"},
		{values{"since_time_utc": "2026-11-01T00:00:00.0000000Z", "until_time_utc": "2026-11-01T00:00:00.0000001Z"},
			"sinceTimeUtc=2026-11-01T00%3A00%3A00.0000000Z&untilTimeUtc=2026-11-01T00%3A00%3A00.0000001Z"},
		{values{"ago": "P1Y2M3DT4H5M6.7S"}, "ago=P1Y2M3DT4H5M6.7S"},
		{values{"ago": "P2W"}, "ago=P14D"},
		{values{"limit": 1}, "limit=1"},
		{values{"limit": 1<<31 - 1}, "limit=2147483647"},
		{values{"machine_groups": []string{"a&b=c", "ü d", "+%"}}, "machinegroups=a%26b%3Dc&machinegroups=%C3%BC+d&machinegroups=%2B%25"},
		{values{"min_severity": "high", "severities": []string{}}, ""},
		{values{"severities": []string{"HIGH", "low"}, "timeouts": values{"read": "1m30s"}}, ""},
	} {
		before := len(fake.AlertRequests())
		if _, found := c.read("mdatp_alert_summary", test.arguments); len(found) > 0 {
			t.Errorf("%v: %q", test.arguments, found)
			continue
		}
		if got := fake.AlertRequests()[before].RawQuery; got != test.query {
			t.Errorf("%v\nasked for %q\nwant      %q", test.arguments, got, test.query)
		}
	}
}

// TestArgumentsUnknown finds nothing in values that are not known yet, and
// everything in the known ones beside them.
func TestArgumentsUnknown(t *testing.T) {
	t.Parallel()
	c := newClient(t, nil)
	for _, kind := range dataSources {
		for _, arguments := range []values{
			{"since_time_utc": unknown{}, "until_time_utc": "2026-11-01T00:00:00Z"},
			{"since_time_utc": "2026-11-01T00:00:00Z", "until_time_utc": unknown{}},
			{"until_time_utc": unknown{}},
			{"ago": unknown{}, "limit": unknown{}, "tenant_id": unknown{}, "min_severity": unknown{}, "timeouts": values{"read": unknown{}}},
			{"machine_groups": unknown{}, "severities": unknown{}, "categories": []any{unknown{}, "Malware"}, "timeouts": unknown{}},
			{"device_created_machine_tags": []any{unknown{}}, "cloud_created_machine_tags": unknown{}, "sources": unknown{}},
			{"ago": unknown{}, "since_time_utc": "2026-11-01T00:00:00Z"},
		} {
			if found := c.validate(kind, arguments); len(found) > 0 {
				t.Errorf("%s %v: %q", kind, arguments, found)
			}
		}
		if found := c.validate(kind, values{"since_time_utc": unknown{}, "limit": 0}); len(found) != 1 {
			t.Errorf("%s: %q", kind, found)
		}
	}
}
