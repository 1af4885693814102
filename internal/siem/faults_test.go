package siem

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
	"github.com/mdatp/terraform-provider-mdatp/internal/records"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport/transporttest"
)

// The bounds that package records documents.
const (
	maxRecord  = 8 << 20
	maxUnknown = 256
)

// The tests of this file are named after the rows of the table of faults.

// A fault is a body and what is wrong with it.
type fault struct {
	body    string
	problem records.Problem
	index   int
	field   string
}

// wantFaults reads each body from the bare decoder and as a reply.
func wantFaults(t *testing.T, faults []fault) {
	t.Helper()
	for _, f := range faults {
		name := f.body
		if len(name) > 60 {
			name = name[:60]
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := read(f.body)
			wantProblem(t, err, f.problem, f.index, f.field)
			err = pull(answer(t, string(byLength.frame([]byte(f.body)))), new(list))
			wantProblem(t, err, f.problem, f.index, f.field)
		})
	}
}

// first is a body of one record that starts with these members.
func first(members string) string { return "[{" + members + "," + minimum + "}]" }

// second is the same behind another record.
func second(members string) string { return "[{" + minimum + "},{" + members + "," + minimum + "}]" }

func TestFault_P1_NotAnArray(t *testing.T) {
	t.Parallel()
	whole := "{" + minimum + "}"
	wantFaults(t, []fault{
		{`null`, records.NotArray, -1, ""},
		{` null `, records.NotArray, -1, ""},
		{`{}`, records.NotArray, -1, ""},
		{`"x"`, records.NotArray, -1, ""},
		{`""`, records.NotArray, -1, ""},
		{`1`, records.NotArray, -1, ""},
		{`-0.5e3 `, records.NotArray, -1, ""},
		{`true`, records.NotArray, -1, ""},
		{`false`, records.NotArray, -1, ""},
		{`{"error":{"code":"Unauthorized","message":"canary"}}`, records.NotArray, -1, ""},
		{`{"value":[]}`, records.NotArray, -1, ""},
		{`{"value":[` + whole + `],"Count":1}`, records.NotArray, -1, ""},
		{whole, records.NotArray, -1, ""},
		{"\"[" + "]\"", records.NotArray, -1, ""},
		{``, records.Empty, -1, ""},
		{" \r\n\t ", records.Empty, -1, ""},
		{`nul`, records.Malformed, -1, ""},
		{`]`, records.Malformed, -1, ""},
		{`,[]`, records.Malformed, -1, ""},
		{`<html>[]</html>`, records.Malformed, -1, ""},
		{`undefined`, records.Malformed, -1, ""},
		{`'[]'`, records.Malformed, -1, ""},
		{"\x00[]", records.Malformed, -1, ""},
		{`)]}',[]`, records.Malformed, -1, ""},
	})
}

func TestFault_P2_NotAnObject(t *testing.T) {
	t.Parallel()
	wantFaults(t, []fault{
		{`[null]`, records.NotObject, 0, ""},
		{`[1]`, records.NotObject, 0, ""},
		{`["canary"]`, records.NotObject, 0, ""},
		{`[true]`, records.NotObject, 0, ""},
		{`[[]]`, records.NotObject, 0, ""},
		{`[[{` + minimum + `}]]`, records.NotObject, 0, ""},
		{`[{` + minimum + `},null]`, records.NotObject, 1, ""},
		{`[{` + minimum + `},{` + minimum + `},"canary"]`, records.NotObject, 2, ""},
		{`[null,{` + minimum + `}]`, records.NotObject, 0, ""},
		{`[}`, records.NotObject, 0, ""},
		{`[{` + minimum + `}}`, records.NotObject, 1, ""},
	})
}

func TestFault_P3_MinimumMissing(t *testing.T) {
	t.Parallel()
	members := map[string]string{
		"AlertId": `"AlertId":"canary"`, "Severity": `"Severity":"Low"`, "LastProcessedTimeUtc": `"LastProcessedTimeUtc":"2026-02-14T06:31:08Z"`,
	}
	var faults []fault
	for key := range members {
		var others []string
		for other, member := range members {
			if other != key {
				others = append(others, member)
			}
		}
		rest := strings.Join(others, ",")
		faults = append(faults, fault{"[{" + rest + "}]", records.MissingField, 0, key}, fault{"[{" + minimum + "},{" + rest + "}]", records.MissingField, 1, key})
		for _, unset := range []string{`null`, `""`} {
			faults = append(faults, fault{`[{` + rest + `,"` + key + `":` + unset + `}]`, records.MissingField, 0, key})
		}
		for _, value := range []string{`1`, `-5`, `true`, `[]`, `["canary"]`, `{}`, `{"canary":1}`} {
			faults = append(faults, fault{`[{` + minimum + `},{` + rest + `,"` + key + `":` + value + `}]`, records.WrongType, 1, key})
		}
	}
	wantFaults(t, append(faults, fault{`[{}]`, records.MissingField, 0, "AlertId"}, fault{`[{"Canary":1}]`, records.MissingField, 0, "AlertId"}))
}

