package provider

import (
	"cmp"
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
	"github.com/mdatp/terraform-provider-mdatp/internal/wire"
)

// An argumentsModel is a model that embeds queryModel and countModel.
type argumentsModel interface {
	request(context.Context) (request, diag.Diagnostics)
	setCounts(alert.Query, alert.Summary)
}

// validateModel reports what is wrong with a configuration, as far as it is known.
func validateModel(ctx context.Context, config tfsdk.Config, model argumentsModel) diag.Diagnostics {
	diags := config.Get(ctx, model)
	if !diags.HasError() {
		_, more := model.request(ctx)
		diags.Append(more...)
	}
	return diags
}

// readInto fills the model from the configuration, reads what it requests, and
// sets its counts. Unknown values are an error: taken for unset ones, they would
// request something else.
func (c *connection) readInto(ctx context.Context, config tfsdk.Config, model argumentsModel, encode func([]byte, *alert.Alert) []byte) (*alert.Selection, alert.Summary, diag.Diagnostics) {
	if !config.Raw.IsFullyKnown() {
		return nil, alert.Summary{}, diag.Diagnostics{unknownArgument()}
	}
	diags := config.Get(ctx, model)
	if diags.HasError() {
		return nil, alert.Summary{}, diags
	}
	r, more := model.request(ctx)
	if diags.Append(more...); diags.HasError() {
		return nil, alert.Summary{}, diags
	}
	selection, summary, more := c.read(ctx, r, encode)
	diags.Append(more...)
	model.setCounts(r.query, summary)
	return selection, summary, diags
}

// read requests the alerts, keeps what the arguments select, and lets the gate
// judge it. encode appends the form in which the selection keeps an alert; nil if
// only counts are needed. There is no result if the diagnostics have an error.
func (c *connection) read(ctx context.Context, r request, encode func([]byte, *alert.Alert) []byte) (*alert.Selection, alert.Summary, diag.Diagnostics) {
	filter, expired, diags := r.start(time.Now())
	if diags.HasError() {
		return nil, alert.Summary{}, diags
	}
	ctx, cancel := transport.WithTimeout(ctx, cmp.Or(r.timeout, c.timeout))
	defer cancel()
	selection := alert.NewSelection(alert.SelectionOptions{
		Query:    r.query,
		Filter:   filter,
		Gate:     r.gate,
		Encode:   encode,
		MaxBytes: c.maxSelection(encode != nil),
	})
	if err := c.source(r.tenant).Read(ctx, r.query, selection); err != nil {
		diags.Append(c.service.readFailure(err, encode != nil))
		return nil, alert.Summary{}, diags
	}
	summary := selection.Summary()
	diags.Append(anomalies(summary.Anomalies)...)
	diags.Append(staleRules(expired, summary.Anomalies.UnusedExclusions)...)
	if r.gate != nil {
		diags.Append(judge(*r.gate, r.query, selection, summary)...)
	}
	return selection, summary, diags
}

// maxSelection is a selection's memory limit in bytes. Counting needs at most 1/7
// of the response size (measured); the encoded list may add up to Terraform's
// message limit.
func (c *connection) maxSelection(list bool) int {
	bytes := max(c.maxResponse/7, 32<<20)
	if list {
		bytes += wire.MaxObject
	}
	return int(bytes)
}
