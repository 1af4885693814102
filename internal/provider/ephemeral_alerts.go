package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/ephemeral/timeouts"
	data "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mdatp/terraform-provider-mdatp/internal/wire"
)

// alertsEphemeral is ephemeral "mdatp_alerts".
type alertsEphemeral struct{ ephemeralResource }

var (
	_ ephemeral.EphemeralResourceWithConfigure        = (*alertsEphemeral)(nil)
	_ ephemeral.EphemeralResourceWithConfigValidators = (*alertsEphemeral)(nil)
)

func newAlertsEphemeral() ephemeral.EphemeralResource { return &alertsEphemeral{} }

type alertsEphemeralModel struct {
	queryModel
	countModel
	Timeouts timeouts.Value `tfsdk:"timeouts"`
	Alerts   types.List     `tfsdk:"alerts"`
}

func (*alertsEphemeral) Metadata(_ context.Context, req ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_alerts"
}

func (*alertsEphemeral) Schema(ctx context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	attributes := queryAttributes()
	maps.Copy(attributes, countAttributes())
	maps.Copy(attributes, map[string]data.Attribute{listAttribute: alertsAttribute()})
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads alerts as the `mdatp_alerts` data source does and stores nothing of them, neither in a plan nor in state.\n\n" +
			"Terraform opens it in a plan and again in an apply: each asks the API anew. As a gate it stops only what depends on it.",
		Attributes: ephemeralAttributes(attributes),
	}
	resp.Schema.Attributes["timeouts"] = timeouts.AttributesWithOpts(ctx, timeouts.Opts{OpenDescription: timeoutDescription})
}

func (*alertsEphemeral) ConfigValidators(context.Context) []ephemeral.ConfigValidator {
	return ephemeralValidators()
}

// Open leaves the list null: the server puts it in.
func (r *alertsEphemeral) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	var model alertsEphemeralModel
	resp.Diagnostics.Append(fullyKnown(req.Config)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	timeout, diags := model.Timeouts.Open(ctx, r.connection.timeout)
	if resp.Diagnostics.Append(diags...); diags.HasError() {
		return
	}
	selection, summary, diags := r.connection.read(ctx, &model.queryModel, timeout, wire.AppendAlert)
	if resp.Diagnostics.Append(diags...); diags.HasError() {
		return
	}
	model.countModel = newCountModel(model.query(), summary)
	resp.Diagnostics.Append(resp.Result.Set(ctx, &model)...)
	resp.Diagnostics.Append(handOver(ctx, selection)...)
}
