package graph

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
	"github.com/mdatp/terraform-provider-mdatp/internal/records"
)

// endpoint are the attributes of the first alert of testdata/endpoint.json.
var endpoint = map[string]string{
	"alert_time":                   "2026-03-02T10:15:42.7566667Z",
	"computer_dns_name":            "nw-build-07.plant.northwind.example",
	"alert_title":                  "Remote tool started by a script",
	"category":                     "LateralMovement",
	"severity":                     "High",
	"alert_id":                     "da1f6f2c55-03b1-4f0e-9d37-5c2f9a86e1d4_1",
	"actor":                        "GRANITE HERON",
	"link_to_wdatp":                "https://security.example/alerts/da1f6f2c55_1",
	"sha1":                         "5f3c1d20a97be48816c0d2f7734ae9b0158c6d42",
	"file_name":                    "rtool.exe",
	"file_path":                    `C:\Tools`,
	"ip_address":                   "198.51.100.23;203.0.113.9",
	"url":                          "https://updates.northwind.example/feed?id=7&lang=de",
	"ioa_definition_id":            "4b8e0c11-7a52-4a0d-8d1e-6f3f1f2ab9c0",
	"user_name":                    "svc-build",
	"last_processed_time_utc":      "2026-03-04T08:00:00.1Z",
	"threat_category":              "T1569.002;T1021, a note",
	"remediation_action":           "unremediated",
	"remediation_is_success":       "false",
	"source":                       "EDR",
	"sha256":                       "c0a8f1539e7d2b6440915fe38da7c26b1f90e4835d7ab2c6609f148e37d5ba21",
	"was_executing_while_detected": "true",
	"user_domain":                  "NORTHWIND",
	"log_on_users":                 `NORTHWIND\ada.berg | Lind, Tomas`,
	"machine_domain":               "plant.northwind.example",
	"machine_name":                 "nw-build-07",
	"internal_ipv4_list":           "10.44.7.19 | 127.0.0.1",
	"internal_ipv6_list":           "fe80::44:7:19 | ::1",
	"file_hash":                    "5f3c1d20a97be48816c0d2f7734ae9b0158c6d42",
	"device_id":                    "7e1b94d3c02fa86551d3b8e97f40a6c2d85b913e",
	"machine_group":                "Build farm",
	"description":                  "A tool was started.\r\nCommand: rtool -x \"a;b\" – 確認",
	"device_created_machine_tags":  "plant;tier 1, windows",
	"cloud_created_machine_tags":   "plant;tier 1, windows",
	"command_line":                 `rtool.exe -x "a;b"`,
	"incident_link_to_wdatp":       "https://security.example/incident2/412/overview",
	"link_to_mtp":                  "https://security.example/alerts/da1f6f2c55_1",
	"incident_link_to_mtp":         "https://security.example/incident2/412/overview",

	"triage.status":              "inProgress",
	"triage.classification":      "truePositive",
	"triage.determination":       "maliciousUserActivity",
	"triage.assigned_to":         "ada.berg@northwind.example",
	"triage.incident_id":         "412",
	"triage.service_source":      "microsoftDefenderForEndpoint",
	"triage.mitre_techniques":    "T1569.002 | T1021, a note",
	"triage.investigation_state": "unsupportedAlertType",
	"triage.last_update_time":    "2026-03-04T08:00:00.1Z",
	"triage.first_activity_time": "2026-03-02T10:14:01Z",
	"triage.last_activity_time":  "2026-03-02T10:20:30.5274901Z",
	"triage.product_name":        "Microsoft Defender for Endpoint",
}

