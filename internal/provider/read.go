package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
	"github.com/mdatp/terraform-provider-mdatp/internal/wire"
)

// An argumentsModel is a model that embeds queryModel.
type argumentsModel interface {
	request(context.Context) (request, diag.Diagnostics)
}

// convertArguments fills the model and converts it. operation is the name of the
// timeout. Validation calls it with whatever is known.
func convertArguments(ctx context.Context, config tfsdk.Config, operation string, model argumentsModel) (request, diag.Diagnostics) {
	d := config.Get(ctx, model)
	if d.HasError() {
		return request{}, d
	}
	r, more := model.request(ctx)
	d.Append(more...)
	d.Append(checkTimeout(ctx, config, operation)...)
	return r, d
}

// readArguments is convertArguments for a read, where unknown values are an
// error: taken for unset ones, they would request something else.
func readArguments(ctx context.Context, config tfsdk.Config, operation string, model argumentsModel) (request, diag.Diagnostics) {
	if !config.Raw.IsFullyKnown() {
		return request{}, diag.Diagnostics{unknownArgument()}
	}
	return convertArguments(ctx, config, operation, model)
}

// checkTimeout rejects zero and negative timeouts, which the timeouts library
// accepts. Texts that are no duration are reported by the library.
func checkTimeout(ctx context.Context, config tfsdk.Config, operation string) diag.Diagnostics {
	var (
		value types.String
		at    = path.Root("timeouts").AtName(operation)
	)
	d := config.GetAttribute(ctx, at, &value)
	if _, err := time.ParseDuration(value.ValueString()); err != nil {
		return d
	}
	if _, err := parseTimeout(value.ValueString()); err != nil {
		d.Append(invalidValue(at, "timeout", err))
	}
	return d
}

// read requests the alerts, keeps what the arguments select, and lets the gate
// judge it. encode appends the form in which the selection keeps an alert; nil if
// only counts are needed. There is no result if the diagnostics have an error.
func (c *connection) read(ctx context.Context, r request, timeout time.Duration, encode func([]byte, *alert.Alert) []byte) (*alert.Selection, alert.Summary, diag.Diagnostics) {
	filter, expired, diags := r.start(time.Now())
	if diags.HasError() {
		return nil, alert.Summary{}, diags
	}
	ctx, cancel := transport.WithTimeout(ctx, timeout)
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