// The same holds for every other field: what has the wrong type is an error.
func TestFault_P3_WrongType(t *testing.T) {
	t.Parallel()
	var faults []fault
	for _, f := range alert.Fields {
		values := []string{`[]`, `{}`, `["canary"]`}
		switch f.Kind {
		case alert.KindNumber:
			values = append(values, `true`, `"canary"`)
		case alert.KindBool:
			values = append(values, `0`, `1`, `"canary"`, `"1"`, `"tRUE"`, `"true "`, `"\u0074rue"`)
		default:
			values = append(values, `1`, `false`)
		}
		for _, value := range values {
			if f.Key != "AlertId" && f.Key != "Severity" && f.Key != "LastProcessedTimeUtc" {
				faults = append(faults, fault{second(`"` + f.Key + `":` + value), records.WrongType, 1, f.Key})
			}
		}
	}
	wantFaults(t, faults)
}

func TestFault_P4_UnknownSeverity(t *testing.T) {
	t.Parallel()
	severity := func(s string) string {
		return `{"AlertId":"a","LastProcessedTimeUtc":"2026-02-14T06:31:08Z","Severity":"` + s + `"}`
	}
	for text, want := range map[string]alert.Severity{
		"Informational": alert.Informational, "Low": alert.Low, "Medium": alert.Medium, "High": alert.High,
		"informational": alert.Informational, "LOW": alert.Low, "mEDIUM": alert.Medium, "hIGH": alert.High,
		"UnSpecified": alert.Unknown, "Critical": alert.Unknown, " High": alert.Unknown, "High\\u0000": alert.Unknown, "4": alert.Unknown, "null": alert.Unknown,
	} {
		only(t, "["+severity(text)+"]", func(a *alert.Alert) {
			if a.Severity != want || string(a.Text(alert.FieldSeverity)) != strings.ReplaceAll(text, "\\u0000", "\x00") {
				t.Errorf("%q ranks %v and is kept as %q", text, a.Severity, a.Text(alert.FieldSeverity))
			}
		})
	}
	// No filter drops it, and a note says where it is.
	selection := alert.NewSelection(alert.SelectionOptions{Filter: alert.Filter{MinSeverity: alert.High}})
	body := "[" + severity("Low") + "," + severity("Critical") + "," + severity("high") + "]"
	if err := decode(strings.NewReader(body), "", selection.Add); err != nil {
		t.Fatal(err)
	}
	summary := selection.Summary()
	if note := summary.Anomalies.UnknownSeverity; summary.Total != 2 || summary.MaxSeverity != "Critical" || note.Count != 1 || !slices.Equal(note.First, []int{1}) {
		t.Errorf("%+v", summary)
	}
	wantFaults(t, []fault{
		{"[" + severity("Low") + `,{"AlertId":"a","LastProcessedTimeUtc":"2026-02-14T06:31:08Z","Severity":null}]`, records.MissingField, 1, "Severity"},
		{`[{"AlertId":"a","LastProcessedTimeUtc":"2026-02-14T06:31:08Z"}]`, records.MissingField, 0, "Severity"},
	})
}

func TestFault_P5_DuplicateKeys(t *testing.T) {
	t.Parallel()
	wantFaults(t, []fault{
		{first(`"Severity":"High"`), records.DuplicateKey, 0, "Severity"},
		{second(`"Severity":"Low"`), records.DuplicateKey, 1, "Severity"},
		{second(`"Severity":null`), records.DuplicateKey, 1, "Severity"},
		{second(`"Category":"canary","Category":"canary"`), records.DuplicateKey, 1, "Category"},
		{second(`"Category":"","Category":null`), records.DuplicateKey, 1, "Category"},
		{second(`"Category":"a","\u0043ategory":"b"`), records.DuplicateKey, 1, "Category"},
		{second(`"BuiltInMachineTags":"a","BuiltInMachineTags":"b"`), records.DuplicateKey, 1, "DeviceCreatedMachineTags"},
		{second(`"Canary":1,"Canary":1`), records.DuplicateKey, 1, ""},
		{second(`"Canary":1,"Canary":null`), records.DuplicateKey, 1, ""},
		{second(`"":1,"":2`), records.DuplicateKey, 1, ""},
		{second(`"Canary":1,"Can\u0061ry":2`), records.DuplicateKey, 1, ""},
		{second(`"caf\u00e9":1,"cafe\u0301":2`), records.DuplicateKey, 1, ""}, // one key to Terraform
		{second(`"\ud800":1,"\udc00":2`), records.DuplicateKey, 1, ""},        // both become U+FFFD
		{second(`"Canary":{"a":1,"a":2}`), records.DuplicateKey, 1, ""},
		{second(`"Canary":{"a":1,"\u0061":2}`), records.DuplicateKey, 1, ""},
		{second(`"Canary":[[{"b":{"a":null,"a":null}}]]`), records.DuplicateKey, 1, ""},
	})
}

