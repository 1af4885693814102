package alert

import (
	"bytes"
	"slices"
	"time"

	"golang.org/x/text/unicode/norm"
)

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

// normal returns the filter with its texts in NFC.
func (f Filter) normal() Filter {
	f.Categories, f.Sources = NormalTexts(f.Categories), NormalTexts(f.Sources)
	f.Exclusions = slices.Clone(f.Exclusions)
	for i := range f.Exclusions {
		x := &f.Exclusions[i]
		x.Title, x.ComputerDNSName, x.MachineGroup = norm.NFC.String(x.Title), norm.NFC.String(x.ComputerDNSName), norm.NFC.String(x.MachineGroup)
	}
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

// An Exclusion removes accepted detections from a read. Each of its texts that is
// not empty must match; without any it matches nothing.
type Exclusion struct {
	Index           int       // in the configuration, for warnings
	AlertID         string    // exactly
	IoaDefinitionID string    // case-insensitive
	Title           string    // exactly, after NFC normalization
	ComputerDNSName string    // case-insensitive
	MachineGroup    string    // case-insensitive
	Expires         time.Time // from then on it does not apply; zero: never
}

// Expired reports whether the exclusion no longer applies.
func (x *Exclusion) Expired(now time.Time) bool {
	return !x.Expires.IsZero() && !now.Before(x.Expires)
}

// matches reports whether the exclusion, whose texts are in NFC, removes a
// detection. title is the detection's in NFC, normalized once for all exclusions.
func (x *Exclusion) matches(d *Detection, title []byte) bool {
	return (x.AlertID != "" || x.IoaDefinitionID != "" || x.Title != "" || x.ComputerDNSName != "" || x.MachineGroup != "") &&
		(x.AlertID == "" || x.AlertID == string(d.Text(FieldAlertID))) &&
		(x.IoaDefinitionID == "" || bytes.EqualFold([]byte(x.IoaDefinitionID), d.Text(FieldIoaDefinitionID))) &&
		(x.Title == "" || x.Title == string(title)) &&
		(x.ComputerDNSName == "" || Matches([]string{x.ComputerDNSName}, d.Text(FieldComputerDNSName))) &&
		(x.MachineGroup == "" || Matches([]string{x.MachineGroup}, d.Text(FieldMachineGroup)))
}
