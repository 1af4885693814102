package fakeapi

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// graphRecords returns the alerts of Graph: one for the detections of each alert of
// the SIEM API.
func (s dataset) graphRecords(tenant string) []graphRecord {
	_, alerts := s.generate()
	list := make([]GraphAlert, len(alerts))
	for i, detections := range alerts {
		list[i] = newIncidentAlert(tenant, detections).append(nil)
	}
	return readGraphAlerts(list, nil)
}

// severities are those of the SIEM API, ascending.
var severities = []string{"Informational", "Low", "Medium", "High"}

// incidentAlert is one alert of Graph. What belongs to a single detection is that of
// the most severe, then newest.
type incidentAlert struct {
	detection
	tenant  string
	all     []detection
	updated time.Time // the newest LastProcessedTimeUtc of all

	// luck varies what the SIEM API has no field for.
	luck [32]byte
}

func newIncidentAlert(tenant string, detections []detection) incidentAlert {
	first := slices.MaxFunc(detections, func(a, b detection) int {
		rank := func(d detection) int { return slices.Index(severities, d.rule.severity) }
		if c := rank(a) - rank(b); c != 0 {
			return c
		}
		return a.processed.Compare(b.processed)
	})
	newest := slices.MaxFunc(detections, func(a, b detection) int { return a.processed.Compare(b.processed) })
	return incidentAlert{
		detection: first,
		tenant:    tenant,
		all:       detections,
		updated:   newest.processed,
		luck:      derive(0, "alert/"+first.alertID, 0),
	}
}

// incident returns the number of the alert's incident, one per device.
func (a incidentAlert) incident() string {
	number, _ := strconv.ParseUint(a.deviceID[:4], 16, 16)
	return strconv.FormatUint(100+number, 10)
}

// status is new for most alerts.
func (a incidentAlert) status() string {
	switch die := a.luck[0] % 10; {
	case die < 6:
		return "new"
	case die < 8:
		return "inProgress"
	}
	return "resolved"
}

// detectionSources are Graph's words for the sources of the rules.
var detectionSources = map[string]string{
	"EDR":              "microsoftDefenderForEndpoint",
	"Antivirus":        "antivirus",
	"SmartScreen":      "smartScreen",
	"Custom TI":        "customTi",
	"Custom detection": "customDetection",
}

// techniques are MITRE ATT&CK techniques by category.
var techniques = map[string][]string{
	"CommandAndControl": {"T1071.001"},
	"CredentialAccess":  {"T1003", "T1003.001"},
	"DefenseEvasion":    {"T1070.001"},
	"Discovery":         {"T1069.002", "T1087"},
	"Execution":         {"T1059.001"},
	"Exfiltration":      {"T1567.002"},
	"InitialAccess":     {"T1566"},
	"LateralMovement":   {"T1021.002", "T1569.002"},
	"Persistence":       {"T1053.005"},
	"Ransomware":        {"T1486"},
}

// append appends the alert, with the key order of the schema.
func (a incidentAlert) append(text []byte) []byte {
	o := &object{text: append(text, '{'), unset: unsetNull, escape: a.escape}
	status := a.status()
	o.string("id", a.alertID)
	o.string("providerAlertId", strings.TrimPrefix(a.alertID, shape2020.idPrefix()))
	o.string("incidentId", a.incident())
	o.string("status", status)
	o.string("severity", strings.ToLower(a.rule.severity))
	o.string("classification", "")
	o.string("determination", "")
	o.string("serviceSource", "microsoftDefenderForEndpoint")
	o.string("detectionSource", detectionSources[a.rule.source])
	o.string("productName", "Microsoft Defender for Endpoint")
	o.string("detectorId", a.rule.id)
	o.string("tenantId", a.tenant)
	o.string("title", a.rule.title)
	o.string("description", a.fill(a.rule.description))
	o.string("recommendedActions", a.fill("Look at the timeline of {host} around the alert.\nIsolate the device if in doubt."))
	o.string("category", a.rule.category)
	o.list("categories", []string{a.rule.category})
	analyst := ""
	if status != "new" {
		analyst = "analyst@" + a.company.domain
	}
	o.string("assignedTo", analyst)
	o.string("alertWebUrl", fmt.Sprintf("https://security.microsoft.com/alerts/%s?tid=%s", a.alertID, a.tenant))
	o.string("incidentWebUrl",
		fmt.Sprintf("https://security.microsoft.com/incident2/%s/overview?tid=%s", a.incident(), a.tenant))
	o.string("actorDisplayName", "")
	var found threat
	if a.rule.threat != nil {
		found = *a.rule.threat
	}
	o.string("threatDisplayName", found.name)
	o.string("threatFamilyName", found.family)
	o.list("mitreTechniques", techniques[a.rule.category])
	a.appendTimes(o, status)
	o.list("systemTags", nil)
	o.string("alertPolicyId", "")
	o.string("investigationState", "unsupportedAlertType")
	o.list("comments", nil)
	o.raw("customDetails", "{}")
	o.key("evidence")
	o.text = a.appendEvidence(o.text)
	o.raw("additionalData", "{}")
	return append(o.text, '}')
}

// appendTimes writes the times. The creation is the AlertTime of the SIEM API, as
// in Microsoft's table; the last activity lies between it and the update.
func (a incidentAlert) appendTimes(o *object, status string) {
	o.string("createdDateTime", timeText(a.alertTime))
	o.string("lastUpdateDateTime", timeText(a.updated))
	resolved := ""
	if status == "resolved" {
		resolved = timeText(a.updated)
	}
	o.string("resolvedDateTime", resolved)
	o.string("firstActivityDateTime", timeText(a.alertTime.Add(-time.Duration(a.luck[1])*time.Second)))
	o.string("lastActivityDateTime", timeText(a.alertTime.Add(a.updated.Sub(a.alertTime)/2)))
}
