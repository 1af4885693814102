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
	key     string
}

// wantFaults reads each body with the bare decoder and as a response.
func wantFaults(t *testing.T, faults []fault) {
	t.Helper()
	for _, f := range faults {
		name := f.body
		if len(name) > 60 {
			name = name[:60]
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := decodeAll(f.body)
			wantProblem(t, err, f.problem, f.index, f.key)
			err = readAll(clientFor(t, byLength.frame([]byte(f.body))), new(listSink))
			wantProblem(t, err, f.problem, f.index, f.key)
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
		faults = append(faults,
			fault{"[{" + rest + "}]", records.MissingField, 0, key},
			fault{"[{" + minimum + "},{" + rest + "}]", records.MissingField, 1, key},
		)
		for _, unset := range []string{`null`, `""`} {
			faults = append(faults, fault{`[{` + rest + `,"` + key + `":` + unset + `}]`, records.MissingField, 0, key})
		}
		for _, value := range []string{`1`, `-5`, `true`, `[]`, `["canary"]`, `{}`, `{"canary":1}`} {
			faults = append(faults, fault{`[{` + minimum + `},{` + rest + `,"` + key + `":` + value + `}]`, records.WrongType, 1, key})
		}
	}
	wantFaults(t, append(faults,
		fault{`[{}]`, records.MissingField, 0, "AlertId"},
		fault{`[{"Canary":1}]`, records.MissingField, 0, "AlertId"},
	))
}

// The same holds for every other field: a value of the wrong type is an error.
func TestFault_P3_WrongType(t *testing.T) {
	t.Parallel()
	var faults []fault
	for _, f := range alert.Fields {
		wrong := []string{`[]`, `{}`, `["canary"]`}
		switch f.Kind {
		case alert.KindList:
			wrong = []string{`{}`, `1`, `true`, `[1]`, `["canary",{}]`, `[["canary"]]`}
		case alert.KindNumber:
			wrong = append(wrong, `true`, `"canary"`)
		case alert.KindBool:
			wrong = append(wrong, `0`, `1`, `"canary"`, `"1"`, `"tRUE"`, `"true "`, `"\u0074rue"`)
		default:
			wrong = append(wrong, `1`, `false`)
		}
		for _, value := range wrong {
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
		"UnSpecified": alert.Unknown, "Critical": alert.Unknown, " High": alert.Unknown, "High\\u0000": alert.Unknown, "4": alert.Unknown,
		"null": alert.Unknown,
	} {
		decodeOne(t, "["+severity(text)+"]", func(d *alert.Detection) {
			if d.Severity != want {
				t.Errorf("Severity of %q = %v, want %v", text, d.Severity, want)
			}
			wantText(t, d, "Severity", strings.ReplaceAll(text, "\\u0000", "\x00"))
		})
	}
	// No filter drops it, and an anomaly has its position.
	selection := alert.NewSelection(alert.SelectionOptions{Filter: alert.Filter{MinSeverity: alert.High}})
	body := "[" + severity("Low") + "," + severity("Critical") + "," + severity("high") + "]"
	if err := decode(strings.NewReader(body), "", selection.Add); err != nil {
		t.Fatal(err)
	}
	summary := selection.Summary()
	if summary.Detections != 2 {
		t.Errorf("Detections = %d, want 2", summary.Detections)
	}
	if summary.MaxSeverity != "Critical" {
		t.Errorf("MaxSeverity = %q, want Critical", summary.MaxSeverity)
	}
	wantPositions(t, "UnknownSeverity", summary.Anomalies.UnknownSeverity, 1)
	wantFaults(t, []fault{
		{"[" + severity("Low") + `,{"AlertId":"a","LastProcessedTimeUtc":"2026-02-14T06:31:08Z","Severity":null}]`, records.MissingField, 1, "Severity"},
		{`[{"AlertId":"a","LastProcessedTimeUtc":"2026-02-14T06:31:08Z"}]`, records.MissingField, 0, "Severity"},
	})
}

// wantPositions fails the test unless an anomaly is at these positions.
func wantPositions(t *testing.T, anomaly string, got alert.Positions, want ...int) {
	t.Helper()
	if got.Count != len(want) {
		t.Errorf("%s: Count = %d, want %d", anomaly, got.Count, len(want))
	}
	if !slices.Equal(got.First, want) {
		t.Errorf("%s: First = %d, want %d", anomaly, got.First, want)
	}
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
	// Unknown keys may differ only in case: none is lost.
	decodeOne(t, first(`"Canary":1,"canary":2`), func(d *alert.Detection) { wantAdditional(t, d, "Canary = 1", "canary = 2") })
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

// P6 too: commas, comments, and what other readers of JSON accept.
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
		var got listSink
		err := readAll(clientFor(t, byLength.frame(body)), &got)
		if err != nil {
			wantNoText(t, err)
			return
		}
		want, err := truthOf(body)
		if err != nil {
			t.Errorf("%s: Read() of %q: alerts =\n%s\nwant an error", what, body, got.text)
			return
		}
		wantSame(t, fmt.Sprintf("%s: Read() of %q", what, body), got.text, want)
	}
	for n := range body {
		if _, err := decodeAll(string(body[:n])); err == nil {
			t.Errorf("decode() of the first %d bytes = nil, want an error", n)
		}
		check("prefix", body[:n])
		for bit := range 8 {
			check(fmt.Sprintf("bit %d of byte %d", bit, n), flipped(body, n, 1<<bit))
		}
	}
}

func TestFault_P8_ByteOrderMark(t *testing.T) {
	t.Parallel()
	const mark = "\ufeff"
	text := first(`"Category":"Ünïcode"`)
	want, err := truthOf([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for f := range framings {
		var got listSink
		if err := readAll(clientFor(t, f.frame([]byte(mark+text))), &got); err != nil {
			t.Errorf("framing %d: Read() = %v, want nil", f, err)
		}
		wantSame(t, fmt.Sprintf("framing %d, with a mark", f), got.text, want)
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
			err := readAll(clientFor(t, byLength.frame([]byte(body))), new(listSink))
			if err == nil {
				t.Fatal("Read() = nil, want an error")
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
		"lone continuation": "\x80", "overlong slash": "\xc0\xaf", "overlong NUL": "\xc0\x80", "truncated": "\xe4\xb8", "surrogate": "\xed\xa0\x80",
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
					e := wantKind(t, readAll(clientFor(t, f.frame([]byte(body))), new(listSink)), transport.NotUTF8, http.StatusOK)
					if start := int64(strings.Index(body, bad)); e.Bytes < start || e.Bytes > int64(len(body)) {
						t.Errorf("framing %d: Bytes = %d, want %d to %d", f, e.Bytes, start, len(body))
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
		decodeOne(t, first(`"FileName":"`+text+`"`), func(d *alert.Detection) {
			if got := string(d.Text(fieldIndex(t, "FileName"))); got != want {
				t.Errorf("FileName of %s = %q, want %q", text, got, want)
			}
			if d.Replaced != 1 {
				t.Errorf("Replaced of %s = %d, want 1", text, d.Replaced)
			}
		})
	}
	decodeOne(t, first(`"FileName":"\ud83d\ude00","FilePath":"\ufffd"`), func(d *alert.Detection) {
		if d.Replaced != 0 {
			t.Errorf("Replaced of a pair = %d, want 0", d.Replaced)
		}
	})
	// The value of an unknown key is kept as JSON text; in the key it is replaced.
	decodeOne(t, first(`"New":"\ud800","Odd\ud800":1`), func(d *alert.Detection) {
		wantAdditional(t, d, `New = "\ud800"`, "Odd\ufffd = 1")
		if d.Replaced != 1 {
			t.Errorf("Replaced of an unknown key = %d, want 1", d.Replaced)
		}
	})
	selection := alert.NewSelection(alert.SelectionOptions{})
	if err := decode(strings.NewReader(second(`"FileName":"\ud800","FilePath":"\ud800"`)), "", selection.Add); err != nil {
		t.Fatal(err)
	}
	wantPositions(t, "Replaced", selection.Summary().Anomalies.Replaced, 1)
}

// Replacement in the text that identifies or ranks a detection is an error: it
// would make two detections one. Every other field keeps both, with a warning.
func TestFault_P9_LossyText(t *testing.T) {
	t.Parallel()
	record := func(key, text string) string {
		members := ""
		for member, value := range map[string]string{
			"AlertId": "a", "FullId": "f", "Severity": "High", "LastProcessedTimeUtc": "2026-02-14T06:31:08Z", key: text,
		} {
			members += `,"` + member + `":"` + value + `"`
		}
		return "{" + members[1:] + "}"
	}
	var faults []fault
	for _, key := range []string{"AlertId", "FullId", "Severity"} {
		for _, text := range []string{`x\ud800`, `x\ud801`, `\udfffHigh`, `\ud83d\ud83d\ude00`} {
			faults = append(faults,
				fault{"[" + record(key, text) + "]", records.LossyText, 0, key},
				fault{"[" + record("Category", "a") + "," + record(key, text) + "]", records.LossyText, 1, key})
		}
		// A whole pair and U+FFFD itself lose nothing.
		for _, text := range []string{`\ud83d\ude00`, `\ufffd`, "\ufffd", `\\ud800`} {
			decodeOne(t, "["+record(key, text)+"]", func(d *alert.Detection) {
				if d.Replaced != 0 {
					t.Errorf("Replaced of %s %s = %d, want 0", key, text, d.Replaced)
				}
			})
		}
	}
	// All of these would be one FullId, x\ufffd.
	faults = append(faults,
		fault{"[" + record("FullId", `x\ud800`) + "," + record("FullId", `x\ud801`) + "]", records.LossyText, 0, "FullId"},
		fault{"[" + record("FullId", `x\ufffd`) + "," + record("FullId", `x\ud801`) + "]", records.LossyText, 1, "FullId"})
	wantFaults(t, faults)
	for _, f := range alert.Fields {
		switch f.Key {
		case "AlertId", "FullId", "Severity", "LastProcessedTimeUtc":
			continue
		}
		if f.Kind != alert.KindText && f.Kind != alert.KindList {
			continue
		}
		decodeOne(t, "["+record(f.Key, `x\ud800`)+"]", func(d *alert.Detection) {
			wantText(t, d, f.Key, "x\ufffd")
			if d.Replaced != 1 {
				t.Errorf("Replaced of %s = %d, want 1", f.Key, d.Replaced)
			}
		})
	}
}

// P10 is the provider's output of such text; here none of it changes.
func TestOddTextIsUnchanged(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for name, text := range map[string]string{
		"NUL": "a\x00b", "ESC": "\x1b[31mred\x1b[0m", "CR LF": "a\r\nb\rc\nd", "workflow command": "x\n::error::y\n##[error]z",
		"bidi": "\u202eexe.txt\u2066\u2069\u200f", "long": strings.Repeat("canary €", 30_000), "NFD": "e\u0301\u1100\u1161",
		"NFKC": "ﬁ①", "mark": "\ufeffa", "noncharacter": "\ufffe\uffff\U0010ffff", "separators": "\u2028\u2029\u0085", "blanks": "  \t ",
		"HTML": `<script>&amp;"'`, "template": "${path}%{if true}", "all controls": controls(), "random": randomText(random, 5000),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for how, quoted := range map[string]string{"plain": quote(text, false), "escaped": quote(text, true)} {
				body := []byte(first(`"Description":` + quoted))
				for f := range framings {
					var got listSink
					if err := readAll(clientFor(t, f.frame(body)), &got); err != nil {
						t.Fatalf("%s, framing %d: Read() = %v, want nil", how, f, err)
					}
					if want := appendText(nil, "Description", text); !bytes.Contains(got.text, want) {
						t.Errorf("%s, framing %d: alerts = %.200q, want %.200q in them", how, f, got.text, want)
					}
				}
				decodeOne(t, string(body), func(d *alert.Detection) {
					if got := string(d.Text(fieldIndex(t, "Description"))); got != text {
						t.Errorf("%s: Description = %.200q, want %.200q", how, got, text)
					}
					if d.Replaced != 0 {
						t.Errorf("%s: Replaced = %d, want 0", how, d.Replaced)
					}
				})
			}
		})
	}
}

// controls returns all characters of ASCII.
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
		text.WriteRune([]rune{
			rune(r.IntN(0x80)), rune(0x80 + r.IntN(0x700)), rune(0x4e00 + r.IntN(0x5000)), rune(0x10000 + r.IntN(0x10000)),
		}[r.IntN(4)])
	}
	return text.String()
}

// quote returns text as a JSON string; with all, every character is an escape.
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
	// Numbers are exact, those of unknown keys the text that was sent.
	decodeOne(t, first(`"AlertPart":9007199254740993,"ReportID":"-12","Wide":123456789012345678901234567890,"Real":1.0,"Exp":1E3`), func(d *alert.Detection) {
		if got := d.Number(alert.FieldAlertPart); got != 1<<53+1 {
			t.Errorf("AlertPart = %d, want %d", got, 1<<53+1)
		}
		if got := d.Number(fieldIndex(t, "ReportID")); got != -12 {
			t.Errorf("ReportID = %d, want -12", got)
		}
		wantAdditional(t, d, "Wide = 123456789012345678901234567890", "Real = 1.0", "Exp = 1E3")
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
		decodeOne(t, "["+at(text)+"]", func(d *alert.Detection) {
			if got := d.Processed.Format(time.RFC3339Nano); got != want {
				t.Errorf("Processed of %s = %s, want %s", text, got, want)
			}
			if got := d.Processed.Location(); got != time.UTC {
				t.Errorf("location of Processed of %s = %v, want UTC", text, got)
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
		{second(`"Description":"` + strings.Repeat("x", 2*maxRecord) + `"`), records.TooLargeRecord, 1, ""},
		{second(`"` + strings.Repeat("x", 2*maxRecord) + `":1`), records.TooLargeRecord, 1, ""},
		{second(`"Canary":` + strings.Repeat("1", 2*maxRecord)), records.TooLargeRecord, 1, ""},
		{second(`"` + strings.Repeat("x", 5<<10) + `":1`), records.LargeUnknown, 1, ""},
		{second(`"Canary":{` + keys(200_000) + `}`), records.LargeUnknown, 1, ""},
		{second(`"Canary":"` + strings.Repeat("x", 7*mebibyte) + `"`), records.LargeUnknown, 1, ""},
		{second(`"Description":"` + strings.Repeat("x", 7*mebibyte) + `"`), records.LongText, 1, "Description"},
		{second(`"AlertTitle":"` + strings.Repeat("x", 300<<10) + `"`), records.LongText, 1, "AlertTitle"},
		{second(`"MachineGroup":"` + strings.Repeat("x", 300<<10) + `"`), records.LongText, 1, "MachineGroup"},
		{second(`"Description":"` + strings.Repeat("x", mebibyte) + `","CommandLine":"` + strings.Repeat("x", mebibyte) + `"`), records.LongTexts, 1, ""},
		{second(`"Description":"` + strings.Repeat("x", 3*mebibyte/2) + `","Canary":"` + strings.Repeat("x", mebibyte/2) + `"`), records.LongTexts, 1, ""},
		{strings.Repeat(" ", 2*maxRecord) + "[]", records.TooLargeRecord, -1, ""},
		{"[]" + strings.Repeat("\n", 2*maxRecord), records.TooLargeRecord, -1, ""},
	})
	for name, members := range map[string]string{
		"deep":             `"Canary":` + deep(9_000),
		"as many keys":     keys(maxUnknown),
		"many keys inside": `"Canary":{` + keys(20_000) + `}`,
		"long texts":       `"Description":"` + strings.Repeat("x", mebibyte) + `","CommandLine":"` + strings.Repeat("x", mebibyte-1000) + `"`,
		"as many users":    `"LogOnUsers":[` + strings.Repeat(`"",`, 1<<16-1) + `"ann"]`,
		"long title":       `"AlertTitle":"` + strings.Repeat("x", 256<<10) + `"`,
		"large unknown":    `"Canary":"` + strings.Repeat("x", mebibyte-2) + `"`,
		"long unknown key": `"` + strings.Repeat("x", 4<<10) + `":1`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := decodeAll(second(members))
			if err != nil {
				t.Errorf("decode() = %v, want nil", err)
			}
			if got.count != 2 {
				t.Errorf("alerts = %d, want 2", got.count)
			}
		})
	}
}

// An endless record is an error at a bound, and so is an endless response.
func TestFault_P13_Endless(t *testing.T) {
	t.Parallel()
	for name, piece := range map[string]string{"text": "x", "spaces": " ", "keys": `","a":"`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			delivered := 0
			endless := &countingReader{io.MultiReader(strings.NewReader(`[{"a`), &repeating{text: piece}), &delivered}
			if err := decode(endless, "", func(*alert.Detection) error { return nil }); err == nil {
				t.Error("decode() = nil, want an error")
			}
			if limit := maxRecord + 1<<16; delivered > limit {
				t.Errorf("bytes read = %d, want at most %d", delivered, limit)
			}
		})
	}
}

