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

const tableHead = "| Severity | Time | Title | Device | User | Category | Alert |\n| --- | --- | --- | --- | --- | --- | --- |\n"

func TestMarkdownTable(t *testing.T) {
	t.Parallel()
	text := nullOf(tftypes.String)
	whole := values{"severity": "High", "last_processed_time_utc": "2026-11-03T11:58:12.1234567Z", "alert_title": "Ransomware: a_b", "user_domain": "CONTOSO",
		"user_name": "jdoe", "category": "Malware", "alert_id": "da637_-1", "computer_dns_name": "pc-1.contoso.com", "machine_name": "pc-1", "device_id": "0123", "other": listOf("x")}
	for name, c := range map[string]struct {
		alerts any
		want   string
	}{
		"no alerts":       {[]any{}, "No alerts.\n"},
		"an empty list":   {emptyListOf(constant(whole).Type()), "No alerts.\n"},
		"a whole alert":   {listOf(whole), tableHead + "| High | 2026-11-03T11:58:12Z | Ransomware&#58;&#8203; a&#95;b | pc-1.contoso.com | CONTOSO&#92;jdoe | Malware | `da637_-1` |\n"},
		"nothing":         {[]any{values{}}, tableHead + "|  |  |  |  |  |  |  |\n"},
		"nulls":           {[]any{values{"severity": text, "alert_title": nil, "alert_id": text, "user_name": text, "user_domain": "CONTOSO"}}, tableHead + "|  |  |  |  |  |  |  |\n"},
		"other devices":   {[]any{values{"machine_name": "m", "device_id": "d"}, values{"device_id": "d", "machine_name": ""}}, tableHead + "|  |  |  | m |  |  |  |\n|  |  |  | d |  |  |  |\n"},
		"no domain":       {[]any{values{"user_name": "jdoe"}}, tableHead + "|  |  |  |  | jdoe |  |  |\n"},
		"other times":     {[]any{values{"last_processed_time_utc": "2026-11-03T11:58:12+02:00"}, values{"last_processed_time_utc": "2026-11-03 | x"}}, tableHead + "|  | 2026-11-03T09:58:12Z |  |  |  |  |  |\n|  | 2026-11-03 &#124; x |  |  |  |  |  |\n"},
		"an odd id":       {[]any{values{"alert_id": "a`b"}}, tableHead + "|  |  |  |  |  |  | a&#96;b |\n"},
		"a map":           {listOf(mapOf(tftypes.String, map[string]tftypes.Value{"severity": constant("Low")})), tableHead + "| Low |  |  |  |  |  |  |\n"},
		"a set":           {setOf(values{"severity": "Low"}), tableHead + "| Low |  |  |  |  |  |  |\n"},
		"other types":     {[]any{values{"severity": 4, "alert_title": true, "category": listOf("a", "b"), "user_name": values{"a": "b"}}}, tableHead + "| 4 |  | true |  | &#123;&#34;a&#34;&#58;&#8203;&#34;b&#34;&#125; | a;b |  |\n"},
		"order and count": {[]any{values{"severity": "Low"}, values{"severity": "High"}, values{"severity": "Low"}}, tableHead + "| Low |  |  |  |  |  |  |\n| High |  |  |  |  |  |  |\n| Low |  |  |  |  |  |  |\n"},
	} {
		if got := mustCallText(t, "markdown_table", constant(c.alerts)); got != c.want {
			t.Errorf("%s:\n got %q\nwant %q", name, got, c.want)
		}
	}
}

// everywhere is an alert with one text in all of its cells.
func everywhere(text string) values {
	return values{"severity": text, "last_processed_time_utc": text, "alert_title": text, "computer_dns_name": text, "user_name": text, "category": text, "alert_id": text}
}

var (
	// inert is a cell in which nothing is markup: no punctuation that means
	// something, but character references.
	inert = regexp.MustCompile(`^(?:[0-9A-Za-z .,;()/'?\x80-\x{10ffff}-]|&#[0-9]{2,4};)*$`)
	// linked is what becomes a link, a picture or a notification in a text that
	// was rendered already.
	linked = regexp.MustCompile(`(?i)[@#!$%&^~:][^\x{200b}]|www\.|gh-[^\x{200b}]`)
	hidden = regexp.MustCompile(`[\x00-\x1f\x7f-\x9f\x{ad}\x{34f}\x{61c}\x{115f}\x{1160}\x{180e}\x{200b}-\x{200f}\x{2028}-\x{202e}\x{2060}-\x{206f}\x{2800}\x{3164}\x{fe00}-\x{fe0f}\x{feff}\x{ffa0}\x{e000}-\x{f8ff}\x{e0000}-\x{e0fff}]`)
)

// checkCells checks the table of alerts with one text everywhere each, and
// returns it.
func checkCells(t *testing.T, texts ...string) string {
	t.Helper()
	alerts := make([]any, len(texts))
	for i, text := range texts {
		alerts[i] = everywhere(text)
	}
	table := mustCallText(t, "markdown_table", constant(alerts))
	body, ok := strings.CutPrefix(table, tableHead)
	lines := strings.Split(body, "\n")
	if !ok || len(lines) != len(texts)+1 || lines[len(texts)] != "" {
		t.Fatalf("%d texts give %d lines", len(texts), len(lines))
	}
	for i, text := range texts {
		checkRow(t, text, lines[i])
	}
	return table
}

func checkRow(t *testing.T, text, line string) {
	t.Helper()
	cells := strings.Split(line, "|")
	if len(cells) != 9 || cells[0] != "" || cells[8] != "" || !inert.MatchString(strings.Join(cells[1:7], "")) {
		t.Fatalf("%q leaves its cell: %q", text, line)
	}
	if id := cells[7]; !inert.MatchString(id) && id != " `"+text+"` " {
		t.Fatalf("%q as an id is markup: %q", text, id)
	}
	shown := html.UnescapeString(cells[3])
	if linked.MatchString(shown) {
		t.Fatalf("%q becomes a link: %q", text, line)
	}
	shown = strings.ReplaceAll(shown, "\u200b", "")
	if hidden.MatchString(shown) || utf8.RuneCountInString(shown) > 203 || strings.Contains(strings.TrimSpace(shown), "  ") {
		t.Fatalf("%q shows %q", text, shown)
	}
}

var markdownAlphabet = append([]string{"|", "\\", "`", "```", "<", ">", "<b>", "&", "&#124;", "[", "](", ")", "*", "_", "~~", "#", "!", "@", "@name", "http://", "https://x.example", "www.", "WWW.",
	"GH-1", ":shield:", ":", "$", "%5", "^", "{{", "}}", "---", "\u202e", "\u2066", "\u200b", "\u200d", "\ufeff", "\u00ad", "\u2028", "\u0085", "\u001b[0m", "\u0338", "\u0301", "\u1fef", "\ufe0f", "\u3164", "\U000e0041", "\ue000"}, csvAlphabet...)

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
			t.Skip("Terraform has no such text")
		}
		checkCells(t, text)
	})
}

var updateTable = flag.Bool("update-markdown-table", false, "write testdata/markdown_table.md")

// The table of hostile texts is kept, because the tools module has a renderer of
// Markdown and checks there that each text is shown as it is and nothing else is.
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
		t.Error("the table differs from testdata/markdown_table.md; go test ./internal/provider/functions -run HostileTexts -update-markdown-table writes it anew")
	}
}
