package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"

	"github.com/mdatp/terraform-provider-mdatp/internal/wire"
)

// alertsEphemeral is ephemeral "mdatp_alerts".
type alertsEphemeral struct{ ephemeralResource }

var (
	_ ephemeral.EphemeralResourceWithConfigure      = (*alertsEphemeral)(nil)
	_ ephemeral.EphemeralResourceWithValidateConfig = (*alertsEphemeral)(nil)
)

func newAlertsEphemeral() ephemeral.EphemeralResource { return &alertsEphemeral{} }

func (*alertsEphemeral) Metadata(_ context.Context, _ ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = alertsType
}

func (*alertsEphemeral) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	attributes := readAttributes("open", countResults)
	attributes[listAttribute] = alertsAttribute()
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads alerts like the `mdatp_alerts` data source, and stores nothing of them in a plan or in state.\n\n" +
			"Terraform opens it in a plan and again in an apply, and each reads the API. As a gate it stops only what depends on it.",
		Attributes: ephemeralAttributes(attributes),
	}
}

func (*alertsEphemeral) ValidateConfig(ctx context.Context, req ephemeral.ValidateConfigRequest, resp *ephemeral.ValidateConfigResponse) {
	resp.Diagnostics.Append(validateArguments(ctx, req.Config)...)
}

// Open leaves the list null: the server inserts it.
func (r *alertsEphemeral) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	object, selection, diags := r.connection.readInto(ctx, req.Config, countResults, wire.AppendAlert)
	if resp.Diagnostics.Append(diags...); diags.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.Result.Set(ctx, object)...)
	resp.Diagnostics.Append(handOver(ctx, selection)...)
}