// A repeating reader returns its text without end.
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
		"100,000 small alerts": strings.NewReader("[" + strings.Repeat("{"+minimum+"},", 99_999) + "{" + minimum + "}]"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, err := strconv.Atoi(strings.ReplaceAll(strings.Fields(name)[0], ",", ""))
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			if err := decode(body, "", func(d *alert.Detection) error {
				if d.Index != n {
					t.Fatalf("Index of alert %d = %d, want %d", n, d.Index, n)
				}
				n++
				return nil
			}); err != nil {
				t.Errorf("decode() = %v, want nil", err)
			}
			if n != want {
				t.Errorf("alerts = %d, want %d", n, want)
			}
		})
	}
}

// If the service ignores the parameters, nothing is dropped, and anomalies have
// the positions.
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
	if _, err := fakeClient(t, server, 1).Read(t.Context(), query, selection); err != nil {
		t.Fatal(err)
	}
	summary := selection.Summary()
	if summary.Fetched != 5 {
		t.Errorf("Fetched = %d, want 5", summary.Fetched)
	}
	if summary.Detections != 5 {
		t.Errorf("Detections = %d, want 5", summary.Detections)
	}
	if !summary.Truncated {
		t.Error("Truncated = false, want true")
	}
	wantPositions(t, "OutsideWindow", summary.Anomalies.OutsideWindow, 0, 3)
	wantPositions(t, "OutsideGroups", summary.Anomalies.OutsideGroups, 2, 4)
	wantPositions(t, "BeyondLimit", summary.Anomalies.BeyondLimit, 3, 4)
}

