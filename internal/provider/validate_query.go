package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/ephemeralvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// conflicting are the pairs of arguments that exclude each other.
var conflicting = [][2]path.Expression{
	{path.MatchRoot("ago"), path.MatchRoot("since_time_utc")},
	{path.MatchRoot("ago"), path.MatchRoot("until_time_utc")},
}

func dataSourceValidators() []datasource.ConfigValidator {
	validators := []datasource.ConfigValidator{queryValidator{timeout: "read"}}
	for _, pair := range conflicting {
		validators = append(validators, datasourcevalidator.Conflicting(pair[0], pair[1]))
	}
	return validators
}

func ephemeralValidators() []ephemeral.ConfigValidator {
	validators := []ephemeral.ConfigValidator{queryValidator{timeout: "open"}}
	for _, pair := range conflicting {
		validators = append(validators, ephemeralvalidator.Conflicting(pair[0], pair[1]))
	}
	return validators
}

// queryValidator checks what concerns more than one argument, and the timeout,
// whose own library takes one below zero.
type queryValidator struct{ timeout string }

func (queryValidator) Description(context.Context) string {
	return "the window, the severities, the gate and the timeout make sense"
}

func (v queryValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v queryValidator) ValidateDataSource(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	resp.Diagnostics.Append(v.validate(ctx, req.Config)...)
}

func (v queryValidator) ValidateEphemeralResource(ctx context.Context, req ephemeral.ValidateConfigRequest, resp *ephemeral.ValidateConfigResponse) {
	resp.Diagnostics.Append(v.validate(ctx, req.Config)...)
}

func (v queryValidator) validate(ctx context.Context, config tfsdk.Config) (d diag.Diagnostics) {
	var (
		m       queryModel
		timeout types.String
		at      = path.Root("timeouts").AtName(v.timeout)
	)
	for name, target := range map[string]any{
		"since_time_utc": &m.SinceTimeUTC,
		"until_time_utc": &m.UntilTimeUTC,
		"min_severity":   &m.MinSeverity,
		"severities":     &m.Severities,
		"fail_on":        &m.FailOn,
	} {
		d.Append(config.GetAttribute(ctx, path.Root(name), target)...)
	}
	d.Append(config.GetAttribute(ctx, at, &timeout)...)
	if d.HasError() {
		return d
	}
	d.Append(m.validateWindow())
	d.Append(m.validateSeverities())
	d.Append(m.validateGate(ctx)...)
	d.Append(validateTimeout(at, timeout))
	return d
}

// validateWindow refuses an end without a start or before it: the API says
// nothing of either.
func (m *queryModel) validateWindow() diag.Diagnostic {
	since, until := m.SinceTimeUTC, m.UntilTimeUTC
	if until.IsNull() || !known(since, until) {
		return nil
	}
	const summary = "Invalid time range"
	at := path.Root("until_time_utc")
	if since.IsNull() {
		return diag.NewAttributeErrorDiagnostic(at, summary, "until_time_utc needs since_time_utc: set both, or use ago.")
	}
	start, end := instant(since), instant(until)
	if !start.IsZero() && !end.IsZero() && !end.After(start) {
		return diag.NewAttributeErrorDiagnostic(at, summary,
			"until_time_utc ("+end.Format(time.RFC3339Nano)+") must be after since_time_utc ("+start.Format(time.RFC3339Nano)+").")
	}
	return nil
}

// validateSeverities refuses both filters by severity at once. An empty list is
// none, where the framework's own validator takes it for one.
func (m *queryModel) validateSeverities() diag.Diagnostic {
	if m.MinSeverity.ValueString() == "" || len(m.Severities.Elements()) == 0 {
		return nil
	}
	return diag.NewAttributeErrorDiagnostic(path.Root("min_severity"), "Invalid Attribute Combination",
		"These attributes cannot be configured together: [min_severity,severities]")
}

// clockSkew is how far the clock of this computer may be behind the service's.
const clockSkew = 15 * time.Minute

// beginsInFuture refuses a window in which nothing can be yet: with a mistake in
// a year, a gate would pass for ever. Nothing else looks at the clock.
func (m *queryModel) beginsInFuture(now time.Time) diag.Diagnostic {
	start := instant(m.SinceTimeUTC)
	if !start.After(now.Add(clockSkew)) {
		return nil
	}
	return diag.NewAttributeErrorDiagnostic(path.Root("since_time_utc"), "Invalid time range",
		"since_time_utc ("+start.Format(time.RFC3339Nano)+") lies in the future, where no alert can be yet. Check the year, and the clock of this computer.")
}

func validateTimeout(at path.Path, timeout types.String) diag.Diagnostic {
	if timeout.IsNull() || timeout.IsUnknown() {
		return nil
	}
	if parsed, err := time.ParseDuration(timeout.ValueString()); err != nil || parsed > 0 {
		return nil // the library says what is no duration
	}
	return invalid(at, "timeout", isTimeout(timeout.ValueString()))
}

// known reports whether all values are known, with what they hold.
func known(values ...attr.Value) bool {
	for _, value := range values {
		switch value := value.(type) {
		case types.List:
			if value.IsUnknown() || !known(value.Elements()...) {
				return false
			}
		case types.Object:
			for _, attribute := range value.Attributes() {
				if !known(attribute) {
					return false
				}
			}
			if value.IsUnknown() {
				return false
			}
		default:
			if value.IsUnknown() {
				return false
			}
		}
	}
	return true
}