func TestDecodeEndpoint(t *testing.T) {
	t.Parallel()
	results, info, err := decodeAll(payload(t, "endpoint.json"))
	if err != nil || len(results) != 2 {
		t.Fatalf("decode = %d alerts, error %v, want 2 and nil", len(results), err)
	}
	want := records.PageInfo{Next: "https://graph.example/v1.0/security/alerts_v2?$top=2&$skip=2", Count: 2}
	if info != want {
		t.Errorf("decode = %+v, want %+v", info, want)
	}
	first := results[0]
	wantAttributes(t, first.attributes, endpoint)
	wantAttributes(t, first.additional, map[string]string{
		"providerAlertId":    `"1f6f2c55-03b1-4f0e-9d37-5c2f9a86e1d4_1"`,
		"tenantId":           `"00000000-1111-2222-3333-444444444444"`,
		"recommendedActions": `"Isolate the device."`,
		"categories":         `["LateralMovement","Execution"]`,
		"systemTags":         `[]`,
		"comments":           `[{"comment":"Seen.","createdByDisplayName":"Ada","createdDateTime":"2026-03-02T11:00:00Z"}]`,
		"customDetails":      `{}`,
	})
	if first.created != "2026-03-02T10:15:42.7566667Z" {
		t.Errorf("Created = %s, want createdDateTime", first.created)
	}
	if want := []string{"Printers", "Build farm"}; !slices.Equal(first.groups, want) {
		t.Errorf("Groups = %q, want %q", first.groups, want)
	}
	if want := []string{"other", "plant", "tier 1, windows"}; !slices.Equal(first.tags, want) {
		t.Errorf("Tags = %q, want %q", first.tags, want)
	}
	d := first.alert
	processed := time.Date(2026, time.March, 4, 8, 0, 0, 100_000_000, time.UTC)
	if d.Index != 0 || d.Severity != alert.High || !d.Processed.Equal(processed) || string(d.Identity) != "da1f6f2c55-03b1-4f0e-9d37-5c2f9a86e1d4_1" {
		t.Errorf("detection = index %d, severity %v, processed %v, identity %q", d.Index, d.Severity, d.Processed, d.Identity)
	}

	// Nothing of the first alert is left in the second.
	second := results[1]
	wantAttributes(t, second.attributes, map[string]string{
		"alert_id": "ed638_-1", "severity": "1023", "last_processed_time_utc": "2026-03-04T08:00:00Z", "triage.last_update_time": "2026-03-04T08:00:00Z",
	})
	if len(second.additional)+len(second.groups)+len(second.tags) > 0 || second.created != "" {
		t.Errorf("second alert = %+v, want nothing else", second)
	}
	d = second.alert
	if d.Index != 1 || d.Severity != alert.Unknown || string(d.Identity) != "ed638_-1" || !d.HasTriage {
		t.Errorf("second detection = index %d, severity %v, identity %q, triage %t", d.Index, d.Severity, d.Identity, d.HasTriage)
	}
}

func TestDecodeAntivirus(t *testing.T) {
	t.Parallel()
	results, info, err := decodeAll(payload(t, "antivirus.json"))
	if err != nil || len(results) != 1 {
		t.Fatalf("decode = %d alerts, error %v, want 1 and nil", len(results), err)
	}
	if want := (records.PageInfo{Count: -1}); info != want {
		t.Errorf("decode = %+v, want %+v", info, want)
	}
	wantAttributes(t, results[0].attributes, map[string]string{
		"alert_time":              "2026-02-14T06:28:41Z",
		"computer_dns_name":       "desk-3",
		"alert_title":             "'Brackwater' malware was prevented",
		"category":                "Malware",
		"severity":                "Informational",
		"alert_id":                "da77c0d9a4-91b7-4d3c-8f55-2ab6c31f7e90_1",
		"file_name":               "nwdrv64.sys",
		"file_path":               `C:\Users\Public\Downloads`,
		"last_processed_time_utc": "2026-02-14T06:31:08.5274901Z",
		"threat_family":           "Brackwater",
		"threat_name":             "Trojan:Win64/Brackwater.C!nw",
		"remediation_action":      "prevented",
		"remediation_is_success":  "true",
		"source":                  "Antivirus",
		"md5":                     "9b41c7e02d8f65a3140ebc97d2f6538a",
		"sha256":                  "9e7d2b6440915fe38da7c26b1f90e4835d7ab2c6609f148e37d5ba21c0a8f153",
		"file_hash":               "9e7d2b6440915fe38da7c26b1f90e4835d7ab2c6609f148e37d5ba21c0a8f153",
		"machine_name":            "desk-3",
		"device_id":               "26e94d7d31835ae93feefa077b51255ddc1ec98f",
		"triage.status":           "resolved",
		"triage.service_source":   "microsoftDefenderForEndpoint",
		"triage.last_update_time": "2026-02-14T06:31:08.5274901Z",
		"triage.resolved_time":    "2026-02-14T06:31:08.52Z",
	})
	wantAttributes(t, results[0].additional, map[string]string{"@odata.type": `"#microsoft.graph.security.alert"`, "additionalData": `{}`})
}

// The members may come in any order, and null and "" are no value.
func TestDecodeAnyOrder(t *testing.T) {
	t.Parallel()
	body := `{"value":[{"evidence":[` + piece("url", `"url":"u"`) + `],"title":"","category":null,"mitreTechniques":null,
		"lastUpdateDateTime":"2026-03-01T00:00:00Z","severity":"medium","id":"a"}]}`
	results, _, err := decodeAll(body)
	if err != nil {
		t.Fatalf("decode fails with %v, want nil", err)
	}
	wantAttributes(t, results[0].attributes, map[string]string{
		"alert_id": "a", "severity": "Medium", "url": "u",
		"last_processed_time_utc": "2026-03-01T00:00:00Z", "triage.last_update_time": "2026-03-01T00:00:00Z",
	})
}

