package fakeapi_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

// keys2020 are the keys of the documented example, in its order.
const keys2020 = `AlertTime ComputerDnsName AlertTitle Category Severity AlertId Actor LinkToWDATP IocName IocValue ` +
	`CreatorIocName CreatorIocValue Sha1 FileName FilePath IpAddress Url IoaDefinitionId UserName AlertPart FullId ` +
	`LastProcessedTimeUtc ThreatCategory ThreatFamily ThreatName RemediationAction RemediationIsSuccess Source Md5 Sha256 ` +
	`WasExecutingWhileDetected UserDomain LogOnUsers MachineDomain MachineName InternalIPv4List InternalIPv6List FileHash ` +
	`DeviceID MachineGroup Description DeviceCreatedMachineTags CloudCreatedMachineTags CommandLine IncidentLinkToWDATP ` +
	`ReportID LinkToMTP IncidentLinkToMTP ExternalId IocUniqueId`

// keysOf returns the keys of an object in order of appearance.
func keysOf(t *testing.T, text []byte) string {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(text))
	var keys []string
	for i := 0; decoder.More(); i++ {
		token, err := decoder.Token()
		if err != nil {
			t.Fatal(err)
		}
		if key, ok := token.(string); ok && i%2 == 1 {
			keys = append(keys, key)
		}
	}
	return strings.Join(keys, " ")
}

// generated returns the records of a server, as text and decoded.
func generated(t *testing.T, o fakeapi.Options) ([]json.RawMessage, []map[string]any) {
	t.Helper()
	body := []byte(alerts(t, start(t, o), "ago=P7D").body)
	var texts []json.RawMessage
	var records []map[string]any
	if err := json.Unmarshal(body, &texts); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(body, &records); err != nil {
		t.Fatal(err)
	}
	return texts, records
}

func TestGeneratedShapes(t *testing.T) {
	t.Parallel()
	old := strings.NewReplacer(
		"DeviceCreatedMachineTags", "BuiltInMachineTags",
		"CloudCreatedMachineTags", "UserDefinedMachineTags",
		"IncidentLinkToWDATP ReportID LinkToMTP IncidentLinkToMTP ", "",
	)
	keys2018 := old.Replace(keys2020)
	before, _, _ := strings.Cut(keys2020, "UserDomain")
	keys2017 := strings.Replace(before, "IoaDefinitionId", "IoaDefinitiondId", 1) + "FileHash IocUniqueId"

	for _, n := range []int{16, 120} {
		seen := map[string]int{}
		texts, _ := generated(t, fakeapi.Options{Now: atNoon, Alerts: n})
		for _, text := range texts {
			switch keys := keysOf(t, text); {
			case strings.HasSuffix(keys, " DetectorBuild"):
				seen["unknown key"]++
			case keys == keys2020:
				seen["2020"]++
			case keys == keys2018:
				seen["2018"]++
			case keys == keys2017:
				seen["2017"]++
			case strings.Contains(keys, "Definitiond") || strings.Contains(keys, "DeviceCreated"):
				t.Errorf("keys of a record = %s, want those of one shape", keys)
			default:
				seen["2018 partial"]++
			}
		}
		if got := seen["unknown key"]; got != 1 {
			t.Errorf("of %d records %d have an unknown key, want 1", n, got)
		}
		least := map[string]int{"2020": n / 2, "2018": 1, "2017": 1}
		if n >= 120 {
			least["2018 partial"] = 1
		}
		for shape, want := range least {
			if got := seen[shape]; got < want {
				t.Errorf("of %d records %d have the shape %s, want at least %d", n, got, shape, want)
			}
		}
	}
}

func TestGeneratedValues(t *testing.T) {
	t.Parallel()
	texts, records := generated(t, fakeapi.Options{Now: atNoon, Alerts: 1000})
	all := joined(texts)
	for what, pattern := range map[string]string{
		"no fraction":       `"LastProcessedTimeUtc":"2026-03-\d\dT\d\d:\d\d:\d\dZ"`,
		"two digits":        `"LastProcessedTimeUtc":"[^".]*\.\d[1-9]Z"`,
		"five digits":       `"LastProcessedTimeUtc":"[^".]*\.\d{4}[1-9]Z"`,
		"six digits":        `"LastProcessedTimeUtc":"[^".]*\.\d{5}[1-9]Z"`,
		"seven digits":      `"LastProcessedTimeUtc":"[^".]*\.\d{6}[1-9]Z"`,
		"negative id":       `"AlertId":"da6\d{17}_-\d+"`,
		"old id":            `"AlertId":"6\d{17}_-?\d+"`,
		"null":              `"ThreatName":null`,
		"true":              `"RemediationIsSuccess":true`,
		"false":             `"RemediationIsSuccess":false`,
		"was executing":     `"WasExecutingWhileDetected":true`,
		"number":            `"ReportID":\d+,`,
		"part":              `"AlertPart":1,`,
		"line break":        `"Description":"[^"]*\\r\\n`,
		"backslashes":       `"FilePath":"C:\\\\`,
		"quotes":            `"CommandLine":"[^}]*\\"`,
		"é":                 `é`,
		"escaped é":         `\\u00e9`,
		"日本":                `日本|田中|ログ`,
		"emoji":             `🎵`,
		"escaped emoji":     `\\ud83c\\udfb5`,
		"semicolon list":    `"InternalIPv4List":"[\d.]+;[\d.]+`,
		"comma list":        `"InternalIPv4List":"[\d.]+, [\d.]+"`,
		"indicator":         `"IocName":"[^"]+","IocValue":"[^"]+"`,
		"bare host":         `"ComputerDnsName":"[^."]+"`,
		"no group":          `"MachineGroup":""`,
		"custom indicators": `"Source":"Custom TI"`,
	} {
		if !regexp.MustCompile(pattern).MatchString(all) {
			t.Errorf("%s: no record matches %s, want at least one", what, pattern)
		}
	}
	severities := map[any]int{}
	identities := map[string]bool{}
	alertIDs := map[any]bool{}
	for _, r := range records {
		severities[r["Severity"]]++
		alertIDs[r["AlertId"]] = true
		id, _ := r["AlertId"].(string)
		ioc, _ := r["IocUniqueId"].(string)
		if want := id + ":" + ioc; r["FullId"] != want {
			t.Errorf("FullId = %v, want %s", r["FullId"], want)
		}
		if identities[id+ioc] {
			t.Errorf("FullId %v is duplicate, want every one once", r["FullId"])
		}
		identities[id+ioc] = true
	}
	for severity, want := range map[string]int{"High": 30, "Low": 100, "Medium": 100, "Informational": 300} {
		if got := severities[severity]; got < want {
			t.Errorf("detections of severity %s = %d, want at least %d", severity, got, want)
		}
	}
	wantBetween(t, "alerts of 1000 detections", len(alertIDs), 600, 900)
}

