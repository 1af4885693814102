package provider

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

func failOnBlock() schema.Block {
	return schema.SingleNestedBlock{
		MarkdownDescription: "Fails the read if more than `allowed` alerts at `severity` or above remain after the filters. " +
			"If `limit` truncated the result and the gate would otherwise pass, the result is inconclusive and the read fails too. " +
			"`fail_on {}` uses the defaults.",
		Attributes: map[string]schema.Attribute{
			"severity": schema.StringAttribute{Optional: true,
				MarkdownDescription: "Lowest severity that counts. Default `High`. Alerts with an unrecognized severity always count."},
			"allowed": schema.NumberAttribute{Optional: true,
				MarkdownDescription: "Number of such alerts that are accepted, counted as in `alert_count`. Default 0."},
		},
	}
}

// convertFailOn returns nil if fail_on is unset or unknown.
func convertFailOn(c converter) *alert.Gate {
	failOn, ok := c.object("fail_on")
	if !ok {
		return nil
	}
	return &alert.Gate{
		Severity: cmp.Or(convertText(failOn, "severity", "severity", parseSeverity), alert.High),
		Allowed:  convertNumber(failOn, "allowed", "number of alerts", wholeNumber{0, maxInt32}),
	}
}

// checkGate rejects a filter that removes severities that the gate counts.
func checkGate(c converter, r request) {
	if r.gate == nil || c.diags.HasError() || !c.known("min_severity", "severities", "fail_on") {
		return
	}
	if criterion := r.gate.BlindedBy(r.filter); criterion != alert.NoCriterion {
		c.diags.AddAttributeError(path.Root(string(criterion)), "Filter conflicts with fail_on", fmt.Sprintf(
			"fail_on counts alerts at severity %s or above, and %s removes some of them. Remove %s, or make it include them.",
			r.gate.Severity, criterion, criterion))
	}
}

// judge returns the gate's error. If the gate passes, it writes a line to the log.
func (o readData) judge(ctx context.Context) (d diag.Diagnostics) {
	at := path.Root("fail_on")
	switch o.verdict.Outcome {
	case alert.Failed:
		d.AddAttributeError(at, "Gate failed: too many alerts", violations(*o.gate, o.query, o.verdict, o.summary.Excluded))
	case alert.Undecided:
		d.AddAttributeError(at, "Gate inconclusive", fmt.Sprintf(
			"The service returned %s, as many as limit allows. There may be more, so fail_on cannot decide. "+
				"Raise or remove limit, or read a shorter window.", quantity(o.summary.Fetched, "detection")))
	default:
		tflog.Info(ctx, "Gate passed", map[string]any{
			"window": o.query.Window(), "fetched": o.summary.Fetched, "kept": o.summary.Alerts, "excluded": o.summary.Excluded,
			"severity": o.gate.Severity.String(), "violations": o.verdict.Violations, "allowed": o.gate.Allowed,
		})
	}
	return d
}

// violations names alerts by ID, severity, number of detections and time only: other
// fields are attacker-controlled and would reach the logs of pipelines.
func violations(g alert.Gate, q alert.Query, verdict alert.Verdict, excluded int) string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s at severity %s or above, %d allowed, in %s", quantity(verdict.Violations, "alert"), g.Severity, g.Allowed, q.Window())
	if excluded > 0 {
		fmt.Fprintf(&text, ", after %d excluded", excluded)
	}
	text.WriteString(".\n\n")
	for _, violation := range verdict.First {
		id := violation.AlertID
		if !alert.IsPlainID(id) {
			id = "(unprintable ID)"
		}
		fmt.Fprintf(&text, "  - %s  %s  %s, newest %s\n", id, violation.Severity, quantity(violation.Detections, "detection"),
			violation.Newest.Format(time.RFC3339))
	}
	if verdict.Violations > len(verdict.First) {
		fmt.Fprintf(&text, "  - and %d more\n", verdict.Violations-len(verdict.First))
	}
	fmt.Fprintf(&text, "\n%s of %s.\n\n", quantity(verdict.Detections, "detection"), quantity(verdict.Violations, "alert"))
	text.WriteString("To inspect them, read the mdatp_alerts data source with the same arguments and without fail_on, or open the " +
		"Microsoft Defender portal.")
	if id := verdict.First[0].AlertID; alert.IsPlainID(id) {
		fmt.Fprintf(&text, " To accept the first alert, add this block with your reason:\n\n"+
			"  exclude {\n    alert_id = %q\n    reason   = \"\"\n  }\n", id)
	} else {
		text.WriteString(" To accept an alert, add an exclude block with a reason.")
	}
	return text.String()
}

// quantity returns a number with its noun, such as "2 alerts".
func quantity(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
