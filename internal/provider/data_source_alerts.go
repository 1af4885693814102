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
	_ datasource.DataSourceWithConfigure        = (*alertsDataSource)(nil)
	_ datasource.DataSourceWithConfigValidators = (*alertsDataSource)(nil)
)

func newAlertsDataSource() datasource.DataSource { return &alertsDataSource{} }

type alertsModel struct {
	queryModel
	countModel
	Timeouts timeouts.Value `tfsdk:"timeouts"`
	Alerts   types.List     `tfsdk:"alerts"`
}

func (*alertsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_alerts"
}

func (*alertsDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = dataSourceSchema(ctx,
		"Reads alerts of Microsoft Defender for Endpoint, with what they add up to. Whoever must not store alerts, "+
			"which name users and command lines, reads the `mdatp_alert_summary` data source instead.\n\n"+
			"The result is the whole, exact answer of the service or an error, never a part of it.",
		map[string]schema.Attribute{listAttribute: alertsAttribute()})
}

// Read leaves the list null: the server puts it in.
func (d *alertsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model alertsModel
	resp.Diagnostics.Append(fullyKnown(req.Config)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	timeout, diags := model.Timeouts.Read(ctx, d.connection.timeout)
	if resp.Diagnostics.Append(diags...); diags.HasError() {
		return
	}
	selection, summary, diags := d.connection.read(ctx, &model.queryModel, timeout, wire.AppendAlert)
	if resp.Diagnostics.Append(diags...); diags.HasError() {
		return
	}
	model.countModel = newCountModel(model.query(), summary)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
	resp.Diagnostics.Append(handOver(ctx, selection)...)
}
