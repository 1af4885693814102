package provider

import (
	"context"
	"fmt"

	data "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"

	"github.com/mdatp/terraform-provider-mdatp/internal/wire"
)

// ephemeralResource is the common part of the ephemeral resources, which embed it.
type ephemeralResource struct{ configuration *configuration }

func (r *ephemeralResource) Configure(_ context.Context, req ephemeral.ConfigureRequest, _ *ephemeral.ConfigureResponse) {
	r.configuration, _ = req.ProviderData.(*configuration) // nil while Terraform validates
}

// alertsEphemeral is ephemeral "mdatp_alerts".
type alertsEphemeral struct{ ephemeralResource }

var _ ephemeral.EphemeralResourceWithValidateConfig = (*alertsEphemeral)(nil)

func (*alertsEphemeral) Metadata(_ context.Context, _ ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = alertsType
}

func (*alertsEphemeral) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	attributes := readAttributes(countResults)
	attributes[listAttribute] = alertsAttribute()
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads alerts like the `mdatp_alerts` data source, and stores nothing of them in a plan or in state.\n\n" +
			"Terraform opens it in a plan and again in an apply, and each reads the API. As a gate it stops only what depends on it. " +
			"OpenTofu 1.12 and later open it in an apply only if something that changes depends on it.",
		Attributes: ephemeralAttributes(attributes),
		Blocks:     ephemeralBlocks(queryBlocks("open")),
	}
}

func (*alertsEphemeral) ValidateConfig(ctx context.Context, req ephemeral.ValidateConfigRequest, resp *ephemeral.ValidateConfigResponse) {
	resp.Diagnostics.Append(validateArguments(ctx, req.Config)...)
}

// Open leaves the list null: the server inserts it.
func (r *alertsEphemeral) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	object, selection, diags := r.configuration.readInto(ctx, req.Config, countResults, wire.AppendAlert)
	if resp.Diagnostics.Append(diags...); diags.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.Result.Set(ctx, object)...)
	resp.Diagnostics.Append(handOver(ctx, selection)...)
}

// ephemeralAttributes converts the attributes of a data source for an ephemeral
// resource: the framework has separate types for both, with the same fields. A
// field that is not copied here is dropped; TestEphemeralSchema compares both.
func ephemeralAttributes(attributes map[string]data.Attribute) map[string]schema.Attribute {
	converted := make(map[string]schema.Attribute, len(attributes))
	for name, attribute := range attributes {
		converted[name] = ephemeralAttribute(attribute)
	}
	return converted
}

func ephemeralAttribute(attribute data.Attribute) schema.Attribute {
	switch a := attribute.(type) {
	case data.StringAttribute:
		return schema.StringAttribute{Required: a.Required, Optional: a.Optional, Computed: a.Computed, Sensitive: a.Sensitive,
			MarkdownDescription: a.MarkdownDescription}
	case data.NumberAttribute:
		return schema.NumberAttribute{Optional: a.Optional, MarkdownDescription: a.MarkdownDescription}
	case data.Int64Attribute:
		return schema.Int64Attribute{Computed: a.Computed, MarkdownDescription: a.MarkdownDescription}
	case data.BoolAttribute:
		return schema.BoolAttribute{Computed: a.Computed, MarkdownDescription: a.MarkdownDescription}
	case data.ListAttribute:
		return schema.ListAttribute{Optional: a.Optional, Computed: a.Computed, ElementType: a.ElementType,
			MarkdownDescription: a.MarkdownDescription}
	case data.MapAttribute:
		return schema.MapAttribute{Computed: a.Computed, ElementType: a.ElementType, MarkdownDescription: a.MarkdownDescription}
	case data.SingleNestedAttribute:
		return schema.SingleNestedAttribute{Optional: a.Optional, Computed: a.Computed,
			Attributes: ephemeralAttributes(a.Attributes), MarkdownDescription: a.MarkdownDescription}
	case data.ListNestedAttribute:
		return schema.ListNestedAttribute{Optional: a.Optional, Computed: a.Computed,
			NestedObject: schema.NestedAttributeObject{
				Attributes: ephemeralAttributes(a.NestedObject.Attributes),
			}, MarkdownDescription: a.MarkdownDescription}
	}
	panic(fmt.Sprintf("provider: no ephemeral form of %T", attribute))
}

// ephemeralBlocks is ephemeralAttributes for blocks.
func ephemeralBlocks(blocks map[string]data.Block) map[string]schema.Block {
	converted := make(map[string]schema.Block, len(blocks))
	for name, block := range blocks {
		switch b := block.(type) {
		case data.SingleNestedBlock:
			converted[name] = schema.SingleNestedBlock{Attributes: ephemeralAttributes(b.Attributes), MarkdownDescription: b.MarkdownDescription}
		case data.ListNestedBlock:
			converted[name] = schema.ListNestedBlock{NestedObject: schema.NestedBlockObject{Attributes: ephemeralAttributes(b.NestedObject.Attributes)},
				MarkdownDescription: b.MarkdownDescription}
		default:
			panic(fmt.Sprintf("provider: no ephemeral form of %T", block))
		}
	}
	return converted
}
