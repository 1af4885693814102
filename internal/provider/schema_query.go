package provider

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

// queryAttributes are the arguments that every way of reading alerts has.
func queryAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"since_time_utc": textArgument("start of the window", isTime,
			"Start of the window, on the time at which the service processed an alert (`sinceTimeUtc`). RFC 3339; without a zone it is UTC. "+
				"Without any time argument the API answers with its own default, the last two hours."),
		"until_time_utc": textArgument("end of the window", isTime,
			"End of the window (`untilTimeUtc`), after `since_time_utc`, which it needs. Default: now."),
		"ago": textArgument("duration", isAgo,
			"How far back the window reaches, as an ISO 8601 duration such as `PT10M` or `P1D`. Conflicts with `since_time_utc` and `until_time_utc`."),
		"limit": schema.NumberAttribute{
			Optional:   true,
			Validators: []validator.Number{wholeNumber("limit", isLimit)},
			MarkdownDescription: "Read at most this many alerts, the newest. Default: all in the window. " +
				"`truncated` tells whether there may be more.",
		},
		"machine_groups": listArgument("machine group", isNotBlank,
			"Device groups to read. Default, and an empty list: all."),
		"device_created_machine_tags": listArgument("device tag", isNotBlank,
			"Tag set on the device (registry) to read. The API takes a single one.", listvalidator.SizeAtMost(1)),
		"cloud_created_machine_tags": listArgument("device tag", isNotBlank,
			"Tags set in the portal to read."),
		"tenant_id": textArgument("tenant ID", isTenant,
			"Directory (tenant) to read instead of the provider's, with the same application: a GUID or a verified domain. "+
				"For managed security providers (MSSPs)."),
		"min_severity": textArgument("severity", isSeverity,
			"Leave out alerts below this severity: `Informational`, `Low`, `Medium` or `High`. "+
				"One whose severity the provider does not know is never left out. Conflicts with `severities`."),
		"severities": listArgument("severity", isSeverity,
			"Leave out alerts of other severities. One whose severity the provider does not know is never left out."),
		"categories": listArgument("category", isNotBlank,
			"Leave out alerts of other categories, compared in any case."),
		"sources": listArgument("source", isNotBlank,
			"Leave out alerts of other detection sources, compared in any case."),
		"exclude": excludeAttribute(),
		"fail_on": failOnAttribute(),
	}
}

func textArgument(label string, c check, description string) schema.Attribute {
	return schema.StringAttribute{
		Optional:            true,
		Validators:          []validator.String{text(label, c)},
		MarkdownDescription: description,
	}
}

// listArgument is a list without null elements, each of which passes the check.
func listArgument(label string, c check, description string, more ...validator.List) schema.Attribute {
	return schema.ListAttribute{
		Optional:    true,
		ElementType: types.StringType,
		Validators: append([]validator.List{
			listvalidator.NoNullValues(),
			listvalidator.ValueStringsAre(text(label, c)),
		}, more...),
		MarkdownDescription: description,
	}
}

// countAttributes are the results that every way of reading alerts has.
func countAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"total":           count("Alerts after the filters. The API returns raw detections, so one alert may come several times."),
		"fetched":         count("Alerts that the service returned, before any filter."),
		"excluded":        count("Alerts that `exclude` left out."),
		"distinct_alerts": count("Distinct values of `alert_id` among the alerts after the filters."),
		"counts_by_severity": counts("Alerts by severity. Always has `Informational`, `Low`, `Medium` and `High`; " +
			"other texts appear when the service sends them."),
		"max_severity": textResult("Highest severity, null when there is no alert. One that the provider does not know is the highest."),
		"truncated": schema.BoolAttribute{Computed: true,
			MarkdownDescription: "Whether the service returned as many alerts as `limit` asks for: there may be more."},
		"window_start": textResult("`since_time_utc` in UTC, null unless given."),
		"window_end":   textResult("`until_time_utc` in UTC, null unless given."),
		"newest":       textResult("`last_processed_time_utc` of the newest alert, null when there is none."),
		"oldest":       textResult("`last_processed_time_utc` of the oldest alert, null when there is none."),
	}
}

// summaryAttributes are the results of mdatp_alert_summary alone.
func summaryAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"counts_by_category":      counts("Alerts by category; those without one are under `\"\"`."),
		"counts_by_source":        counts("Alerts by detection source; those without one are under `\"\"`."),
		"counts_by_machine_group": counts("Alerts by device group; those without one are under `\"\"`."),
		"counts_by_title":         counts("Alerts by title; those without one are under `\"\"`."),
		"devices":                 count("Distinct devices, by `device_id` or else `computer_dns_name`."),
	}
}

func count(description string) schema.Attribute {
	return schema.Int64Attribute{Computed: true, MarkdownDescription: description}
}

func counts(description string) schema.Attribute {
	return schema.MapAttribute{Computed: true, ElementType: types.Int64Type, MarkdownDescription: description}
}

func textResult(description string) schema.Attribute {
	return schema.StringAttribute{Computed: true, MarkdownDescription: description}
}

// alertsAttribute is the list of alerts: a list and not a set, and without any
// sensitive attribute, both of which make Terraform quadratic.
func alertsAttribute() schema.ListNestedAttribute {
	attributes := map[string]schema.Attribute{
		"additional": schema.MapAttribute{Computed: true, ElementType: types.StringType,
			MarkdownDescription: "Fields that the provider does not know, as JSON text by their key; null when there are none."},
		"triage": triageAttribute(),
	}
	for _, field := range alert.Fields {
		attributes[field.Name] = fieldAttribute(field)
	}
	return schema.ListNestedAttribute{
		Computed:     true,
		NestedObject: schema.NestedAttributeObject{Attributes: attributes},
		MarkdownDescription: "The alerts, newest first by `last_processed_time_utc`, then by `full_id`, `alert_part` and `alert_id`. " +
			"Records with the same `full_id` and `alert_part` are one, the most severe; records without `full_id` are all kept.",
	}
}

func fieldAttribute(field alert.Field) schema.Attribute {
	switch field.Kind {
	case alert.KindNumber:
		return schema.Int64Attribute{Computed: true, MarkdownDescription: field.Description}
	case alert.KindBool:
		return schema.BoolAttribute{Computed: true, MarkdownDescription: field.Description}
	case alert.KindList:
		return schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: field.Description}
	}
	return textResult(field.Description)
}

func triageAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		Computed:            true,
		MarkdownDescription: "What analysts made of the alert. Null: the SIEM API does not return it.",
		Attributes: map[string]schema.Attribute{
			"status":         textResult("Status of the alert."),
			"classification": textResult("Classification, such as `truePositive`."),
			"determination":  textResult("Determination, such as `malware`."),
			"assigned_to":    textResult("Who the alert is assigned to."),
			"incident_id":    textResult("ID of the incident that the alert belongs to."),
			"service_source": textResult("Service that raised the alert."),
			"mitre_techniques": schema.ListAttribute{Computed: true, ElementType: types.StringType,
				MarkdownDescription: "MITRE ATT&CK techniques."},
			"last_update_time": textResult("When the alert was last updated."),
			"resolved_time":    textResult("When the alert was resolved."),
		},
	}
}