func TestFault_P5_FoldedKeys(t *testing.T) {
	t.Parallel()
	wantFaults(t, []fault{
		{first(`"severity":"High"`), records.OtherCase, 0, "Severity"},
		{`[{"AlertId":"a","severity":"High","LastProcessedTimeUtc":"2026-02-14T06:31:08Z"}]`, records.OtherCase, 0, "Severity"},
		{second(`"ALERTID":"canary"`), records.OtherCase, 1, "AlertId"},
		{second(`"deviceid":"canary"`), records.OtherCase, 1, "DeviceID"},
		{second(`"DeviceId":null`), records.OtherCase, 1, "DeviceID"},
		{second(`"ReportId":1`), records.OtherCase, 1, "ReportID"},
		{second(`"builtinmachinetags":""`), records.OtherCase, 1, "DeviceCreatedMachineTags"},
		{second(`"lin` + "\u212a" + `ToWDATP":"canary"`), records.OtherCase, 1, "LinkToWDATP"}, // a Kelvin sign
		{second(`"\u017feverity":"canary"`), records.OtherCase, 1, "Severity"},                 // a long s
		{second(`"IoaDefinitiondId":"a","IoaDefinitionId":"a"`), records.TwoSpellings, 1, "IoaDefinitionId"},
		{second(`"IoaDefinitionId":"a","IoaDefinitiondId":"b"`), records.TwoSpellings, 1, "IoaDefinitionId"},
		{second(`"BuiltInMachineTags":null,"DeviceCreatedMachineTags":"a"`), records.TwoSpellings, 1, "DeviceCreatedMachineTags"},
		{second(`"CloudCreatedMachineTags":"","UserDefinedMachineTags":""`), records.TwoSpellings, 1, "CloudCreatedMachineTags"},
	})
	// Keys that nobody knows may differ in case: none is lost.
	only(t, first(`"Canary":1,"canary":2`), func(a *alert.Alert) { wantAdditional(t, a, "Canary = 1", "canary = 2") })
}

func TestFault_P6_TrailingData(t *testing.T) {
	t.Parallel()
	whole := "[{" + minimum + "}]"
	var faults []fault
	for _, tail := range []string{
		"[]", " []", "\n" + whole, "{}", "null", " 1", `"canary"`, ",", "]", "}", "x", "//canary", "/**/", "\x00", "\ufeff", "\u00a0", "<br>", ";",
	} {
		faults = append(faults, fault{"[]" + tail, records.TrailingData, -1, ""}, fault{whole + tail, records.TrailingData, -1, ""})
	}
	wantFaults(t, faults)
}

// P6 too: commas, comments, and what other readers of JSON forgive.
func TestFault_P6_Malformed(t *testing.T) {
	t.Parallel()
	var faults []fault
	for _, body := range []string{
		"[", "[{", "[,]", "[{" + minimum + "},]", "[{" + minimum + "}{" + minimum + "}]", "[{" + minimum + "} {" + minimum + "}]",
		"[{" + minimum + ",}]", "[{," + minimum + "}]", "[{" + minimum + "]", "[{" + minimum + "}", "[/**/]",
		`[{"AlertId" "a"}]`, `[{"AlertId"}]`, `[{AlertId:"a"}]`, `[{'AlertId':'a'}]`, `[{1:2}]`, `[{null:2}]`, `[{"a":}]`, `[{"a":1 "b":2}]`,
		"[{\"a\":\"\n\"}]", "[{\"a\":\"\x00\"}]", `[{"a":"\x41"}]`, `[{"a":"\u12"}]`, `[{"a":"\u{41}"}]`, `[{"a":"canary}]`, `[{"a":tru}]`, `[{"a":True}]`,
		`[{"a":01}]`, `[{"a":+1}]`, `[{"a":.5}]`, `[{"a":1.}]`, `[{"a":-}]`, `[{"a":1e}]`, `[{"a":NaN}]`, `[{"a":Infinity}]`, `[{"a":0x10}]`, `[{"a":1_0}]`,
	} {
		index := 0
		if !strings.HasPrefix(body, "[{") || strings.HasPrefix(body, "[{"+minimum+"}") {
			index = -1
		}
		faults = append(faults, fault{body, records.Malformed, index, ""})
	}
	wantFaults(t, faults)
}

// Every prefix and every flipped bit of one small body; TestExhaustive does it
// to all of them.
func TestFault_P7_PrefixesAndFlips(t *testing.T) {
	t.Parallel()
	body := []byte(second(`"AlertPart":3,"IoaDefinitiondId":"x","Canary":{"a":[1,true]}`))
	check := func(what string, body []byte) {
		var got list
		err := pull(answer(t, string(byLength.frame(body))), &got)
		if err != nil {
			wantNoText(t, err)
			return
		}
		if want, wrong := truthOf(body); wrong != nil || !bytes.Equal(got.text, want) {
			t.Errorf("%s: %q reads as\n%s", what, body, got.text)
		}
	}
	for n := range body {
		if _, err := read(string(body[:n])); err == nil {
			t.Errorf("the first %d bytes are a list", n)
		}
		check("prefix", body[:n])
		for bit := range 8 {
			flipped := bytes.Clone(body)
			flipped[n] ^= 1 << bit
			check(fmt.Sprintf("bit %d of byte %d", bit, n), flipped)
		}
	}
}

