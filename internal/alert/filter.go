package alert

import "slices"

// A Filter selects the detections that a read keeps of those that the service
// returned. The zero value keeps all. Unknown severities are always kept.
type Filter struct {
	MinSeverity Severity    // this one and above; 0: all
	Severities  []Severity  // one of these; none: all
	Categories  []string    // one of these, case-insensitive; none: all
	Sources     []string    // one of these, case-insensitive; none: all
	Exclusions  []Exclusion // applied before the others

	Statuses                []string // of triage, one of these; none: all; another text than the service's is kept
	ExcludedClassifications []string // of triage, none of these
}

// Categories names the categories that Microsoft documents, on its pages "Alerts
// queue in Microsoft Defender" and "Create alert API". The set is open: old alerts
// have other ones, and new ones may come.
var Categories = [...]string{
	"Collection", "CommandAndControl", "CredentialAccess", "DefenseEvasion", "Discovery", "Execution", "Exfiltration", "Exploit",
	"General", "InitialAccess", "LateralMovement", "Malware", "Persistence", "PrivilegeEscalation", "Ransomware",
	"SuspiciousActivity", "UnwantedSoftware",
}

// Products names the products whose alerts Microsoft Graph documents, as values of
// serviceSource on its page "alert resource type". The set is open.
var Products = [...]string{
	"azureAdIdentityProtection", "dataLossPrevention", "microsoft365Defender", "microsoftAppGovernance", "microsoftDefenderForCloud",
	"microsoftDefenderForCloudApps", "microsoftDefenderForEndpoint", "microsoftDefenderForIdentity", "microsoftDefenderForOffice365",
	"microsoftInsiderRiskManagement", "microsoftSecurityForAI", "microsoftSentinel", "microsoftThreatIntelligence",
}

// normal returns the filter with its own texts in NFC.
func (f Filter) normal() Filter {
	f.Categories, f.Sources = NormalTexts(f.Categories), NormalTexts(f.Sources)
	return f
}

// keepsSeverity reports whether MinSeverity and Severities keep a severity.
func (f *Filter) keepsSeverity(s Severity) bool {
	return s == Unknown || s >= f.MinSeverity && (len(f.Severities) == 0 || slices.Contains(f.Severities, s))
}

// statuses are those of an alert that Microsoft documents.
var statuses = [...]string{"new", "inProgress", "resolved"}

// keepsTriage reports whether the filters of triage keep a detection. One whose text
// is null or unknown is kept: nobody has decided on it.
func (f *Filter) keepsTriage(d *Detection) bool {
	status, classification := string(d.Text(FieldStatus)), string(d.Text(FieldClassification))
	return (len(f.Statuses) == 0 || !slices.Contains(statuses[:], status) || slices.Contains(f.Statuses, status)) &&
		!slices.Contains(f.ExcludedClassifications, classification)
}
