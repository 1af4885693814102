package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

// countAttributes are the results of everything that reads alerts.
func countAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"total":           computedNumber("Detections after the filters. An alert can consist of several detections."),
		"fetched":         computedNumber("Detections that the service returned, before any filter."),
		"excluded":        computedNumber("Detections that `exclude` removed."),
		"distinct_alerts": computedNumber("Distinct values of `alert_id` among the detections after the filters."),
		"counts_by_severity": computedNumbers("Detections by severity. Always has `Informational`, `Low`, `Medium` and `High`; " +
			"other texts appear if the service sends them."),
		"max_severity": computedText("Highest severity, null if there is no detection. An unrecognized severity is the highest."),
		"truncated": schema.BoolAttribute{Computed: true,
			MarkdownDescription: "Whether the service returned as many detections as `limit` allows, so that there may be more."},
		"window_start": computedText("`since_time_utc` in UTC, null if it is unset."),
		"window_end":   computedText("`until_time_utc` in UTC, null if it is unset."),
		"newest":       computedText("`last_processed_time_utc` of the newest detection, null if there is none."),
		"oldest":       computedText("`last_processed_time_utc` of the oldest detection, null if there is none."),
	}
}

// summaryAttributes are the further results of mdatp_alert_summary.
func summaryAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"counts_by_category":      computedNumbers("Detections by category; those without one are under `\"\"`."),
		"counts_by_source":        computedNumbers("Detections by detection source; those without one are under `\"\"`."),
		"counts_by_machine_group": computedNumbers("Detections by device group; those without one are under `\"\"`."),
		"counts_by_title":         computedNumbers("Detections by title; those without one are under `\"\"`."),
		"devices":                 computedNumber("Distinct devices, by `device_id` or else `computer_dns_name`."),
	}
}

func computedNumber(description string) schema.Attribute {
	return schema.Int64Attribute{Computed: true, MarkdownDescription: description}
}

func computedNumbers(description string) schema.Attribute {
	return schema.MapAttribute{Computed: true, ElementType: types.Int64Type, MarkdownDescription: description}
}

func computedText(description string) schema.Attribute {
	return schema.StringAttribute{Computed: true, MarkdownDescription: description}
}

// alertsAttribute is a list without a sensitive attribute: a set of objects, or a
// sensitive attribute in a list, makes Terraform's time quadratic.
func alertsAttribute() schema.ListNestedAttribute {
	attributes := map[string]schema.Attribute{
		"additional": schema.MapAttribute{Computed: true, ElementType: types.StringType,
			MarkdownDescription: "Fields that the provider does not know, as JSON text by key; null if there are none."},
		"triage": triageAttribute(),
	}
	for _, field := range alert.Fields {
		attributes[field.Name] = fieldAttribute(field)
	}
	return schema.ListNestedAttribute{
		Computed:     true,
		NestedObject: schema.NestedAttributeObject{Attributes: attributes},
		MarkdownDescription: "The detections, newest first by `last_processed_time_utc`, then by `full_id`, `alert_part` and `alert_id`. " +
			"Duplicates (same `full_id` and `alert_part`) are merged; the most severe is kept. Detections without `full_id` are all kept.",
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
	return computedText(field.Description)
}

func triageAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		Computed:            true,
		MarkdownDescription: "Triage of the alert by analysts. Null, as the SIEM API does not return it.",
		Attributes: map[string]schema.Attribute{
			"status":         computedText("Status of the alert."),
			"classification": computedText("Classification, such as `truePositive`."),
			"determination":  computedText("Determination, such as `malware`."),
			"assigned_to":    computedText("Assignee of the alert."),
			"incident_id":    computedText("ID of the incident that the alert belongs to."),
			"service_source": computedText("Service that raised the alert."),
			"mitre_techniques": schema.ListAttribute{Computed: true, ElementType: types.StringType,
				MarkdownDescription: "MITRE ATT&CK techniques."},
			"last_update_time": computedText("When the alert was last updated."),
			"resolved_time":    computedText("When the alert was resolved."),
		},
	}
}
