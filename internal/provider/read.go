package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
	"github.com/mdatp/terraform-provider-mdatp/internal/wire"
)

// validateArguments returns the errors and warnings of a configuration, as far as
// its values are known.
func validateArguments(ctx context.Context, config tfsdk.Config) diag.Diagnostics {
	var arguments types.Object
	diags := config.Get(ctx, &arguments)
	if diags.HasError() {
		return diags
	}
	_, more := newRequest(arguments)
	diags.Append(more...)
	diags.Append(undocumented(arguments)...)
	return diags
}

// readInto reads the alerts that a configuration requests, and returns its
// arguments together with the results. An unknown value is an error: treated as
// unset, it would change the request.
func (f *configuration) readInto(ctx context.Context, config tfsdk.Config, results []result, encode func([]byte, *alert.Detection) []byte) (types.Object, *alert.Selection, diag.Diagnostics) {
	var arguments types.Object
	if !config.Raw.IsFullyKnown() {
		return arguments, nil, diag.Diagnostics{unknownArgument()}
	}
	diags := config.Get(ctx, &arguments)
	if diags.HasError() {
		return arguments, nil, diags
	}
	r, more := newRequest(arguments)
	if diags.Append(more...); diags.HasError() {
		return arguments, nil, diags
	}
	c, more := f.connect()
	if diags.Append(more...); diags.HasError() {
		return arguments, nil, diags
	}
	diags.Append(c.reject(arguments)...)
	if diags.Append(c.checkTenant(r.tenant)...); diags.HasError() {
		return arguments, nil, diags
	}
	selection, read, more := c.read(ctx, r, encode)
	diags.Append(more...)
	diags.Append(c.warnings.take()...)
	attributes := arguments.Attributes()
	for _, row := range results {
		attributes[row.name] = row.value(read)
	}
	object, more := types.ObjectValue(arguments.AttributeTypes(ctx), attributes)
	diags.Append(more...)
	return object, selection, diags
}

// read requests the alerts, filters them, and applies the gate. encode appends the
// encoded form of a detection; it is nil if only counts are needed. The result is
// unusable if the diagnostics have an error.
func (c *connection) read(ctx context.Context, r request, encode func([]byte, *alert.Detection) []byte) (*alert.Selection, readData, diag.Diagnostics) {
	filter, expired, diags := r.start(time.Now())
	if diags.HasError() {
		return nil, readData{}, diags
	}
	ctx, cancel := r.withTimeout(ctx, c.timeout)
	defer cancel()
	selection := alert.NewSelection(alert.SelectionOptions{
		Query:    c.expected(r.query),
		Versions: c.versions,
		Filter:   c.translate(filter),
		Gate:     r.gate,
		Encode:   encode,
		MaxBytes: c.maxSelection(encode != nil),
	})
	report, err := c.reader(r.tenant).Read(ctx, r.query, selection)
	if err != nil {
		diags.Append(c.service.of(r.tenant).readFailure(err, encode != nil))
		return nil, readData{}, diags
	}
	summary := selection.Summary()
	summary.Anomalies.Add(report)
	if report.CountIgnored {
		tflog.Info(ctx, "The read did without the service's count of alerts: there is none, or not one of the request")
	}
	diags.Append(anomalies(summary.Anomalies)...)
	diags.Append(emptyFilters(summary)...)
	diags.Append(staleRules(expired, summary.Anomalies.UnusedExclusions)...)
	read := readData{query: r.query, summary: summary, gate: r.gate}
	if r.gate != nil {
		read.verdict = r.gate.Judge(selection)
		diags.Append(read.judge(ctx)...)
	}
	return selection, read, diags
}

// maxSelection is a selection's memory limit in bytes. Counting needs at most 1/7
// of the response size (measured); the encoded list adds up to Terraform's
// message limit.
func (c *connection) maxSelection(list bool) int {
	bytes := max(c.maxResponse/7, 32<<20)
	if list {
		bytes += wire.MaxObject
	}
	return int(bytes)
}