func TestDecodeRequired(t *testing.T) {
	t.Parallel()
	whole := map[string]string{"id": `"a"`, "severity": `"low"`, "lastUpdateDateTime": `"2026-03-01T00:00:00Z"`}
	for missing := range whole {
		for _, value := range []string{"", "null", `""`} {
			var members []string
			for _, key := range slices.Sorted(maps.Keys(whole)) {
				switch {
				case key != missing:
					members = append(members, `"`+key+`":`+whole[key])
				case value != "":
					members = append(members, `"`+key+`":`+value)
				}
			}
			body := `{"value":[{` + strings.Join(members, ",") + `}]}`
			_, _, err := decodeAll(body)
			wantProblem(t, body, err, records.MissingField, 0, missing)
		}
	}
}

func TestDecodeTimes(t *testing.T) {
	t.Parallel()
	for _, fraction := range []string{"", ".1", ".12", ".123", ".1234", ".12345", ".123456", ".1234567"} {
		text := "2026-03-01T10:20:30" + fraction + "Z"
		results, _, err := decodeAll(`{"value":[{"id":"a","severity":"low","createdDateTime":"` + text + `","lastUpdateDateTime":"` + text + `"}]}`)
		if err != nil {
			t.Errorf("decode of the time %s fails with %v, want nil", text, err)
			continue
		}
		want, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			t.Fatal(err)
		}
		if got := results[0].alert.Processed; !got.Equal(want) {
			t.Errorf("Processed of %s = %v, want %v", text, got, want)
		}
		if got := results[0].created; got != want.Format("2006-01-02T15:04:05.999999999Z07:00") {
			t.Errorf("Created of %s = %s, want the same", text, got)
		}
		results[0].wantSome(t, text, map[string]string{"alert_time": text, "last_processed_time_utc": text})
	}
	for _, text := range []string{"2026-03-01", "yesterday", "2026-03-01T10:20:30.12345678901Z", "2026-13-01T00:00:00Z", "2026-03-01 10:20:30Z", "1772360430"} {
		_, _, err := decodeAll(`{"value":[{"id":"a","severity":"low","lastUpdateDateTime":"` + text + `"}]}`)
		wantProblem(t, text, err, records.NotTime, 0, "lastUpdateDateTime")
		_, _, err = decodeAll(pageOf(`"createdDateTime":"` + text + `"`))
		wantProblem(t, text, err, records.NotTime, 0, "createdDateTime")
	}
	// Others are texts, not needed as times.
	decodeOne(t, `"resolvedDateTime":"soon"`).wantSome(t, "resolvedDateTime", map[string]string{"triage.resolved_time": "soon"})
}

func TestDecodeWords(t *testing.T) {
	t.Parallel()
	for sent, want := range map[string]string{
		"informational": "Informational", "low": "Low", "medium": "Medium", "high": "High", "HIGH": "High",
		"unknown": "unknown", "unknownFutureValue": "unknownFutureValue", "1023": "1023", "critical": "critical", " low": " low",
	} {
		results, _, err := decodeAll(`{"value":[{"id":"a","lastUpdateDateTime":"2026-03-01T00:00:00Z","severity":"` + sent + `"}]}`)
		if err != nil {
			t.Errorf("decode of the severity %s fails with %v, want nil", sent, err)
			continue
		}
		results[0].wantSome(t, sent, map[string]string{"severity": want})
		if got := results[0].alert.Severity; got != alert.ParseSeverity(sent) {
			t.Errorf("rank of the severity %s = %v, want %v", sent, got, alert.ParseSeverity(sent))
		}
	}
	for sent, want := range map[string]string{
		"microsoftDefenderForEndpoint": "EDR", "MICROSOFTDEFENDERFORENDPOINT": "EDR", "antivirus": "Antivirus", "Antivirus": "Antivirus",
		"EDR": "EDR", "customTi": "customTi", "smartScreen": "smartScreen", "7": "7", "": "",
	} {
		if got := SourceWord(sent); got != want {
			t.Errorf("SourceWord(%q) = %q, want %q", sent, got, want)
		}
		decodeOne(t, `"detectionSource":"`+sent+`"`).wantSome(t, sent, map[string]string{"source": want})
	}
	decodeOne(t, `"status":"12","classification":"unknownFutureValue","determination":"newWord","investigationState":"9"`).
		wantSome(t, "unknown words", map[string]string{
			"triage.status": "12", "triage.classification": "unknownFutureValue", "triage.determination": "newWord", "triage.investigation_state": "9",
		})
}

