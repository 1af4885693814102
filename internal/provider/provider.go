package provider

import (
	"context"
	"crypto/x509"
	"sync"

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
	version     string
	environment Environment
	newClient   func(transport.Options, *x509.CertPool) *transport.Client // adds Base, with these authorities
}

var (
	_ provider.ProviderWithEphemeralResources = (*mdatpProvider)(nil)
	_ provider.ProviderWithFunctions          = (*mdatpProvider)(nil)
	_ provider.ProviderWithValidateConfig     = (*mdatpProvider)(nil)
)

// newProvider returns the provider, which sends its requests over the network.
func newProvider(version string, environment Environment) *mdatpProvider {
	return &mdatpProvider{version: version, environment: environment, newClient: func(o transport.Options, authorities *x509.CertPool) *transport.Client {
		o.Base = transport.NewRoundTripper(authorities)
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
			"with Microsoft Graph or the SIEM REST API.\n\nEvery argument is optional. If it is unset, the environment is used: the first of " +
			"the prefixes `MDATP_`, `ARM_` and `AZURE_` with a variable for it that is not empty.",
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

// Configure sends no request and opens no file, and nothing is missing yet: the
// first read connects. So a configuration that reads nothing needs no setting.
func (p *mdatpProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var block types.Object
	resp.Diagnostics.Append(req.Config.Get(ctx, &block)...)
	input := settingInput{block: block.Attributes(), environment: p.environment}
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
	if unknown := p.environment.unknownVariables(); unknown != "" {
		resp.Diagnostics.AddWarning("Unknown environment variables", unknown+
			" Such variables have no effect: correct the name of a setting. Names with MDATP_ belong to this provider.")
	}
	s, diags := resolveSettings(input)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	userAgent := "Terraform/" + req.TerraformVersion + " terraform-provider-mdatp/" + p.version
	c := &configuration{sync.OnceValues(func() (*connection, diag.Diagnostics) { return connect(s, userAgent, p.newClient) })}
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
