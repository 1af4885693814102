package provider

import (
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

// A readData holds the data of a read, other than the list of alerts.
type readData struct {
	query   alert.Query
	summary alert.Summary
	gate    *alert.Gate // nil: none
	verdict alert.Verdict
}

// A result is a computed attribute of a read, other than the list of alerts: its
// schema and its value.
type result struct {
	name      string
	attribute schema.Attribute
	value     func(readData) attr.Value
}

// countResults are the results of all objects that read alerts.
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
		func(o readData) string { return o.summary.MaxSeverity }),
	{"truncated", schema.BoolAttribute{Computed: true,
		MarkdownDescription: "Whether the service returned as many detections as `limit` allows, so that there may be more."},
		func(o readData) attr.Value { return types.BoolValue(o.summary.Truncated) }},
	textResult("window_start", "`since_time_utc` in UTC, null if it is unset.",
		func(o readData) string { return windowText(o.query.Since) }),
	textResult("window_end", "`until_time_utc` in UTC, null if it is unset.",
		func(o readData) string { return windowText(o.query.Until) }),
	textResult("newest", "`last_processed_time_utc` of the newest detection, null if there is none.",
		func(o readData) string { return o.summary.Newest }),
	textResult("oldest", "`last_processed_time_utc` of the oldest detection, null if there is none.",
		func(o readData) string { return o.summary.Oldest }),
	{"verdict", schema.SingleNestedAttribute{Computed: true,
		MarkdownDescription: "What `fail_on` counted, as evidence that the gate passed: a read that fails has no result. Null without `fail_on`.",
		Attributes: map[string]schema.Attribute{
			"severity":   computedText("Lowest severity that counts, in its canonical spelling."),
			"allowed":    schema.Int64Attribute{Computed: true, MarkdownDescription: "Number of detections that are accepted."},
			"violations": schema.Int64Attribute{Computed: true, MarkdownDescription: "Number of detections at `severity` or above."},
		}}, verdictValue},
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
		func(o readData) attr.Value { return types.Int64Value(int64(count(o.summary))) }}
}

func numbersResult(name, description string, counts func(alert.Summary) map[string]int) result {
	return result{name, schema.MapAttribute{Computed: true, ElementType: types.Int64Type, MarkdownDescription: description},
		func(o readData) attr.Value {
			elements := make(map[string]attr.Value)
			for key, n := range counts(o.summary) {
				elements[key] = types.Int64Value(int64(n))
			}
			return types.MapValueMust(types.Int64Type, elements)
		}}
}

// textResult returns a result that is null for "".
func textResult(name, description string, text func(readData) string) result {
	return result{name, computedText(description), func(o readData) attr.Value {
		if s := text(o); s != "" {
			return types.StringValue(s)
		}
		return types.StringNull()
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

func verdictValue(o readData) attr.Value {
	attributes := map[string]attr.Type{"severity": types.StringType, "allowed": types.Int64Type, "violations": types.Int64Type}
	if o.gate == nil {
		return types.ObjectNull(attributes)
	}
	return types.ObjectValueMust(attributes, map[string]attr.Value{
		"severity":   types.StringValue(o.gate.Severity.String()),
		"allowed":    types.Int64Value(int64(o.gate.Allowed)),
		"violations": types.Int64Value(int64(o.verdict.Violations)),
	})
}
