package provider

import (
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

// A result is a computed attribute of a read, other than the list of alerts: its
// schema and its value.
type result struct {
	name      string
	attribute schema.Attribute
	value     func(alert.Query, alert.Summary) attr.Value
}

// countResults are the results of everything that reads alerts.
var countResults = []result{
	numberResult("total", "Detections after the filters. An alert can consist of several detections.",
		func(s alert.Summary) int { return s.Total }),
	numberResult("fetched", "Detections that the service returned, before any filter.",
		func(s alert.Summary) int { return s.Fetched }),
	numberResult("excluded", "Detections that `exclude` removed.",
		func(s alert.Summary) int { return s.Excluded }),
	numberResult("distinct_alerts", "Distinct values of `alert_id` among the detections after the filters.",
		func(s alert.Summary) int { return s.DistinctAlerts }),
	numbersResult("counts_by_severity", "Detections by severity. Always has `Informational`, `Low`, `Medium` and `High`; other texts appear if the service sends them.",
		func(s alert.Summary) map[string]int { return s.BySeverity }),
	textResult("max_severity", "Highest severity, null if there is no detection. An unrecognized severity is the highest.",
		func(_ alert.Query, s alert.Summary) string { return s.MaxSeverity }),
	{"truncated", schema.BoolAttribute{Computed: true,
		MarkdownDescription: "Whether the service returned as many detections as `limit` allows, so that there may be more."},
		func(_ alert.Query, s alert.Summary) attr.Value { return types.BoolValue(s.Truncated) }},
	textResult("window_start", "`since_time_utc` in UTC, null if it is unset.",
		func(q alert.Query, _ alert.Summary) string { return windowText(q.Since) }),
	textResult("window_end", "`until_time_utc` in UTC, null if it is unset.",
		func(q alert.Query, _ alert.Summary) string { return windowText(q.Until) }),
	textResult("newest", "`last_processed_time_utc` of the newest detection, null if there is none.",
		func(_ alert.Query, s alert.Summary) string { return s.Newest }),
	textResult("oldest", "`last_processed_time_utc` of the oldest detection, null if there is none.",
		func(_ alert.Query, s alert.Summary) string { return s.Oldest }),
}

// summaryResults are the results of mdatp_alert_summary.
var summaryResults = append(slices.Clip(countResults),
	numbersResult("counts_by_category", "Detections by category; those without one are under `\"\"`.",
		func(s alert.Summary) map[string]int { return s.ByCategory }),
	numbersResult("counts_by_source", "Detections by detection source; those without one are under `\"\"`.",
		func(s alert.Summary) map[string]int { return s.BySource }),
	numbersResult("counts_by_machine_group", "Detections by device group; those without one are under `\"\"`.",
		func(s alert.Summary) map[string]int { return s.ByMachineGroup }),
	numbersResult("counts_by_title", "Detections by title; those without one are under `\"\"`.",
		func(s alert.Summary) map[string]int { return s.ByTitle }),
	numberResult("devices", "Distinct devices, by `device_id` or else `computer_dns_name`.",
		func(s alert.Summary) int { return s.Devices }))

func numberResult(name, description string, count func(alert.Summary) int) result {
	return result{name, schema.Int64Attribute{Computed: true, MarkdownDescription: description},
		func(_ alert.Query, s alert.Summary) attr.Value { return types.Int64Value(int64(count(s))) }}
}

func numbersResult(name, description string, counts func(alert.Summary) map[string]int) result {
	return result{name, schema.MapAttribute{Computed: true, ElementType: types.Int64Type, MarkdownDescription: description},
		func(_ alert.Query, s alert.Summary) attr.Value {
			elements := make(map[string]attr.Value)
			for key, n := range counts(s) {
				elements[key] = types.Int64Value(int64(n))
			}
			return types.MapValueMust(types.Int64Type, elements)
		}}
}

// textResult returns a result that is null for "".
func textResult(name, description string, text func(alert.Query, alert.Summary) string) result {
	return result{name, computedText(description), func(q alert.Query, s alert.Summary) attr.Value {
		if text(q, s) == "" {
			return types.StringNull()
		}
		return types.StringValue(text(q, s))
	}}
}

func windowText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func computedText(description string) schema.Attribute {
	return schema.StringAttribute{Computed: true, MarkdownDescription: description}
}