func TestFault_P16_Duplicates(t *testing.T) {
	t.Parallel()
	one := func(severity, members string) string {
		return `{"AlertId":"a","Severity":"` + severity + `","LastProcessedTimeUtc":"2026-02-14T06:31:08Z"` + members + `}`
	}
	same, other := `,"FullId":"a:1","AlertPart":0`, `,"FullId":"a:2","AlertPart":0`
	for name, test := range map[string]struct {
		detections []string
		total      int
		highest    string
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
			if err := decode(strings.NewReader("["+strings.Join(test.detections, ",")+"]"), "", selection.Add); err != nil {
				t.Fatal(err)
			}
			sum := selection.Summary()
			if sum.Detections != test.total {
				t.Errorf("Detections = %d, want %d", sum.Detections, test.total)
			}
			if sum.MaxSeverity != test.highest {
				t.Errorf("MaxSeverity = %q, want %q", sum.MaxSeverity, test.highest)
			}
			if sum.Fetched != len(test.detections) {
				t.Errorf("Fetched = %d, want %d", sum.Fetched, len(test.detections))
			}
			if sum.Alerts != 1 {
				t.Errorf("Alerts = %d, want 1", sum.Alerts)
			}
		})
	}
}

func TestFault_P17_UnknownKeys(t *testing.T) {
	t.Parallel()
	decodeOne(t, first(`"Zeta":1,"Alpha":"text","Nil":null,"Blank":"","Zero":0,"No":false,"Yes":true,"Nothing":{},"None":[],`+
		`"Nested": { "a" : [ 1 , { "b" : null } ] , "" : "" },"Key with \"quotes\"\n":"x","":"empty key","e\u0301":"NFC",`+
		`"Slash":"\/\u0041<&>\u2028","LastProccesedTimeUtc":"2017","Text":" spaces  stay "`), func(d *alert.Detection) {
		wantAdditional(t, d, "Zeta = 1", `Alpha = "text"`, "Zero = 0", "No = false", "Yes = true", "Nothing = {}", "None = []",
			`Nested = {"a":[1,{"b":null}],"":""}`, "Key with \"quotes\"\n = \"x\"", ` = "empty key"`, "\u00e9 = \"NFC\"",
			`Slash = "\/\u0041<&>\u2028"`, `LastProccesedTimeUtc = "2017"`, `Text = " spaces  stay "`)
		wantText(t, d, "AlertId", "da1_-2")
	})
	// What belongs to one record is not kept for the next.
	var counts []int
	body := `[{"New":1,` + minimum + `},{` + minimum + `},{"New":2,"Newer":3,` + minimum + `}]`
	if err := decode(strings.NewReader(body), "", func(d *alert.Detection) error {
		counts = append(counts, len(d.Additional()))
		return nil
	}); err != nil {
		t.Errorf("decode(%s) = %v, want nil", body, err)
	}
	if want := []int{1, 0, 2}; !slices.Equal(counts, want) {
		t.Errorf("additional keys of the records = %d, want %d", counts, want)
	}
}

