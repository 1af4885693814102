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
	numberResult("alert_count", "Alerts after the filters: distinct values of `alert_id`.",
		func(s alert.Summary) int { return s.Alerts }),
	numberResult("detection_count", "Detections after the filters. An alert consists of one or more.",
		func(s alert.Summary) int { return s.Detections }),
	numberResult("fetched", "Detections that the service returned, before any filter.",
		func(s alert.Summary) int { return s.Fetched }),
	numberResult("excluded", "Alerts that `exclude` removed: with an excluded detection, and none left after the filters.",
		func(s alert.Summary) int { return s.Excluded }),
	numbersResult("counts_by_severity", "Alerts by severity, each by the highest of its detections after the filters. "+
		"Always has `Informational`, `Low`, `Medium` and `High`; other texts appear if the service sends them.",
		func(s alert.Summary) map[string]int { return s.BySeverity }),
	textResult("max_severity", "Highest severity, null if there is no alert. An unrecognized severity is the highest.",
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
			"allowed":    schema.Int64Attribute{Computed: true, MarkdownDescription: "Number of alerts that are accepted."},
			"violations": schema.Int64Attribute{Computed: true, MarkdownDescription: "Number of alerts at `severity` or above."},
		}}, verdictValue},
}

// summaryResults are the results of mdatp_alert_summary.
var summaryResults = append(slices.Clip(countResults),
	countsByResult("counts_by_category", "category", func(s alert.Summary) map[string]int { return s.ByCategory }),
	countsByResult("counts_by_source", "detection source", func(s alert.Summary) map[string]int { return s.BySource }),
	countsByResult("counts_by_machine_group", "device group", func(s alert.Summary) map[string]int { return s.ByMachineGroup }),
	countsByResult("counts_by_title", "title", func(s alert.Summary) map[string]int { return s.ByTitle }),
	numberResult("devices", "Distinct devices of these alerts, by `device_id`. A detection without one belongs to the device with its `computer_dns_name`.",
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

// countsByResult is numbersResult for the text of a detection.
func countsByResult(name, text string, counts func(alert.Summary) map[string]int) result {
	return numbersResult(name, "Alerts by "+text+" of their most severe, then newest detection; those without one are under `\"\"`.", counts)
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
