package alert

import "slices"

// Triage lists the fields of the triage of an alert: what analysts and the service
// decided about it, and what else Microsoft Graph tells that the SIEM API does not.
// Keys and descriptions follow Microsoft's page "alert resource type" of Microsoft
// Graph. The index of a field of this table in a detection is that in the table
// plus len(Fields).
var Triage = [...]Field{
	{"status", "", "status", KindText, "Status: `new`, `inProgress` or `resolved`; any other text is kept as sent."},
	{"classification", "", "classification", KindText, "Classification, such as `truePositive` or `falsePositive`; null while there is none."},
	{"determination", "", "determination", KindText, "Determination, such as `malware` or `securityTesting`; null while there is none."},
	{"assignedTo", "", "assigned_to", KindText, "Owner of the alert; null if there is none."},
	{"incidentId", "", "incident_id", KindText, "ID of the incident that the alert belongs to."},
	{"serviceSource", "", "service_source", KindText, "Product that raised the alert, such as `microsoftDefenderForEndpoint`. The set is open."},
	{"mitreTechniques", "", "mitre_techniques", KindList, "MITRE ATT&CK techniques, such as `T1569.002`. Empty when none are known."},
	{"investigationState", "", "investigation_state", KindText, "State of the automated investigation."},
	{"lastUpdateDateTime", "", "last_update_time", KindText, "When the alert was last updated, as sent (ISO 8601, UTC)."},
	{"firstActivityDateTime", "", "first_activity_time", KindText, "When the first activity of the alert occurred, as sent (ISO 8601, UTC)."},
	{"lastActivityDateTime", "", "last_activity_time", KindText, "When the last activity of the alert occurred, as sent (ISO 8601, UTC)."},
	{"resolvedDateTime", "", "resolved_time", KindText, "When the alert was resolved, as sent (ISO 8601, UTC); null if it is not."},
	{"productName", "", "product_name", KindText, "Name of the product that raised the alert."},
}

// The fields of the triage that code refers to, by index into a detection.
var (
	FieldStatus          = triageIndex("status")
	FieldClassification  = triageIndex("classification")
	FieldServiceSource   = triageIndex("serviceSource")
	FieldMitreTechniques = triageIndex("mitreTechniques")
)

// triageIndex returns the index in a detection of the field of Triage with the key
// wanted. Like fieldIndex it panics at start-up if there is none.
func triageIndex(wanted string) int {
	i := slices.IndexFunc(Triage[:], func(f Field) bool { return f.Key == wanted })
	if i < 0 {
		panic("alert: no field of the triage " + wanted)
	}
	return len(Fields) + i
}
