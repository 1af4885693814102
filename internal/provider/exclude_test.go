package provider_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

// The title of a detection in both of its Unicode forms.
const (
	composed   = "Zugriff auf Schl\u00fcssel"
	decomposed = "Zugriff auf Schlu\u0308ssel"
)

// because adds a reason to a rule of exclude.
func because(rule values) values {
	rule["reason"] = "tested"
	return rule
}

// TestExclude checks which detection each matcher excludes.
func TestExclude(t *testing.T) {
	t.Parallel()
	const rule = "9b7c51aa-0d2e-4f6b-8a51-bb3a3dcb1e07"
	record := values{"AlertId": "da1_A", "IoaDefinitionId": rule, "AlertTitle": composed,
		"ComputerDnsName": "Srv-1.corp.example", "MachineGroup": "B\u00fcro"}
	for name, test := range map[string]struct {
		rule    values
		matches bool
	}{
		"id":                 {values{"alert_id": "da1_A"}, true},
		"id in another case": {values{"alert_id": "DA1_A"}, false},
		"part of the id":     {values{"alert_id": "da1"}, false},
		"id with a blank":    {values{"alert_id": "da1_A "}, false},

		"rule":                 {values{"ioa_definition_id": rule}, true},
		"rule in another case": {values{"ioa_definition_id": strings.ToUpper(rule)}, true},
		"part of the rule":     {values{"ioa_definition_id": rule[:8]}, false},

		"title":                       {values{"title": composed}, true},
		"title in its other form":     {values{"title": decomposed}, true},
		"title in another case":       {values{"title": strings.ToLower(composed)}, false},
		"part of the title":           {values{"title": "Zugriff"}, false},
		"pattern for the title":       {values{"title": "Zugriff*"}, false},
		"title without its diaeresis": {values{"title": "Zugriff auf Schlussel"}, false},

		"device":                            {values{"computer_dns_name": "srv-1.CORP.example"}, true},
		"part of the device":                {values{"computer_dns_name": "srv-1"}, false},
		"machine group in its other form":   {values{"machine_group": "BU\u0308RO"}, true},
		"another machine group":             {values{"machine_group": "B\u00fcro 2"}, false},
		"device and machine group":          {values{"computer_dns_name": "srv-1.corp.example", "machine_group": "b\u00fcro"}, true},
		"device and another machine group":  {values{"computer_dns_name": "srv-1.corp.example", "machine_group": "Lager"}, false},
		"title and machine group of others": {values{"title": "Another", "machine_group": "b\u00fcro"}, false},

		"all three":              {values{"alert_id": "da1_A", "ioa_definition_id": strings.ToUpper(rule), "title": decomposed}, true},
		"two of three":           {values{"alert_id": "da1_A", "ioa_definition_id": rule, "title": "Another"}, false},
		"another two of three":   {values{"alert_id": "another", "ioa_definition_id": rule, "title": composed}, false},
		"the last two of three":  {values{"alert_id": "da1_A", "ioa_definition_id": "another", "title": composed}, false},
		"an expiry to come":      {values{"alert_id": "da1_A", "expires": "9999-12-31T23:59:59Z"}, true},
		"an expiry in an hour":   {values{"alert_id": "da1_A", "expires": inHours(1)}, true},
		"an expiry, not written": {values{"alert_id": "da1_A", "expires": nil}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := startFake(t, fakeapi.Options{Alerts: -1, Now: atNoon})
			// The second has nothing that the rules compare; it never matches.
			serve(t, fake, record, values{"AlertId": "other", "IoaDefinitionId": nil})
			summary, found := everyWay(t, configured(t, fake, nil), values{"exclude": []any{because(test.rule)}})
			counts, warnings := "alerts 2, excluded 0, fetched 2", unmatched("exclude[0].")
			if test.matches {
				counts, warnings = "alerts 1, excluded 1, fetched 2", nil
			}
			call := fmt.Sprintf("everyWay(exclude %v)", test.rule)
			checkCounts(t, call, summary, counts)
			checkFindings(t, call, found, warnings)
		})
	}
}

// The two reasons for a stale rule.
const (
	noLonger = "Expired, and no longer applied: "
	noMatch  = "Matched no alert of this read: "
)

// unmatched returns the warning about rules that matched nothing.
func unmatched(rules string) []string { return []string{stale(noMatch + rules)} }

// stale returns the warning about rules without effect.
func stale(lines ...string) string {
	for i, line := range lines {
		if strings.HasPrefix(line, noLonger) {
			lines[i] += " Remove them, or set a new expiry if their reason still holds."
		} else {
			lines[i] += " Check their spelling; remove them if no alert is to match any more."
		}
	}
	return "warning at exclude: Unused or expired exclude rules: " + strings.Join(lines, "\n")
}

