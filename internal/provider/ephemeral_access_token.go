package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// accessTokenEphemeral is ephemeral "mdatp_access_token".
type accessTokenEphemeral struct{ ephemeralResource }

var _ ephemeral.EphemeralResourceWithConfigure = (*accessTokenEphemeral)(nil)

func newAccessTokenEphemeral() ephemeral.EphemeralResource { return &accessTokenEphemeral{} }

// tokenValidity is how long a token that is handed out should last: an ephemeral
// resource cannot hand out a new value when it is renewed.
const tokenValidity = 10 * time.Minute

type accessTokenModel struct {
	TenantID    types.String `tfsdk:"tenant_id"`
	AccessToken types.String `tfsdk:"access_token"`
	TokenType   types.String `tfsdk:"token_type"`
	ExpiresOn   types.String `tfsdk:"expires_on"`
	Resource    types.String `tfsdk:"resource"`
}

func (*accessTokenEphemeral) Metadata(_ context.Context, req ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_access_token"
}

func (*accessTokenEphemeral) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The bearer token with which the provider reads alerts, for other tools in the same run. It is stored neither in " +
			"a plan nor in state, and is good for ten more minutes when it is opened.",
		Attributes: map[string]schema.Attribute{
			"tenant_id": schema.StringAttribute{
				Optional:            true,
				Validators:          []validator.String{text("tenant ID", isTenant)},
				MarkdownDescription: "Directory (tenant) to sign in to: a GUID or a verified domain. Default: the provider's.",
			},
			"access_token": schema.StringAttribute{Computed: true, Sensitive: true, MarkdownDescription: "The token."},
			"token_type":   schema.StringAttribute{Computed: true, MarkdownDescription: "`Bearer`."},
			"expires_on":   schema.StringAttribute{Computed: true, MarkdownDescription: "When the token ends, as RFC 3339 in UTC."},
			"resource":     schema.StringAttribute{Computed: true, MarkdownDescription: "Resource (audience) that the token is for."},
		},
	}
}

func (r *accessTokenEphemeral) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	var model accessTokenModel
	resp.Diagnostics.Append(fullyKnown(req.Config)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, r.connection.timeout)
	defer cancel()
	token, expires, err := r.connection.tokens(model.TenantID.ValueString()).Lasting(ctx, tokenValidity)
	if err != nil {
		resp.Diagnostics.Append(failure(err, r.connection.timeout))
		return
	}
	if left := time.Until(expires); left < tokenValidity {
		resp.Diagnostics.AddWarning("Short-lived access token",
			fmt.Sprintf("Entra ID issued a token that ends in %s. Tools that use it later than that will fail.", left.Round(time.Second)))
	}
	model.AccessToken = types.StringValue(token)
	model.TokenType = types.StringValue("Bearer")
	model.ExpiresOn = types.StringValue(expires.UTC().Format(time.RFC3339))
	model.Resource = types.StringValue(r.connection.resource)
	resp.Diagnostics.Append(resp.Result.Set(ctx, &model)...)
}
