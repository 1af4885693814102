package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
)

// dataSource is the common part of the data sources, which embed it.
type dataSource struct{ connection *connection }

func (s *dataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	s.connection, resp.Diagnostics = configured(req.ProviderData)
}

// dataSourceSchema returns the schema of a data source with the given results.
func dataSourceSchema(description string, results map[string]schema.Attribute) schema.Schema {
	attributes := queryAttributes("read")
	maps.Copy(attributes, countAttributes())
	maps.Copy(attributes, results)
	return schema.Schema{MarkdownDescription: description, Attributes: attributes}
}
