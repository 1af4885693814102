package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
)

// alertSummaryDataSource is data "mdatp_alert_summary".
type alertSummaryDataSource struct{ dataSource }

var (
	_ datasource.DataSourceWithConfigure      = (*alertSummaryDataSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*alertSummaryDataSource)(nil)
)

func newAlertSummaryDataSource() datasource.DataSource { return &alertSummaryDataSource{} }

func (*alertSummaryDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_alert_summary"
}

func (*alertSummaryDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Counts alerts of Microsoft Defender for Endpoint, for gates. It has the arguments of the `mdatp_alerts` data source and " +
			"stores no alert, so state stays small and holds no personal data.\n\n" +
			"The result is exact or an error, never the count of a partial response.",
		Attributes: readAttributes("read", summaryResults),
	}
}

func (s *alertSummaryDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	object, _, diags := s.connection.readInto(ctx, req.Config, summaryResults, nil)
	if resp.Diagnostics.Append(diags...); diags.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, object)...)
}
