package alert

// A Kind is the type of a field's value.
type Kind uint8

// The kinds of fields. A value that is null, empty or absent is null, except
// for a List, which is then empty.
const (
	Text   Kind = iota // text, as the service sent it
	Number             // whole number that fits 64 bits
	Bool               // true or false
	List               // texts, sent as one text separated by ";" or ","
)

// A Field is one field of an alert.
type Field struct {
	Key         string // the service's spelling, as in the SIEM API's JSON
	Old         string // an earlier spelling of Key, or ""
	Name        string // the Terraform attribute
	Kind        Kind
	Description string // Markdown, for the schema and the documentation
}

// Fields lists every field of an alert in the order in which Microsoft's page
// "Pull Microsoft Defender for Endpoint alerts using SIEM REST API" prints them.
// Descriptions follow its companion page "Microsoft Defender for Endpoint
// detections API fields".
var Fields = [...]Field{
	{"AlertTime", "", "alert_time", Text, "When the event behind the alert occurred, as sent (ISO 8601, UTC)."},
	{"ComputerDnsName", "", "computer_dns_name", Text, "Fully qualified domain name of the device; the bare host name when it is not joined to a domain."},
	{"AlertTitle", "", "alert_title", Text, "Title of the alert."},
	{"Category", "", "category", Text, "Category, such as `Malware` or `LateralMovement`. The set is open."},
	{"Severity", "", "severity", Text, "`Informational`, `Low`, `Medium` or `High`; any other text is kept as sent and ranks highest."},
	{"AlertId", "", "alert_id", Text, "ID of the alert. Several detections can share it."},
	{"Actor", "", "actor", Text, "Name of the activity group, if one is known."},
	{"LinkToWDATP", "", "link_to_wdatp", Text, "Link to the alert in the former Microsoft Defender Security Center."},
	{"IocName", "", "ioc_name", Text, "Name of the matched custom threat-intelligence indicator."},
	{"IocValue", "", "ioc_value", Text, "Value of the matched custom threat-intelligence indicator."},
	{"CreatorIocName", "", "creator_ioc_name", Text, "Name of the indicator as its creator set it."},
	{"CreatorIocValue", "", "creator_ioc_value", Text, "Value of the indicator as its creator set it."},
	{"Sha1", "", "sha1", Text, "SHA-1 of the file, for detections with a file or process."},
	{"FileName", "", "file_name", Text, "Name of the file."},
	{"FilePath", "", "file_path", Text, "Folder of the file; some records include its name."},
	{"IpAddress", "", "ip_address", Text, "Remote IP address of a network detection; several are separated by `;`."},
	{"Url", "", "url", Text, "URL of a network detection; several are separated by `;`."},
	{"IoaDefinitionId", "IoaDefinitiondId", "ioa_definition_id", Text, "ID of the rule that raised the alert."},
	{"UserName", "", "user_name", Text, "User in whose context the behavior was seen."},
	{"AlertPart", "", "alert_part", Number, "Counter from 0 of the messages into which one alert with several indicators is split."},
	{"FullId", "", "full_id", Text, "ID of the combination of alert and indicator. With `alert_part` it identifies a record."},
	{"LastProcessedTimeUtc", "", "last_processed_time_utc", Text, "When the event arrived at the service, as sent (ISO 8601, UTC). The time window goes by it."},
	{"ThreatCategory", "", "threat_category", Text, "Threat category, for antivirus detections."},
	{"ThreatFamily", "", "threat_family", Text, "Threat family, for antivirus detections."},
	{"ThreatName", "", "threat_name", Text, "Threat name, for antivirus detections."},
	{"RemediationAction", "", "remediation_action", Text, "What Microsoft Defender Antivirus did."},
	{"RemediationIsSuccess", "", "remediation_is_success", Bool, "Whether the remediation succeeded."},
	{"Source", "", "source", Text, "What detected it, such as `EDR` or `Antivirus`. The set is open."},
	{"Md5", "", "md5", Text, "MD5 of the file."},
	{"Sha256", "", "sha256", Text, "SHA-256 of the file."},
	{"WasExecutingWhileDetected", "", "was_executing_while_detected", Bool, "Whether the file was running when it was detected."},
	{"UserDomain", "", "user_domain", Text, "Domain of the user."},
	{"LogOnUsers", "", "log_on_users", List, "Users logged on interactively at the time. Empty when none are known."},
	{"MachineDomain", "", "machine_domain", Text, "Domain of the device; null when it is joined to Microsoft Entra ID."},
	{"MachineName", "", "machine_name", Text, "Host name of the device."},
	{"InternalIPv4List", "", "internal_ipv4_list", List, "IPv4 addresses of the device. Empty when none are known."},
	{"InternalIPv6List", "", "internal_ipv6_list", List, "IPv6 addresses of the device. Empty when none are known."},
	{"FileHash", "", "file_hash", Text, "Hash of the file, the same as `sha1` in the records seen."},
	{"DeviceID", "", "device_id", Text, "ID of the device, 40 hexadecimal digits."},
	{"MachineGroup", "", "machine_group", Text, "Device group of the device."},
	{"Description", "", "description", Text, "Description of the alert. May hold line breaks and command lines."},
	{"DeviceCreatedMachineTags", "BuiltInMachineTags", "device_created_machine_tags", Text, "Tag set on the device (registry)."},
	{"CloudCreatedMachineTags", "UserDefinedMachineTags", "cloud_created_machine_tags", Text, "Tags set in the portal."},
	{"CommandLine", "", "command_line", Text, "Command line of the process."},
	{"IncidentLinkToWDATP", "", "incident_link_to_wdatp", Text, "Link to the incident in the former Microsoft Defender Security Center."},
	{"ReportID", "", "report_id", Number, "ID of the report behind the detection."},
	{"LinkToMTP", "", "link_to_mtp", Text, "Link to the alert in the Microsoft Defender portal."},
	{"IncidentLinkToMTP", "", "incident_link_to_mtp", Text, "Link to the incident in the Microsoft Defender portal."},
	{"ExternalId", "", "external_id", Text, "ID of the record outside the service."},
	{"IocUniqueId", "", "ioc_unique_id", Text, "ID of the indicator; the second half of `full_id`."},
}

// The fields that mean something to this package, by index into Fields.
var (
	AlertID         = fieldIndex("AlertId")
	AlertPart       = fieldIndex("AlertPart")
	AlertTitle      = fieldIndex("AlertTitle")
	Category        = fieldIndex("Category")
	ComputerDNSName = fieldIndex("ComputerDnsName")
	DeviceID        = fieldIndex("DeviceID")
	FullID          = fieldIndex("FullId")
	IoaDefinitionID = fieldIndex("IoaDefinitionId")
	LastProcessed   = fieldIndex("LastProcessedTimeUtc")
	MachineGroup    = fieldIndex("MachineGroup")
	SeverityField   = fieldIndex("Severity")
	Source          = fieldIndex("Source")
)

// fieldIndex returns the index of the field with the given key. It panics on a
// key that the table does not have: the variables above are read at start-up.
func fieldIndex(key string) int {
	for i := range Fields {
		if Fields[i].Key == key {
			return i
		}
	}
	panic("alert: no field " + key)
}
