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
)

// values are what a test expects of an alert: string, int, bool or []string by
// key. A field that is not named is null.
type values map[string]any

func wantValues(t *testing.T, a *alert.Alert, want values) {
	t.Helper()
	for i, f := range alert.Fields {
		expected, set := want[f.Key]
		if a.IsNull(i) == set {
			t.Errorf("%s is null: %t", f.Key, !set)
			continue
		}
		var got any
		switch f.Kind {
		case alert.KindText:
			got = string(a.Text(i))
		case alert.KindNumber:
			got = int(a.Number(i))
		case alert.KindBool:
			got = a.Bool(i)
		case alert.KindList:
			got = elements(a, i)
		}
		if set && fmt.Sprintf("%T %q", got, got) != fmt.Sprintf("%T %q", expected, expected) {
			t.Errorf("%s is %q, want %q", f.Key, got, expected)
		}
	}
	for key := range want {
		if !isKey(key) {
			t.Errorf("the field table has no %s", key)
		}
	}
}

func elements(a *alert.Alert, field int) []string {
	list := []string{}
	for element := range a.List(field) {
		list = append(list, string(element))
	}
	return list
}

func wantAdditional(t *testing.T, a *alert.Alert, want ...string) {
	t.Helper()
	var got []string
	for _, extra := range a.Additional() {
		got = append(got, string(extra.Key)+" = "+string(extra.JSON))
	}
	if !slices.Equal(got, want) {
		t.Errorf("additional\n%q, want\n%q", got, want)
	}
}

// shape2020 is what testdata/seeds/shape-2020.json says: all 50 keys.
var shape2020 = values{
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
		t.Fatalf("%d keys", len(shape2020))
	}
	only(t, string(seed(t, "shape-2020")), func(a *alert.Alert) {
		wantValues(t, a, shape2020)
		wantAdditional(t, a)
		processed := time.Date(2026, time.February, 14, 6, 31, 8, 527_490_100, time.UTC)
		if !a.Processed.Equal(processed) || a.Severity != alert.High || a.Index != 0 || a.Replaced != 0 {
			t.Errorf("%v, %v, %d, %d", a.Processed, a.Severity, a.Index, a.Replaced)
		}
	})
}

// In 2018 the last four keys were not there yet and two had other names.
func TestDecodeShape2018(t *testing.T) {
	t.Parallel()
	body := string(seed(t, "shape-2018"))
	if strings.Contains(body, "CreatedMachineTags") || !strings.Contains(body, "BuiltInMachineTags") {
		t.Fatal("not the shape of 2018")
	}
	only(t, body, func(a *alert.Alert) {
		for _, key := range []string{"IncidentLinkToWDATP", "ReportID", "LinkToMTP", "IncidentLinkToMTP", "Actor", "Url", "RemediationIsSuccess"} {
			if !a.IsNull(field(t, key)) {
				t.Errorf("%s is not null", key)
			}
		}
		for key, want := range map[string]string{
			"AlertId": "636801774420915533_1930045", "DeviceCreatedMachineTags": "plant", "CloudCreatedMachineTags": "tier-1; windows",
			"AlertTime": "2018-12-17T03:04:02.0915533Z", "LastProcessedTimeUtc": "2018-12-20T11:58:13.118Z",
		} {
			if got := string(a.Text(field(t, key))); got != want {
				t.Errorf("%s is %q, want %q", key, got, want)
			}
		}
		wantAdditional(t, a)
	})
}

// In 2017 what was not set was null, and one key was misspelled.
func TestDecodeShape2017(t *testing.T) {
	t.Parallel()
	only(t, string(seed(t, "shape-2017")), func(a *alert.Alert) {
		wantValues(t, a, values{
			"AlertTime": "2017-05-03T21:14:55.0416Z", "ComputerDnsName": "nw-desk-112",
			"AlertTitle": "Script host started by a document", "Category": "Execution", "Severity": "Medium",
			"AlertId":     "636293648950416000_-77120394",
			"LinkToWDATP": "https://securitycenter.windows.com/alert/636293648950416000_-77120394",
			"Sha1":        "0b6d4e1187fa92c35540de61b8932f7ca1045e98", "FileName": "wscript.exe", "FilePath": `C:\Windows\SysWOW64`,
			"IoaDefinitionId": "c61e0b7d-2f95-4a38-b0d4-19e7a3586f2c", "AlertPart": 0,
			"FullId": "636293648950416000_-77120394:5C0E9D71", "LastProcessedTimeUtc": "2017-05-03T22:01:07Z",
			"Source": "Windows Defender ATP", "FileHash": "0b6d4e1187fa92c35540de61b8932f7ca1045e98", "IocUniqueId": "5C0E9D71",
		})
		wantAdditional(t, a)
	})
}

