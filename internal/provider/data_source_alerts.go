package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"

	"github.com/mdatp/terraform-provider-mdatp/internal/wire"
)

// alertsDataSource is data "mdatp_alerts".
type alertsDataSource struct{ dataSource }

var (
	_ datasource.DataSourceWithConfigure      = (*alertsDataSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*alertsDataSource)(nil)
)

func newAlertsDataSource() datasource.DataSource { return &alertsDataSource{} }

func (*alertsDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = alertsType
}

func (*alertsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads alerts of Microsoft Defender for Endpoint, with summary counts. Alerts contain user names and command lines; " +
			"if these must not be stored in state, use the `mdatp_alert_summary` data source or the `mdatp_alerts` ephemeral resource.\n\n" +
			"The result is the service's whole response or an error, never a part of it.",
		Attributes: readAttributes("read", countResults),
	}
	resp.Schema.Attributes[listAttribute] = alertsAttribute()
}

// Read leaves the list null: the server inserts it.
func (s *alertsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	object, selection, diags := s.connection.readInto(ctx, req.Config, countResults, wire.AppendAlert)
	if resp.Diagnostics.Append(diags...); diags.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, object)...)
	resp.Diagnostics.Append(handOver(ctx, selection)...)
}
