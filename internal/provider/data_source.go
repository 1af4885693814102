package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
)

// dataSource is the common part of the data sources, which embed it.
type dataSource struct{ connection *connection }

func (s *dataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	s.connection, resp.Diagnostics = configured(req.ProviderData)
}

func (s *dataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	resp.Diagnostics.Append(validateArguments(ctx, req.Config)...)
}

// readAttributes are the attributes of everything that reads alerts: arguments
// and results. operation is the name of the timeout.
func readAttributes(operation string, results []result) map[string]schema.Attribute {
	attributes := queryAttributes(operation)
	for _, result := range results {
		attributes[result.name] = result.attribute
	}
	return attributes
}
