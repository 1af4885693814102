package alert_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

// documented are the keys of Microsoft's example, in its order.
const documented = `AlertTime ComputerDnsName AlertTitle Category Severity AlertId Actor LinkToWDATP IocName
IocValue CreatorIocName CreatorIocValue Sha1 FileName FilePath IpAddress Url IoaDefinitionId UserName AlertPart FullId
LastProcessedTimeUtc ThreatCategory ThreatFamily ThreatName RemediationAction RemediationIsSuccess Source Md5 Sha256
WasExecutingWhileDetected UserDomain LogOnUsers MachineDomain MachineName InternalIPv4List InternalIPv6List FileHash
DeviceID MachineGroup Description DeviceCreatedMachineTags CloudCreatedMachineTags CommandLine IncidentLinkToWDATP
ReportID LinkToMTP IncidentLinkToMTP ExternalId IocUniqueId`

func TestFieldKeys(t *testing.T) {
	t.Parallel()
	keys := strings.Fields(documented)
	if len(keys) != 50 {
		t.Fatalf("documented keys = %d, want 50", len(keys))
	}
	if len(alert.Fields) != 50 {
		t.Fatalf("fields = %d, want 50", len(alert.Fields))
	}
	for i, key := range keys {
		if got := alert.Fields[i].Key; got != key {
			t.Errorf("Fields[%d].Key = %s, want %s", i, got, key)
		}
	}
}

func TestFieldNames(t *testing.T) {
	t.Parallel()
	// Spelled out where snake could be wrong in the same way.
	spelled := map[string]string{
		"AlertTitle":           "alert_title",
		"LinkToWDATP":          "link_to_wdatp",
		"IncidentLinkToMTP":    "incident_link_to_mtp",
		"InternalIPv4List":     "internal_ipv4_list",
		"InternalIPv6List":     "internal_ipv6_list",
		"DeviceID":             "device_id",
		"ReportID":             "report_id",
		"ComputerDnsName":      "computer_dns_name",
		"LastProcessedTimeUtc": "last_processed_time_utc",
		"LogOnUsers":           "log_on_users",
		"Sha256":               "sha256",
		"Url":                  "url",
	}
	for _, f := range alert.Fields {
		if want := snake(f.Key); f.Name != want {
			t.Errorf("name of field %s = %q, want %q", f.Key, f.Name, want)
		}
		if want, ok := spelled[f.Key]; ok && f.Name != want {
			t.Errorf("name of field %s = %q, want %q", f.Key, f.Name, want)
		}
		delete(spelled, f.Key)
	}
	for key, name := range spelled {
		t.Errorf("field %s is missing, want its name to be %q", key, name)
	}
}

// snake inserts "_" before a capital that follows anything else, and lowers the case.
func snake(key string) string {
	var b strings.Builder
	before := 'A'
	for _, c := range key {
		if unicode.IsUpper(c) && !unicode.IsUpper(before) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(c))
		before = c
	}
	return b.String()
}

func TestFieldsAreUnique(t *testing.T) {
	t.Parallel()
	keys, names := map[string]bool{}, map[string]bool{}
	for _, f := range alert.Fields {
		// Keys in another case are refused: no two keys may differ in case alone.
		for _, key := range []string{f.Key, f.Old} {
			if key != "" && keys[strings.ToLower(key)] {
				t.Errorf("key %s is duplicate, want every key once", key)
			}
			keys[strings.ToLower(key)] = true
		}
		if names[f.Name] {
			t.Errorf("name %s is duplicate, want every name once", f.Name)
		}
		names[f.Name] = true
	}
	for _, taken := range []string{"additional", "triage"} {
		if names[taken] {
			t.Errorf("a field has the name %s, which is another attribute of alerts", taken)
		}
	}
}

func TestFieldKindsAndOldKeys(t *testing.T) {
	t.Parallel()
	kinds := map[string]alert.Kind{ // all others are Text
		"AlertPart":                 alert.KindNumber,
		"ReportID":                  alert.KindNumber,
		"RemediationIsSuccess":      alert.KindBool,
		"WasExecutingWhileDetected": alert.KindBool,
		"InternalIPv4List":          alert.KindList,
		"InternalIPv6List":          alert.KindList,
		"LogOnUsers":                alert.KindList,
	}
	old := map[string]string{ // all others have none
		"IoaDefinitionId":          "IoaDefinitiondId",
		"DeviceCreatedMachineTags": "BuiltInMachineTags",
		"CloudCreatedMachineTags":  "UserDefinedMachineTags",
	}
	for _, f := range alert.Fields {
		if f.Kind != kinds[f.Key] {
			t.Errorf("kind of field %s = %d, want %d", f.Key, f.Kind, kinds[f.Key])
		}
		if f.Old != old[f.Key] {
			t.Errorf("old key of field %s = %q, want %q", f.Key, f.Old, old[f.Key])
		}
	}
}

func TestFieldDescriptions(t *testing.T) {
	t.Parallel()
	for _, f := range alert.Fields {
		d := f.Description
		if d == "" || d != strings.TrimSpace(d) || !strings.HasSuffix(d, ".") || strings.ContainsAny(d, "\n\r") {
			t.Errorf("description of field %s = %q, want one line of sentences", f.Key, d)
		}
	}
}

func TestFieldsByIndex(t *testing.T) {
	t.Parallel()
	for key, index := range map[string]int{
		"AlertId":              alert.FieldAlertID,
		"AlertPart":            alert.FieldAlertPart,
		"AlertTitle":           alert.FieldAlertTitle,
		"Category":             alert.FieldCategory,
		"ComputerDnsName":      alert.FieldComputerDNSName,
		"DeviceID":             alert.FieldDeviceID,
		"FullId":               alert.FieldFullID,
		"LastProcessedTimeUtc": alert.FieldLastProcessed,
		"MachineGroup":         alert.FieldMachineGroup,
		"Severity":             alert.FieldSeverity,
		"Source":               alert.FieldSource,
		"ThreatCategory":       alert.FieldThreatCategory,
	} {
		if got := alert.Fields[index].Key; got != key {
			t.Errorf("Fields[%d].Key = %s, want %s", index, got, key)
		}
	}
	if index := alert.NoField; index >= 0 {
		t.Errorf("NoField = %d, want no index", index)
	}
}
