package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
)

// alertSummaryDataSource is data "mdatp_alert_summary".
type alertSummaryDataSource struct{ dataSource }

var (
	_ datasource.DataSourceWithConfigure        = (*alertSummaryDataSource)(nil)
	_ datasource.DataSourceWithConfigValidators = (*alertSummaryDataSource)(nil)
)

func newAlertSummaryDataSource() datasource.DataSource { return &alertSummaryDataSource{} }

type alertSummaryModel struct {
	queryModel
	countModel
	summaryModel
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

func (*alertSummaryDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_alert_summary"
}

func (*alertSummaryDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = dataSourceSchema(ctx,
		"Counts alerts of Microsoft Defender for Endpoint. It takes the arguments of the `mdatp_alerts` data source and "+
			"stores no alert: nothing personal, and almost nothing in state. Made for gates.\n\n"+
			"The result is exact or an error, never the count of a part.",
		summaryAttributes())
}

func (d *alertSummaryDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model alertSummaryModel
	resp.Diagnostics.Append(fullyKnown(req.Config)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	timeout, diags := model.Timeouts.Read(ctx, d.connection.timeout)
	if resp.Diagnostics.Append(diags...); diags.HasError() {
		return
	}
	_, summary, diags := d.connection.read(ctx, &model.queryModel, timeout, nil)
	if resp.Diagnostics.Append(diags...); diags.HasError() {
		return
	}
	model.countModel = newCountModel(model.query(), summary)
	model.summaryModel = newSummaryModel(summary)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
