package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/provider"
)

var _ provider.ProviderWithFunctions = (*mdatpProvider)(nil)

// Functions need no configuration: they read nothing but their arguments.
func (p *mdatpProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{
		newSeverityRankFunction,
		newAtLeastFunction,
		newCSVEncodeFunction,
		newMarkdownTableFunction,
	}
}
