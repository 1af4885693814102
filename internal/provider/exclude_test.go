package provider_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

// The title of a record in both of its Unicode forms.
const (
	composed   = "Zugriff auf Schl\u00fcssel"
	decomposed = "Zugriff auf Schlu\u0308ssel"
)

// because is a rule of exclude with a reason.
func because(rule values) values {
	rule["reason"] = "tested"
	return rule
}

// TestExclude has what each matcher takes out of one record.
func TestExclude(t *testing.T) {
	t.Parallel()
	const rule = "9b7c51aa-0d2e-4f6b-8a51-bb3a3dcb1e07"
	record := values{"AlertId": "da1_A", "IoaDefinitionId": rule, "AlertTitle": composed}
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
			// The second lacks what the rules look at; it never matches.
			serve(t, fake, record, values{"AlertId": "other", "IoaDefinitionId": nil})
			summary, found := everyWay(t, configured(t, fake, nil), values{"exclude": []any{because(test.rule)}})
			want := []any{int64(2), int64(0), []string{stale("Matched no alert of this read: exclude[0].")}}
			if test.matches {
				want = []any{int64(1), int64(1), []string(nil)}
			}
			if got := []any{summary["total"], summary["excluded"], found}; !reflect.DeepEqual(got, want) {
				t.Errorf("total, excluded, found: %v\nwant %v", got, want)
			}
		})
	}
}

// inHours is a time without a zone, which is UTC wherever the test runs.
func inHours(n int) string {
	return time.Now().UTC().Add(time.Duration(n) * time.Hour).Format("2006-01-02T15:04:05")
}

func stale(lines ...string) string {
	return "warning at exclude: Unused or expired exclude rules: " + strings.Join(lines, "\n") +
		"\nRemove them, or set a new expiry if their reason still holds."
}

// TestExcludeTitleSentDecomposed compares the other way round.
func TestExcludeTitleSentDecomposed(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: -1, Now: atNoon})
	serve(t, fake, values{"AlertTitle": decomposed}, values{"AlertTitle": composed})
	summary, found := everyWay(t, configured(t, fake, nil), values{"exclude": []any{because(values{"title": composed})}})
	if summary["excluded"] != int64(2) || len(found) > 0 {
		t.Errorf("%v, %q", summary["excluded"], found)
	}
}

// TestExcludeStale has one warning about all rules that do nothing, by their
// place in the configuration.
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
		{[]any{id("da0"), id("da0"), because(values{"title": "x"})}, 1, []string{stale("Matched no alert of this read: exclude[2].")}},
		{[]any{id("x"), id("da0"), id("y")}, 1, []string{stale("Matched no alert of this read: exclude[0], exclude[2].")}},
		{[]any{expired("da0", "2026-01-01T00:00:00Z")}, 0, []string{stale("Expired, and no longer applied: exclude[0].")}},
		{[]any{expired("da0", inHours(-1)), expired("da1", inHours(1))}, 1, []string{stale("Expired, and no longer applied: exclude[0].")}},
		{[]any{id("da0"), expired("none", "1999-12-31T23:59:59+14:00"), id("x"), expired("da1", "2020-01-01T00:00:00"), id("y")}, 1,
			[]string{stale("Expired, and no longer applied: exclude[1], exclude[3].", "Matched no alert of this read: exclude[2], exclude[4].")}},
	} {
		summary, found := everyWay(t, c, values{"exclude": test.rules})
		if summary["excluded"] != int64(test.excluded) || summary["total"] != int64(3-test.excluded) || summary["fetched"] != int64(3) {
			t.Errorf("%v: excluded %v, total %v, fetched %v", test.rules, summary["excluded"], summary["total"], summary["fetched"])
		}
		if !slices.Equal(found, test.want) {
			t.Errorf("%v\nfound %q\nwant  %q", test.rules, found, test.want)
		}
	}
}

// TestExcludeExpiredDoesNotHide lets the gate see what a rule accepted until now.
func TestExcludeExpiredDoesNotHide(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: -1, Now: atNoon})
	serve(t, fake, withSeverities("High")...)
	_, found := everyWay(t, configured(t, fake, nil), values{"fail_on": values{},
		"exclude": []any{because(values{"alert_id": "da0", "expires": "2026-01-01T00:00:00Z"})}})
	want := []string{gateTitle + "1 detection at severity High or above, 0 allowed, in " + lastHours +
		".\n\n  - da0  High  2026-11-03T11:00:00Z\n" + lookAt, stale("Expired, and no longer applied: exclude[0].")}
	if !slices.Equal(found, want) {
		t.Errorf("found %q\nwant  %q", found, want)
	}
}