func TestDecodeLossyText(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"id", "severity"} {
		body := strings.Replace(pageOf(""), `"`+key+`":"`, `"`+key+`":"\ud800`, 1)
		_, _, err := decodeAll(body)
		wantProblem(t, body, err, records.LossyText, 0, key)
	}
	r := decodeOne(t, `"title":"a\ud800","mitreTechniques":["\udc00"],"evidence":[`+piece("url", `"url":"u\ud800"`)+`,`+piece("new", `"x":"\ud800"`)+`]`)
	r.wantSome(t, "lone surrogates", map[string]string{"alert_title": "a\ufffd", "url": "u\ufffd", "triage.mitre_techniques": "\ufffd"})
	if got := r.alert.Replaced; got != 3 {
		t.Errorf("Replaced = %d, want 3", got)
	}
}

// TestDecodeStrict has the errors of an alert; the second alert of a page fails it
// as the first does.
func TestDecodeStrict(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		members string
		problem records.Problem
		field   string
	}{
		{`"title":1`, records.WrongType, "title"},
		{`"title":["a"]`, records.WrongType, "title"},
		{`"status":true`, records.WrongType, "status"},
		{`"incidentId":29`, records.WrongType, "incidentId"},
		{`"createdDateTime":1`, records.WrongType, "createdDateTime"},
		{`"mitreTechniques":"T1"`, records.WrongType, "mitreTechniques"},
		{`"mitreTechniques":[1]`, records.WrongType, "mitreTechniques"},
		{`"evidence":{}`, records.WrongType, "evidence"},
		{`"evidence":""`, records.WrongType, "evidence"},
		{`"evidence":["a"]`, records.WrongType, "evidence"},
		{`"evidence":[{"@odata.type":1}]`, records.WrongType, "evidence.@odata.type"},
		{`"evidence":[` + piece("device", `"mdeDeviceId":1`) + `]`, records.WrongType, "evidence.mdeDeviceId"},
		{`"evidence":[` + piece("device", `"tags":"a"`) + `]`, records.WrongType, "evidence.tags"},
		{`"evidence":[` + piece("device", `"loggedOnUsers":[1]`) + `]`, records.WrongType, "evidence.loggedOnUsers"},
		{`"evidence":[` + piece("device", `"loggedOnUsers":[{"accountName":1}]`) + `]`, records.WrongType, "evidence.loggedOnUsers.accountName"},
		{`"evidence":[` + piece("process", `"processId":"1"`) + `]`, records.WrongType, "evidence.processId"},
		{`"evidence":[` + piece("process", `"processId":1.5`) + `]`, records.WrongType, "evidence.processId"},
		{`"evidence":[` + piece("process", `"processCreationDateTime":1`) + `]`, records.WrongType, "evidence.processCreationDateTime"},
		{`"evidence":[` + piece("process", `"imageFile":[]`) + `]`, records.WrongType, "evidence.imageFile"},
		{`"evidence":[` + piece("process", `"imageFile":{"sha1":{}}`) + `]`, records.WrongType, "evidence.imageFile.sha1"},
		{`"evidence":[` + piece("file", `"fileDetails":"a"`) + `]`, records.WrongType, "evidence.fileDetails"},
		{`"evidence":[` + piece("user", `"userAccount":{"domainName":1}`) + `]`, records.WrongType, "evidence.userAccount.domainName"},
		{`"evidence":[` + piece("ip", `"ipAddress":1`) + `]`, records.WrongType, "evidence.ipAddress"},
		{`"evidence":[` + piece("url", `"url":1`) + `]`, records.WrongType, "evidence.url"},

		{`"title":"a","title":"a"`, records.DuplicateKey, "title"},
		{`"new":1,"new":1`, records.DuplicateKey, ""},
		{`"new":{"a":1,"a":1}`, records.DuplicateKey, ""},
		{`"evidence":[],"evidence":[]`, records.DuplicateKey, "evidence"},
		{`"evidence":[` + piece("url", `"url":"a","url":"a"`) + `]`, records.DuplicateKey, "evidence.url"},
		{`"evidence":[{"@odata.type":"a","@odata.type":"a"}]`, records.DuplicateKey, "evidence.@odata.type"},
		{`"evidence":[` + piece("file", `"fileDetails":{"sha1":"a","sh\u00611":"a"}`) + `]`, records.DuplicateKey, "evidence.fileDetails.sha1"},

		{`"Title":"a"`, records.OtherCase, "title"},
		{`"Evidence":[]`, records.OtherCase, "evidence"},
		{`"evidence":[{"@OData.type":"a"}]`, records.OtherCase, "evidence.@odata.type"},
		{`"evidence":[` + piece("device", `"MdeDeviceId":"a"`) + `]`, records.OtherCase, "evidence.mdeDeviceId"},
		{`"evidence":[` + piece("process", `"imageFile":{"Sha1":"a"}`) + `]`, records.OtherCase, "evidence.imageFile.sha1"},

		{`"evidence":[` + strings.Repeat(piece("url", "")+",", maxEvidence) + piece("ip", "") + `]`, records.TooManyItems, "evidence"},
		{`"mitreTechniques":[` + strings.Repeat(`"",`, maxElements) + `""]`, records.TooManyItems, "mitreTechniques"},
		{`"evidence":[` + piece("device", `"tags":[`+strings.Repeat(`"",`, maxElements)+`""]`) + `]`, records.TooManyItems, "evidence.tags"},
		{`"evidence":[` + piece("device", `"tags":[""],"loggedOnUsers":[`+strings.Repeat(`{},`, maxElements)+`{}]`) + `]`, records.TooManyItems, "evidence.loggedOnUsers"},

		{`"title":"` + strings.Repeat("x", 256<<10+1) + `"`, records.LongText, "title"},
		{`"description":"` + strings.Repeat("x", 2<<20-1) + `"`, records.LongText, "description"},
		{`"description":"` + strings.Repeat("x", 1<<20) + `","assignedTo":"` + strings.Repeat("x", 1<<20) + `"`, records.LongTexts, ""},
		{`"evidence":[` + piece("device", `"tags":[`+strings.Repeat(`"`+strings.Repeat("x", 100)+`",`, 25_000)+`""]`) + `]`, records.LongTexts, ""},
	} {
		body := pageOf(test.members)
		_, _, err := decodeAll(body)
		wantProblem(t, shortened(body), err, test.problem, 0, test.field)
		_, _, err = decodeAll(strings.Replace(body, "[", `[{"id":"b","severity":"high","lastUpdateDateTime":"2026-03-01T00:00:00Z","evidence":[]},`, 1))
		wantProblem(t, "second: "+shortened(body), err, test.problem, 1, test.field)
	}
}

