package siem

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
	"github.com/mdatp/terraform-provider-mdatp/internal/records"
)

// fieldValues are the values of an alert that a test expects: string, int, bool
// or []string by key. Fields without a key here are null.
type fieldValues map[string]any

func wantValues(t *testing.T, d *alert.Detection, want fieldValues) {
	t.Helper()
	for i, f := range alert.Fields {
		expected, set := want[f.Key]
		if d.IsNull(i) == set {
			t.Errorf("IsNull(%s) = %t, want %t", f.Key, set, !set)
			continue
		}
		var got any
		switch f.Kind {
		case alert.KindText:
			got = string(d.Text(i))
		case alert.KindNumber:
			got = int(d.Number(i))
		case alert.KindBool:
			got = d.Bool(i)
		case alert.KindList:
			got = listElements(d, i)
		}
		if set && fmt.Sprintf("%T %q", got, got) != fmt.Sprintf("%T %q", expected, expected) {
			t.Errorf("%s = %q, want %q", f.Key, got, expected)
		}
	}
	for key := range want {
		if !isKey(key) {
			t.Errorf("alert.Fields has no key %q", key)
		}
	}
}

// listElements returns the elements of a list, without any an empty slice.
func listElements(d *alert.Detection, field int) []string {
	elements := []string{}
	for element := range d.List(field) {
		elements = append(elements, string(element))
	}
	return elements
}

// wantAdditional fails the test unless the alert has these unknown keys, each
// written as "key = JSON".
func wantAdditional(t *testing.T, d *alert.Detection, want ...string) {
	t.Helper()
	var got []string
	for _, extra := range d.Additional() {
		got = append(got, string(extra.Key)+" = "+string(extra.JSON))
	}
	if !slices.Equal(got, want) {
		t.Errorf("Additional() =\n%q, want\n%q", got, want)
	}
}

// shape2020 are the values of testdata/seeds/shape-2020.json: all 50 keys.
var shape2020 = fieldValues{
	"AlertTime":                 "2026-02-14T06:28:41.90317Z",
	"ComputerDnsName":           "nw-build-07.plant.northwind.example",
	"AlertTitle":                "Unsigned driver loaded by a build agent",
	"Category":                  "Persistence",
	"Severity":                  "High",
	"AlertId":                   "da638401552013378291_-204417783",
	"Actor":                     "GRANITE HERON",
	"LinkToWDATP":               "https://securitycenter.windows.com/alert/da638401552013378291_-204417783",
	"IocName":                   "watchlist-14",
	"IocValue":                  "198.51.100.23",
	"CreatorIocName":            "plant-soc",
	"CreatorIocValue":           "198.51.100.0/24",
	"Sha1":                      "5f3c1d20a97be48816c0d2f7734ae9b0158c6d42",
	"FileName":                  "nwdrv64.sys",
	"FilePath":                  `C:\Windows\System32\drivers`,
	"IpAddress":                 "198.51.100.23;203.0.113.9",
	"Url":                       "https://updates.northwind.example/feed?id=7&lang=de",
	"IoaDefinitionId":           "3d9a6f04-71c8-4b52-9e0f-86b1d5a42c70",
	"UserName":                  "svc-build",
	"AlertPart":                 2,
	"FullId":                    "da638401552013378291_-204417783:q8ZbT1nRk0yXv5pWc3LdEo7uMfHs2aJg9xQiVtYw4Kc=",
	"LastProcessedTimeUtc":      "2026-02-14T06:31:08.5274901Z",
	"ThreatCategory":            "Trojan",
	"ThreatFamily":              "Brackwater",
	"ThreatName":                "Trojan:Win64/Brackwater.C!nw",
	"RemediationAction":         "quarantine",
	"RemediationIsSuccess":      true,
	"Source":                    "Antivirus",
	"Md5":                       "9b41c7e02d8f65a3140ebc97d2f6538a",
	"Sha256":                    "c0a8f1539e7d2b6440915fe38da7c26b1f90e4835d7ab2c6609f148e37d5ba21",
	"WasExecutingWhileDetected": false,
	"UserDomain":                "NORTHWIND",
	"LogOnUsers":                []string{`northwind\ada.berg`, `northwind\tomas.lind`},
	"MachineDomain":             "plant.northwind.example",
	"MachineName":               "nw-build-07",
	"InternalIPv4List":          []string{"10.44.7.19", "127.0.0.1"},
	"InternalIPv6List":          []string{"2001:db8:44:7::19", "fe80::44:7:19%eth0", "::1"},
	"FileHash":                  "5f3c1d20a97be48816c0d2f7734ae9b0158c6d42",
	"DeviceID":                  "7e1b94d3c02fa86551d3b8e97f40a6c2d85b913e",
	"MachineGroup":              "Build farm",
	"Description": "A driver without a signature was loaded.\r\nCommand: sc create nwdrv " +
		"binPath= \"C:\\Windows\\System32\\drivers\\nwdrv64.sys\"\tÜberprüfen – 確認 🛡",
	"DeviceCreatedMachineTags": "plant",
	"CloudCreatedMachineTags":  "tier-1; windows",
	"CommandLine":              "sc.exe create nwdrv type= kernel start= auto",
	"IncidentLinkToWDATP":      "https://securitycenter.windows.com/incidents/byalert?alertId=da638401552013378291_-204417783&source=SIEM",
	"ReportID":                 1204418830,
	"LinkToMTP":                "https://security.microsoft.com/alert/da638401552013378291_-204417783",
	"IncidentLinkToMTP":        "https://security.microsoft.com/incidents/byalert?alertId=da638401552013378291_-204417783&source=SIEM",
	"ExternalId":               "A41C07E93B5D2268F0971E4DC8357AB60F12D9E4",
	"IocUniqueId":              "q8ZbT1nRk0yXv5pWc3LdEo7uMfHs2aJg9xQiVtYw4Kc=",
}

