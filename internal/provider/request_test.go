package provider_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

var dataSources = []string{"mdatp_alerts", "mdatp_alert_summary"}

// TestArgumentsRefused has one case for each way in which the arguments of a data
// source can be invalid. Validation refuses each at its attribute, and no request
// is sent.
func TestArgumentsRefused(t *testing.T) {
	t.Parallel()
	const (
		notTime  = `it must be an RFC 3339 date and time such as "2026-11-01T00:00:00Z"; without a zone it is UTC.`
		notAgo   = `it must be an ISO 8601 duration above zero and up to 292 years, such as "PT10M" or "P1D".`
		notLimit = "it must be a whole number from 1 to 2147483647."
		notID    = "it must be a GUID or a domain such as contoso.onmicrosoft.com."
		notRank  = "it must be Informational, Low, Medium or High."
		notWait  = `it must be a duration above zero, such as "90s" or "5m".`
		isEmpty  = "it is empty."
		isNull   = "it is null."
		badYear  = "it must lie in the years 1601 to 9999."
		badDigit = "it must have at most seven fractional digits."
		twoTags  = "it has 2 tags, and the API accepts one."
	)
	labels := map[string]string{
		"ago": "duration", "since_time_utc": "start of the window", "until_time_utc": "end of the window", "limit": "limit",
		"machine_groups": "machine group", "categories": "category", "sources": "source", "tenant_id": "tenant ID",
		"device_created_machine_tags": "device tag", "cloud_created_machine_tags": "device tag",
		"min_severity": "severity", "severities": "severity", "timeouts.read": "timeout",
	}
	invalid := func(at, problem string) []string {
		argument, _, _ := strings.Cut(at, "[")
		return []string{"error at " + at + ": Invalid " + labels[argument] + ": " +
			"The value of " + at + " cannot be used: " + problem}
	}
	order := func(until, since string) []string {
		return []string{"error at until_time_utc: Invalid time range: " +
			"until_time_utc (" + until + ") must be after since_time_utc (" + since + ")."}
	}
	conflict := func(at string, others ...string) (found []string) {
		for _, other := range others {
			found = append(found, "error at "+at+": Conflicting arguments: Only one of "+at+" and "+other+" can be set.")
		}
		return found
	}
	for name, test := range map[string]struct {
		arguments values
		want      []string
	}{
		"two time forms": {values{"ago": "P1D", "since_time_utc": "2026-11-01T00:00:00Z"},
			conflict("ago", "since_time_utc")},
		"two time forms, three arguments": {
			values{"ago": "P1D", "since_time_utc": "2026-11-01T00:00:00Z", "until_time_utc": "2026-11-02T00:00:00Z"},
			conflict("ago", "since_time_utc", "until_time_utc")},
		"until without since": {values{"until_time_utc": "2026-11-01T00:00:00Z"},
			[]string{"error at until_time_utc: Invalid time range: until_time_utc needs since_time_utc: set both, or use ago."}},
		"until before since": {
			values{"since_time_utc": "2026-11-01T01:00:00+01:00", "until_time_utc": "2026-10-31T23:59:59.9999999"},
			order("2026-10-31T23:59:59.9999999Z", "2026-11-01T00:00:00Z")},
		"until at since": {values{"since_time_utc": "2026-11-01T00:00:00", "until_time_utc": "2026-11-01T00:00:00Z"},
			order("2026-11-01T00:00:00Z", "2026-11-01T00:00:00Z")},

		"duration in Go's form":  {values{"ago": "10m"}, invalid("ago", `it must be an ISO 8601 duration; write "PT10M"`)},
		"duration of zero":       {values{"ago": "PT0S"}, invalid("ago", notAgo)},
		"negative duration":      {values{"ago": "-PT10M"}, invalid("ago", notAgo)},
		"negative part":          {values{"ago": "PT-10M"}, invalid("ago", notAgo)},
		"duration without parts": {values{"ago": "P"}, invalid("ago", notAgo)},
		"duration ends in T":     {values{"ago": "P1DT"}, invalid("ago", `it must be an ISO 8601 duration; write "P1D".`)},
		"parts in wrong order":   {values{"ago": "PT1S1M"}, invalid("ago", notAgo)},
		"parts twice":            {values{"ago": "PT1M1M"}, invalid("ago", notAgo)},
		"weeks with days":        {values{"ago": "P1W1D"}, invalid("ago", notAgo)},
		"longer than 292 years":  {values{"ago": "P292YT1S"}, invalid("ago", notAgo)},
		"longer, wraps to a day": {values{"ago": "P9999Y99999M1D"}, invalid("ago", notAgo)},
		"hours without T":        {values{"ago": "P24H"}, invalid("ago", `it must be an ISO 8601 duration; write "PT24H"`)},
		"lower case":             {values{"ago": "pt10m"}, invalid("ago", `it must be an ISO 8601 duration; write "PT10M"`)},
		"white space":            {values{"ago": " PT10M"}, invalid("ago", notAgo)},
		"line break":             {values{"ago": "PT10M\n"}, invalid("ago", notAgo)},
		"empty duration":         {values{"ago": ""}, invalid("ago", notAgo)},

		"date alone":       {values{"since_time_utc": "2026-11-01"}, invalid("since_time_utc", notTime)},
		"day out of range": {values{"since_time_utc": "2026-02-30T00:00:00Z"}, invalid("since_time_utc", notTime)},
		"words":            {values{"since_time_utc": "yesterday"}, invalid("since_time_utc", notTime)},
		"blank for a T":    {values{"since_time_utc": "2026-11-01 00:00:00Z"}, invalid("since_time_utc", notTime)},
		"comma":            {values{"since_time_utc": "2026-11-01T00:00:00,5Z"}, invalid("since_time_utc", notTime)},
		"offset of a day":  {values{"since_time_utc": "2026-11-01T00:00:00+24:00"}, invalid("since_time_utc", notTime)},
		"named zone":       {values{"since_time_utc": "2026-11-01T00:00:00CET"}, invalid("since_time_utc", notTime)},
		"empty time":       {values{"since_time_utc": ""}, invalid("since_time_utc", notTime)},
		"both are not times": {values{"since_time_utc": "x", "until_time_utc": "y"},
			slices.Concat(invalid("since_time_utc", notTime), invalid("until_time_utc", notTime))},
		"first instant": {values{"since_time_utc": "0001-01-01T00:00:00Z"}, invalid("since_time_utc", badYear)},
		"year 10000 in UTC": {values{"since_time_utc": "9999-12-31T23:00:00-02:00"},
			invalid("since_time_utc", badYear)},
		"eight digits": {values{"since_time_utc": "2026-11-01T00:00:00.12345678Z"},
			invalid("since_time_utc", badDigit)},

		"limit of zero":     {values{"limit": 0}, invalid("limit", notLimit)},
		"negative limit":    {values{"limit": -5}, invalid("limit", notLimit)},
		"half a limit":      {values{"limit": 1.5}, invalid("limit", notLimit)},
		"limit of 33 bits":  {values{"limit": int64(1) << 31}, invalid("limit", notLimit)},
		"limit of infinity": {values{"limit": 1e300}, invalid("limit", notLimit)},

		"empty machine group": {values{"machine_groups": []string{"a", ""}}, invalid("machine_groups[1]", isEmpty)},
		"blank machine group": {values{"machine_groups": []string{" \t"}}, invalid("machine_groups[0]", isEmpty)},
		"null machine group":  {values{"machine_groups": []any{"a", nil}}, invalid("machine_groups[1]", isNull)},
		"empty device tag": {values{"device_created_machine_tags": []string{""}},
			invalid("device_created_machine_tags[0]", isEmpty)},
		"two device tags": {values{"device_created_machine_tags": []string{"a", "b"}},
			invalid("device_created_machine_tags", twoTags)},
		"empty cloud tag": {values{"cloud_created_machine_tags": []string{""}},
			invalid("cloud_created_machine_tags[0]", isEmpty)},
		"null cloud tag": {values{"cloud_created_machine_tags": []any{nil}},
			invalid("cloud_created_machine_tags[0]", isNull)},
		"empty category": {values{"categories": []string{""}}, invalid("categories[0]", isEmpty)},
		"null category":  {values{"categories": []any{nil}}, invalid("categories[0]", isNull)},
		"empty source":   {values{"sources": []string{"EDR", ""}}, invalid("sources[1]", isEmpty)},
		"null source":    {values{"sources": []any{nil}}, invalid("sources[0]", isNull)},

		"unknown minimum":  {values{"min_severity": "Critical"}, invalid("min_severity", notRank)},
		"empty minimum":    {values{"min_severity": ""}, invalid("min_severity", notRank)},
		"unknown severity": {values{"severities": []string{"High", "critical"}}, invalid("severities[1]", notRank)},
		"null severity":    {values{"severities": []any{nil}}, invalid("severities[0]", isNull)},
		"minimum and a list": {values{"min_severity": "Low", "severities": []string{"High"}},
			conflict("min_severity", "severities")},

		"tenant is not a domain": {values{"tenant_id": "contoso"}, invalid("tenant_id", notID)},
		"empty tenant":           {values{"tenant_id": ""}, invalid("tenant_id", notID)},

		"timeout of zero":  {values{"timeouts": values{"read": "0s"}}, invalid("timeouts.read", notWait)},
		"negative timeout": {values{"timeouts": values{"read": "-1m"}}, invalid("timeouts.read", notWait)},
		"ISO timeout":      {values{"timeouts": values{"read": "PT1M"}}, invalid("timeouts.read", `it must be a duration in the form of Go; write "1m"`)},
		"timeout in words": {values{"timeouts": values{"read": "long"}}, invalid("timeouts.read", notWait)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := startFake(t, fakeapi.Options{Alerts: -1})
			c := configured(t, fake, nil)
			for _, kind := range dataSources {
				state, found := c.read(kind, test.arguments)
				if state != nil {
					t.Errorf("read(%s) = %v, want no state", kind, state)
				}
				if !slices.EqualFunc(found, test.want, strings.HasPrefix) {
					t.Errorf("read(%s) reports %q, want %q", kind, found, test.want)
				}
			}
			checkNoRequests(t, fake)
		})
	}
}