func TestFault_P8_ByteOrderMark(t *testing.T) {
	t.Parallel()
	const mark = "\ufeff"
	want, err := truthOf([]byte(first(`"Category":"Ünïcode"`)))
	if err != nil {
		t.Fatal(err)
	}
	text := first(`"Category":"Ünïcode"`)
	for f := range framings {
		var got list
		if err := pull(answer(t, string(f.frame([]byte(mark+text)))), &got); err != nil {
			t.Errorf("framing %d: %v", f, err)
		}
		wantSame(t, "with a mark", got.text, want)
	}
	units := utf16.Encode([]rune(text))
	for name, body := range map[string]string{
		"twice":         mark + mark + text,
		"after a space": " " + mark + text,
		"alone":         mark,
		"half":          mark[:2],
		"one byte":      mark[:1],
		"at the end":    text + mark,
		"UTF-16LE":      string(encode(binary.LittleEndian, units)),
		"UTF-16BE":      string(encode(binary.BigEndian, units)),
		"UTF-16LE mark": "\xff\xfe" + string(encode(binary.LittleEndian, units)),
		"UTF-16BE mark": "\xfe\xff" + string(encode(binary.BigEndian, units)),
		"UTF-32LE":      string(encode(binary.LittleEndian, []rune(text))),
		"UTF-32BE":      string(encode(binary.BigEndian, []rune(text))),
		"UTF-32LE mark": "\xff\xfe\x00\x00" + string(encode(binary.LittleEndian, []rune(text))),
		"UTF-32BE mark": "\x00\x00\xfe\xff" + string(encode(binary.BigEndian, []rune(text))),
		"UTF-7":         "+AFs-]",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := pull(answer(t, string(byLength.frame([]byte(body)))), new(list))
			if err == nil {
				t.Fatal("it is a list")
			}
			wantNoText(t, err)
		})
	}
}

func encode[T uint16 | rune](order binary.ByteOrder, units []T) []byte {
	var out bytes.Buffer
	_ = binary.Write(&out, order, units) // a bytes.Buffer takes all
	return out.Bytes()
}

func TestFault_P9_NotUTF8(t *testing.T) {
	t.Parallel()
	for name, bad := range map[string]string{
		"lone continuation": "\x80", "overlong slash": "\xc0\xaf", "overlong NUL": "\xc0\x80", "cut": "\xe4\xb8", "surrogate": "\xed\xa0\x80",
		"beyond Unicode": "\xf4\x90\x80\x80", "Latin-1": "\xe9", "0xff": "\xff",
	} {
		for where, body := range map[string]string{
			"value":   first(`"Category":"canary` + bad + `"`),
			"key":     first(`"` + bad + `":"canary"`),
			"unknown": first(`"Canary":["` + bad + `"]`),
			"between": "[{" + minimum + "}" + bad + "]",
			"after":   "[{" + minimum + "}]" + bad,
			"far":     first(`"Category":"` + strings.Repeat("canary", 2000) + bad + `"`),
		} {
			t.Run(name+" "+where, func(t *testing.T) {
				t.Parallel()
				for f := range framings {
					e := wantKind(t, pull(answer(t, string(f.frame([]byte(body)))), new(list)), transport.NotUTF8, http.StatusOK)
					if e.Bytes < int64(strings.Index(body, bad)) || e.Bytes > int64(len(body)) {
						t.Errorf("framing %d: %d bytes read of %d", f, e.Bytes, len(body))
					}
				}
			})
		}
	}
}

// The escape of half a surrogate pair is valid JSON, and Windows file names may
// hold one.
func TestFault_P9_LoneSurrogate(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`\ud800`: "\ufffd", `\udfff`: "\ufffd", `a\uD800b`: "a\ufffdb", `\udc00\ud800`: "\ufffd\ufffd", `\ud800\ud800`: "\ufffd\ufffd",
		`\ud83d\ud83d\ude00`: "\ufffd😀", `\ud800\u0041`: "\ufffdA", `\ud800\n`: "\ufffd\n", `\ud83d😀`: "\ufffd😀", `\ud800\\udc00`: "\ufffd\\udc00",
	} {
		only(t, first(`"FileName":"`+text+`"`), func(a *alert.Alert) {
			if got := string(a.Text(field(t, "FileName"))); got != want || a.Replaced != 1 {
				t.Errorf("%s is %q, want %q; replaced %d", text, got, want, a.Replaced)
			}
		})
	}
	only(t, first(`"FileName":"\ud83d\ude00","FilePath":"\ufffd"`), func(a *alert.Alert) {
		if a.Replaced != 0 {
			t.Errorf("%d replaced, but none is", a.Replaced)
		}
	})
	// An unknown value is kept as the JSON text that it is; in a key it is replaced.
	only(t, first(`"New":"\ud800","Odd\ud800":1`), func(a *alert.Alert) {
		wantAdditional(t, a, `New = "\ud800"`, "Odd\ufffd = 1")
		if a.Replaced != 1 {
			t.Errorf("%d replaced, want 1", a.Replaced)
		}
	})
	selection := alert.NewSelection(alert.SelectionOptions{})
	if err := decode(strings.NewReader(second(`"FileName":"\ud800","FilePath":"\ud800"`)), "", selection.Add); err != nil {
		t.Fatal(err)
	}
	if note := selection.Summary().Anomalies.Replaced; note.Count != 1 || !slices.Equal(note.First, []int{1}) {
		t.Errorf("%+v", note)
	}
}

