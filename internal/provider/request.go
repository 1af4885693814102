package provider

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

// queryModel holds the arguments of queryAttributes.
type queryModel struct {
	SinceTimeUTC             types.String `tfsdk:"since_time_utc"`
	UntilTimeUTC             types.String `tfsdk:"until_time_utc"`
	Ago                      types.String `tfsdk:"ago"`
	Limit                    types.Number `tfsdk:"limit"`
	MachineGroups            types.List   `tfsdk:"machine_groups"`
	DeviceCreatedMachineTags types.List   `tfsdk:"device_created_machine_tags"`
	CloudCreatedMachineTags  types.List   `tfsdk:"cloud_created_machine_tags"`
	TenantID                 types.String `tfsdk:"tenant_id"`
	MinSeverity              types.String `tfsdk:"min_severity"`
	Severities               types.List   `tfsdk:"severities"`
	Categories               types.List   `tfsdk:"categories"`
	Sources                  types.List   `tfsdk:"sources"`
	Exclude                  types.List   `tfsdk:"exclude"`
	FailOn                   types.Object `tfsdk:"fail_on"`
}

// query is what to ask the service for. Validation has accepted the arguments:
// Terraform runs it again with the final values before each read.
func (m *queryModel) query() alert.Query {
	return alert.Query{
		Since:         instant(m.SinceTimeUTC),
		Until:         instant(m.UntilTimeUTC),
		Ago:           m.Ago.ValueString(),
		Limit:         whole(m.Limit),
		MachineGroups: texts(m.MachineGroups),
		DeviceTags:    texts(m.DeviceCreatedMachineTags),
		CloudTags:     texts(m.CloudCreatedMachineTags),
	}
}

// filter is what to keep of the answer.
func (m *queryModel) filter() alert.Filter {
	f := alert.Filter{Categories: texts(m.Categories), Sources: texts(m.Sources)}
	if lowest := m.MinSeverity.ValueString(); lowest != "" {
		f.MinSeverity = alert.ParseSeverity(lowest)
	}
	for _, severity := range texts(m.Severities) {
		f.Severities = append(f.Severities, alert.ParseSeverity(severity))
	}
	return f
}

// instant is the zero time for null and unknown.
func instant(text types.String) time.Time {
	t, err := alert.ParseTime(text.ValueString())
	if err != nil {
		return time.Time{}
	}
	return t
}

// whole is 0 for null and unknown.
func whole(number types.Number) int {
	if number.IsNull() || number.IsUnknown() {
		return 0
	}
	n, _ := number.ValueBigFloat().Int64()
	return int(n)
}

// texts is nil for null, unknown and empty.
func texts(list types.List) []string {
	var elements []string
	for _, element := range list.Elements() {
		if text, ok := element.(types.String); ok && !text.IsUnknown() {
			elements = append(elements, text.ValueString())
		}
	}
	return elements
}
