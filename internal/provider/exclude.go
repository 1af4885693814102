package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

// excludeModel is a rule of exclude.
type excludeModel struct {
	AlertID         types.String `tfsdk:"alert_id"`
	IoaDefinitionID types.String `tfsdk:"ioa_definition_id"`
	Title           types.String `tfsdk:"title"`
	Reason          types.String `tfsdk:"reason"`
	Expires         types.String `tfsdk:"expires"`
}

func excludeAttribute() schema.Attribute {
	return schema.ListNestedAttribute{
		Optional: true,
		MarkdownDescription: "Accepted alerts, which are removed and counted in `excluded`. Each rule has at least one of `alert_id`, " +
			"`ioa_definition_id` and `title`; all that are set must match.",
		NestedObject: schema.NestedAttributeObject{
			Attributes: map[string]schema.Attribute{
				"alert_id":          optionalText("ID of the alert, exactly."),
				"ioa_definition_id": optionalText("ID of the rule that raised the alert (case-insensitive)."),
				"title":             optionalText("Title of the alert, exactly."),
				"reason": schema.StringAttribute{Required: true,
					MarkdownDescription: "Why the alerts are accepted, for readers of the configuration."},
				"expires": optionalText("When the rule expires, as RFC 3339; UTC if it has no zone. From then on the rule does not apply, " +
					"and a warning says so. Default: never."),
			},
		},
	}
}

// exclusions converts the rules of exclude.
func (m *queryModel) exclusions(ctx context.Context, c *converter) (rules []alert.Exclusion) {
	for i, element := range m.Exclude.Elements() {
		at := path.Root("exclude").AtListIndex(i)
		object, ok := element.(types.Object)
		if !ok || object.IsNull() {
			c.reject(at, "exclude rule", errors.New("it is null"))
			continue
		}
		if object.IsUnknown() {
			continue
		}
		var model excludeModel
		objectAs(ctx, c, object, &model)
		rules = append(rules, alert.Exclusion{
			Index:           i,
			AlertID:         convertText(c, at.AtName("alert_id"), "alert ID", model.AlertID, parseText),
			IoaDefinitionID: convertText(c, at.AtName("ioa_definition_id"), "rule ID", model.IoaDefinitionID, parseText),
			Title:           convertText(c, at.AtName("title"), "title", model.Title, parseText),
			Expires:         convertText(c, at.AtName("expires"), "expiry", model.Expires, parseWindowTime),
		})
		convertText(c, at.AtName("reason"), "reason", model.Reason, parseText)
		if model.AlertID.IsNull() && model.IoaDefinitionID.IsNull() && model.Title.IsNull() {
			c.diags.AddAttributeError(at, "Exclude rule matches every alert",
				at.String()+" would exclude every alert. Set at least one of alert_id, ioa_definition_id and title.")
		}
	}
	return rules
}

// staleRules is one warning about rules that had no effect.
func staleRules(expired, unused []int) diag.Diagnostics {
	var lines []string
	if len(expired) > 0 {
		lines = append(lines, "Expired, and no longer applied: "+ruleNames(expired)+".")
	}
	if len(unused) > 0 {
		lines = append(lines, "Matched no alert of this read: "+ruleNames(unused)+".")
	}
	if len(lines) == 0 {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(path.Root("exclude"), "Unused or expired exclude rules",
		strings.Join(append(lines, "Remove them, or set a new expiry if their reason still holds."), "\n"))}
}

func ruleNames(indexes []int) string {
	names := make([]string, len(indexes))
	for i, index := range indexes {
		names[i] = fmt.Sprintf("exclude[%d]", index)
	}
	return strings.Join(names, ", ")
}
