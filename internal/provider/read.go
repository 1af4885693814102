package provider

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

// reader is what the data sources have in common; they embed it.
type reader struct{ connection *connection }

func (r *reader) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	if req.ProviderData == nil {
		return // validation runs without a configured provider
	}
	configured, ok := req.ProviderData.(*connection)
	if !ok {
		resp.Diagnostics.AddError("Internal error", fmt.Sprintf("The provider handed on a %T. Please report this.", req.ProviderData))
		return
	}
	r.connection = configured
}

func (r *reader) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return queryValidators()
}

// dataSourceSchema completes the attributes of a data source.
func dataSourceSchema(ctx context.Context, description string, results ...map[string]schema.Attribute) schema.Schema {
	attributes := queryAttributes()
	attributes["timeouts"] = timeouts.AttributesWithOpts(ctx, timeouts.Opts{
		ReadDescription: "Time for the whole read, such as `10m`. Default: the provider's `timeout`.",
	})
	maps.Copy(attributes, countAttributes())
	for _, more := range results {
		maps.Copy(attributes, more)
	}
	return schema.Schema{MarkdownDescription: description, Attributes: attributes}
}

// read asks the service and selects what the arguments keep. encode makes the
// form in which the selection holds the alerts; nil when they are not wanted.
func (r *reader) read(ctx context.Context, m *queryModel, encode func([]byte, *alert.Alert) []byte) (*alert.Selection, alert.Summary, diag.Diagnostics) {
	timeout, diags := m.Timeouts.Read(ctx, r.connection.timeout)
	if diags.HasError() {
		return nil, alert.Summary{}, diags
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	query := m.query()
	selection := alert.NewSelection(query, m.filter(), encode)
	start := time.Now()
	if err := r.connection.source(m.TenantID.ValueString()).Read(ctx, query, selection); err != nil {
		diags.Append(failure(err, time.Since(start)))
		return nil, alert.Summary{}, diags
	}
	summary := selection.Summary()
	diags.Append(oddities(summary.Notes)...)
	return selection, summary, diags
}