func joined(texts []json.RawMessage) string {
	var all strings.Builder
	for _, text := range texts {
		all.Write(text)
	}
	return all.String()
}

func TestGeneratedTimes(t *testing.T) {
	t.Parallel()
	count := func(n int, window string) int {
		return len(ids(t, alerts(t, start(t, fakeapi.Options{Now: atNoon, Alerts: n}), window).body))
	}
	hours, day, week := count(1000, ""), count(1000, "ago=P1D"), count(1000, "ago=P7D")
	wantBetween(t, "records of 2 hours, of 1000", hours, 600, 800)
	wantBetween(t, "records of 1 day, of 1000", day, 850, 950)
	wantBetween(t, "records of 7 days, of 1000", week, 1000, 1000)
	hours, day = count(40, ""), count(40, "ago=P1D")
	wantBetween(t, "records of 2 hours, of 40", hours, 0, day-1)
	wantBetween(t, "records of 1 day, of 40", day, 0, 39)
}

func wantBetween(t *testing.T, what string, got, least, most int) {
	t.Helper()
	if got < least || got > most {
		t.Errorf("%s = %d, want from %d to %d", what, got, least, most)
	}
}

func TestGeneratedOrder(t *testing.T) {
	t.Parallel()
	_, records := generated(t, fakeapi.Options{Now: atNoon})
	times := make([]time.Time, len(records))
	for i, r := range records {
		text, _ := r["LastProcessedTimeUtc"].(string)
		var err error
		if times[i], err = time.Parse(time.RFC3339Nano, text); err != nil {
			t.Errorf("LastProcessedTimeUtc of record %d: %v", i, err)
		}
		if times[i].After(noon) {
			t.Errorf("LastProcessedTimeUtc of record %d = %s, want at most %s", i, text, noon)
		}
	}
	if slices.IsSortedFunc(times, time.Time.Compare) {
		t.Error("the records ascend by time, want them unsorted")
	}
	if slices.IsSortedFunc(times, func(a, b time.Time) int { return b.Compare(a) }) {
		t.Error("the records descend by time, want them unsorted")
	}
}

func TestGeneratedIsDeterministic(t *testing.T) {
	t.Parallel()
	body := func(seed uint64) string {
		return alerts(t, start(t, fakeapi.Options{Seed: seed, Now: atNoon}), "ago=P7D").body
	}
	first := body(3)
	if body(3) != first {
		t.Error("two bodies of seed 3 differ, want the same")
	}
	if body(4) == first {
		t.Error("the bodies of seeds 3 and 4 are the same, want different ones")
	}
}

func TestNoAlerts(t *testing.T) {
	t.Parallel()
	wantText(t, "body", alerts(t, start(t, fakeapi.Options{Alerts: -1}), "ago=P7D").body, "[]")
}

func TestGenerateBody(t *testing.T) {
	t.Parallel()
	body := fakeapi.GenerateBody(1, 2000, noon)
	var records []map[string]any
	if err := json.Unmarshal(body, &records); err != nil {
		t.Fatal(err)
	}
	wantBetween(t, "records", len(records), 2000, 2000)
	wantBetween(t, "bytes of a record", len(body)/2000, 2000, 2400)
	identities := map[any]bool{}
	for _, r := range records {
		identities[r["FullId"]] = true
		if keys := slices.Collect(maps.Keys(r)); len(keys) != 50 {
			t.Fatalf("keys of record %v = %d, want 50", r["FullId"], len(keys))
		}
	}
	wantBetween(t, "different values of FullId", len(identities), 2000, 2000)
	if !bytes.Equal(body, fakeapi.GenerateBody(1, 2000, noon)) {
		t.Error("two bodies of seed 1 differ, want the same")
	}
	if bytes.Equal(body, fakeapi.GenerateBody(2, 2000, noon)) {
		t.Error("the bodies of seeds 1 and 2 are the same, want different ones")
	}
	for _, n := range []int{-1, 0} {
		wantText(t, fmt.Sprintf("GenerateBody(1, %d, noon)", n), string(fakeapi.GenerateBody(1, n, noon)), "[]")
	}
}