// The service is switched off: its name is gone, or something else is at its
// address. None of it is retried.
func TestFault_E4_SwitchedOff(t *testing.T) {
	t.Parallel()
	notFound := &net.DNSError{Err: "no such host", Name: "siem.invalid", IsNotFound: true}
	unresolved := roundTripper(func(*http.Request) (*http.Response, error) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: notFound}
	})
	gone := newClient(t, "https://siem.invalid", transport.Options{MaxAttempts: 4, Base: unresolved}, nil)
	e := wantKind(t, readAll(gone, new(listSink)), transport.Unresolved, 0)
	if e.Attempts != 1 {
		t.Errorf("Attempts = %d, want 1", e.Attempts)
	}
	if e.Host != "siem.invalid" {
		t.Errorf("Host = %q, want siem.invalid", e.Host)
	}
	for name, test := range map[string]struct {
		step   fakeapi.Step
		kind   transport.Kind
		status int
	}{
		"404":  {fakeapi.Reply(404, nil, `{"error":"canary"}`), transport.Status, 404},
		"410":  {fakeapi.Reply(410, nil, `[]`), transport.Status, 410},
		"301":  {fakeapi.RedirectTo(301, "https://example.invalid/canary"), transport.Redirected, 301},
		"302":  {fakeapi.RedirectTo(302, "/siem/api/alerts?canary"), transport.Redirected, 302},
		"308":  {fakeapi.RedirectTo(308, "https://example.invalid/canary"), transport.Redirected, 308},
		"page": {fakeapi.ContentType("text/html; charset=utf-8", "<html>canary</html>"), transport.MediaType, 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := transporttest.Start(t, fakeapi.Options{})
			server.Script(fakeapi.Alerts, fakeapi.Always(test.step))
			err := readAll(fakeClient(t, server, 4), new(listSink))
			if e := wantKind(t, err, test.kind, test.status); e.Attempts != 1 {
				t.Errorf("Attempts = %d, want 1", e.Attempts)
			}
			wantAlertRequests(t, server, 1)
			if all, want := len(server.Requests()), 1+len(server.TokenRequests()); all != want {
				t.Errorf("requests sent = %d, want %d, for tokens and alerts", all, want)
			}
		})
	}
}