func shortened(text string) string { return text[:min(len(text), 200)] }

// TestDecodePageErrors has errors of the page; package records tests them all.
func TestDecodePageErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		body    string
		problem records.Problem
		index   int
		field   string
	}{
		{``, records.Empty, -1, ""},
		{`[]`, records.NotObject, -1, ""},
		{`{"value":[]`, records.Malformed, -1, ""},
		{`{"value":[]}{}`, records.TrailingData, -1, ""},
		{`{}`, records.MissingField, -1, "value"},
		{`{"value":null}`, records.MissingField, -1, "value"},
		{`{"value":{}}`, records.WrongType, -1, "value"},
		{`{"value":[null]}`, records.NotObject, 0, ""},
		{`{"error":{"code":"Forbidden","message":"canary"}}`, records.ErrorMember, -1, ""},
		{strings.TrimSuffix(pageOf(""), "}") + `,"error":{}}`, records.ErrorMember, -1, ""},
		{`{"value":[],"@odata.nextLink":1}`, records.WrongType, -1, "@odata.nextLink"},
		{`{"value":[],"@odata.count":-1}`, records.WrongType, -1, "@odata.count"},
	} {
		_, _, err := decodeAll(test.body)
		wantProblem(t, test.body, err, test.problem, test.index, test.field)
	}
	refused := errors.New("refused")
	if _, err := decode(strings.NewReader(pageOf("")), "", func(*Alert) error { return refused }); !errors.Is(err, refused) {
		t.Errorf("decode fails with %v, want the caller's %v", err, refused)
	}
}

// The mapping has a row for each field, in its order.
func TestMapping(t *testing.T) {
	t.Parallel()
	for i, row := range mapping {
		if want := alert.Fields[i].Key; row.key != want {
			t.Errorf("mapping[%d] = %s, want %s", i, row.key, want)
		}
		if got := row.rule != nil; got != (row.member == evidenceKey) {
			t.Errorf("mapping[%d] of %s has a rule = %t, want %t for the member %q", i, row.key, got, !got, row.member)
		}
	}
}
