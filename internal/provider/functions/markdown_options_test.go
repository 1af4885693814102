package functions_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

func TestMarkdownTableOptions(t *testing.T) {
	t.Parallel()
	at := func(severity, hour, title string) values {
		return values{"severity": severity, "last_processed_time_utc": "2026-11-03T" + hour + ":00:00Z", "alert_title": title}
	}
	alerts := []any{at("Low", "09", "a"), at("High", "07", "b"), at("Informational", "12", "c"), at("High", "08", "d"),
		at("Severe", "05", "e"), values{"severity": "High", "last_processed_time_utc": "?", "alert_title": "f"}, at("medium", "06", "g")}
	const head = "| Title |\n| --- |\n"
	rows := func(titles string) string {
		text := head
		for _, title := range titles {
			text += fmt.Sprintf("| %c |\n", title)
		}
		return text
	}
	for name, test := range map[string]struct {
		options values
		want    string
	}{
		"severity, then newest": {values{}, rows("edbfgac")},
		"null is unset":         {values{"order": nil, "max_rows": nullOf(tftypes.Number)}, rows("edbfgac")},
		"by severity":           {values{"order": "severity"}, rows("edbfgac")},
		"by time":               {values{"order": "time"}, rows("cadbgef")},
		"a maximum":             {values{"max_rows": 3}, rows("edb") + "\nand 4 more: 1 High, 1 Medium, 1 Low, 1 Informational\n"},
		"a maximum by time":     {values{"max_rows": 3, "order": "time"}, rows("cad") + "\nand 4 more: 1 unknown, 2 High, 1 Medium\n"},
		"no room":               {values{"max_rows": 0}, rows("") + "\nand 7 more: 1 unknown, 3 High, 1 Medium, 1 Low, 1 Informational\n"},
		"all":                   {values{"max_rows": 7}, rows("edbfgac")},
		"more than all":         {values{"max_rows": number(t, "1e30")}, rows("edbfgac")},
	} {
		test.options["columns"] = listOf("title")
		if got := mustCallText(t, "markdown_table", constant(alerts), constant(test.options)); got != test.want {
			t.Errorf("%s: markdown_table(alerts, %v) = %q, want %q", name, test.options, got, test.want)
		}
	}
	const want = "| Device | Severity |\n| --- | --- |\n| `pc` | Low |\n"
	if got := mustCallText(t, "markdown_table", constant([]any{values{"severity": "Low", "machine_name": "pc"}}),
		constant(values{"columns": []any{"device", "severity"}})); got != want {
		t.Errorf("markdown_table with two columns = %q, want %q", got, want)
	}
}

func TestMarkdownTableRefuses(t *testing.T) {
	t.Parallel()
	const (
		columns = "the columns are severity, time, title, device, user, category, alert and link"
		maximum = "options.max_bytes must be a whole number of at least 1000"
	)
	for _, test := range []struct {
		options any
		text    string
	}{
		{nil, "options is not an object with some of the keys columns, max_rows, max_bytes and order"},
		{values{"rows": 1}, `options has an unknown key "rows"; its keys are columns, max_rows, max_bytes and order`},
		{values{"columns": []any{"Title"}}, `options.columns[0] "Title" is not a column; ` + columns},
		{values{"columns": []any{"title", "a|b"}}, "options.columns[1] is not a column; " + columns},
		{values{"columns": []any{"title", "title"}}, `options.columns[1] "title" is a duplicate`},
		{values{"columns": []any{}}, "options.columns must be a list of at least one name"},
		{values{"max_rows": -1}, "options.max_rows must be a whole number of at least 0"},
		{values{"max_rows": 1.5}, "options.max_rows must be a whole number of at least 0"},
		{values{"max_rows": "5"}, "options.max_rows must be a whole number of at least 0"},
		{values{"max_bytes": 999}, maximum},
		{values{"max_bytes": number(t, "-1e30")}, maximum},
		{values{"order": "newest"}, `options.order must be "severity" or "time"`},
	} {
		refuses(t, 1, test.text, "markdown_table", constant([]any{}), constant(test.options))
	}
	refuses(t, 2, "options are two objects or more: one object holds all options", "markdown_table",
		constant([]any{}), constant(values{}), constant(values{}))
}

