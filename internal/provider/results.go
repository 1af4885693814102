package provider

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

// countModel holds the results of countAttributes.
type countModel struct {
	Total            types.Int64  `tfsdk:"total"`
	Fetched          types.Int64  `tfsdk:"fetched"`
	Excluded         types.Int64  `tfsdk:"excluded"`
	DistinctAlerts   types.Int64  `tfsdk:"distinct_alerts"`
	CountsBySeverity types.Map    `tfsdk:"counts_by_severity"`
	MaxSeverity      types.String `tfsdk:"max_severity"`
	Truncated        types.Bool   `tfsdk:"truncated"`
	WindowStart      types.String `tfsdk:"window_start"`
	WindowEnd        types.String `tfsdk:"window_end"`
	Newest           types.String `tfsdk:"newest"`
	Oldest           types.String `tfsdk:"oldest"`
}

func (m *countModel) setCounts(q alert.Query, s alert.Summary) {
	*m = countModel{
		Total:            numberValue(s.Total),
		Fetched:          numberValue(s.Fetched),
		Excluded:         numberValue(s.Excluded),
		DistinctAlerts:   numberValue(s.DistinctAlerts),
		CountsBySeverity: numbersValue(s.BySeverity),
		MaxSeverity:      textOrNull(s.MaxSeverity),
		Truncated:        types.BoolValue(s.Truncated),
		WindowStart:      timeOrNull(q.Since),
		WindowEnd:        timeOrNull(q.Until),
		Newest:           textOrNull(s.Newest),
		Oldest:           textOrNull(s.Oldest),
	}
}

// summaryModel holds the results of summaryAttributes.
type summaryModel struct {
	CountsByCategory     types.Map   `tfsdk:"counts_by_category"`
	CountsBySource       types.Map   `tfsdk:"counts_by_source"`
	CountsByMachineGroup types.Map   `tfsdk:"counts_by_machine_group"`
	CountsByTitle        types.Map   `tfsdk:"counts_by_title"`
	Devices              types.Int64 `tfsdk:"devices"`
}

func newSummaryModel(s alert.Summary) summaryModel {
	return summaryModel{
		CountsByCategory:     numbersValue(s.ByCategory),
		CountsBySource:       numbersValue(s.BySource),
		CountsByMachineGroup: numbersValue(s.ByMachineGroup),
		CountsByTitle:        numbersValue(s.ByTitle),
		Devices:              numberValue(s.Devices),
	}
}

func numberValue(n int) types.Int64 { return types.Int64Value(int64(n)) }

func numbersValue(counts map[string]int) types.Map {
	elements := make(map[string]attr.Value, len(counts))
	for key, n := range counts {
		elements[key] = numberValue(n)
	}
	return types.MapValueMust(types.Int64Type, elements)
}

func textOrNull(text string) types.String {
	if text == "" {
		return types.StringNull()
	}
	return types.StringValue(text)
}

func timeOrNull(t time.Time) types.String {
	if t.IsZero() {
		return types.StringNull()
	}
	return types.StringValue(t.UTC().Format(time.RFC3339Nano))
}
