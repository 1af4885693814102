package fakeapi

import (
	"encoding/json"
	"slices"
	"time"
)

// graphProperty is a property that $filter supports, after the page "List
// alerts_v2".
type graphProperty struct {
	name     string
	time     bool
	nullable bool
	members  []string // of an enumeration, in the order of the schema
}

// lastUpdate is the index of the property that orders the alerts.
const lastUpdate = 0

var graphProperties = [...]graphProperty{
	lastUpdate: {name: "lastUpdateDateTime", time: true},
	{name: "createdDateTime", time: true},
	{name: "assignedTo", nullable: true},
	{name: "classification", nullable: true, members: []string{
		"unknown", "falsePositive", "truePositive", "informationalExpectedActivity", unknownFuture}},
	{name: "determination", nullable: true, members: []string{
		"unknown", "apt", "malware", "securityPersonnel", "securityTesting", "unwantedSoftware", "other",
		"multiStagedAttack", "compromisedAccount", "phishing", "maliciousUserActivity", "notMalicious",
		"notEnoughDataToValidate", "confirmedActivity", "lineOfBusinessApplication", unknownFuture}},
	{name: "severity", members: []string{"unknown", "informational", "low", "medium", "high", unknownFuture}},
	{name: "serviceSource", members: []string{
		"unknown", "microsoftDefenderForEndpoint", "microsoftDefenderForIdentity", "microsoftDefenderForCloudApps",
		"microsoftDefenderForOffice365", "microsoft365Defender", "azureAdIdentityProtection", "microsoftAppGovernance",
		"dataLossPrevention", unknownFuture, "microsoftDefenderForCloud", "microsoftSentinel",
		"microsoftInsiderRiskManagement", "microsoftThreatIntelligence", "microsoftSecurityForAI"}},
	{name: "status", members: []string{"unknown", "new", "inProgress", "resolved", unknownFuture}},
}

// propertyIndex returns the index of a property in graphProperties, -1 for none.
func propertyIndex(name string) int {
	return slices.IndexFunc(graphProperties[:], func(p graphProperty) bool { return p.name == name })
}

// graphRecord is one alert: its text, and the values that Graph filters on.
type graphRecord struct {
	text   GraphAlert
	values [len(graphProperties)]graphValue
}

// graphValue is the value of a property.
type graphValue struct {
	kind valueKind
	text string
	at   time.Time
}

type valueKind int

const (
	// valueBroken is a missing or invalid value of a property that the schema
	// requires or the order needs. It passes every comparison, and is the newest
	// time, so that the client of a test gets every broken alert.
	valueBroken valueKind = iota
	valueNull
	valueText
	valueTime
)

// order returns the time that an alert is sorted by.
func (v graphValue) order() time.Time {
	if v.kind != valueTime {
		return time.Date(9999, time.December, 31, 0, 0, 0, 0, time.UTC)
	}
	return v.at
}

// readGraphAlert reads the values of an alert, which may be any JSON value.
func readGraphAlert(text GraphAlert) graphRecord {
	var fields map[string]json.RawMessage
	_ = json.Unmarshal(text, &fields)
	r := graphRecord{text: text}
	for i, p := range graphProperties {
		r.values[i] = p.read(fields[p.name])
	}
	return r
}

func (p graphProperty) read(value json.RawMessage) graphValue {
	var text *string
	switch {
	case len(value) == 0, string(value) == "null":
		if p.nullable {
			return graphValue{kind: valueNull}
		}
		return graphValue{}
	case json.Unmarshal(value, &text) != nil:
		return graphValue{}
	case !p.time:
		return graphValue{kind: valueText, text: *text}
	}
	at, err := parseTime(*text)
	if err != nil {
		return graphValue{}
	}
	return graphValue{kind: valueTime, at: at}
}
