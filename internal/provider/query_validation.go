package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// queryValidators check what concerns more than one argument.
func queryValidators() []datasource.ConfigValidator {
	return []datasource.ConfigValidator{
		datasourcevalidator.Conflicting(path.MatchRoot("ago"), path.MatchRoot("since_time_utc")),
		datasourcevalidator.Conflicting(path.MatchRoot("ago"), path.MatchRoot("until_time_utc")),
		datasourcevalidator.Conflicting(path.MatchRoot("min_severity"), path.MatchRoot("severities")),
		windowValidator{},
		timeoutValidator{},
	}
}

// windowValidator refuses an end without a start or before it. The API says
// nothing of either.
type windowValidator struct{}

func (windowValidator) Description(context.Context) string {
	return "until_time_utc needs since_time_utc and lies after it"
}

func (v windowValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (windowValidator) ValidateDataSource(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	resp.Diagnostics.Append(validateWindow(ctx, req.Config)...)
}

func validateWindow(ctx context.Context, config tfsdk.Config) (d diag.Diagnostics) {
	var since, until types.String
	d.Append(config.GetAttribute(ctx, path.Root("since_time_utc"), &since)...)
	d.Append(config.GetAttribute(ctx, path.Root("until_time_utc"), &until)...)
	if d.HasError() || until.IsNull() || until.IsUnknown() || since.IsUnknown() {
		return d
	}
	at := path.Root("until_time_utc")
	if since.IsNull() {
		d.AddAttributeError(at, "Invalid time range", "until_time_utc needs since_time_utc: set both, or use ago.")
		return d
	}
	start, end := instant(since), instant(until)
	if !start.IsZero() && !end.IsZero() && !end.After(start) {
		d.AddAttributeError(at, "Invalid time range",
			"until_time_utc ("+end.Format(time.RFC3339Nano)+") must be after since_time_utc ("+start.Format(time.RFC3339Nano)+").")
	}
	return d
}

// timeoutValidator refuses a timeout that leaves no time; its own library does not.
type timeoutValidator struct{}

func (timeoutValidator) Description(context.Context) string { return "timeouts are above zero" }

func (v timeoutValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (timeoutValidator) ValidateDataSource(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	resp.Diagnostics.Append(validateTimeout(ctx, req.Config, path.Root("timeouts").AtName("read"))...)
}

func validateTimeout(ctx context.Context, config tfsdk.Config, at path.Path) (d diag.Diagnostics) {
	var timeout types.String
	d.Append(config.GetAttribute(ctx, at, &timeout)...)
	if d.HasError() || timeout.IsNull() || timeout.IsUnknown() {
		return d
	}
	if parsed, err := time.ParseDuration(timeout.ValueString()); err == nil && parsed <= 0 {
		d.Append(invalid(at, "timeout", isTimeout(timeout.ValueString())))
	}
	return d
}
