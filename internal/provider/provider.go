package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/mdatp/terraform-provider-mdatp/internal/provider/functions"
)

// Address is where Terraform finds the provider.
const Address = "registry.terraform.io/mdatp/mdatp"

type mdatpProvider struct {
	version string
	getenv  func(string) string
}

var (
	_ provider.ProviderWithEphemeralResources = (*mdatpProvider)(nil)
	_ provider.ProviderWithFunctions          = (*mdatpProvider)(nil)
)

// New returns the provider. It takes the settings that the provider block leaves
// out from getenv.
func New(version string, getenv func(string) string) provider.Provider {
	return &mdatpProvider{version: version, getenv: getenv}
}

func (p *mdatpProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "mdatp"
	resp.Version = p.version
}

func (p *mdatpProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads alerts of Microsoft Defender for Endpoint (once Defender ATP, \"MDATP\") " +
			"with its SIEM REST API.\n\nEvery argument can be left out of the provider block: the environment variables " +
			"that it names are then read in their order, and the first that is not empty counts.",
		Attributes: argumentAttributes(),
	}
}

// Configure sends nothing: sign-in happens at the first read.
func (p *mdatpProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	settings := newSettings(ctx, req.Config, p.getenv, &resp.Diagnostics)
	if unknown := settings.unknown(); len(unknown) > 0 {
		if req.ClientCapabilities.DeferralAllowed {
			resp.Deferred = &provider.Deferred{Reason: provider.DeferredReasonProviderConfigUnknown}
			return
		}
		for _, argument := range unknown {
			resp.Diagnostics.AddAttributeError(path.Root(argument.name), "Unknown "+argument.label,
				"The value of "+argument.name+" is not known yet: it depends on something that this run has still to create. "+
					"Give it a value that is known when planning, set it in the environment, or apply what it depends on first with -target.")
		}
		return
	}
	connection := settings.connection(p.userAgent(req.TerraformVersion))
	if resp.Diagnostics.HasError() {
		return
	}
	resp.DataSourceData = connection
	resp.EphemeralResourceData = connection
}

func (p *mdatpProvider) userAgent(terraform string) string {
	return "Terraform/" + terraform + " terraform-provider-mdatp/" + p.version
}

func (p *mdatpProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{newAlertsDataSource, newAlertSummaryDataSource}
}

func (p *mdatpProvider) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{newAlertsEphemeral, newAccessTokenEphemeral}
}

func (p *mdatpProvider) Functions(context.Context) []func() function.Function { return functions.All() }

func (p *mdatpProvider) Resources(context.Context) []func() resource.Resource { return nil }
