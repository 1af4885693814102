package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"

	"github.com/mdatp/terraform-provider-mdatp/internal/wire"
)

// dataSource is the common part of the data sources, which embed it.
type dataSource struct{ configuration *configuration }

func (s *dataSource) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	s.configuration, _ = req.ProviderData.(*configuration) // nil while Terraform validates
}

func (s *dataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	resp.Diagnostics.Append(validateArguments(ctx, req.Config)...)
}

// readAttributes returns the attributes of an object that reads alerts: arguments
// and results.
func readAttributes(results []result) map[string]schema.Attribute {
	attributes := queryAttributes()
	for _, row := range results {
		attributes[row.name] = row.attribute
	}
	return attributes
}

// alertsDataSource is data "mdatp_alerts".
type alertsDataSource struct{ dataSource }

var _ datasource.DataSourceWithValidateConfig = (*alertsDataSource)(nil)

func (*alertsDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = alertsType
}

func (*alertsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads alerts of Microsoft Defender for Endpoint, with summary counts. Alerts contain user names and command lines; " +
			"if these must not be stored in state, use the `mdatp_alert_summary` data source or the `mdatp_alerts` ephemeral resource.\n\n" +
			"The result is the service's whole response or an error, never a part of it.",
		Attributes: readAttributes(countResults),
		Blocks:     queryBlocks("read"),
	}
	resp.Schema.Attributes[listAttribute] = alertsAttribute()
}

// Read leaves the list null: the server inserts it.
func (s *alertsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	object, selection, diags := s.configuration.readInto(ctx, req.Config, countResults, wire.AppendAlert)
	if resp.Diagnostics.Append(diags...); diags.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, object)...)
	resp.Diagnostics.Append(handOver(ctx, selection)...)
}

// alertSummaryDataSource is data "mdatp_alert_summary".
type alertSummaryDataSource struct{ dataSource }

var _ datasource.DataSourceWithValidateConfig = (*alertSummaryDataSource)(nil)

func (*alertSummaryDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_alert_summary"
}

func (*alertSummaryDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Counts alerts of Microsoft Defender for Endpoint, for gates. It has the arguments of the `mdatp_alerts` data source and " +
			"stores no alert, so state stays small and holds no personal data.\n\n" +
			"The result is exact or an error, never the count of a partial response.",
		Attributes: readAttributes(summaryResults),
		Blocks:     queryBlocks("read"),
	}
}

func (s *alertSummaryDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	object, _, diags := s.configuration.readInto(ctx, req.Config, summaryResults, nil)
	if resp.Diagnostics.Append(diags...); diags.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, object)...)
}
