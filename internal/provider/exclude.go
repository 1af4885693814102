package provider

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

func excludeBlock() schema.Block {
	return schema.ListNestedBlock{
		MarkdownDescription: "Accepted alerts. Removes the detections that a rule matches; an alert of which none is left counts in `excluded`. Each rule has at least one of `alert_id`, " +
			"`ioa_definition_id`, `title`, `computer_dns_name` and `machine_group`; all that are set must match.",
		NestedObject: schema.NestedBlockObject{
			Attributes: map[string]schema.Attribute{
				"alert_id":          optionalText("ID of the alert, exactly."),
				"ioa_definition_id": optionalText("ID of the rule that raised the alert (case-insensitive)."),
				"title":             optionalText("Title of the alert, exactly."),
				"computer_dns_name": optionalText("DNS name of the device (case-insensitive)."),
				"machine_group":     optionalText("Device group of the device (case-insensitive)."),
				"reason": schema.StringAttribute{Required: true,
					MarkdownDescription: "Why the alerts are accepted, for readers of the configuration."},
				"expires": optionalText("When the rule expires, as RFC 3339; UTC if it has no zone. From then on the rule does not apply, " +
					"and a warning says so. Default: never."),
			},
		},
	}
}

// convertExclude converts the rules of exclude.
func convertExclude(c converter) (rules []alert.Exclusion) {
	for i, element := range c.elements("exclude") {
		at := path.Root("exclude").AtListIndex(i)
		object, ok := element.(types.Object)
		if !ok || object.IsNull() {
			c.reject(at, "exclude rule", errors.New("it is null"))
			continue
		}
		if object.IsUnknown() {
			continue
		}
		rule := converter{at, object.Attributes(), c.diags}
		rules = append(rules, alert.Exclusion{
			Index:           i,
			AlertID:         convertText(rule, "alert_id", "alert ID", parseMatcher),
			IoaDefinitionID: convertText(rule, "ioa_definition_id", "rule ID", parseMatcher),
			Title:           convertText(rule, "title", "title", parseMatcher),
			ComputerDNSName: convertText(rule, "computer_dns_name", "device name", parseMatcher),
			MachineGroup:    convertText(rule, "machine_group", "machine group", parseMatcher),
			Expires:         convertText(rule, "expires", "expiry", parseWindowTime),
		})
		convertText(rule, "reason", "reason", parseText)
		matchers := []string{"alert_id", "ioa_definition_id", "title", "computer_dns_name", "machine_group"}
		if !slices.ContainsFunc(matchers, func(name string) bool { return !rule.attributes[name].IsNull() }) {
			c.diags.AddAttributeError(at, "Exclude rule matches every alert",
				at.String()+" would exclude every alert. Set at least one of "+strings.Join(matchers, ", ")+".")
		}
	}
	return rules
}

// staleRules returns one warning about rules that had no effect.
func staleRules(expired, unused []int) diag.Diagnostics {
	var lines []string
	if len(expired) > 0 {
		lines = append(lines, "Expired, and no longer applied: "+ruleNames(expired)+". Remove them, or set a new expiry if their reason still holds.")
	}
	if len(unused) > 0 {
		lines = append(lines, "Matched no alert of this read: "+ruleNames(unused)+". Check their spelling; remove them if no alert is to match any more.")
	}
	if len(lines) == 0 {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(path.Root("exclude"), "Unused or expired exclude rules",
		strings.Join(lines, "\n"))}
}

func ruleNames(indexes []int) string {
	names := make([]string, len(indexes))
	for i, index := range indexes {
		names[i] = fmt.Sprintf("exclude[%d]", index)
	}
	return strings.Join(names, ", ")
}