// P10 is what the provider makes of such text; here none of it changes.
func TestOddTextSurvives(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for name, text := range map[string]string{
		"NUL": "a\x00b", "ESC": "\x1b[31mred\x1b[0m", "CR LF": "a\r\nb\rc\nd", "workflow command": "x\n::error::y\n##[error]z", "bidi": "\u202eexe.txt\u2066\u2069\u200f",
		"one megabyte": strings.Repeat("canary €", 1<<20/10), "NFD": "e\u0301\u1100\u1161", "NFKC": "ﬁ①", "mark": "\ufeffa", "noncharacter": "\ufffe\uffff\U0010ffff",
		"separators": "\u2028\u2029\u0085", "blanks": "  \t ", "HTML": `<script>&amp;"'`, "template": "${path}%{if true}", "all controls": controls(), "random": randomText(random, 5000),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for how, quoted := range map[string]string{"plain": quote(text, false), "escaped": quote(text, true)} {
				body := []byte(first(`"Description":` + quoted))
				for f := range framings {
					var got list
					if err := pull(answer(t, string(f.frame(body))), &got); err != nil {
						t.Fatalf("%s: %v", how, err)
					}
					if want := appendText(nil, "Description", text); !bytes.Contains(got.text, want) {
						t.Errorf("%s: the text changed on its way", how)
					}
				}
				only(t, string(body), func(a *alert.Alert) {
					if string(a.Text(field(t, "Description"))) != text || a.Replaced != 0 {
						t.Errorf("%s: the text changed", how)
					}
				})
			}
		})
	}
}

func controls() string {
	var all []byte
	for b := range byte(0x80) {
		all = append(all, b)
	}
	return string(all)
}

func randomText(r *rand.Rand, n int) string {
	var text strings.Builder
	for range n {
		text.WriteRune([]rune{rune(r.IntN(0x80)), rune(0x80 + r.IntN(0x700)), rune(0x4e00 + r.IntN(0x5000)), rune(0x10000 + r.IntN(0x10000))}[r.IntN(4)])
	}
	return text.String()
}

// quote is text as a JSON string; with all, every character is an escape.
func quote(text string, all bool) string {
	quoted := []byte{'"'}
	for _, r := range text {
		if !all && r >= ' ' && r != '"' && r != '\\' {
			quoted = append(quoted, string(r)...)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			quoted = fmt.Appendf(quoted, `\u%04x`, unit)
		}
	}
	return string(append(quoted, '"'))
}

func TestFault_P11_Numbers(t *testing.T) {
	t.Parallel()
	var faults []fault
	for _, key := range []string{"AlertPart", "ReportID"} {
		for _, value := range []string{
			`9223372036854775808`, `-9223372036854775809`, `1e3`, `1E0`, `1.0`, `0.5`, `-0.0`, `123456789012345678901234567890`, `1e400`,
			`"9223372036854775808"`, `"1e3"`, `"1.0"`, `" 1"`, `"1 "`, `"0x1"`, `"1_000"`, `"1,000"`, `"١"`, `"\u0031"`, `"-"`, `"null"`,
		} {
			faults = append(faults, fault{second(`"` + key + `":` + value), records.WrongType, 1, key})
		}
	}
	wantFaults(t, faults)
	// Exact, or as the text that was sent.
	only(t, first(`"AlertPart":9007199254740993,"ReportID":"-12","Wide":123456789012345678901234567890,"Real":1.0,"Exp":1E3`), func(a *alert.Alert) {
		if a.Number(alert.FieldAlertPart) != 1<<53+1 || a.Number(field(t, "ReportID")) != -12 {
			t.Error("a number changed")
		}
		wantAdditional(t, a, "Wide = 123456789012345678901234567890", "Real = 1.0", "Exp = 1E3")
	})
}

