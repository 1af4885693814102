package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// queryAttributes returns the arguments of all objects that read alerts.
// newRequest validates them.
func queryAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"since_time_utc": optionalText("Start of the window, by the time at which the service processed a detection (`sinceTimeUtc`). RFC 3339; UTC if it has no zone. " +
			"Not from `timestamp()`, which is unknown when planning: use `ago`. " +
			"Without a time argument the API uses its default, the last two hours."),
		"until_time_utc": optionalText("End of the window (`untilTimeUtc`). Requires an earlier `since_time_utc`. Default: now."),
		"ago": optionalText("How far back the window reaches, as an ISO 8601 duration such as `PT10M` or `P1D`. Microsoft documents no longest window. " +
			"Conflicts with `since_time_utc` and `until_time_utc`."),
		"limit": schema.NumberAttribute{Optional: true,
			MarkdownDescription: "Maximum number of detections, the newest ones. Default: all in the window. `truncated` tells whether there may be more."},
		"machine_groups":              optionalTexts("Only detections on devices in these device groups. Default, also for an empty list: all."),
		"device_created_machine_tags": optionalTexts("Only detections on devices with this tag, set in the device's registry. The API accepts one."),
		"cloud_created_machine_tags":  optionalTexts("Only detections on devices with one of these tags, set in the portal."),
		"tenant_id": optionalText("Directory (tenant) to read instead of the provider's, with the same application: a GUID or a verified domain. " +
			"For managed security service providers (MSSPs)."),
		"min_severity": optionalText("Only detections at this severity or above: `Informational`, `Low`, `Medium` or `High`. " +
			"Detections with an unrecognized severity are always kept. Conflicts with `severities`."),
		"severities": optionalTexts("Only detections with these severities. Detections with an unrecognized severity are always kept."),
		"categories": optionalTexts("Only detections in these categories (case-insensitive). A warning names those that Microsoft does not document."),
		"statuses":   optionalTexts("Only alerts with these statuses: `new`, `inProgress`, `resolved`. An alert with another status is always kept. " + graphOnly),
		"exclude_classifications": optionalTexts("No alerts with these classifications: `falsePositive`, `informationalExpectedActivity`, `truePositive`. " +
			"An alert without one is always kept. " + graphOnly),
		"service_sources": optionalTexts("Products whose alerts are read. Default `[\"microsoftDefenderForEndpoint\"]`. " + graphOnly),
		"sources":         optionalTexts("Only detections from these sources (case-insensitive)."),
	}
}

// queryBlocks returns the blocks of an object that reads alerts; operation is the
// name of its timeout. They are blocks because Terraform ignores unrecognized keys
// of nested attributes: with a misspelt one a gate would fail open.
func queryBlocks(operation string) map[string]schema.Block {
	return map[string]schema.Block{
		"exclude": excludeBlock(),
		"fail_on": failOnBlock(),
		// The timeouts library accepts zero and negative durations.
		"timeouts": schema.SingleNestedBlock{
			MarkdownDescription: "Time limits of this object.",
			Attributes: map[string]schema.Attribute{
				operation: optionalText("Time for the whole read, sign-in and retries included, as a duration in the form of Go, such as `90s` or `10m`. " +
					"Default: the provider's `timeout`."),
			},
		},
	}
}

const graphOnly = "Needs `api = \"graph\"`."

func optionalText(description string) schema.Attribute {
	return schema.StringAttribute{Optional: true, MarkdownDescription: description}
}

func optionalTexts(description string) schema.Attribute {
	return schema.ListAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: description}
}