// checkCounts compares counts of a summary, formatted as one line.
func checkCounts(t *testing.T, call string, summary values, want string) {
	t.Helper()
	got := fmt.Sprintf("alerts %v, excluded %v, fetched %v", summary["alert_count"], summary["excluded"], summary["fetched"])
	if got != want {
		t.Errorf("counts of %s = %s, want %s", call, got, want)
	}
}

// inHours formats a time without a zone, which is UTC wherever the test runs.
func inHours(n int) string {
	return time.Now().UTC().Add(time.Duration(n) * time.Hour).Format("2006-01-02T15:04:05")
}

// TestExcludeTitleSentDecomposed: a composed title of a rule matches a decomposed
// one of a detection.
func TestExcludeTitleSentDecomposed(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: -1, Now: atNoon})
	serve(t, fake, values{"AlertTitle": decomposed}, values{"AlertTitle": composed})
	summary, found := everyWay(t, configured(t, fake, nil), values{"exclude": []any{because(values{"title": composed})}})
	const call = "everyWay(exclude the composed title)"
	checkCounts(t, call, summary, "alerts 0, excluded 2, fetched 2")
	checkFindings(t, call, found, nil)
}

// TestExcludeStale: one warning names all rules without effect by their position
// in the configuration.
func TestExcludeStale(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: -1, Now: atNoon})
	serve(t, fake, withSeverities("High", "High", "Low")...)
	c := configured(t, fake, nil)
	id := func(id string) values { return because(values{"alert_id": id}) }
	expired := func(id, expiry string) values { return because(values{"alert_id": id, "expires": expiry}) }
	for _, test := range []struct {
		rules    []any
		excluded int
		want     []string
	}{
		{[]any{}, 0, nil},
		{[]any{id("da0"), id("da2")}, 2, nil},
		{[]any{id("da0"), id("da0"), because(values{"title": "x"})}, 1, unmatched("exclude[2].")},
		{[]any{id("x"), id("da0"), id("y")}, 1, unmatched("exclude[0], exclude[2].")},
		{[]any{expired("da0", "2026-01-01T00:00:00Z")}, 0, []string{stale(noLonger + "exclude[0].")}},
		{[]any{expired("da0", inHours(-1)), expired("da1", inHours(1))}, 1, []string{stale(noLonger + "exclude[0].")}},
		{
			[]any{id("da0"), expired("none", "1999-12-31T23:59:59+14:00"), id("x"), expired("da1", "2020-01-01T00:00:00"), id("y")}, 1,
			[]string{stale(noLonger+"exclude[1], exclude[3].", noMatch+"exclude[2], exclude[4].")},
		},
	} {
		summary, found := everyWay(t, c, values{"exclude": test.rules})
		call := fmt.Sprintf("everyWay(exclude %v)", test.rules)
		checkCounts(t, call, summary, fmt.Sprintf("alerts %d, excluded %d, fetched 3", 3-test.excluded, test.excluded))
		checkFindings(t, call, found, test.want)
	}
}

// TestExcludeExpiredDoesNotHide: the gate counts what an expired rule excluded.
func TestExcludeExpiredDoesNotHide(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: -1, Now: atNoon})
	serve(t, fake, withSeverities("High")...)
	_, found := everyWay(t, configured(t, fake, nil), values{"fail_on": values{},
		"exclude": []any{because(values{"alert_id": "da0", "expires": "2026-01-01T00:00:00Z"})}})
	checkFindings(t, "everyWay(fail_on with an expired rule)", found, []string{
		oneHigh(lastHours)[0],
		stale(noLonger + "exclude[0]."),
	})
}

