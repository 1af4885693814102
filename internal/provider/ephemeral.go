package provider

import (
	"context"
	"fmt"

	data "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
)

// ephemeralResource is the common part of the ephemeral resources, which embed it.
type ephemeralResource struct{ connection *connection }

func (r *ephemeralResource) Configure(_ context.Context, req ephemeral.ConfigureRequest, resp *ephemeral.ConfigureResponse) {
	r.connection, resp.Diagnostics = configured(req.ProviderData)
}

// ephemeralAttributes returns the attributes of a data source for an ephemeral
// resource, for which the framework has types of its own with the same fields. A
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
