package provider

import (
	"context"

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
	Alerts types.List `tfsdk:"alerts"`
}

func (*alertsDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = alertsType
}

func (*alertsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = dataSourceSchema(
		"Reads alerts of Microsoft Defender for Endpoint, with summary counts. Alerts contain user names and command lines; "+
			"if these must not be stored in state, use the `mdatp_alert_summary` data source or the `mdatp_alerts` ephemeral resource.\n\n"+
			"The result is the service's whole response or an error, never a part of it.",
		map[string]schema.Attribute{listAttribute: alertsAttribute()})
}

func (*alertsDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	resp.Diagnostics.Append(validateModel(ctx, req.Config, new(alertsModel))...)
}

// Read leaves the list null: the server inserts it.
func (d *alertsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model alertsModel
	selection, _, diags := d.connection.readInto(ctx, req.Config, &model, wire.AppendAlert)
	if resp.Diagnostics.Append(diags...); diags.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
	resp.Diagnostics.Append(handOver(ctx, selection)...)
}