// TestExcludeOrder: duplicates are merged first, then come exclude and the severity.
func TestExcludeOrder(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: -1, Now: atNoon})
	c := configured(t, fake, nil)
	low := values{"AlertId": "d", "FullId": "f", "Severity": "Low", "AlertTitle": "Harmless"}
	high := values{"AlertId": "d", "FullId": "f", "Severity": "High", "AlertTitle": "Serious"}
	equal := values{"AlertId": "d2", "FullId": "f", "Severity": "High"}
	other := values{"AlertId": "e", "Severity": "Medium"}
	id, harmless, serious := values{"alert_id": "d"}, values{"title": "Harmless"}, values{"title": "Serious"}
	for name, test := range map[string]struct {
		records []values
		rule    values
		filters values
		want    string
	}{
		// A rule that matches only the discarded duplicate excludes nothing, and is
		// not stale either: the next response may have that duplicate alone.
		"rule for the discarded duplicate": {[]values{low, high, other}, harmless, nil, "alerts 2, excluded 0, fetched 3"},
		"the same in another order":        {[]values{high, low, other}, harmless, nil, "alerts 2, excluded 0, fetched 3"},
		"rule for the kept duplicate":      {[]values{low, high, other}, serious, nil, "alerts 1, excluded 1, fetched 3"},
		"rule for both duplicates":         {[]values{low, high, other}, id, nil, "alerts 1, excluded 1, fetched 3"},
		"rule for one of equal duplicates": {[]values{high, equal, other}, id, nil, "alerts 2, excluded 0, fetched 3"},
		"no duplicates without full_id": {
			[]values{{"AlertId": "d"}, {"AlertId": "d"}, other}, id, nil, "alerts 1, excluded 1, fetched 3"},

		"before the severity": {[]values{low, other}, id, values{"min_severity": "Medium"}, "alerts 1, excluded 1, fetched 2"},
		"before the category": {[]values{high, other, {"AlertId": "d", "Category": "Malware"}}, id,
			values{"categories": []string{"malware"}}, "alerts 0, excluded 1, fetched 3"},
	} {
		serve(t, fake, test.records...)
		arguments := values{"exclude": []any{because(test.rule)}}
		maps.Copy(arguments, test.filters)
		summary, found := everyWay(t, c, arguments)
		checkCounts(t, name, summary, test.want)
		checkFindings(t, name, found, nil)
	}
}

// TestExcludeRefused: an invalid rule is an error. Nothing is sent.
func TestExcludeRefused(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: -1})
	c := configured(t, fake, nil)
	invalid := func(argument, label, problem string) []string {
		at := "exclude[0]." + argument
		return []string{"error at " + at + ": Invalid " + label + ": The value of " + at + " cannot be used: " + problem}
	}
	const (
		blank = "it is empty."
		all   = "error at exclude[0]: Exclude rule matches every alert: exclude[0] would exclude every alert. " +
			"Set at least one of alert_id, ioa_definition_id, title, computer_dns_name, machine_group."
		noTime = `it must be an RFC 3339 date and time such as "2026-11-01T00:00:00Z"; without a zone it is UTC.`
	)
	for name, test := range map[string]struct {
		rule any
		want []string
	}{
		"blank reason":      {values{"alert_id": "a", "reason": " \t"}, invalid("reason", "reason", blank)},
		"empty reason":      {values{"alert_id": "a", "reason": ""}, invalid("reason", "reason", blank)},
		"none of the three": {values{"reason": "r", "expires": "2030-01-01T00:00:00Z"}, []string{all}},
		"blank id":          {values{"alert_id": " ", "reason": "r"}, invalid("alert_id", "alert ID", blank)},
		"empty rule":        {values{"ioa_definition_id": "", "reason": "r"}, invalid("ioa_definition_id", "rule ID", blank)},
		"damaged title": {values{"title": "a\ufffd", "reason": "r"}, invalid("title", "title",
			"it has the character U+FFFD, which stands for any damaged one: match by another field, such as alert_id.")},
		"blank title":      {values{"title": "\n", "alert_id": "a", "reason": "r"}, invalid("title", "title", blank)},
		"expires on a day": {values{"title": "t", "reason": "r", "expires": "2030-01-01"}, invalid("expires", "expiry", noTime)},
		"never expires":    {values{"title": "t", "reason": "r", "expires": ""}, invalid("expires", "expiry", noTime)},
		"expires year 1": {values{"title": "t", "reason": "r", "expires": "0001-01-01T00:00:00Z"},
			invalid("expires", "expiry", "it must lie in the years 1601 to 9999.")},
		"null": {nil, []string{
			// The framework's, for an attribute that a null object cannot have.
			"error at exclude[0].reason: Missing Configuration for Required Attribute: Must set a configuration value " +
				"for the exclude[0].reason attribute as the provider has marked it as required.\n\n" +
				"Refer to the provider documentation or contact the provider developers " +
				"for additional information about configurable attributes that are required.",
			"error at exclude[0]: Invalid exclude rule: The value of exclude[0] cannot be used: it is null."}},
	} {
		checkFindings(t, name, validateEveryWay(t, c, values{"exclude": []any{test.rule}}), test.want)
	}
	for _, rule := range []any{
		values{"reason": unknown{}, "title": unknown{}},
		values{"reason": "r", "alert_id": unknown{}, "expires": unknown{}},
	} {
		checkFindings(t, fmt.Sprintf("validateEveryWay(exclude %v)", rule), validateEveryWay(t, c, values{"exclude": []any{rule}}), nil)
	}
	checkNoRequests(t, fake)
}
