package functions

import "slices"

// columnOrder lists the attributes of alerts as a person reads them in a
// spreadsheet: what happened, where and to whom, the files and addresses, IDs and
// links, and last the long texts. Those of the triage are for rows that merge it.
var columnOrder = [...]string{
	"last_processed_time_utc", "severity", "alert_title",
	"computer_dns_name", "user_domain", "user_name", "category", "source",
	"status", "classification", "determination", "assigned_to",
	"machine_group", "machine_name", "machine_domain", "log_on_users",
	"alert_time", "first_activity_time", "last_activity_time", "last_update_time", "resolved_time",
	"threat_name", "threat_family", "threat_category", "mitre_techniques", "actor",
	"remediation_action", "remediation_is_success", "was_executing_while_detected", "investigation_state",
	"file_name", "file_path", "sha1", "sha256", "md5", "file_hash",
	"ip_address", "url", "internal_ipv4_list", "internal_ipv6_list",
	"ioc_name", "ioc_value", "creator_ioc_name", "creator_ioc_value",
	"device_created_machine_tags", "cloud_created_machine_tags",
	"service_source", "product_name",
	"alert_id", "alert_part", "full_id", "incident_id", "device_id", "ioa_definition_id", "ioc_unique_id", "report_id", "external_id",
	"link_to_mtp", "incident_link_to_mtp", "link_to_wdatp", "incident_link_to_wdatp",
	"description", "command_line",
	"triage", "additional",
}

// inColumnOrder returns the names in columnOrder, then the others sorted.
func inColumnOrder(names map[string]bool) []string {
	columns := make([]string, 0, len(names))
	for _, name := range columnOrder {
		if names[name] {
			columns = append(columns, name)
		}
	}
	for _, name := range sortedNames(names) {
		if !slices.Contains(columnOrder[:], name) {
			columns = append(columns, name)
		}
	}
	return columns
}