func TestDecodeShape2020(t *testing.T) {
	t.Parallel()
	if len(shape2020) != 50 {
		t.Fatalf("keys of shape2020 = %d, want 50", len(shape2020))
	}
	decodeOne(t, string(seed(t, "shape-2020")), func(d *alert.Detection) {
		wantValues(t, d, shape2020)
		wantAdditional(t, d)
		processed := time.Date(2026, time.February, 14, 6, 31, 8, 527_490_100, time.UTC)
		if !d.Processed.Equal(processed) {
			t.Errorf("Processed = %v, want %v", d.Processed, processed)
		}
		if d.Severity != alert.High {
			t.Errorf("Severity = %v, want %v", d.Severity, alert.High)
		}
		if d.Index != 0 {
			t.Errorf("Index = %d, want 0", d.Index)
		}
		if d.Replaced != 0 {
			t.Errorf("Replaced = %d, want 0", d.Replaced)
		}
	})
}

// In 2018 the last four keys did not exist yet and two had other names.
func TestDecodeShape2018(t *testing.T) {
	t.Parallel()
	body := string(seed(t, "shape-2018"))
	if strings.Contains(body, "CreatedMachineTags") {
		t.Fatal("seed shape-2018 has CreatedMachineTags, want the old names only")
	}
	if !strings.Contains(body, "BuiltInMachineTags") {
		t.Fatal("seed shape-2018 has no BuiltInMachineTags, want the old names")
	}
	decodeOne(t, body, func(d *alert.Detection) {
		for _, key := range []string{"IncidentLinkToWDATP", "ReportID", "LinkToMTP", "IncidentLinkToMTP", "Actor", "Url", "RemediationIsSuccess"} {
			if !d.IsNull(fieldIndex(t, key)) {
				t.Errorf("IsNull(%s) = false, want true", key)
			}
		}
		for key, want := range map[string]string{
			"AlertId": "636801774420915533_1930045", "DeviceCreatedMachineTags": "plant", "CloudCreatedMachineTags": "tier-1; windows",
			"AlertTime": "2018-12-17T03:04:02.0915533Z", "LastProcessedTimeUtc": "2018-12-20T11:58:13.118Z",
		} {
			wantText(t, d, key, want)
		}
		wantAdditional(t, d)
	})
}

