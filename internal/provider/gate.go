package provider

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

// failOnModel is fail_on.
type failOnModel struct {
	Severity types.String `tfsdk:"severity"`
	Allowed  types.Number `tfsdk:"allowed"`
}

// A gate is what fail_on asks for.
type gate struct {
	severity alert.Severity
	allowed  int
}

func failOnAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional: true,
		MarkdownDescription: "Makes the read fail when more than `allowed` detections at `severity` or above remain after the filters. " +
			"When `limit` cut the reply short and it did not fail, the verdict is not known, which is an error too. `fail_on = {}` has the defaults.",
		Attributes: map[string]schema.Attribute{
			"severity": textArgument("severity", isSeverity,
				"Lowest severity that counts. Default `High`. One that the provider does not know counts always."),
			"allowed": schema.NumberAttribute{
				Optional:            true,
				Validators:          []validator.Number{wholeNumber("number of alerts", isAllowed)},
				MarkdownDescription: "How many such detections are accepted, counted as `total` counts them. Default 0.",
			},
		},
	}
}

// gate returns nil when fail_on is not given.
func (m *queryModel) gate(ctx context.Context) (*gate, diag.Diagnostics) {
	if m.FailOn.IsNull() || m.FailOn.IsUnknown() {
		return nil, nil
	}
	var model failOnModel
	diags := m.FailOn.As(ctx, &model, basetypes.ObjectAsOptions{})
	g := &gate{severity: alert.High, allowed: whole(model.Allowed)}
	if severity := model.Severity.ValueString(); severity != "" {
		g.severity = alert.ParseSeverity(severity)
	}
	return g, diags
}

// verdict is the gate's error, or nothing when the read passes.
func (g *gate) verdict(m *queryModel, selection *alert.Selection, summary alert.Summary) diag.Diagnostics {
	count, first := selection.Violations(g.severity)
	at := path.Root("fail_on")
	switch {
	case count > g.allowed:
		return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(at, "Alerts above what is accepted", g.violations(m, count, first, summary))}
	case summary.Truncated:
		return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(at, "The verdict is not known", fmt.Sprintf(
			"The service returned %d alerts, as many as limit asks for. There may be more, and fail_on cannot tell whether "+
				"they are accepted. Raise or remove limit, or ask for a shorter window.", summary.Fetched))}
	}
	return nil
}

// violations is the one text that names alerts: by what cannot carry an
// attacker's text into the log of a pipeline.
func (g *gate) violations(m *queryModel, count int, first []alert.Violation, summary alert.Summary) string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s at severity %s or above, %d accepted, in %s", detections(count), g.severity, g.allowed, m.window())
	if summary.Excluded > 0 {
		fmt.Fprintf(&text, ", after %d excluded", summary.Excluded)
	}
	text.WriteString(".\n\n")
	for _, violation := range first {
		fmt.Fprintf(&text, "  - %s  %s  %s\n", safeID(violation.AlertID), violation.Severity, violation.Processed.Format(time.RFC3339))
	}
	if count > len(first) {
		fmt.Fprintf(&text, "  - and %d more\n", count-len(first))
	}
	text.WriteString("\nTo look at them: read the mdatp_alerts data source with the same arguments and without fail_on, or open the " +
		"Microsoft Defender portal. An alert that is accepted goes into exclude, with a reason.")
	return text.String()
}

// detections names what total counts: one alert consists of one or more.
func detections(n int) string {
	if n == 1 {
		return "1 detection"
	}
	return fmt.Sprintf("%d detections", n)
}

// window says in words what was asked for.
func (m *queryModel) window() string {
	since, until := instant(m.SinceTimeUTC), instant(m.UntilTimeUTC)
	switch {
	case !until.IsZero():
		return "the window from " + since.Format(time.RFC3339) + " to " + until.Format(time.RFC3339)
	case !since.IsZero():
		return "the window from " + since.Format(time.RFC3339) + " to now"
	case m.Ago.ValueString() != "":
		return "the last " + m.Ago.ValueString()
	}
	return "the API's default window, the last two hours"
}

// safeID is an alert's id if it has the form of one.
func safeID(id string) string {
	if !alert.IsPlainID(id) {
		return "(an id that is not shown)"
	}
	return id
}

// hides reports which argument keeps from a gate what it is to count.
func (m *queryModel) hides(g *gate) (argument string, hidden bool) {
	lowest := alert.ParseSeverity(m.MinSeverity.ValueString())
	if !m.MinSeverity.IsNull() && lowest != alert.Unknown && lowest > g.severity {
		return "min_severity", true
	}
	kept := m.filter().Severities
	if len(kept) == 0 {
		return "", false
	}
	filter := alert.Filter{Severities: kept}
	for severity := g.severity; severity <= alert.High; severity++ {
		if !filter.Keeps(&alert.Alert{Severity: severity}) {
			return "severities", true
		}
	}
	return "", false
}

// validateGate refuses filters that make fail_on blind.
func (m *queryModel) validateGate(ctx context.Context) (d diag.Diagnostics) {
	if !known(m.MinSeverity, m.Severities, m.FailOn) {
		return nil
	}
	g, diags := m.gate(ctx)
	if g == nil || diags.HasError() || g.severity == alert.Unknown {
		return nil // what is wrong with fail_on itself is said at its attributes
	}
	if argument, hidden := m.hides(g); hidden {
		d.AddAttributeError(path.Root(argument), "Filter hides what fail_on counts", fmt.Sprintf(
			"fail_on counts alerts at severity %s or above, and %s leaves some of them out. Remove %s, or make it include them.",
			g.severity, argument, argument))
	}
	return d
}
