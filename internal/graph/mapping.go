package graph

import (
	"slices"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

// A row is the source of one field of alert.Fields.
type row struct {
	key    string // of the field
	member string // of the alert that has the value; "evidence", or "" if Graph has none
	rule   rule   // for evidence
}

// mapping has a row for each field, in the order of alert.Fields. It follows the
// table of Microsoft's page "Migrate from the MDE SIEM API", except where a row
// says otherwise. The page has AlertTime and LastProcessedTimeUtc the other way
// round in meaning: createdDateTime is when the service raised the alert.
var mapping = [len(alert.Fields)]row{
	{"AlertTime", "createdDateTime", nil},
	{"ComputerDnsName", evidenceKey, text(func(c *choice) []byte { return c.device.dnsName })},
	{"AlertTitle", "title", nil},
	{"Category", "category", nil},
	{"Severity", "severity", nil}, // severityWord
	{"AlertId", "id", nil},
	{"Actor", "actorDisplayName", nil},
	{"LinkToWDATP", "alertWebUrl", nil},
	{"IocName", "", nil},
	{"IocValue", "", nil},
	{"CreatorIocName", "", nil},
	{"CreatorIocValue", "", nil},
	{"Sha1", evidenceKey, text(func(c *choice) []byte { return c.file.sha1 })},
	{"FileName", evidenceKey, text(func(c *choice) []byte { return c.file.name })},
	{"FilePath", evidenceKey, text(func(c *choice) []byte { return c.file.path })},
	{"IpAddress", evidenceKey, joined(func(c *choice) [][]byte { return c.addresses })},
	{"Url", evidenceKey, joined(func(c *choice) [][]byte { return c.urls })},
	{"IoaDefinitionId", "detectorId", nil},
	{"UserName", evidenceKey, text(func(c *choice) []byte { return c.user.name })},
	{"AlertPart", "", nil},
	{"FullId", "", nil},
	// The page has lastActivityDateTime. The window of a read goes by the time of
	// the last update, which alone can be filtered by and is never null.
	{"LastProcessedTimeUtc", "lastUpdateDateTime", nil},
	{"ThreatCategory", techniquesKey, nil}, // joined by ";"
	{"ThreatFamily", "threatFamilyName", nil},
	{"ThreatName", "threatDisplayName", nil},
	{"RemediationAction", evidenceKey, text(func(c *choice) []byte { return c.remediation })},
	{"RemediationIsSuccess", evidenceKey, truth(remediated, func(c *choice) []byte { return c.remediation })},
	{"Source", "detectionSource", nil}, // SourceWord
	// The page has no MD5; Graph has one since 2025.
	{"Md5", evidenceKey, text(func(c *choice) []byte { return c.file.md5 })},
	{"Sha256", evidenceKey, text(func(c *choice) []byte { return c.file.sha256 })},
	{"WasExecutingWhileDetected", evidenceKey, truth(executing, func(c *choice) []byte { return c.process.detection })},
	{"UserDomain", evidenceKey, text(func(c *choice) []byte { return c.user.domain })},
	{"LogOnUsers", evidenceKey, list(func(c *choice) [][]byte { return c.device.users })},
	{"MachineDomain", evidenceKey, text((*choice).machineDomain)},
	{"MachineName", evidenceKey, text((*choice).machineName)},
	// The page has no addresses of the device. Those of ipInterfaces are of the time
	// of the alert, while lastIpAddress is the address of today.
	{"InternalIPv4List", evidenceKey, list(func(c *choice) [][]byte { return c.interfaces(false) })},
	{"InternalIPv6List", evidenceKey, list(func(c *choice) [][]byte { return c.interfaces(true) })},
	{"FileHash", evidenceKey, sameAs("Sha1", "Sha256")},
	{"DeviceID", evidenceKey, text(func(c *choice) []byte { return c.device.id })},
	{"MachineGroup", evidenceKey, text(func(c *choice) []byte { return c.device.group })},
	{"Description", "description", nil},
	// Graph has one list for the tags of both kinds.
	{"DeviceCreatedMachineTags", evidenceKey, joined(func(c *choice) [][]byte { return c.device.tags })},
	{"CloudCreatedMachineTags", evidenceKey, sameAs("DeviceCreatedMachineTags")},
	{"CommandLine", evidenceKey, text(func(c *choice) []byte { return c.process.commandLine })},
	{"IncidentLinkToWDATP", "incidentWebUrl", nil},
	{"ReportID", "", nil},
	{"LinkToMTP", "alertWebUrl", nil},
	{"IncidentLinkToMTP", "incidentWebUrl", nil},
	{"ExternalId", "", nil},
	{"IocUniqueId", "", nil},
}

// A rule sets a field of a detection from the evidence chosen.
type rule func(c *choice, d *alert.Detection, field int)

func text(of func(*choice) []byte) rule {
	return func(c *choice, d *alert.Detection, field int) { d.SetText(field, of(c)) }
}

// joined is the rule of a text of several, separated by ";" as in the SIEM API.
func joined(of func(*choice) [][]byte) rule {
	return func(c *choice, d *alert.Detection, field int) { d.SetTexts(field, of(c)) }
}

func list(of func(*choice) [][]byte) rule {
	return func(c *choice, d *alert.Detection, field int) { d.SetList(field, of(c)) }
}

// truth is the rule of a bool: what words says of a text, else null.
func truth(words map[string]bool, of func(*choice) []byte) rule {
	return func(c *choice, d *alert.Detection, field int) {
		if b, ok := words[string(of(c))]; ok {
			d.SetBool(field, b)
		}
	}
}

// sameAs is the rule of a field that shares the text of the first earlier row that
// has one.
func sameAs(keys ...string) rule {
	var earlier []int
	for _, key := range keys {
		earlier = append(earlier, slices.IndexFunc(alert.Fields[:], func(f alert.Field) bool { return f.Key == key }))
	}
	return func(_ *choice, d *alert.Detection, field int) {
		for _, from := range earlier {
			if !d.IsNull(from) {
				d.CopyText(field, from)
				return
			}
		}
	}
}
