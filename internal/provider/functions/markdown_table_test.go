package functions_test

import (
	"encoding/json"
	"flag"
	"html"
	"math/rand/v2"
	"os"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

const tableHead = "| Severity | Time | Title | Device | User | Category | Alert |\n" +
	"| --- | --- | --- | --- | --- | --- | --- |\n"

func TestMarkdownTable(t *testing.T) {
	t.Parallel()
	text := nullOf(tftypes.String)
	whole := values{
		"severity": "High", "last_processed_time_utc": "2026-11-03T11:58:12.1234567Z", "alert_title": "Ransomware: a_b",
		"category": "Malware", "alert_id": "da637_-1", "user_domain": "CONTOSO", "user_name": "jdoe",
		"computer_dns_name": "pc-1.contoso.com", "machine_name": "pc-1", "device_id": "0123", "other": listOf("x"),
	}
	low, high := values{"severity": "Low"}, values{"severity": "High"}
	for name, test := range map[string]struct {
		alerts any
		rows   string // "" for no table
	}{
		"no alerts":     {[]any{}, ""},
		"an empty list": {emptyListOf(constant(whole).Type()), ""},
		"a whole alert": {listOf(whole),
			"| High | 2026-11-03T11:58:12Z | Ransomware&#58;&#8203; a&#95;b | `pc-1.contoso.com` | " +
				"`CONTOSO\\jdoe` | Malware | `da637_-1` |\n"},
		"an empty object": {[]any{values{}}, "|  |  |  |  |  |  |  |\n"},
		"nulls": {[]any{values{"severity": text, "alert_title": nil, "alert_id": text, "user_name": text,
			"user_domain": "CONTOSO"}},
			"|  |  |  |  |  |  |  |\n"},
		"other devices": {[]any{values{"machine_name": "m", "device_id": "d"}, values{"device_id": "d", "machine_name": ""}},
			"|  |  |  | `m` |  |  |  |\n|  |  |  | `d` |  |  |  |\n"},
		"no domain": {[]any{values{"user_name": "jdoe"}}, "|  |  |  |  | `jdoe` |  |  |\n"},
		"other times": {[]any{values{"last_processed_time_utc": "2026-11-03T11:58:12+02:00"},
			values{"last_processed_time_utc": "2026-11-03 | x"}},
			"|  | 2026-11-03T09:58:12Z |  |  |  |  |  |\n|  | 2026-11-03 &#124; x |  |  |  |  |  |\n"},
		"an unusual ID": {[]any{values{"alert_id": "a`b"}}, "|  |  |  |  |  |  | a&#96;b |\n"},
		"a map": {listOf(mapOf(tftypes.String, map[string]tftypes.Value{"severity": constant("Low")})),
			"| Low |  |  |  |  |  |  |\n"},
		"a set": {setOf(low), "| Low |  |  |  |  |  |  |\n"},
		"other types": {[]any{values{"severity": 4, "alert_title": true, "category": listOf("a", "b"),
			"user_name": values{"a": "b"}}},
			"| 4 |  | true |  | &#123;&#34;a&#34;&#58;&#8203;&#34;b&#34;&#125; | a;b |  |\n"},
		"an unusual device and user": {[]any{values{"device_id": "a b", "user_name": `x\`, "user_domain": "d"}},
			"|  |  |  | a b | d&#92;x&#92; |  |  |\n"},
		"a long device": {[]any{values{"device_id": strings.Repeat("d", 201)}},
			"|  |  |  | " + strings.Repeat("dddddd&#8203;", 33) + "dd\u2026 |  |  |  |\n"},
		"the most severe first": {[]any{low, high, low},
			"| High |  |  |  |  |  |  |\n| Low |  |  |  |  |  |  |\n| Low |  |  |  |  |  |  |\n"},
	} {
		want := "No alerts.\n"
		if test.rows != "" {
			want = tableHead + test.rows
		}
		if got := mustCallText(t, "markdown_table", constant(test.alerts)); got != want {
			t.Errorf("%s: markdown_table(%v) = %q, want %q", name, test.alerts, got, want)
		}
	}
}

// everywhere returns an alert with one text in all of its cells.
func everywhere(text string) values {
	return values{
		"severity": text, "last_processed_time_utc": text, "alert_title": text, "computer_dns_name": text,
		"user_name": text, "category": text, "alert_id": text,
	}
}

var (
	// inert matches a cell without markup: all of its special punctuation is
	// character references.
	inert = regexp.MustCompile(`^(?:[0-9A-Za-z .,;()/'?\x80-\x{10ffff}-]|&#[0-9]{2,4};)*$`)
	// linked matches what becomes a link, a picture or a notification in rendered
	// text.
	linked = regexp.MustCompile(`(?i)[@#!$%&^~:./\[][^\x{200b}]|www\.|g[hl]-[^\x{200b}]|[0-9a-f]{7}|[^\x{200b}]>`)
	// plain matches what stays text in code.
	plain = regexp.MustCompile(`^[0-9A-Za-z_.@\\-]+$`)
	// hidden matches control characters and characters that are not displayed.
	hidden = regexp.MustCompile(`[\x00-\x1f\x7f-\x9f\x{ad}\x{34f}\x{61c}\x{115f}\x{1160}\x{180e}\x{200b}-\x{200f}` +
		`\x{2028}-\x{202e}\x{2060}-\x{206f}\x{2800}\x{3164}\x{fe00}-\x{fe0f}\x{feff}\x{ffa0}\x{e000}-\x{f8ff}` +
		`\x{e0000}-\x{e0fff}]`)
)

// codeColumns are those that may be code: device, user and alert.
var codeColumns = map[int]bool{3: true, 4: true, 6: true}

// checkCells checks the table of alerts that each have one text in all cells, and
// returns it.
func checkCells(t *testing.T, texts ...string) string {
	t.Helper()
	alerts := make([]any, len(texts))
	for i, text := range texts {
		alerts[i] = everywhere(text)
	}
	table := mustCallText(t, "markdown_table", constant(alerts),
		constant(values{"max_bytes": 1 << 40, "order": "time"}))
	body, ok := strings.CutPrefix(table, tableHead)
	if !ok {
		t.Fatalf("markdown_table(%d alerts) = %.200q, want the head %q", len(texts), table, tableHead)
	}
	lines := strings.Split(body, "\n")
	if last := lines[len(lines)-1]; last != "" {
		t.Fatalf("markdown_table(%d alerts) ends with %q, want a line break", len(texts), last)
	}
	lines = lines[:len(lines)-1]
	if len(lines) != len(texts) {
		t.Fatalf("rows of markdown_table(%d alerts) = %d, want %d", len(texts), len(lines), len(texts))
	}
	for i, text := range texts {
		checkRow(t, text, lines[i])
	}
	return table
}

// checkRow checks the row of an alert with one text in all cells.
func checkRow(t *testing.T, text, line string) {
	t.Helper()
	cells := strings.Split(line, "|")
	if len(cells) != 9 || cells[0] != "" || cells[8] != "" {
		t.Fatalf("row of %q = %q, want 7 cells", text, line)
	}
	for i, cell := range cells[1:8] {
		if codeColumns[i] && cell == " `"+text+"` " && plain.MatchString(text) {
			continue
		}
		if !inert.MatchString(cell) {
			t.Fatalf("cell %d of %q = %q, want no markup, but code where it can be", i, text, cell)
		}
	}
	shown := html.UnescapeString(cells[3])
	if link := linked.FindString(shown); link != "" {
		t.Fatalf("title of %q = %q, want no link: %q", text, shown, link)
	}
	shown = strings.ReplaceAll(shown, "\u200b", "")
	if hidden.MatchString(shown) {
		t.Fatalf("title of %q = %q, want no hidden character", text, shown)
	}
	if n := utf8.RuneCountInString(shown); n > 203 {
		t.Fatalf("title of %q has %d characters, want at most 203", text, n)
	}
	if strings.Contains(strings.TrimSpace(shown), "  ") {
		t.Fatalf("title of %q = %q, want no double space", text, shown)
	}
}

var markdownAlphabet = append([]string{"|", "\\", "`", "```", "<", ">", "<b>", "&", "&#124;", "[", "](", ")", "*",
	"_", "~~", "#", "!", "@", "@name", "http://", "https://x.example", "www.", "WWW.", "GH-1", "gl-1", "//x.example",
	".", "[[", "a/b>", "deadbeef", "пример.рф", ":shield:", ":", "$",
	"%5", "^", "{{", "}}", "---", "\u202e", "\u2066", "\u200b", "\u200d", "\ufeff", "\u00ad", "\u2028", "\u0085",
	"\u001b[0m", "\u0338", "\u0301", "\u1fef", "\ufe0f", "\u3164", "\U000e0041", "\ue000"}, csvAlphabet...)

// TestMarkdownCellsStayCells checks the cells of 10,000 random texts.
func TestMarkdownCellsStayCells(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 8203))
	texts := make([]string, 10_000)
	for i := range texts {
		texts[i] = randomJoin(r, markdownAlphabet) + randomJoin(r, markdownAlphabet)
	}
	checkCells(t, texts...)
}

func FuzzMarkdownCell(f *testing.F) {
	for _, text := range markdownAlphabet {
		f.Add(text + "a" + text + text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			t.Skip("not UTF-8: Terraform has no such strings")
		}
		checkCells(t, text)
	})
}

var updateTable = flag.Bool("update-markdown-table", false, "write testdata/markdown_table.md")

// TestHostileTexts keeps the table of hostile texts in a file. The tools module,
// which has a Markdown renderer, checks that exactly these texts are displayed.
func TestHostileTexts(t *testing.T) {
	t.Parallel()
	encoded, err := os.ReadFile("testdata/markdown_table.json")
	if err != nil {
		t.Fatal(err)
	}
	var list []struct{ Text string }
	if err := json.Unmarshal(encoded, &list); err != nil {
		t.Fatal(err)
	}
	texts := make([]string, len(list))
	for i := range list {
		texts[i] = list[i].Text
	}
	got := checkCells(t, texts...)
	if *updateTable {
		if err := os.WriteFile("testdata/markdown_table.md", []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/markdown_table.md")
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("markdown_table(hostile texts) = %s\nwant testdata/markdown_table.md, which go test "+
			"./internal/provider/functions -run HostileTexts -update-markdown-table writes", got)
	}
}
