package siem

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

// timeLayout is what .NET writes for a UTC DateTime ("o"), seven digits.
const timeLayout = "2006-01-02T15:04:05.0000000Z"

// parameters are those of a query, spelled as on Microsoft's page. What is not
// given is left to the API's default. Lists repeat the key.
func parameters(q alert.Query) url.Values {
	values := url.Values{}
	if !q.Since.IsZero() {
		values.Set("sinceTimeUtc", q.Since.UTC().Format(timeLayout))
	}
	if !q.Until.IsZero() {
		values.Set("untilTimeUtc", q.Until.UTC().Format(timeLayout))
	}
	if q.Ago.Text != "" {
		values.Set("ago", inDays(q.Ago.Text))
	}
	if q.Limit > 0 {
		values.Set("limit", strconv.Itoa(q.Limit))
	}
	for key, list := range map[string][]string{
		"machinegroups":            q.MachineGroups,
		"DeviceCreatedMachineTags": q.DeviceTags,
		"CloudCreatedMachineTags":  q.CloudTags,
	} {
		if len(list) > 0 {
			values[key] = list
		}
	}
	return values
}

// inDays turns a duration of weeks into days. ISO 8601 has weeks; .NET's
// XmlConvert, with which such a service reads durations, does not, and a
// parameter that it cannot read might mean its default, a shorter window.
func inDays(ago string) string {
	number, starts := strings.CutPrefix(ago, "P")
	number, ends := strings.CutSuffix(number, "W")
	weeks, err := strconv.ParseUint(number, 10, 32)
	if !starts || !ends || err != nil {
		return ago
	}
	return "P" + strconv.FormatUint(7*weeks, 10) + "D"
}