func TestFault_P12_Times(t *testing.T) {
	t.Parallel()
	at := func(text string) string {
		return `{"AlertId":"a","Severity":"Low","LastProcessedTimeUtc":"` + text + `"}`
	}
	for text, want := range map[string]string{
		"2026-02-14T06:31:08":              "2026-02-14T06:31:08Z", // no zone: UTC
		"2016-09-12T00:00:00.000":          "2016-09-12T00:00:00Z",
		"2026-02-14T06:31:08.1234567Z":     "2026-02-14T06:31:08.1234567Z",
		"2026-02-14T06:31:08.1234567":      "2026-02-14T06:31:08.1234567Z",
		"2026-02-14T06:31:08+02:00":        "2026-02-14T04:31:08Z",
		"2026-02-14T23:31:08.5-05:30":      "2026-02-15T05:01:08.5Z",
		"0001-01-01T00:00:00Z":             "0001-01-01T00:00:00Z", // DateTime.MinValue
		"9999-12-31T23:59:59.9999999Z":     "9999-12-31T23:59:59.9999999Z",
		"2024-02-29T00:00:00Z":             "2024-02-29T00:00:00Z",
		"2026-02-14T06:31:08\\u005A":       "2026-02-14T06:31:08Z",
		"\\u0032026-02-14T06:31:08.0000Z":  "2026-02-14T06:31:08Z",
		"2026-02-14T06:31:08.123456789Z":   "2026-02-14T06:31:08.123456789Z",
		"2026-02-14T06:31:08.000000-00:00": "2026-02-14T06:31:08Z",
	} {
		only(t, "["+at(text)+"]", func(a *alert.Alert) {
			if got := a.Processed.Format(time.RFC3339Nano); got != want || a.Processed.Location() != time.UTC {
				t.Errorf("%s is %s, want %s", text, got, want)
			}
		})
	}
	var faults []fault
	for _, text := range []string{
		"canary", " ", "2026-02-14", "2026-02-14 06:31:08Z", "2026-02-14T06:31Z", "2026-02-14T06:31:08z", "2026-02-14T06:31:08,5Z", "2026-02-14T6:31:08Z",
		"2026-02-30T06:31:08Z", "2026-13-01T06:31:08Z", "2026-02-14T24:00:00Z", "2026-02-14T06:60:00Z", "2026-02-14T06:31:60Z", "2026-02-14T06:31:08+24:00",
		"2026-02-14T06:31:08+0200", "2026-02-14T06:31:08Z ", "2026-02-14T06:31:08Z\\n", "2026-02-14T06:31:08.Z", "02/14/2026 06:31:08", "1771050668", "/Date(1771050668000)/",
		"10000-01-01T00:00:00Z", "-0001-01-01T00:00:00Z", "2026-02-14T06:31:08.5\\ud800",
	} {
		faults = append(faults, fault{"[{" + minimum + "}," + at(text) + "]", records.NotTime, 1, "LastProcessedTimeUtc"})
	}
	wantFaults(t, faults)
}

func TestFault_P13_Limits(t *testing.T) {
	t.Parallel()
	deep := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	keys := func(n int) string {
		members := make([]byte, 0, 14*n)
		for i := range n {
			members = append(strconv.AppendInt(append(members, `,"k`...), int64(i), 10), `":1`...)
		}
		return string(members[1:])
	}
	const mebibyte = 1 << 20
	manyKeys := keys(2_000_000)
	wantFaults(t, []fault{
		{deep(20_000), records.NotObject, 0, ""},
		{second(`"Canary":` + deep(10_001)), records.Malformed, 1, ""},
		{second(`"Canary":` + strings.Repeat(`{"a":`, 10_001) + "1" + strings.Repeat("}", 10_001)), records.Malformed, 1, ""},
		{second(`"Canary":` + strings.Repeat("[", mebibyte)), records.Malformed, 1, ""},
		{second(keys(maxUnknown + 1)), records.TooManyKeys, 1, ""},
		{second(manyKeys), records.TooManyKeys, 1, ""},
		{second(`"Canary":{` + manyKeys + `}`), records.TooLargeRecord, 1, ""},
		{second(`"Description":"` + strings.Repeat("x", maxRecord) + `"`), records.TooLargeRecord, 1, ""},
		{second(`"` + strings.Repeat("x", maxRecord) + `":1`), records.TooLargeRecord, 1, ""},
		{second(`"Canary":` + strings.Repeat("1", maxRecord)), records.TooLargeRecord, 1, ""},
		{strings.Repeat(" ", 2*maxRecord) + "[]", records.TooLargeRecord, -1, ""},
		{"[]" + strings.Repeat("\n", 2*maxRecord), records.TooLargeRecord, -1, ""},
	})
	for name, members := range map[string]string{
		"deep":             `"Canary":` + deep(9_000),
		"as many keys":     keys(maxUnknown),
		"many keys inside": `"Canary":{` + keys(20_000) + `}`,
		"seven mebibytes":  `"Description":"` + strings.Repeat("x", 7*mebibyte) + `"`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, err := read(second(members)); err != nil || got.count != 2 {
				t.Errorf("%v", err)
			}
		})
	}
}

// An endless record and an endless reply end at a bound.
func TestFault_P13_Endless(t *testing.T) {
	t.Parallel()
	for name, piece := range map[string]string{"text": "x", "spaces": " ", "keys": `","a":"`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			given := 0
			endless := &countingReader{io.MultiReader(strings.NewReader(`[{"a`), &repeating{text: piece}), &given}
			if err := decode(endless, "", func(*alert.Alert) error { return nil }); err == nil || given > maxRecord+(1<<16) {
				t.Errorf("%v after %d bytes", err, given)
			}
		})
	}
}

type repeating struct {
	text string
	at   int
}

func (r *repeating) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = r.text[r.at]
		r.at = (r.at + 1) % len(r.text)
	}
	return len(p), nil
}

func TestFault_P13_ManyAlerts(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]io.Reader{
		"10,000 whole alerts":  bytes.NewReader(fakeapi.GenerateBody(1, 10_000, time.Now())),
		"100,000 small alerts": io.MultiReader(strings.NewReader("["), strings.NewReader(strings.Repeat("{"+minimum+"},", 99_999)), strings.NewReader("{"+minimum+"}]")),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, err := strconv.Atoi(strings.ReplaceAll(strings.Fields(name)[0], ",", ""))
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			if err := decode(body, "", func(a *alert.Alert) error {
				if a.Index != n {
					t.Fatalf("alert %d is number %d", n, a.Index)
				}
				n++
				return nil
			}); err != nil || n != want {
				t.Errorf("%d alerts, %v", n, err)
			}
		})
	}
}