// In 2017 unset fields were null, and one key was misspelled.
func TestDecodeShape2017(t *testing.T) {
	t.Parallel()
	decodeOne(t, string(seed(t, "shape-2017")), func(d *alert.Detection) {
		wantValues(t, d, fieldValues{
			"AlertTime": "2017-05-03T21:14:55.0416Z", "ComputerDnsName": "nw-desk-112",
			"AlertTitle": "Script host started by a document", "Category": "Execution", "Severity": "Medium",
			"AlertId":     "636293648950416000_-77120394",
			"LinkToWDATP": "https://securitycenter.windows.com/alert/636293648950416000_-77120394",
			"Sha1":        "0b6d4e1187fa92c35540de61b8932f7ca1045e98", "FileName": "wscript.exe", "FilePath": `C:\Windows\SysWOW64`,
			"IoaDefinitionId": "c61e0b7d-2f95-4a38-b0d4-19e7a3586f2c", "AlertPart": 0,
			"FullId": "636293648950416000_-77120394:5C0E9D71", "LastProcessedTimeUtc": "2017-05-03T22:01:07Z",
			"Source": "Windows Defender ATP", "FileHash": "0b6d4e1187fa92c35540de61b8932f7ca1045e98", "IocUniqueId": "5C0E9D71",
		})
		wantAdditional(t, d)
	})
}

// Nothing of one record is left in the next, and each has its index.
func TestDecodeSeveral(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"three-shapes", "shared-alert", "times", "severities", "quoted", "numbers"} {
		body := string(seed(t, name))
		want, err := truthOf([]byte(body))
		if err != nil {
			t.Fatal(err)
		}
		got, err := decodeAll(body)
		if err != nil {
			t.Fatal(err)
		}
		wantSame(t, name, got.text, want)
	}
}

