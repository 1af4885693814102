package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

// A request is a read's arguments, converted once. Nothing that receives it
// knows Terraform.
type request struct {
	tenant  string // "": the provider's
	query   alert.Query
	filter  alert.Filter  // with every exclude rule, the expired ones too
	gate    *alert.Gate   // nil: none
	timeout time.Duration // 0: the provider's
}

// queryModel holds the arguments of queryAttributes.
type queryModel struct {
	SinceTimeUTC             types.String `tfsdk:"since_time_utc"`
	UntilTimeUTC             types.String `tfsdk:"until_time_utc"`
	Ago                      types.String `tfsdk:"ago"`
	Limit                    types.Number `tfsdk:"limit"`
	MachineGroups            types.List   `tfsdk:"machine_groups"`
	DeviceCreatedMachineTags types.List   `tfsdk:"device_created_machine_tags"`
	CloudCreatedMachineTags  types.List   `tfsdk:"cloud_created_machine_tags"`
	TenantID                 types.String `tfsdk:"tenant_id"`
	MinSeverity              types.String `tfsdk:"min_severity"`
	Severities               types.List   `tfsdk:"severities"`
	Categories               types.List   `tfsdk:"categories"`
	Sources                  types.List   `tfsdk:"sources"`
	Exclude                  types.List   `tfsdk:"exclude"`
	FailOn                   types.Object `tfsdk:"fail_on"`
	Timeouts                 types.Object `tfsdk:"timeouts"`
}

// request converts the arguments and reports what is wrong with them. Validation
// and reads both call it, so that a read checks its arguments even if the client
// did not. Unknown values, which only validation sees, are skipped.
func (m *queryModel) request(ctx context.Context) (request, diag.Diagnostics) {
	var c converter
	r := request{
		query: alert.Query{
			Since:         convertText(&c, path.Root("since_time_utc"), "start of the window", m.SinceTimeUTC, parseWindowTime),
			Until:         convertText(&c, path.Root("until_time_utc"), "end of the window", m.UntilTimeUTC, parseWindowTime),
			Ago:           convertText(&c, path.Root("ago"), "duration", m.Ago, parseAgo),
			Limit:         convertNumber(&c, path.Root("limit"), "limit", m.Limit, wholeNumber(1, maxInt32)),
			MachineGroups: convertTexts(&c, path.Root("machine_groups"), "machine group", m.MachineGroups, parseText),
			DeviceTags:    convertTexts(&c, path.Root("device_created_machine_tags"), "device tag", m.DeviceCreatedMachineTags, parseText),
			CloudTags:     convertTexts(&c, path.Root("cloud_created_machine_tags"), "device tag", m.CloudCreatedMachineTags, parseText),
		},
		tenant: convertText(&c, path.Root("tenant_id"), "tenant ID", m.TenantID, parseTenant),
		filter: alert.Filter{
			MinSeverity: convertText(&c, path.Root("min_severity"), "severity", m.MinSeverity, parseSeverity),
			Severities:  convertTexts(&c, path.Root("severities"), "severity", m.Severities, parseSeverity),
			Categories:  convertTexts(&c, path.Root("categories"), "category", m.Categories, parseText),
			Sources:     convertTexts(&c, path.Root("sources"), "source", m.Sources, parseText),
			Exclusions:  m.exclusions(ctx, &c),
		},
		gate: m.gate(ctx, &c),
	}
	m.checkWindow(&c, r.query)
	if n := len(r.query.DeviceTags); n > 1 {
		c.reject(path.Root("device_created_machine_tags"), "device tag", fmt.Errorf("it has %d tags, and the API accepts one", n))
	}
	if m.MinSeverity.ValueString() != "" && len(m.Severities.Elements()) > 0 {
		c.conflict("min_severity", "severities")
	}
	m.checkGate(&c, r)
	for operation, value := range m.Timeouts.Attributes() { // one
		if text, ok := value.(types.String); ok {
			r.timeout = convertText(&c, path.Root("timeouts").AtName(operation), "timeout", text, parseTimeout)
		}
	}
	return r, c.diags
}