// TestExcludeOrder: duplicates collapse first, then exclude, then the severity.
func TestExcludeOrder(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: -1, Now: atNoon})
	c := configured(t, fake, nil)
	low := values{"AlertId": "d", "FullId": "f", "Severity": "Low", "AlertTitle": "Harmless"}
	high := values{"AlertId": "d", "FullId": "f", "Severity": "High", "AlertTitle": "Serious"}
	other := values{"AlertId": "e", "Severity": "Medium"}
	for name, test := range map[string]struct {
		records         []values
		arguments       values
		total, excluded int
		found           []string
	}{
		// A rule that met only the record that lost takes nothing out, and is not
		// called stale either: the next read may send that record alone.
		"the loser is accepted": {[]values{low, high, other}, values{"exclude": []any{because(values{"title": "Harmless"})}}, 2, 0, nil},
		"in the other order":    {[]values{high, low, other}, values{"exclude": []any{because(values{"title": "Harmless"})}}, 2, 0, nil},
		"the winner is":         {[]values{low, high, other}, values{"exclude": []any{because(values{"title": "Serious"})}}, 1, 1, nil},
		"both are":              {[]values{low, high, other}, values{"exclude": []any{because(values{"alert_id": "d"})}}, 1, 1, nil},
		"alike, one of them is": {
			[]values{high, {"AlertId": "d2", "FullId": "f", "Severity": "High"}, other}, values{"exclude": []any{because(values{"alert_id": "d"})}}, 2, 0, nil},
		"before the severity": {[]values{low, other}, values{"min_severity": "Medium", "exclude": []any{because(values{"alert_id": "d"})}}, 1, 1, nil},
		"before the category": {[]values{high, other}, values{"categories": []string{"none"}, "exclude": []any{because(values{"alert_id": "d"})}}, 0, 1, nil},
		"no duplicates without full_id": {
			[]values{{"AlertId": "d"}, {"AlertId": "d"}, other}, values{"exclude": []any{because(values{"alert_id": "d"})}}, 1, 2, nil},
	} {
		serve(t, fake, test.records...)
		summary, found := everyWay(t, c, test.arguments)
		if summary["total"] != int64(test.total) || summary["excluded"] != int64(test.excluded) || !slices.Equal(found, test.found) {
			t.Errorf("%s: total %v, excluded %v, found %q", name, summary["total"], summary["excluded"], found)
		}
	}
}

// TestExcludeRefused has what is wrong with a rule. Nothing is sent.
func TestExcludeRefused(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: -1})
	c := configured(t, fake, nil)
	invalid := func(argument, label, problem string) string {
		at := "exclude[0]." + argument
		return "error at " + at + ": Invalid " + label + ": The value of " + at + " cannot be used: " + problem
	}
	const (
		empty = "it is empty."
		all   = "error at exclude[0]: Exclude rule matches every alert: exclude[0] would exclude every alert. " +
			"Set at least one of alert_id, ioa_definition_id and title."
		time = `it must be an RFC 3339 date and time such as "2026-11-01T00:00:00Z"; without a zone it is UTC.`
	)
	for name, test := range map[string]struct {
		rule any
		want []string
	}{
		"blank reason":      {values{"alert_id": "a", "reason": " \t"}, []string{invalid("reason", "reason", empty)}},
		"empty reason":      {values{"alert_id": "a", "reason": ""}, []string{invalid("reason", "reason", empty)}},
		"none of the three": {values{"reason": "r", "expires": "2030-01-01T00:00:00Z"}, []string{all}},
		"blank id":          {values{"alert_id": " ", "reason": "r"}, []string{invalid("alert_id", "alert ID", empty)}},
		"empty rule":        {values{"ioa_definition_id": "", "reason": "r"}, []string{invalid("ioa_definition_id", "rule ID", empty)}},
		"blank title":       {values{"title": "\n", "alert_id": "a", "reason": "r"}, []string{invalid("title", "title", empty)}},
		"expires on a day":  {values{"title": "t", "reason": "r", "expires": "2030-01-01"}, []string{invalid("expires", "expiry", time)}},
		"never expires":     {values{"title": "t", "reason": "r", "expires": ""}, []string{invalid("expires", "expiry", time)}},
		"expires year 1":    {values{"title": "t", "reason": "r", "expires": "0001-01-01T00:00:00Z"}, []string{invalid("expires", "expiry", "it must lie in the years 1601 to 9999.")}},
		"null": {nil, []string{
			// The framework's, for an attribute that a null object cannot have.
			"error at exclude[0].reason: Missing Configuration for Required Attribute: Must set a configuration value for the exclude[0].reason attribute as the provider has marked it as required.\n\n" +
				"Refer to the provider documentation or contact the provider developers for additional information about configurable attributes that are required.",
			"error at exclude[0]: Invalid exclude rule: The value of exclude[0] cannot be used: it is null."}},
	} {
		if found := validateEveryWay(t, c, values{"exclude": []any{test.rule}}); !slices.Equal(found, test.want) {
			t.Errorf("%s: found %q\nwant %q", name, found, test.want)
		}
	}
	for _, rule := range []any{
		values{"reason": unknown{}, "title": unknown{}},
		values{"reason": "r", "alert_id": unknown{}, "expires": unknown{}},
	} {
		if found := validateEveryWay(t, c, values{"exclude": []any{rule}}); len(found) > 0 {
			t.Errorf("%v: %q", rule, found)
		}
	}
	if sent := fake.Requests(); len(sent) > 0 {
		t.Errorf("%d requests were sent", len(sent))
	}
}
