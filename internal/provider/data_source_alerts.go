package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mdatp/terraform-provider-mdatp/internal/wire"
)

// alertsDataSource is data "mdatp_alerts".
type alertsDataSource struct{ dataSource }

var (
	_ datasource.DataSourceWithConfigure      = (*alertsDataSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*alertsDataSource)(nil)
)

func newAlertsDataSource() datasource.DataSource { return &alertsDataSource{} }

type alertsModel struct {
	queryModel
	countModel
	Timeouts timeouts.Value `tfsdk:"timeouts"`
	Alerts   types.List     `tfsdk:"alerts"`
}

func (*alertsDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = alertsType
}

func (*alertsDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = dataSourceSchema(ctx,
		"Reads alerts of Microsoft Defender for Endpoint, with summary counts. Alerts contain user names and command lines; "+
			"if these must not be stored in state, use the `mdatp_alert_summary` data source or the `mdatp_alerts` ephemeral resource.\n\n"+
			"The result is the service's whole response or an error, never a part of it.",
		map[string]schema.Attribute{listAttribute: alertsAttribute()})
}

func (*alertsDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	_, diags := convertArguments(ctx, req.Config, "read", new(alertsModel))
	resp.Diagnostics.Append(diags...)
}

// Read leaves the list null: the server inserts it.
func (d *alertsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model alertsModel
	arguments, diags := readArguments(ctx, req.Config, "read", &model)
	if resp.Diagnostics.Append(diags...); diags.HasError() {
		return
	}
	timeout, diags := model.Timeouts.Read(ctx, d.connection.timeout)
	if resp.Diagnostics.Append(diags...); diags.HasError() {
		return
	}
	selection, summary, diags := d.connection.read(ctx, arguments, timeout, wire.AppendAlert)
	if resp.Diagnostics.Append(diags...); diags.HasError() {
		return
	}
	model.countModel = newCountModel(arguments.query, summary)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
	resp.Diagnostics.Append(handOver(ctx, selection)...)
}
