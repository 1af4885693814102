package alert

// A Kind is the type of a field's value.
type Kind uint8

// The kinds of fields. A value that is null, empty or absent is null, except
// for a KindList, which is then empty.
const (
	KindText   Kind = iota // text, as the service sent it
	KindNumber             // whole number that fits 64 bits
	KindBool               // true or false
	KindList               // texts; the SIEM API sends one text separated by ";" or ","
)

// A Field is one field of a detection.
type Field struct {
	Key         string // the service's spelling: the SIEM API's in Fields, Microsoft Graph's in Triage
	Old         string // an earlier spelling of Key, or ""
	Name        string // the Terraform attribute
	Kind        Kind
	Description string // Markdown, for the schema and the documentation
}

// Fields lists every field of a detection in the order in which Microsoft's page
// "Pull Microsoft Defender for Endpoint alerts using SIEM REST API" prints them.
// Descriptions follow its companion page "Microsoft Defender for Endpoint
// detections API fields".
var Fields = [...]Field{
	{"AlertTime", "", "alert_time", KindText, "When the event behind the alert occurred, as sent (ISO 8601, UTC); with Graph when the alert was created."},
	{"ComputerDnsName", "", "computer_dns_name", KindText, "Fully qualified domain name of the device; the bare host name when it is not joined to a domain."},
	{"AlertTitle", "", "alert_title", KindText, "Title of the alert."},
	{"Category", "", "category", KindText, "Category, such as `Malware` or `LateralMovement`. The set is open."},
	{"Severity", "", "severity", KindText, "`Informational`, `Low`, `Medium` or `High`; any other text is kept as sent and ranks highest."},
	{"AlertId", "", "alert_id", KindText, "ID of the alert. Several detections can share it."},
	{"Actor", "", "actor", KindText, "Name of the activity group, if one is known."},
	{"LinkToWDATP", "", "link_to_wdatp", KindText, "Link to the alert in the former Microsoft Defender Security Center."},
	{"IocName", "", "ioc_name", KindText, "Name of the matched custom threat-intelligence indicator."},
	{"IocValue", "", "ioc_value", KindText, "Value of the matched custom threat-intelligence indicator."},
	{"CreatorIocName", "", "creator_ioc_name", KindText, "Name of the indicator as its creator set it."},
	{"CreatorIocValue", "", "creator_ioc_value", KindText, "Value of the indicator as its creator set it."},
	{"Sha1", "", "sha1", KindText, "SHA-1 of the file, for detections with a file or process."},
	{"FileName", "", "file_name", KindText, "Name of the file."},
	{"FilePath", "", "file_path", KindText, "Folder of the file; some records include its name."},
	{"IpAddress", "", "ip_address", KindText, "Remote IP address of a network detection; several are separated by `;`."},
	{"Url", "", "url", KindText, "URL of a network detection; several are separated by `;`."},
	{"IoaDefinitionId", "IoaDefinitiondId", "ioa_definition_id", KindText, "ID of the rule that raised the alert."},
	{"UserName", "", "user_name", KindText, "User in whose context the behavior was seen."},
	{"AlertPart", "", "alert_part", KindNumber, "Counter from 0 of the messages into which one alert with several indicators is split; null with Graph."},
	{"FullId", "", "full_id", KindText, "ID of the combination of alert and indicator. With `alert_part` it identifies a record; null with Graph."},
	{"LastProcessedTimeUtc", "", "last_processed_time_utc", KindText, "When the event arrived at the service, as sent (ISO 8601, UTC); with Graph when the alert was last updated. The time window goes by it."},
	{"ThreatCategory", "", "threat_category", KindText, "Threat category, for antivirus detections; with Graph the MITRE ATT&CK techniques, separated by `;`."},
	{"ThreatFamily", "", "threat_family", KindText, "Threat family, for antivirus detections."},
	{"ThreatName", "", "threat_name", KindText, "Threat name, for antivirus detections."},
	{"RemediationAction", "", "remediation_action", KindText, "What Microsoft Defender Antivirus did."},
	{"RemediationIsSuccess", "", "remediation_is_success", KindBool, "Whether the remediation succeeded."},
	{"Source", "", "source", KindText, "What detected it, such as `EDR` or `Antivirus`; with Graph other sources have its words, such as `customDetection`. The set is open."},
	{"Md5", "", "md5", KindText, "MD5 of the file."},
	{"Sha256", "", "sha256", KindText, "SHA-256 of the file."},
	{"WasExecutingWhileDetected", "", "was_executing_while_detected", KindBool, "Whether the file was running when it was detected."},
	{"UserDomain", "", "user_domain", KindText, "Domain of the user."},
	{"LogOnUsers", "", "log_on_users", KindList, "Users logged on interactively at the time. Empty when none are known."},
	{"MachineDomain", "", "machine_domain", KindText, "Domain of the device; null when it is joined to Microsoft Entra ID."},
	{"MachineName", "", "machine_name", KindText, "Host name of the device."},
	{"InternalIPv4List", "", "internal_ipv4_list", KindList, "IPv4 addresses of the device. Empty when none are known."},
	{"InternalIPv6List", "", "internal_ipv6_list", KindList, "IPv6 addresses of the device. Empty when none are known."},
	{"FileHash", "", "file_hash", KindText, "Hash of the file, the same as `sha1` in the records seen."},
	{"DeviceID", "", "device_id", KindText, "ID of the device, 40 hexadecimal digits."},
	{"MachineGroup", "", "machine_group", KindText, "Device group of the device."},
	{"Description", "", "description", KindText, "Description of the alert. May hold line breaks and command lines."},
	{"DeviceCreatedMachineTags", "BuiltInMachineTags", "device_created_machine_tags", KindText, "Tag set on the device (registry)."},
	{"CloudCreatedMachineTags", "UserDefinedMachineTags", "cloud_created_machine_tags", KindText, "Tags set in the portal."},
	{"CommandLine", "", "command_line", KindText, "Command line of the process."},
	{"IncidentLinkToWDATP", "", "incident_link_to_wdatp", KindText, "Link to the incident in the former Microsoft Defender Security Center."},
	{"ReportID", "", "report_id", KindNumber, "ID of the report behind the detection."},
	{"LinkToMTP", "", "link_to_mtp", KindText, "Link to the alert in the Microsoft Defender portal."},
	{"IncidentLinkToMTP", "", "incident_link_to_mtp", KindText, "Link to the incident in the Microsoft Defender portal."},
	{"ExternalId", "", "external_id", KindText, "ID of the record outside the service."},
	{"IocUniqueId", "", "ioc_unique_id", KindText, "ID of the indicator; the second half of `full_id`."},
}

// The fields that code refers to, by index into Fields.
var (
	FieldAlertID         = fieldIndex("AlertId")
	FieldAlertPart       = fieldIndex("AlertPart")
	FieldAlertTitle      = fieldIndex("AlertTitle")
	FieldCategory        = fieldIndex("Category")
	FieldComputerDNSName = fieldIndex("ComputerDnsName")
	FieldDeviceID        = fieldIndex("DeviceID")
	FieldFullID          = fieldIndex("FullId")
	FieldIoaDefinitionID = fieldIndex("IoaDefinitionId")
	FieldLastProcessed   = fieldIndex("LastProcessedTimeUtc")
	FieldMachineGroup    = fieldIndex("MachineGroup")
	FieldSeverity        = fieldIndex("Severity")
	FieldSource          = fieldIndex("Source")
	FieldThreatCategory  = fieldIndex("ThreatCategory")
)

// fieldIndex returns the index of the field with the key wanted. It panics if the
// table has none, which happens at start-up: only the variables above need it.
func fieldIndex(wanted string) int {
	for i := range Fields {
		if Fields[i].Key == wanted {
			return i
		}
	}
	panic("alert: no field " + wanted)
}
