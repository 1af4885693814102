package fakeapi_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

// keys2020 are the keys of the documented example, in its order.
const keys2020 = `AlertTime ComputerDnsName AlertTitle Category Severity AlertId Actor LinkToWDATP IocName IocValue CreatorIocName ` +
	`CreatorIocValue Sha1 FileName FilePath IpAddress Url IoaDefinitionId UserName AlertPart FullId LastProcessedTimeUtc ` +
	`ThreatCategory ThreatFamily ThreatName RemediationAction RemediationIsSuccess Source Md5 Sha256 WasExecutingWhileDetected ` +
	`UserDomain LogOnUsers MachineDomain MachineName InternalIPv4List InternalIPv6List FileHash DeviceID MachineGroup Description ` +
	`DeviceCreatedMachineTags CloudCreatedMachineTags CommandLine IncidentLinkToWDATP ReportID LinkToMTP IncidentLinkToMTP ` +
	`ExternalId IocUniqueId`

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
	old := strings.NewReplacer("DeviceCreatedMachineTags", "BuiltInMachineTags", "CloudCreatedMachineTags", "UserDefinedMachineTags",
		"IncidentLinkToWDATP ReportID LinkToMTP IncidentLinkToMTP ", "")
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
				t.Errorf("mixed shape %s", keys)
			default:
				seen["2018 partial"]++
			}
		}
		if seen["unknown key"] != 1 || seen["2020"] < n/2 || seen["2018"] == 0 || seen["2017"] == 0 ||
			n >= 120 && seen["2018 partial"] == 0 {
			t.Errorf("%d records: got %v", n, seen)
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
			t.Errorf("%s: nothing matches %s", what, pattern)
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
		if r["FullId"] != id+":"+ioc || identities[id+ioc] {
			t.Errorf("FullId %v of %v, seen before: %v", r["FullId"], id, identities[id+ioc])
		}
		identities[id+ioc] = true
	}
	if severities["High"] < 30 || severities["Low"] < 100 || severities["Medium"] < 100 || severities["Informational"] < 300 {
		t.Errorf("severities %v", severities)
	}
	if len(alertIDs) > 900 || len(alertIDs) < 600 {
		t.Errorf("%d alerts in 1000 detections", len(alertIDs))
	}
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
	if hours < 600 || hours > 800 || day < 850 || day > 950 || week != 1000 {
		t.Errorf("2 h: %d, 1 day: %d, 7 days: %d of 1000", hours, day, week)
	}
	if hours, day = count(40, ""), count(40, "ago=P1D"); hours >= day || day >= 40 {
		t.Errorf("40 records: %d within 2 h, %d within a day", hours, day)
	}
}

func TestGeneratedOrder(t *testing.T) {
	t.Parallel()
	_, records := generated(t, fakeapi.Options{Now: atNoon})
	times := make([]time.Time, len(records))
	for i, r := range records {
		text, _ := r["LastProcessedTimeUtc"].(string)
		var err error
		if times[i], err = time.Parse(time.RFC3339Nano, text); err != nil || times[i].After(noon) {
			t.Errorf("time %q: %v", text, err)
		}
	}
	if slices.IsSortedFunc(times, time.Time.Compare) || slices.IsSortedFunc(times, func(a, b time.Time) int { return b.Compare(a) }) {
		t.Error("the records are sorted by time")
	}
}

func TestGeneratedIsDeterministic(t *testing.T) {
	t.Parallel()
	body := func(seed uint64) string {
		return alerts(t, start(t, fakeapi.Options{Seed: seed, Now: atNoon}), "ago=P7D").body
	}
	first := body(3)
	if body(3) != first {
		t.Error("the same seed gives other records")
	}
	if body(4) == first {
		t.Error("another seed gives the same records")
	}
}

func TestNoAlerts(t *testing.T) {
	t.Parallel()
	if got := alerts(t, start(t, fakeapi.Options{Alerts: -1}), "ago=P7D").body; got != "[]" {
		t.Errorf("got %s", got)
	}
}

func TestGenerateBody(t *testing.T) {
	t.Parallel()
	body := fakeapi.GenerateBody(1, 2000, noon)
	var records []map[string]any
	if err := json.Unmarshal(body, &records); err != nil {
		t.Fatal(err)
	}
	if size := len(body) / 2000; len(records) != 2000 || size < 2000 || size > 2400 {
		t.Errorf("%d records of %d bytes", len(records), size)
	}
	identities := map[any]bool{}
	for _, r := range records {
		identities[r["FullId"]] = true
		if keys := slices.Collect(maps.Keys(r)); len(keys) != 50 {
			t.Fatalf("%d keys", len(keys))
		}
	}
	if len(identities) != 2000 {
		t.Errorf("%d different FullIds", len(identities))
	}
	if !bytes.Equal(body, fakeapi.GenerateBody(1, 2000, noon)) || bytes.Equal(body, fakeapi.GenerateBody(2, 2000, noon)) {
		t.Error("the body does not depend on the seed alone")
	}
	for n, want := range map[int]string{-1: "[]", 0: "[]"} {
		if got := string(fakeapi.GenerateBody(1, n, noon)); got != want {
			t.Errorf("%d: got %s", n, got)
		}
	}
}
