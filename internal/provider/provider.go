package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mdatp/terraform-provider-mdatp/internal/provider/functions"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

// Address is the provider's source address.
const Address = "registry.terraform.io/mdatp/mdatp"

type mdatpProvider struct {
	version   string
	getenv    func(string) string                       // for settings that are unset in the block
	newClient func(transport.Options) *transport.Client // adds Base
}

var (
	_ provider.ProviderWithEphemeralResources = (*mdatpProvider)(nil)
	_ provider.ProviderWithFunctions          = (*mdatpProvider)(nil)
	_ provider.ProviderWithValidateConfig     = (*mdatpProvider)(nil)
)

// newProvider returns the provider, which sends its requests over the network.
func newProvider(version string, getenv func(string) string) *mdatpProvider {
	return &mdatpProvider{version: version, getenv: getenv, newClient: func(o transport.Options) *transport.Client {
		o.Base = transport.NewRoundTripper()
		return transport.New(o)
	}}
}

func (p *mdatpProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "mdatp"
	resp.Version = p.version
}

func (p *mdatpProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	attributes := make(map[string]schema.Attribute)
	for _, argument := range providerArguments {
		argument.addAttributes(attributes)
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads alerts of Microsoft Defender for Endpoint (once Defender ATP, \"MDATP\") " +
			"with Microsoft Graph or the SIEM REST API.\n\nEvery argument is optional. If it is unset, the first non-empty environment variable listed for it is used.",
		Attributes: attributes,
	}
}

// ValidateConfig rejects invalid values of the block.
func (p *mdatpProvider) ValidateConfig(ctx context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse) {
	var block types.Object
	resp.Diagnostics.Append(req.Config.Get(ctx, &block)...)
	for _, argument := range providerArguments {
		resp.Diagnostics.Append(argument.validate(settingInput{block: block.Attributes()})...)
	}
}

// Configure sends no request: the first read signs in.
func (p *mdatpProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var block types.Object
	resp.Diagnostics.Append(req.Config.Get(ctx, &block)...)
	input := settingInput{block: block.Attributes(), getenv: p.getenv}
	var unknown diag.Diagnostics
	for _, argument := range providerArguments {
		unknown.Append(argument.unknown(input)...)
	}
	if len(unknown) > 0 {
		if req.ClientCapabilities.DeferralAllowed {
			resp.Deferred = &provider.Deferred{Reason: provider.DeferredReasonProviderConfigUnknown}
		} else {
			resp.Diagnostics.Append(unknown...)
		}
		return
	}
	s, diags := resolveSettings(input)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(missingSettings(s)...)
	if resp.Diagnostics.HasError() {
		return
	}
	c := newConnection(s, "Terraform/"+req.TerraformVersion+" terraform-provider-mdatp/"+p.version, p.newClient)
	resp.DataSourceData = c
	resp.EphemeralResourceData = c
}

func (p *mdatpProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		func() datasource.DataSource { return &alertsDataSource{} },
		func() datasource.DataSource { return &alertSummaryDataSource{} },
	}
}

func (p *mdatpProvider) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{
		func() ephemeral.EphemeralResource { return &alertsEphemeral{} },
		func() ephemeral.EphemeralResource { return &accessTokenEphemeral{} },
	}
}

func (p *mdatpProvider) Functions(context.Context) []func() function.Function { return functions.All() }

func (p *mdatpProvider) Resources(context.Context) []func() resource.Resource { return nil }