// TestMarkdownTableBytes bounds the whole text, its last line included, whatever
// the alerts hold. One more byte would not have been enough for one more row.
func TestMarkdownTableBytes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text  string
		count int
	}{
		"hostile":  {strings.Repeat("@", 200), 200},
		"accents":  {strings.Repeat("e\u0323\u0302\u0308\u0304", 200), 200},
		"friendly": {"x", 2_000},
		"empty":    {"", 3_000},
	} {
		alerts := make([]any, test.count)
		for i := range alerts {
			alerts[i] = everywhere(test.text)
		}
		for _, limit := range []int{0, 1_000, 1_001, 65_536} {
			options := values{}
			if limit > 0 {
				options["max_bytes"] = limit
			} else {
				limit = 60_000
			}
			got := mustCallText(t, "markdown_table", constant(alerts), constant(options))
			if len(got) > limit {
				t.Errorf("%s: bytes of markdown_table(%v) = %d, want at most %d", name, options, len(got), limit)
			}
			shown := strings.Count(got, "\n|") - 1
			last := fmt.Sprintf("|\n\nand %d more: %[1]d unknown\n", test.count-shown)
			if !strings.HasSuffix(got, last) {
				t.Fatalf("%s: end of markdown_table(%v) = %q, want %q", name, options, got[max(0, len(got)-100):], last)
			}
			if row := strings.Split(got, "\n")[2]; shown > 0 && len(got)+len(row) < limit {
				t.Errorf("%s: bytes of markdown_table(%v) = %d, want one more row of %d", name, options, len(got), len(row))
			}
		}
	}
	// Nothing is left out if everything fits exactly.
	alerts := constant([]any{everywhere(strings.Repeat("x", 150)), everywhere("y")})
	whole := mustCallText(t, "markdown_table", alerts)
	for limit, want := range map[int]string{len(whole): whole, len(whole) - 1: "\nand 1 more: 1 unknown\n"} {
		if got := mustCallText(t, "markdown_table", alerts, constant(values{"max_bytes": limit})); !strings.HasSuffix(got, want) {
			t.Errorf("markdown_table with max_bytes %d of %d = %q, want %q at its end", limit, len(whole), got, want)
		}
	}
}

// TestMarkdownLinks links to the portals of Microsoft Defender and to nothing else.
func TestMarkdownLinks(t *testing.T) {
	t.Parallel()
	const id = "00000000-0000-0000-0000-000000000001"
	for address, want := range map[string]string{
		"https://security.microsoft.com/alert/da1_-2":                  "[Open](https://security.microsoft.com/alert/da1_-2)",
		"https://security.microsoft.com/alerts/da1?tid=" + id:          "[Open](https://security.microsoft.com/alerts/da1?tid=" + id + ")",
		"https://security.microsoft.us/alerts/da1?tid=" + id:           "[Open](https://security.microsoft.us/alerts/da1?tid=" + id + ")",
		"https://security.apps.mil/alerts/da1":                         "[Open](https://security.apps.mil/alerts/da1)",
		"https://security.microsoft.com/byalert?alertId=1&source=SIEM": "[Open](https://security.microsoft.com/byalert?alertId=1&amp;source=SIEM)",
		"": "",
	} {
		checkLink(t, address, want)
	}
	for _, address := range []string{
		"http://security.microsoft.com/alert/1", "https://security.microsoft.com", "https://security.microsoft.com.evil.example/alert/1",
		"https://security.microsoft.com@evil.example/alert/1", "https://evil.example/security.microsoft.com/", "HTTPS://security.microsoft.com/alert/1",
		"https://security.microsoft.com:8443/alert/1", "https://security.microsoft.com/a)b", "https://security.microsoft.com/a b",
		"https://security.microsoft.com/a|b", "https://security.microsoft.com/a\n", "https://security.microsoft.com/a#b", "https://security.microsoft.com/%2f",
		"https://security.microsoft.com/a?to=//evil.example", "https://security.microsoft.com/a?b?c", "https://securityxmicrosoft.com/alert/1",
		"https://security.microsoft.com\\evil", "https://api.security.microsoft.com/alert/1", "javascript:alert(1)",
		"https://security.microsoft.com/" + strings.Repeat("a", 201),
	} {
		got := linkCell(t, address)
		if !inert.MatchString(got) || !strings.Contains(got, "&#58;&#8203;") {
			t.Errorf("link cell of %q = %q, want text", address, got)
		}
	}
}

func checkLink(t *testing.T, address, want string) {
	t.Helper()
	if got := linkCell(t, address); got != want {
		t.Errorf("link cell of %q = %q, want %q", address, got, want)
	}
}

// linkCell returns the cell of an alert's link.
func linkCell(t *testing.T, address string) string {
	t.Helper()
	table := mustCallText(t, "markdown_table", constant([]any{values{"link_to_mtp": address}}), constant(values{"columns": []any{"link"}}))
	cell, ok := strings.CutPrefix(table, "| Link |\n| --- |\n| ")
	if !ok {
		t.Fatalf("markdown_table of a link = %q, want a row", table)
	}
	return strings.TrimSuffix(cell, " |\n")
}
