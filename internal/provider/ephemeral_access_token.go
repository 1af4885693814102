package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

// accessTokenEphemeral is ephemeral "mdatp_access_token".
type accessTokenEphemeral struct{ ephemeralResource }

var _ ephemeral.EphemeralResourceWithValidateConfig = (*accessTokenEphemeral)(nil)

// tokenValidity is the minimum remaining lifetime of a returned token: an
// ephemeral resource cannot return another value when it is renewed.
const tokenValidity = 10 * time.Minute

func (*accessTokenEphemeral) Metadata(_ context.Context, req ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_access_token"
}

func (*accessTokenEphemeral) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The bearer token with which the provider reads alerts, for other tools in the same run. It is not stored in " +
			"a plan or in state, and is valid for at least ten minutes when it is opened.",
		Attributes: map[string]schema.Attribute{
			"tenant_id": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Directory (tenant) to sign in to: a GUID or a verified domain. Default: the provider's.",
			},
			"access_token": schema.StringAttribute{Computed: true, Sensitive: true, MarkdownDescription: "The token."},
			"token_type":   schema.StringAttribute{Computed: true, MarkdownDescription: "`Bearer`."},
			"expires_on":   schema.StringAttribute{Computed: true, MarkdownDescription: "When the token expires, as RFC 3339 in UTC."},
			"resource":     schema.StringAttribute{Computed: true, MarkdownDescription: "Resource (audience) of the token."},
		},
	}
}

func (*accessTokenEphemeral) ValidateConfig(ctx context.Context, req ephemeral.ValidateConfigRequest, resp *ephemeral.ValidateConfigResponse) {
	var arguments types.Object
	resp.Diagnostics.Append(req.Config.Get(ctx, &arguments)...)
	c := converter{path.Empty(), arguments.Attributes(), &resp.Diagnostics}
	convertText(c, "tenant_id", "tenant ID", parseTenant)
}

func (r *accessTokenEphemeral) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	if !req.Config.Raw.IsFullyKnown() {
		resp.Diagnostics.Append(unknownArgument())
		return
	}
	var arguments types.Object
	resp.Diagnostics.Append(req.Config.Get(ctx, &arguments)...)
	tenant := convertText(converter{path.Empty(), arguments.Attributes(), &resp.Diagnostics}, "tenant_id", "tenant ID", parseTenant)
	if resp.Diagnostics.HasError() {
		return
	}
	c, diags := r.configuration.connect()
	if resp.Diagnostics.Append(diags...); diags.HasError() {
		return
	}
	if resp.Diagnostics.Append(c.checkTenant(tenant)...); resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := transport.WithTimeout(ctx, c.timeout, readTimeout.name)
	defer cancel()
	token, expires, err := c.tokens(tenant).Lasting(ctx, tokenValidity)
	resp.Diagnostics.Append(c.warnings.take()...)
	if err != nil {
		resp.Diagnostics.Append(c.service.of(tenant).failure(err))
		return
	}
	if left := time.Until(expires); left < tokenValidity {
		resp.Diagnostics.AddWarning("Short-lived access token",
			fmt.Sprintf("Entra ID issued a token that expires in %s. Tools that use it later will fail.", left.Round(time.Second)))
	}
	attributes := arguments.Attributes()
	attributes["access_token"] = types.StringValue(token)
	attributes["token_type"] = types.StringValue("Bearer")
	attributes["expires_on"] = types.StringValue(expires.UTC().Format(time.RFC3339))
	attributes["resource"] = types.StringValue(c.resource)
	object, diags := types.ObjectValue(arguments.AttributeTypes(ctx), attributes)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(resp.Result.Set(ctx, object)...)
}