// Two detections of one alert are two records.
func TestDecodeSharedAlert(t *testing.T) {
	t.Parallel()
	var ids, fullIDs []string
	var parts []int64
	err := decode(bytes.NewReader(seed(t, "shared-alert")), "", func(d *alert.Detection) error {
		ids, fullIDs = append(ids, string(d.Text(alert.FieldAlertID))), append(fullIDs, string(d.Text(alert.FieldFullID)))
		parts = append(parts, d.Number(alert.FieldAlertPart))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(ids) != 2 {
		t.Fatalf("records = %d, want 2", len(ids))
	}
	if ids[0] != ids[1] {
		t.Errorf("AlertId = %q, want the same one twice", ids)
	}
	if fullIDs[0] == fullIDs[1] {
		t.Errorf("FullId = %q, want two different ones", fullIDs)
	}
	if want := []int64{0, 1}; !slices.Equal(parts, want) {
		t.Errorf("AlertPart = %d, want %d", parts, want)
	}
}

// Records that differ in FullId, AlertPart or the presence of AlertPart have
// different identities, other records the same one; without a FullId a record has
// none.
func TestDecodeIdentity(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, members := range []string{
		`"FullId":"a"`, `"FullId":"a","AlertPart":0`, `"FullId":"a","AlertPart":1`, `"FullId":"a","AlertPart":-1`,
		`"FullId":"a\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000"`, `"FullId":"A"`, `"FullId":"\u0001a"`,
		`"FullId":"` + strings.Repeat("a", 1000) + `"`, `"FullId":"` + strings.Repeat("a", 1001) + `"`,
	} {
		for _, same := range []string{members + "," + minimum, minimum + "," + strings.Replace(members, "a", `\u0061`, 1)} {
			decodeOne(t, "[{"+same+"}]", func(d *alert.Detection) {
				if len(d.Identity) == 0 {
					t.Errorf("%.40s: Identity is empty", same)
				}
				if other, ok := seen[string(d.Identity)]; ok && other != members {
					t.Errorf("%.40s: Identity = %q, want another than that of %.40s", members, d.Identity, other)
				}
				seen[string(d.Identity)] = members
			})
		}
	}
	if want := 9; len(seen) != want {
		t.Errorf("identities = %d, want %d", len(seen), want)
	}
	body := `[{"FullId":"a",` + minimum + `},{` + minimum + `},{"FullId":"","AlertPart":1,` + minimum + `},{"FullId":null,` + minimum + `}]`
	err := decode(strings.NewReader(body), "", func(d *alert.Detection) error {
		if got, want := len(d.Identity) > 0, d.Index == 0; got != want {
			t.Errorf("record %d has an identity = %t (%q), want %t", d.Index, got, d.Identity, want)
		}
		return nil
	})
	if err != nil {
		t.Errorf("decode(%s) = %v, want nil", body, err)
	}
}

// The error of a sink ends the decoding at once and comes back as it is, even if
// it looks like one of the decoder's own.
func TestDecodeSinkError(t *testing.T) {
	t.Parallel()
	for _, refusal := range []error{alert.ErrTooLarge, io.EOF, io.ErrUnexpectedEOF, &jsontext.SyntacticError{}, fmt.Errorf("%w", io.EOF)} {
		added, delivered := 0, 0
		body := "[{" + minimum + "},{" + minimum + "}" + strings.Repeat(" ", 1<<20) + ", no JSON"
		err := decode(&countingReader{strings.NewReader(body), &delivered}, "", func(*alert.Detection) error {
			if added++; added == 2 {
				return refusal
			}
			return nil
		})
		if !errors.Is(err, refusal) || err.Error() != refusal.Error() {
			t.Errorf("decode() = %v, want %v", err, refusal)
		}
		if added != 2 {
			t.Errorf("%v: alerts added = %d, want 2", refusal, added)
		}
		if delivered > 1<<16 {
			t.Errorf("%v: bytes read = %d, want at most a buffer of %d", refusal, delivered, 1<<16)
		}
	}
}

func TestDecodeEmptyArray(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"[]", " [ ] ", "\r\n[\t\n]\r\n"} {
		got, err := decodeAll(body)
		if err != nil {
			t.Errorf("decode(%q) = %v, want nil", body, err)
		}
		if got.count != 0 {
			t.Errorf("decode(%q) added %d alerts, want 0", body, got.count)
		}
	}
}

// null, "" and an absent key mean the same, for every field but the minimum.
func TestDecodeUnset(t *testing.T) {
	t.Parallel()
	for _, f := range alert.Fields {
		if slices.Contains([]string{"AlertId", "Severity", "LastProcessedTimeUtc"}, f.Key) {
			continue
		}
		for _, key := range []string{f.Key, f.Old} {
			for _, unset := range []string{`null`, `""`, ` null `} {
				if key == "" {
					continue
				}
				decodeOne(t, fmt.Sprintf(`[{"%s":%s,%s}]`, key, unset, minimum), func(d *alert.Detection) {
					i := fieldIndex(t, f.Key)
					got := fmt.Sprintf("null %t, text %q, number %d, bool %t, list %q",
						d.IsNull(i), d.Text(i), d.Number(i), d.Bool(i), listElements(d, i))
					if want := `null true, text "", number 0, bool false, list []`; got != want {
						t.Errorf("%s: %s is %s, want %s", key, unset, got, want)
					}
					if d.Text(i) != nil {
						t.Errorf("%s: %s: Text() = %q, want nil", key, unset, d.Text(i))
					}
					wantAdditional(t, d)
				})
			}
		}
	}
}

func TestDecodeNumbers(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"AlertPart", "ReportID"} {
		for text, want := range map[string]int64{
			`0`: 0, `-0`: 0, `7`: 7, `"7"`: 7, `-1204418830`: -1204418830, `"-3"`: -3,
			`9007199254740993`: 1<<53 + 1, `9223372036854775807`: 1<<63 - 1, `"9223372036854775807"`: 1<<63 - 1, `-9223372036854775808`: -1 << 63,
		} {
			decodeOne(t, fmt.Sprintf(`[{"%s":%s,%s}]`, key, text, minimum), func(d *alert.Detection) {
				i := fieldIndex(t, key)
				if d.IsNull(i) {
					t.Errorf("%s: %s is null, want %d", key, text, want)
				}
				if got := d.Number(i); got != want {
					t.Errorf("%s: %s is %d, want %d", key, text, got, want)
				}
			})
		}
	}
}

func TestDecodeBools(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"RemediationIsSuccess", "WasExecutingWhileDetected"} {
		for text, want := range map[string]bool{
			`true`: true, `"true"`: true, `"True"`: true, `"TRUE"`: true,
			`false`: false, `"false"`: false, `"False"`: false, `"FALSE"`: false,
		} {
			decodeOne(t, fmt.Sprintf(`[{"%s":%s,%s}]`, key, text, minimum), func(d *alert.Detection) {
				i := fieldIndex(t, key)
				if d.IsNull(i) {
					t.Errorf("%s: %s is null, want %t", key, text, want)
				}
				if got := d.Bool(i); got != want {
					t.Errorf("%s: %s is %t, want %t", key, text, got, want)
				}
			})
		}
	}
}

