package siem

import (
	"net/url"
	"strconv"

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
	if q.Ago != "" {
		values.Set("ago", q.Ago)
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