// Nothing of one record is left in the next, and each has its place.
func TestDecodeSeveral(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"three-shapes", "shared-alert", "times", "severities", "quoted", "numbers"} {
		body := string(seed(t, name))
		want, err := truthOf([]byte(body))
		if err != nil {
			t.Fatal(err)
		}
		got, err := read(body)
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
	err := decode(bytes.NewReader(seed(t, "shared-alert")), "", func(a *alert.Alert) error {
		ids, fullIDs = append(ids, string(a.Text(alert.FieldAlertID))), append(fullIDs, string(a.Text(alert.FieldFullID)))
		parts = append(parts, a.Number(alert.FieldAlertPart))
		return nil
	})
	if err != nil || len(ids) != 2 || ids[0] != ids[1] || fullIDs[0] == fullIDs[1] || !slices.Equal(parts, []int64{0, 1}) {
		t.Errorf("%v: %q %q %d", err, ids, fullIDs, parts)
	}
}

// The identity tells apart what differs in FullId, in AlertPart or in whether
// there is one, and is the same for what does not; without a FullId there is none.
func TestDecodeIdentity(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, members := range []string{
		`"FullId":"a"`, `"FullId":"a","AlertPart":0`, `"FullId":"a","AlertPart":1`, `"FullId":"a","AlertPart":-1`,
		`"FullId":"a\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000"`, `"FullId":"A"`, `"FullId":"\u0001a"`,
		`"FullId":"` + strings.Repeat("a", 1000) + `"`, `"FullId":"` + strings.Repeat("a", 1001) + `"`,
	} {
		for _, same := range []string{members + "," + minimum, minimum + "," + strings.Replace(members, "a", `\u0061`, 1)} {
			only(t, "[{"+same+"}]", func(a *alert.Alert) {
				if len(a.Identity) == 0 {
					t.Errorf("%.40s has no identity", same)
				}
				if other, ok := seen[string(a.Identity)]; ok && other != members {
					t.Errorf("%.40s and %.40s have one identity, %q", members, other, a.Identity)
				}
				seen[string(a.Identity)] = members
			})
		}
	}
	if want := 9; len(seen) != want {
		t.Errorf("%d identities, want %d", len(seen), want)
	}
	err := decode(strings.NewReader(`[{"FullId":"a",`+minimum+`},{`+minimum+`},{"FullId":"","AlertPart":1,`+minimum+`},{"FullId":null,`+minimum+`}]`), "",
		func(a *alert.Alert) error {
			if has := len(a.Identity) > 0; has != (a.Index == 0) {
				t.Errorf("record %d has the identity %q", a.Index, a.Identity)
			}
			return nil
		})
	if err != nil {
		t.Errorf("decode = %v, want nil", err)
	}
}

// The error of a sink ends the decoding at once and comes back as it is, even if
// it looks like one of the decoder's own.
func TestDecodeSinkError(t *testing.T) {
	t.Parallel()
	for _, refusal := range []error{alert.ErrTooLarge, io.EOF, io.ErrUnexpectedEOF, &jsontext.SyntacticError{}, fmt.Errorf("%w", io.EOF)} {
		added, given := 0, 0
		body := "[{" + minimum + "},{" + minimum + "}" + strings.Repeat(" ", 1<<20) + ", no JSON"
		err := decode(&countingReader{strings.NewReader(body), &given}, "", func(*alert.Alert) error {
			if added++; added == 2 {
				return refusal
			}
			return nil
		})
		if !errors.Is(err, refusal) || err.Error() != refusal.Error() {
			t.Errorf("decode = %v, want %v", err, refusal)
		}
		if added != 2 {
			t.Errorf("%d alerts were added, want 2", added)
		}
		if given > 1<<16 {
			t.Errorf("%d bytes were read, want no more than a buffer", given)
		}
	}
}

func TestDecodeNothing(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"[]", " [ ] ", "\r\n[\t\n]\r\n"} {
		if got, err := read(body); err != nil || got.count != 0 {
			t.Errorf("%q: %d records, %v", body, got.count, err)
		}
	}
}