func TestDecodeLists(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"LogOnUsers", "InternalIPv4List", "InternalIPv6List"} {
		for text, want := range map[string][]string{
			`"a"`: {"a"}, `"a;b"`: {"a", "b"}, `"a, b"`: {"a", "b"}, `" a ;; b;"`: {"a", "b"}, `",a,,b, "`: {"a", "b"},
			`"a; Doe, J."`: {"a", "Doe, J."}, `"a,b;"`: {"a,b"}, // a comma separates only without a semicolon
			`"nw\\ada; nw\\tomas"`: {`nw\ada`, `nw\tomas`}, `"; "`: {}, `", "`: {}, `"\u0061\u003bb"`: {"a", "b"}, `"Jürgen;確認"`: {"Jürgen", "確認"},

			// An array of strings is accepted as it is.
			`["a","b"]`: {"a", "b"}, `["a;b"," c, d "]`: {"a;b", "c, d"}, `["nw\\ada","\u0061","é"]`: {`nw\ada`, "a", "é"},
			`[]`: {}, `["",null," "]`: {}, `[null,"a",""]`: {"a"},
		} {
			decodeOne(t, fmt.Sprintf(`[{"%s":%s,%s}]`, key, text, minimum), func(d *alert.Detection) {
				if got := listElements(d, fieldIndex(t, key)); !slices.Equal(got, want) {
					t.Errorf("%s: elements of %q = %q, want %q", key, text, got, want)
				}
			})
		}
	}
}

// Only a list may be an array, of strings alone, and not of any number.
func TestDecodeListProblems(t *testing.T) {
	t.Parallel()
	for members, want := range map[string]records.Problem{
		`"LogOnUsers":[1]`:         records.WrongType,
		`"LogOnUsers":["a",["b"]]`: records.WrongType,
		`"LogOnUsers":{"a":"b"}`:   records.WrongType,
		`"Description":["a"]`:      records.WrongType,
		`"LogOnUsers":[` + strings.Repeat(`"",`, maxElements) + `""]`: records.TooManyItems,
	} {
		err := decode(strings.NewReader("[{"+members+","+minimum+"}]"), "", func(*alert.Detection) error { return nil })
		got, ok := errors.AsType[*records.Error](err)
		if !ok {
			t.Errorf("decode(%.40s) = %v, want a *records.Error", members, err)
			continue
		}
		if got.Problem != want {
			t.Errorf("problem of %.40s = %q, want %q", members, got.Problem, want)
		}
		if key, _, _ := strings.Cut(members[1:], `"`); got.Field != key {
			t.Errorf("field of the problem of %.40s = %q, want %q", members, got.Field, key)
		}
	}
}

// A time has up to seven digits of a second, without trailing zeros, and its
// text is kept unchanged.
func TestDecodeTimes(t *testing.T) {
	t.Parallel()
	processed := time.Date(2026, time.February, 14, 6, 31, 8, 0, time.UTC)
	for fraction, nanos := range map[string]time.Duration{
		"": 0, ".5": 500_000_000, ".52": 520_000_000, ".527": 527_000_000, ".5274": 527_400_000, ".52749": 527_490_000,
		".527490": 527_490_000, ".5274901": 527_490_100, ".52749012": 527_490_120, ".527490123": 527_490_123,
	} {
		for _, zone := range []string{"Z", "", "+00:00"} {
			text := "2026-02-14T06:31:08" + fraction + zone
			decodeOne(t, `[{"AlertId":"a","Severity":"Low","LastProcessedTimeUtc":"`+text+`"}]`, func(d *alert.Detection) {
				if want := processed.Add(nanos); !d.Processed.Equal(want) {
					t.Errorf("Processed of %s = %v, want %v", text, d.Processed, want)
				}
				if got := d.Processed.Location(); got != time.UTC {
					t.Errorf("location of Processed of %s = %v, want UTC", text, got)
				}
				wantText(t, d, "LastProcessedTimeUtc", text)
			})
		}
	}
}

// AlertTime is text that is not parsed.
func TestDecodeAlertTimeIsText(t *testing.T) {
	t.Parallel()
	decodeOne(t, `[{"AlertTime":"yesterday, or so",`+minimum+`}]`, func(d *alert.Detection) {
		wantText(t, d, "AlertTime", "yesterday, or so")
	})
}