// TestArgumentsAccepted has arguments at the limits of what is accepted, and the
// query that each sends.
func TestArgumentsAccepted(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: -1})
	c := configured(t, fake, nil)
	for _, test := range []struct {
		arguments values
		query     string
	}{
		{nil, ""},
		{values{"machine_groups": []string{}, "device_created_machine_tags": []string{},
			"cloud_created_machine_tags": []string{}, "severities": []string{}, "categories": []string{},
			"sources": []string{}, "timeouts": values{}}, ""},
		{values{"since_time_utc": "2026-11-01T02:30:00.1234567+02:30"}, "sinceTimeUtc=2026-11-01T00%3A00%3A00.1234567Z"},
		{values{"since_time_utc": "2026-11-01T00:00:00"}, "sinceTimeUtc=2026-11-01T00%3A00%3A00.0000000Z"},
		{values{"since_time_utc": "2026-11-01T00:00:00.0000000Z", "until_time_utc": "2026-11-01T00:00:00.0000001Z"},
			"sinceTimeUtc=2026-11-01T00%3A00%3A00.0000000Z&untilTimeUtc=2026-11-01T00%3A00%3A00.0000001Z"},
		{values{"ago": "P1Y2M3DT4H5M6.7S"}, "ago=P1Y2M3DT4H5M6.7S"},
		{values{"ago": "P2W"}, "ago=P14D"},
		{values{"limit": 1}, "limit=1"},
		{values{"limit": 1<<31 - 1}, "limit=2147483647"},
		{values{"machine_groups": []string{"a&b=c", "ü d", "+%"}},
			"machinegroups=a%26b%3Dc&machinegroups=%C3%BC+d&machinegroups=%2B%25"},
		{values{"min_severity": "high", "severities": []string{}}, ""},
		{values{"severities": []string{"HIGH", "low"}, "timeouts": values{"read": "1m30s"}}, ""},
	} {
		before := len(fake.AlertRequests())
		if _, found := c.read("mdatp_alert_summary", test.arguments); len(found) > 0 {
			t.Errorf("read(%v) reports %q, want nothing", test.arguments, found)
			continue
		}
		if got := fake.AlertRequests()[before].RawQuery; got != test.query {
			t.Errorf("query of read(%v) = %q, want %q", test.arguments, got, test.query)
		}
	}
}

