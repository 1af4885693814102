package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
)

// dataSource is what the data sources have in common; they embed it.
type dataSource struct{ connection *connection }

func (s *dataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	s.connection = configured(req.ProviderData, &resp.Diagnostics)
}

func (s *dataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return dataSourceValidators()
}

// dataSourceSchema completes the attributes of a data source.
func dataSourceSchema(ctx context.Context, description string, results map[string]schema.Attribute) schema.Schema {
	attributes := queryAttributes()
	maps.Copy(attributes, countAttributes())
	maps.Copy(attributes, results)
	attributes["timeouts"] = timeouts.AttributesWithOpts(ctx, timeouts.Opts{ReadDescription: timeoutDescription})
	return schema.Schema{MarkdownDescription: description, Attributes: attributes}
}

const timeoutDescription = "Time for the whole read, such as `10m`. Default: the provider's `timeout`."