// A service that ignores what it was asked for: nothing is dropped, and the
// notes say what is odd.
func TestFault_P15_ParametersIgnored(t *testing.T) {
	t.Parallel()
	at := func(group, processed string) string {
		return `{"AlertId":"a","Severity":"Low","MachineGroup":"` + group + `","LastProcessedTimeUtc":"` + processed + `"}`
	}
	body := "[" + strings.Join([]string{
		at("Build farm", "2026-02-14T06:59:59.9999999Z"), at("Build farm", "2026-02-14T07:00:00Z"), at("Desks", "2026-02-14T08:00:00Z"),
		at("BUILD FARM", "2026-02-14T08:00:00.0000001Z"), at("", "2026-02-14T07:30:00"),
	}, ",") + "]"
	server := transporttest.Start(t, fakeapi.Options{})
	server.ServeBody([]byte(body))
	query := alert.Query{
		Since: time.Date(2026, time.February, 14, 7, 0, 0, 0, time.UTC), Until: time.Date(2026, time.February, 14, 8, 0, 0, 0, time.UTC),
		Limit: 3, MachineGroups: []string{"build farm"},
	}
	selection := alert.NewSelection(alert.SelectionOptions{Query: query})
	if err := of(t, server, 1).Read(t.Context(), query, selection); err != nil {
		t.Fatal(err)
	}
	summary := selection.Summary()
	if summary.Fetched != 5 || summary.Total != 5 || !summary.Truncated {
		t.Errorf("%d of %d kept, truncated %t", summary.Total, summary.Fetched, summary.Truncated)
	}
	for name, note := range map[string]struct {
		got  alert.Positions
		want []int
	}{
		"outside the window": {summary.Anomalies.OutsideWindow, []int{0, 3}},
		"outside the groups": {summary.Anomalies.OutsideGroups, []int{2, 4}},
		"beyond the limit":   {summary.Anomalies.BeyondLimit, []int{3, 4}},
	} {
		if note.got.Count != len(note.want) || !slices.Equal(note.got.First, note.want) {
			t.Errorf("%s: %+v, want %d", name, note.got, note.want)
		}
	}
}

func TestFault_P16_Duplicates(t *testing.T) {
	t.Parallel()
	one := func(severity, members string) string {
		return `{"AlertId":"a","Severity":"` + severity + `","LastProcessedTimeUtc":"2026-02-14T06:31:08Z"` + members + `}`
	}
	same, other := `,"FullId":"a:1","AlertPart":0`, `,"FullId":"a:2","AlertPart":0`
	for name, test := range map[string]struct {
		records []string
		total   int
		highest string
	}{
		"equal":                   {[]string{one("Low", same), one("Low", same)}, 1, "Low"},
		"lower first":             {[]string{one("Low", same), one("High", same)}, 1, "High"},
		"higher first":            {[]string{one("High", same), one("Low", same)}, 1, "High"},
		"unknown severity wins":   {[]string{one("High", same), one("Odd", same), one("Low", same)}, 1, "Odd"},
		"another FullId":          {[]string{one("Low", same), one("High", other)}, 2, "High"},
		"another part":            {[]string{one("Low", same), one("Low", `,"FullId":"a:1","AlertPart":1`)}, 2, "Low"},
		"no part and part 0":      {[]string{one("Low", same), one("Low", `,"FullId":"a:1"`)}, 2, "Low"},
		"a quoted part":           {[]string{one("Low", same), one("Low", `,"FullId":"a:1","AlertPart":"0"`)}, 1, "Low"},
		"no FullId at all":        {[]string{one("Low", ""), one("Low", ""), one("Low", "")}, 3, "Low"},
		"FullId null and empty":   {[]string{one("Low", `,"FullId":null,"AlertPart":0`), one("Low", `,"FullId":"","AlertPart":0`)}, 2, "Low"},
		"an escape is no new one": {[]string{one("Low", same), one("Low", `,"FullId":"\u0061:1","AlertPart":0`)}, 1, "Low"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			selection := alert.NewSelection(alert.SelectionOptions{})
			if err := decode(strings.NewReader("["+strings.Join(test.records, ",")+"]"), "", selection.Add); err != nil {
				t.Fatal(err)
			}
			if sum := selection.Summary(); sum.Total != test.total || sum.MaxSeverity != test.highest || sum.Fetched != len(test.records) || sum.DistinctAlerts != 1 {
				t.Errorf("%+v", sum)
			}
		})
	}
}

