package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
	"github.com/mdatp/terraform-provider-mdatp/internal/wire"
)

// configured is the connection that the provider's Configure made. It is nil
// when Terraform validates without configuring.
func configured(data any, d *diag.Diagnostics) *connection {
	if data == nil {
		return nil
	}
	c, ok := data.(*connection)
	if !ok {
		d.AddError("Internal error", fmt.Sprintf("The provider handed on a %T. Please report this.", data))
	}
	return c
}

// fullyKnown refuses arguments that are not known yet. Terraform puts such a read
// off; taken as not given, they would ask for something else.
func fullyKnown(config tfsdk.Config) (d diag.Diagnostics) {
	if !config.Raw.IsFullyKnown() {
		d.AddError("Arguments that are not known yet", "An argument depends on something that this run has still to create. "+
			"Nothing was read. Give it a value that is known, or apply what it depends on first.")
	}
	return d
}

// read asks the service, selects what the arguments keep, and lets fail_on
// judge it. encode makes the form in which the selection holds the alerts; nil
// when they are not wanted. There is no result when the diagnostics have an error.
func (c *connection) read(ctx context.Context, m *queryModel, timeout time.Duration, encode func([]byte, *alert.Alert) []byte) (*alert.Selection, alert.Summary, diag.Diagnostics) {
	now := time.Now()
	gate, diags := m.gate(ctx)
	diags.Append(m.beginsInFuture(now))
	filter := m.filter()
	exclusions, expired, more := m.exclusions(ctx, now)
	filter.Exclusions = exclusions
	if diags.Append(more...); diags.HasError() {
		return nil, alert.Summary{}, diags
	}

	selection, err := c.pull(ctx, m.TenantID.ValueString(), m.query(), filter, timeout, encode)
	if err != nil {
		diags.Append(failure(err, timeout))
		return nil, alert.Summary{}, diags
	}
	summary := selection.Summary()
	diags.Append(oddities(summary.Anomalies)...)
	diags.Append(staleRules(expired, summary.Anomalies.UnusedExclusions)...)
	if gate != nil {
		diags.Append(gate.verdict(m, selection, summary)...)
	}
	return selection, summary, diags
}

// pull reads the alerts of a tenant into a selection, within the timeout.
func (c *connection) pull(ctx context.Context, tenant string, q alert.Query, f alert.Filter, timeout time.Duration, encode func([]byte, *alert.Alert) []byte) (*alert.Selection, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	selection := alert.NewSelection(q, f, encode)
	selection.Bound(c.bound(encode != nil))
	if err := c.source(tenant).Read(ctx, q, selection); err != nil {
		return nil, err
	}
	if selection.Overflowed() {
		return nil, errOverflow
	}
	return selection, nil
}

// bound is how much a selection may hold: for the counts alone what the alerts
// of a reply of max_response_mib need, about a seventh of it, and for the list
// besides as much as Terraform accepts.
func (c *connection) bound(list bool) int {
	bytes := max(c.maxResponse/7, 32<<20)
	if list {
		bytes += wire.MaxObject
	}
	return bytes
}