// TestArgumentsUnknown accepts unknown values and still validates the known
// values beside them.
func TestArgumentsUnknown(t *testing.T) {
	t.Parallel()
	c := newClient(t, nil)
	for _, kind := range dataSources {
		for _, arguments := range []values{
			{"since_time_utc": unknown{}, "until_time_utc": "2026-11-01T00:00:00Z"},
			{"since_time_utc": "2026-11-01T00:00:00Z", "until_time_utc": unknown{}},
			{"until_time_utc": unknown{}},
			{"ago": unknown{}, "limit": unknown{}, "tenant_id": unknown{}, "min_severity": unknown{},
				"timeouts": values{"read": unknown{}}},
			{"machine_groups": unknown{}, "severities": unknown{}, "categories": []any{unknown{}, "Malware"},
				"timeouts": unknown{}},
			{"device_created_machine_tags": []any{unknown{}}, "cloud_created_machine_tags": unknown{}, "sources": unknown{}},
			{"ago": unknown{}, "since_time_utc": "2026-11-01T00:00:00Z"},
		} {
			if found := c.validate(kind, arguments); len(found) > 0 {
				t.Errorf("validate(%s, %v) reports %q, want nothing", kind, arguments, found)
			}
		}
		if found := c.validate(kind, values{"since_time_utc": unknown{}, "limit": 0}); len(found) != 1 {
			t.Errorf("validate(%s) of an unknown time and a limit of 0 reports %q, want one error", kind, found)
		}
	}
}