// null, "" and an absent key are the same, for every field but the minimum.
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
				only(t, fmt.Sprintf(`[{"%s":%s,%s}]`, key, unset, minimum), func(a *alert.Alert) {
					i := field(t, f.Key)
					if !a.IsNull(i) || a.Text(i) != nil || a.Number(i) != 0 || a.Bool(i) || len(elements(a, i)) != 0 {
						t.Errorf("%s: %s is a value", key, unset)
					}
					wantAdditional(t, a)
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
			only(t, fmt.Sprintf(`[{"%s":%s,%s}]`, key, text, minimum), func(a *alert.Alert) {
				if i := field(t, key); a.IsNull(i) || a.Number(i) != want {
					t.Errorf("%s: %s is %d", key, text, a.Number(i))
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
			only(t, fmt.Sprintf(`[{"%s":%s,%s}]`, key, text, minimum), func(a *alert.Alert) {
				if i := field(t, key); a.IsNull(i) || a.Bool(i) != want {
					t.Errorf("%s: %s is %t", key, text, a.Bool(i))
				}
			})
		}
	}
}

func TestDecodeLists(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"LogOnUsers", "InternalIPv4List", "InternalIPv6List"} {
		for text, want := range map[string][]string{
			`a`: {"a"}, `a;b`: {"a", "b"}, `a, b`: {"a", "b"}, `a; b,c`: {"a", "b", "c"}, ` a ;;, b;`: {"a", "b"},
			`nw\\ada; nw\\tomas`: {`nw\ada`, `nw\tomas`}, `; ,`: {}, `\u0061\u003bb`: {"a", "b"}, `Jürgen;確認`: {"Jürgen", "確認"},
		} {
			only(t, fmt.Sprintf(`[{"%s":"%s",%s}]`, key, text, minimum), func(a *alert.Alert) {
				if got := elements(a, field(t, key)); !slices.Equal(got, want) {
					t.Errorf("%s: %q is %q, want %q", key, text, got, want)
				}
			})
		}
	}
}

// Times come with as many of seven digits as are not trailing zeros, and are
// kept as they came.
func TestDecodeTimes(t *testing.T) {
	t.Parallel()
	second := time.Date(2026, time.February, 14, 6, 31, 8, 0, time.UTC)
	for fraction, nanos := range map[string]time.Duration{
		"": 0, ".5": 500_000_000, ".52": 520_000_000, ".527": 527_000_000, ".5274": 527_400_000, ".52749": 527_490_000,
		".527490": 527_490_000, ".5274901": 527_490_100, ".52749012": 527_490_120, ".527490123": 527_490_123,
	} {
		for _, zone := range []string{"Z", "", "+00:00"} {
			text := "2026-02-14T06:31:08" + fraction + zone
			only(t, `[{"AlertId":"a","Severity":"Low","LastProcessedTimeUtc":"`+text+`"}]`, func(a *alert.Alert) {
				if !a.Processed.Equal(second.Add(nanos)) || a.Processed.Location() != time.UTC || string(a.Text(alert.FieldLastProcessed)) != text {
					t.Errorf("%s is %v", text, a.Processed)
				}
			})
		}
	}
}

// Only one time is read; the other is text.
func TestDecodeAlertTimeIsText(t *testing.T) {
	t.Parallel()
	only(t, `[{"AlertTime":"yesterday, or so",`+minimum+`}]`, func(a *alert.Alert) {
		if got := string(a.Text(field(t, "AlertTime"))); got != "yesterday, or so" {
			t.Errorf("got %q", got)
		}
	})
}

func TestDecodeOldSpellings(t *testing.T) {
	t.Parallel()
	only(t, string(seed(t, "old-spellings")), func(a *alert.Alert) {
		for key, want := range map[string]string{
			"IoaDefinitionId": "c61e0b7d", "DeviceCreatedMachineTags": "plant", "CloudCreatedMachineTags": "tier-1",
		} {
			if got := string(a.Text(field(t, key))); got != want {
				t.Errorf("%s is %q, want %q", key, got, want)
			}
		}
		wantAdditional(t, a)
	})
}

// An escape stands for its character, in keys as in values.
func TestDecodeEscapes(t *testing.T) {
	t.Parallel()
	only(t, string(seed(t, "escapes")), func(a *alert.Alert) {
		wantValues(t, a, values{
			"AlertId": "q\"\"\\/\b\f\n\r\t\x00\x1f\x7f", "Severity": "Low", "LastProcessedTimeUtc": "2026-02-14T06:31:08Z",
			"AlertTitle": "Über 中🛡 \u2028", "FilePath": `C:\nw\u0041\\`, "Description": "\x1b[2J\r\n::error::x\u202e",
		})
		wantAdditional(t, a, `NewKey = "\u0041\\\u0041"`)
	})
}

// The second half of an AlertId may be negative, and the first has had a prefix
// since 2020.
func TestDecodeAlertIDs(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"636293648950416000_-77120394", "da638401552013378291_-204417783", "636801774420915533_1930045", "-", " "} {
		only(t, `[{"AlertId":"`+id+`","Severity":"Low","LastProcessedTimeUtc":"2026-02-14T06:31:08Z"}]`, func(a *alert.Alert) {
			if got := string(a.Text(alert.FieldAlertID)); got != id {
				t.Errorf("got %q, want %q", got, id)
			}
		})
	}
}

// The keys of records come in the order of the service, which may change from
// one record to the next.
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
		got, err := read(body)
		if err != nil {
			t.Fatal(err)
		}
		wantSame(t, "records", got.text, want)
	}
}

// A record is handed over as soon as it is there: not the whole reply is held.
func TestDecodeStreams(t *testing.T) {
	t.Parallel()
	const count, ahead = 2000, 256 << 10
	var given, end, furthest int
	pieces := []io.Reader{strings.NewReader("[{" + minimum + "}")}
	piece := ",{" + `"Description":"` + strings.Repeat("x", 1000) + `",` + minimum + "}"
	for range count {
		pieces = append(pieces, strings.NewReader(piece))
	}
	counted := &countingReader{io.MultiReader(append(pieces, strings.NewReader("]"))...), &given}
	err := decode(counted, "", func(a *alert.Alert) error {
		furthest = max(furthest, given-end)
		end += len(piece)
		return nil
	})
	if err != nil || furthest > ahead {
		t.Errorf("%v; read %d bytes ahead", err, furthest)
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
