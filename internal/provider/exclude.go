package provider

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

// matchers are the arguments of a rule of which it has at least one.
var matchers = [...]struct {
	name, label, description string
	text                     func(*alert.Exclusion) *string
}{
	{"alert_id", "alert ID", "ID of the alert, exactly.", func(x *alert.Exclusion) *string { return &x.AlertID }},
	{"ioa_definition_id", "rule ID", "ID of the rule that raised the alert (case-insensitive).", func(x *alert.Exclusion) *string { return &x.IoaDefinitionID }},
	{"title", "title", "Title of the alert, exactly.", func(x *alert.Exclusion) *string { return &x.Title }},
	{"computer_dns_name", "device name", "DNS name of the device (case-insensitive).", func(x *alert.Exclusion) *string { return &x.ComputerDNSName }},
	{"machine_group", "machine group", "Device group of the device (case-insensitive).", func(x *alert.Exclusion) *string { return &x.MachineGroup }},
}

func excludeBlock() schema.Block {
	attributes := map[string]schema.Attribute{
		"reason": schema.StringAttribute{Required: true,
			MarkdownDescription: "Why the alerts are accepted, for readers of the configuration."},
		"expires": optionalText("When the rule expires, as RFC 3339; UTC if it has no zone. From then on the rule does not apply, " +
			"and a warning says so. Default: never."),
	}
	for _, matcher := range matchers {
		attributes[matcher.name] = optionalText(matcher.description)
	}
	return schema.ListNestedBlock{
		MarkdownDescription: "Accepted alerts. Removes the detections that a rule matches; an alert of which none is left counts in `excluded`. Each rule has at least one of `alert_id`, " +
			"`ioa_definition_id`, `title`, `computer_dns_name` and `machine_group`; all that are set must match.",
		NestedObject: schema.NestedBlockObject{Attributes: attributes},
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
		rules = append(rules, convertRule(rule, i))
	}
	return rules
}

func convertRule(c converter, index int) alert.Exclusion {
	rule := alert.Exclusion{Index: index, Expires: convertText(c, "expires", "expiry", parseWindowTime)}
	convertText(c, "reason", "reason", parseText)
	var names []string
	empty := true
	for _, matcher := range matchers {
		*matcher.text(&rule) = convertText(c, matcher.name, matcher.label, parseMatcher)
		names = append(names, matcher.name)
		empty = empty && c.attributes[matcher.name].IsNull()
	}
	if empty {
		c.diags.AddAttributeError(c.at, "Exclude rule matches every alert",
			c.at.String()+" would exclude every alert. Set at least one of "+strings.Join(names, ", ")+".")
	}
	return rule
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
