package provider

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
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
		MarkdownDescription: "Accepted alerts, which are left out and counted in `excluded`. Each rule has at least one of `alert_id`, " +
			"`ioa_definition_id` and `title`; all that it has must match.",
		NestedObject: schema.NestedAttributeObject{
			Validators: []validator.Object{namesAlerts{}},
			Attributes: map[string]schema.Attribute{
				"alert_id":          textArgument("alert ID", isNotBlank, "ID of the alert, exactly."),
				"ioa_definition_id": textArgument("rule ID", isNotBlank, "ID of the rule that raised the alert, in any case."),
				"title":             textArgument("title", isNotBlank, "Title of the alert, exactly."),
				"reason": schema.StringAttribute{
					Required:            true,
					Validators:          []validator.String{text("reason", isNotBlank)},
					MarkdownDescription: "Why the alerts are accepted, for those who read the configuration.",
				},
				"expires": textArgument("expiry", isTime,
					"When the rule ends, as RFC 3339; without a zone it is UTC. From then on it does not apply, and a warning says so. Default: never."),
			},
		},
		Validators: []validator.List{listvalidator.NoNullValues()},
	}
}

// namesAlerts refuses a rule that has none of the texts that match. The
// framework's own validator takes the rule itself for one of them.
type namesAlerts struct{}

func (namesAlerts) Description(context.Context) string {
	return "at least one of alert_id, ioa_definition_id and title"
}

func (v namesAlerts) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v namesAlerts) ValidateObject(ctx context.Context, req validator.ObjectRequest, resp *validator.ObjectResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	given := req.ConfigValue.Attributes()
	for _, name := range []string{"alert_id", "ioa_definition_id", "title"} {
		if value, ok := given[name]; ok && !value.IsNull() {
			return
		}
	}
	resp.Diagnostics.AddAttributeError(req.Path, "Exclusion of everything",
		req.Path.String()+" would leave out every alert. Give it "+v.Description(ctx)+".")
}

// exclusions returns the rules that apply at a time, and the positions of those
// that have expired.
func (m *queryModel) exclusions(ctx context.Context, now time.Time) (active []alert.Exclusion, expired []int, d diag.Diagnostics) {
	var rules []excludeModel
	if m.Exclude.IsNull() {
		return nil, nil, nil
	}
	d = m.Exclude.ElementsAs(ctx, &rules, false)
	for i, rule := range rules {
		exclusion := alert.Exclusion{
			Index:           i,
			AlertID:         rule.AlertID.ValueString(),
			IoaDefinitionID: rule.IoaDefinitionID.ValueString(),
			Title:           rule.Title.ValueString(),
			Expires:         instant(rule.Expires),
		}
		if exclusion.Expired(now) {
			expired = append(expired, i)
			continue
		}
		active = append(active, exclusion)
	}
	return active, expired, d
}

// staleRules is one warning about rules that no longer do anything.
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
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(path.Root("exclude"), "Exclusions without effect",
		strings.Join(append(lines, "Remove them, or give them a new expiry if their reason still holds."), "\n"))}
}

func ruleNames(indexes []int) string {
	names := make([]string, len(indexes))
	for i, index := range indexes {
		names[i] = fmt.Sprintf("exclude[%d]", index)
	}
	return strings.Join(names, ", ")
}