// checkWindow rejects two forms of a window, and an end without a start or
// before it: the API's page does not say what it does with these.
func (m *queryModel) checkWindow(c *converter, q alert.Query) {
	isSet := func(value types.String) bool { return !value.IsNull() && !value.IsUnknown() }
	if isSet(m.Ago) && isSet(m.SinceTimeUTC) {
		c.conflict("ago", "since_time_utc")
	}
	if isSet(m.Ago) && isSet(m.UntilTimeUTC) {
		c.conflict("ago", "until_time_utc")
	}
	const summary = "Invalid time range"
	at := path.Root("until_time_utc")
	switch {
	case !isSet(m.UntilTimeUTC):
	case m.SinceTimeUTC.IsNull():
		c.diags.AddAttributeError(at, summary, "until_time_utc needs since_time_utc: set both, or use ago.")
	case !q.Since.IsZero() && !q.Until.IsZero() && !q.Until.After(q.Since):
		c.diags.AddAttributeError(at, summary,
			"until_time_utc ("+q.Until.Format(time.RFC3339Nano)+") must be after since_time_utc ("+q.Since.Format(time.RFC3339Nano)+").")
	}
}

// clockSkew is how far this computer's clock may be behind the service's.
const clockSkew = 15 * time.Minute

// start rejects a window that begins in the future, where a gate would pass for
// ever, and returns the filter with the exclude rules that apply now and the
// positions of the expired ones. Nothing else looks at the clock.
func (r request) start(now time.Time) (f alert.Filter, expired []int, d diag.Diagnostics) {
	if r.query.Since.After(now.Add(clockSkew)) {
		d.AddAttributeError(path.Root("since_time_utc"), "Invalid time range",
			"since_time_utc ("+r.query.Since.Format(time.RFC3339Nano)+") lies in the future, where there are no alerts. Check the year, and the clock of this computer.")
	}
	f = r.filter
	f.Exclusions = nil
	for _, rule := range r.filter.Exclusions {
		if rule.Expired(now) {
			expired = append(expired, rule.Index)
		} else {
			f.Exclusions = append(f.Exclusions, rule)
		}
	}
	return f, expired, d
}

// A converter collects what is wrong with the values that the convert functions
// convert.
type converter struct{ diags diag.Diagnostics }

func (c *converter) reject(at path.Path, label string, problem error) {
	c.diags.Append(invalidValue(at, label, problem))
}

func (c *converter) conflict(name, other string) {
	c.diags.AddAttributeError(path.Root(name), "Conflicting arguments", "Only one of "+name+" and "+other+" can be set.")
}

// convertText returns the zero value for null, unknown and rejected values.
func convertText[T any](c *converter, at path.Path, label string, value types.String, parse func(string) (T, error)) (converted T) {
	if value.IsNull() || value.IsUnknown() {
		return converted
	}
	converted, err := parse(value.ValueString())
	if err != nil {
		c.reject(at, label, err)
	}
	return converted
}

// convertTexts returns nil for null, unknown and empty lists. A null element is
// rejected: it would be an empty text for the service.
func convertTexts[T any](c *converter, at path.Path, label string, list types.List, parse func(string) (T, error)) (converted []T) {
	for i, element := range list.Elements() {
		value, ok := element.(types.String)
		switch {
		case !ok || value.IsNull():
			c.reject(at.AtListIndex(i), label, errors.New("it is null"))
		case !value.IsUnknown():
			converted = append(converted, convertText(c, at.AtListIndex(i), label, value, parse))
		}
	}
	return converted
}

// convertNumber returns 0 for null, unknown and rejected values.
func convertNumber(c *converter, at path.Path, label string, value types.Number, parse parser[int]) int {
	if value.IsNull() || value.IsUnknown() {
		return 0
	}
	n, err := parse.number(value.ValueBigFloat())
	if err != nil {
		c.reject(at, label, err)
	}
	return n
}

// known reports whether all values, and all that they contain, are known.
func known(ctx context.Context, values ...attr.Value) bool {
	for _, value := range values {
		if v, err := value.ToTerraformValue(ctx); err != nil || !v.IsFullyKnown() {
			return false
		}
	}
	return true
}

// objectAs converts an object, with unknown and null attributes kept as such.
func objectAs(ctx context.Context, c *converter, object types.Object, target any) {
	c.diags.Append(object.As(ctx, target, basetypes.ObjectAsOptions{})...)
}