func TestFault_P17_UnknownKeys(t *testing.T) {
	t.Parallel()
	only(t, first(`"Zeta":1,"Alpha":"text","Nil":null,"Blank":"","Zero":0,"No":false,"Yes":true,"Nothing":{},"None":[],`+
		`"Nested": { "a" : [ 1 , { "b" : null } ] , "" : "" },"Key with \"quotes\"\n":"x","":"empty key","e\u0301":"NFC",`+
		`"Slash":"\/\u0041<&>\u2028","LastProccesedTimeUtc":"2017","Text":" spaces  stay "`), func(a *alert.Alert) {
		wantAdditional(t, a, "Zeta = 1", `Alpha = "text"`, "Zero = 0", "No = false", "Yes = true", "Nothing = {}", "None = []",
			`Nested = {"a":[1,{"b":null}],"":""}`, "Key with \"quotes\"\n = \"x\"", ` = "empty key"`, "\u00e9 = \"NFC\"",
			`Slash = "\/\u0041<&>\u2028"`, `LastProccesedTimeUtc = "2017"`, `Text = " spaces  stay "`)
		if string(a.Text(alert.FieldAlertID)) != "da1_-2" {
			t.Error("the known keys are not read")
		}
	})
	// What belongs to one record is not kept for the next.
	var counts []int
	if err := decode(strings.NewReader(`[{"New":1,`+minimum+`},{`+minimum+`},{"New":2,"Newer":3,`+minimum+`}]`), "", func(a *alert.Alert) error {
		counts = append(counts, len(a.Additional()))
		return nil
	}); err != nil || !slices.Equal(counts, []int{1, 0, 2}) {
		t.Errorf("%v: %d", err, counts)
	}
}

// The service switched off: its name gone, its address answering for something
// else. None of it is tried again.
func TestFault_E4_SwitchedOff(t *testing.T) {
	t.Parallel()
	gone := source(t, "https://siem.invalid", transport.Options{MaxAttempts: 4, Base: roundTripper(func(*http.Request) (*http.Response, error) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "siem.invalid", IsNotFound: true}}
	})}, nil)
	if e := wantKind(t, pull(gone, new(list)), transport.Unresolved, 0); e.Attempts != 1 || e.Host != "siem.invalid" {
		t.Errorf("%d attempts at %s", e.Attempts, e.Host)
	}
	for name, test := range map[string]struct {
		step   fakeapi.Step
		kind   transport.Kind
		status int
	}{
		"404": {fakeapi.Reply(http.StatusNotFound, nil, `{"error":"canary"}`), transport.Status, http.StatusNotFound},
		"410": {fakeapi.Reply(http.StatusGone, nil, `[]`), transport.Status, http.StatusGone},
		"301": {fakeapi.RedirectTo(http.StatusMovedPermanently, "https://example.invalid/canary"), transport.Redirected, http.StatusMovedPermanently},
		"302": {fakeapi.RedirectTo(http.StatusFound, "/siem/api/alerts?canary"), transport.Redirected, http.StatusFound},
		"308": {fakeapi.RedirectTo(http.StatusPermanentRedirect, "https://example.invalid/canary"), transport.Redirected, http.StatusPermanentRedirect},
		"a page instead": {
			fakeapi.ContentType("text/html; charset=utf-8", "<html>canary</html>"), transport.MediaType, http.StatusOK,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := transporttest.Start(t, fakeapi.Options{})
			server.Script(fakeapi.Alerts, fakeapi.Always(test.step))
			if e := wantKind(t, pull(of(t, server, 4), new(list)), test.kind, test.status); e.Attempts != 1 {
				t.Errorf("%d attempts", e.Attempts)
			}
			if sent := len(server.AlertRequests()); sent != 1 || len(server.Requests()) != sent+len(server.TokenRequests()) {
				t.Errorf("%d requests, %d in all", sent, len(server.Requests()))
			}
		})
	}
}

// A token for another audience is refused with 401, whatever is renewed; one
// without the role with 403.
func TestFault_A14_WrongAudience(t *testing.T) {
	t.Parallel()
	issuer := transporttest.Start(t, fakeapi.Options{Seed: 7})
	server := transporttest.Start(t, fakeapi.Options{})
	tokens := &stubTokens{server: issuer}
	s := source(t, server.SIEMEndpoint(), transport.Options{MaxAttempts: 4, Base: network(t, server)}, tokens)
	if e := wantKind(t, pull(s, new(list)), transport.Status, http.StatusUnauthorized); e.Attempts != 2 || !isIdentifier(e.RequestID) || e.RequestID == "" {
		t.Errorf("%d attempts, request id %q", e.Attempts, e.RequestID)
	}
	if sent := server.AlertRequests(); len(sent) != 2 || tokens.renewed != 1 || sent[0].Header.Get("Authorization") == sent[1].Header.Get("Authorization") {
		t.Errorf("%d requests, %d renewals", len(sent), tokens.renewed)
	}
}

func TestFault_A14_WrongRole(t *testing.T) {
	t.Parallel()
	server := transporttest.Start(t, fakeapi.Options{})
	server.Script(fakeapi.Alerts, fakeapi.Always(fakeapi.Reply(http.StatusForbidden, nil, "canary")))
	tokens := &stubTokens{server: server}
	s := source(t, server.SIEMEndpoint(), transport.Options{MaxAttempts: 4, Base: network(t, server)}, tokens)
	e := wantKind(t, pull(s, new(list)), transport.Status, http.StatusForbidden)
	if sent := len(server.AlertRequests()); sent != 1 || tokens.renewed != 0 || e.Attempts != 1 {
		t.Errorf("%d requests, %d renewals, %d attempts", sent, tokens.renewed, e.Attempts)
	}
}