// A token for another audience is refused with 401, even after it is renewed; one
// without the role with 403.
func TestFault_A14_WrongAudience(t *testing.T) {
	t.Parallel()
	issuer := transporttest.Start(t, fakeapi.Options{Seed: 7})
	server := transporttest.Start(t, fakeapi.Options{})
	tokens := &stubTokens{server: issuer}
	c := newClient(t, server.SIEMEndpoint(), transport.Options{MaxAttempts: 4, Base: networkTo(t, server)}, tokens)
	e := wantKind(t, readAll(c, new(listSink)), transport.Status, http.StatusUnauthorized)
	if e.Attempts != 2 {
		t.Errorf("Attempts = %d, want 2", e.Attempts)
	}
	if e.RequestID == "" || !isIdentifier(e.RequestID) {
		t.Errorf("RequestID = %q, want a GUID", e.RequestID)
	}
	wantRenewals(t, tokens, 1)
	sent := wantAlertRequests(t, server, 2)
	if got := sent[1].Header.Get("Authorization"); got == sent[0].Header.Get("Authorization") {
		t.Errorf("Authorization of the second request = %q, want another than that of the first", got)
	}
}

func TestFault_A14_WrongRole(t *testing.T) {
	t.Parallel()
	server := transporttest.Start(t, fakeapi.Options{})
	server.Script(fakeapi.Alerts, fakeapi.Always(fakeapi.Reply(http.StatusForbidden, nil, "canary")))
	tokens := &stubTokens{server: server}
	c := newClient(t, server.SIEMEndpoint(), transport.Options{MaxAttempts: 4, Base: networkTo(t, server)}, tokens)
	e := wantKind(t, readAll(c, new(listSink)), transport.Status, http.StatusForbidden)
	if e.Attempts != 1 {
		t.Errorf("Attempts = %d, want 1", e.Attempts)
	}
	wantAlertRequests(t, server, 1)
	wantRenewals(t, tokens, 0)
}