func TestDecodeOldSpellings(t *testing.T) {
	t.Parallel()
	decodeOne(t, string(seed(t, "old-spellings")), func(d *alert.Detection) {
		for key, want := range map[string]string{
			"IoaDefinitionId": "c61e0b7d", "DeviceCreatedMachineTags": "plant", "CloudCreatedMachineTags": "tier-1",
		} {
			wantText(t, d, key, want)
		}
		wantAdditional(t, d)
	})
}

// An escape stands for its character, in keys as in values.
func TestDecodeEscapes(t *testing.T) {
	t.Parallel()
	decodeOne(t, string(seed(t, "escapes")), func(d *alert.Detection) {
		wantValues(t, d, fieldValues{
			"AlertId": "q\"\"\\/\b\f\n\r\t\x00\x1f\x7f", "Severity": "Low", "LastProcessedTimeUtc": "2026-02-14T06:31:08Z",
			"AlertTitle": "Über 中🛡 \u2028", "FilePath": `C:\nw\u0041\\`, "Description": "\x1b[2J\r\n::error::x\u202e",
		})
		wantAdditional(t, d, `NewKey = "\u0041\\\u0041"`)
	})
}

// The second half of an AlertId may be negative, and the first has had a prefix
// since 2020.
func TestDecodeAlertIDs(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"636293648950416000_-77120394", "da638401552013378291_-204417783", "636801774420915533_1930045", "-", " "} {
		decodeOne(t, `[{"AlertId":"`+id+`","Severity":"Low","LastProcessedTimeUtc":"2026-02-14T06:31:08Z"}]`, func(d *alert.Detection) {
			wantText(t, d, "AlertId", id)
		})
	}
}

// The order of keys may differ from one record to the next.
func TestDecodeKeysInAnyOrder(t *testing.T) {
	t.Parallel()
	detections := []string{
		`{"AlertId":"1","Severity":"Low","LastProcessedTimeUtc":"2026-02-14T06:31:08Z","Category":"a"}`,
		`{"Severity":"Low","AlertId":"2","LastProcessedTimeUtc":"2026-02-14T06:31:08Z"}`,
		`{"Category":"c","New":1,"LastProcessedTimeUtc":"2026-02-14T06:31:08Z","Severity":"Low","AlertId":"3"}`,
		`{"New":1,"Category":"c","Newer":2,"LastProcessedTimeUtc":"2026-02-14T06:31:08Z","Severity":"Low","AlertId":"4"}`,
		`{"\u0041lertId":"5","Severity":"Low","LastProcessedTimeUtc":"2026-02-14T06:31:08Z","IoaDefinitiondId":"x"}`,
		`{"AlertId":"6","Severity":"Low","LastProcessedTimeUtc":"2026-02-14T06:31:08Z","IoaDefinitionId":"y"}`,
	}
	for shift := range detections {
		body := "[" + strings.Join(append(detections[shift:len(detections):len(detections)], detections[:shift]...), ",") + "]"
		want, err := truthOf([]byte(body))
		if err != nil {
			t.Fatal(err)
		}
		got, err := decodeAll(body)
		if err != nil {
			t.Fatal(err)
		}
		wantSame(t, fmt.Sprintf("records from %d on", shift), got.text, want)
	}
}

// Each record is added as soon as it is complete: the decoder does not hold the
// whole response.
func TestDecodeStreams(t *testing.T) {
	t.Parallel()
	const count, ahead = 2000, 256 << 10
	var delivered, end, furthest int
	pieces := []io.Reader{strings.NewReader("[{" + minimum + "}")}
	piece := ",{" + `"Description":"` + strings.Repeat("x", 1000) + `",` + minimum + "}"
	for range count {
		pieces = append(pieces, strings.NewReader(piece))
	}
	counted := &countingReader{io.MultiReader(append(pieces, strings.NewReader("]"))...), &delivered}
	err := decode(counted, "", func(d *alert.Detection) error {
		furthest = max(furthest, delivered-end)
		end += len(piece)
		return nil
	})
	if err != nil {
		t.Errorf("decode() = %v, want nil", err)
	}
	if furthest > ahead {
		t.Errorf("bytes read ahead = %d, want at most %d", furthest, ahead)
	}
}

type countingReader struct {
	io.Reader
	n *int
}

func (r *countingReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	*r.n += n
	return n, err
}
