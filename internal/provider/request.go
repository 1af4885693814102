package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

// A request is a read's arguments, converted once. It contains no types of
// Terraform's libraries.
type request struct {
	tenant  string // "": the provider's
	query   alert.Query
	filter  alert.Filter  // with every exclude rule, the expired ones too
	gate    *alert.Gate   // nil: none
	timeout time.Duration // 0: the provider's

	timeoutSetting string // the argument of timeout
}

// newRequest converts the arguments and returns their errors.
// Validation and reads both call it, so that a read checks its arguments even if
// the client did not. Unknown values, which only validation sees, are skipped.
func newRequest(arguments types.Object) (request, diag.Diagnostics) {
	var d diag.Diagnostics
	c := converter{path.Empty(), arguments.Attributes(), &d}
	r := request{
		query: alert.Query{
			Since:         convertText(c, "since_time_utc", "start of the window", parseWindowTime),
			Until:         convertText(c, "until_time_utc", "end of the window", parseWindowTime),
			Ago:           convertText(c, "ago", "duration", parseAgo),
			Limit:         convertNumber(c, "limit", "limit", wholeNumber{1, maxInt32}),
			MachineGroups: convertTexts(c, "machine_groups", "machine group", parseText),
			DeviceTags:    convertTexts(c, "device_created_machine_tags", "device tag", parseText),
			CloudTags:     convertTexts(c, "cloud_created_machine_tags", "device tag", parseText),

			ServiceSources: convertTexts(c, "service_sources", "product", parseProduct),
		},
		tenant: convertText(c, "tenant_id", "tenant ID", parseTenant),
		filter: alert.Filter{
			MinSeverity: convertText(c, "min_severity", "severity", parseSeverity),
			Severities:  convertTexts(c, "severities", "severity", parseSeverity),
			Categories:  convertTexts(c, "categories", "category", parseText),
			Sources:     convertTexts(c, "sources", "source", parseText),
			Exclusions:  convertExclude(c),

			Statuses:                convertTexts(c, "statuses", "status", oneOf("new", "inProgress", "resolved")),
			ExcludedClassifications: convertTexts(c, "exclude_classifications", "classification", oneOf("falsePositive", "informationalExpectedActivity", "truePositive")),
		},
		gate: convertFailOn(c),
	}
	checkWindow(c, r.query)
	if n := len(r.query.DeviceTags); n > 1 {
		c.reject(path.Root("device_created_machine_tags"), "device tag", fmt.Errorf("it has %d tags, and the API accepts one", n))
	}
	if r.filter.MinSeverity != 0 && len(r.filter.Severities) > 0 {
		c.conflict("min_severity", "severities")
	}
	checkGate(c, r)
	if timeouts, ok := c.object("timeouts"); ok {
		for operation := range timeouts.attributes { // one
			r.timeout = convertText(timeouts, operation, "timeout", parseTimeout)
			r.timeoutSetting = "timeouts." + operation
		}
	}
	return r, d
}

// withTimeout returns a context with the request's timeout, or else the provider's.
func (r request) withTimeout(ctx context.Context, providers time.Duration) (context.Context, context.CancelFunc) {
	if r.timeout > 0 {
		return transport.WithTimeout(ctx, r.timeout, r.timeoutSetting)
	}
	return transport.WithTimeout(ctx, providers, readTimeout.name)
}

// checkWindow rejects a window in two forms, and an end without an earlier start:
// the API's documentation does not define these.
func checkWindow(c converter, q alert.Query) {
	for _, name := range []string{"since_time_utc", "until_time_utc"} {
		if c.isSet("ago") && c.isSet(name) {
			c.conflict("ago", name)
		}
	}
	const summary = "Invalid time range"
	at := path.Root("until_time_utc")
	switch {
	case !c.isSet("until_time_utc"):
	case c.attributes["since_time_utc"].IsNull():
		c.diags.AddAttributeError(at, summary, "until_time_utc needs since_time_utc: set both, or use ago.")
	case !q.Since.IsZero() && !q.Until.IsZero() && !q.Until.After(q.Since):
		c.diags.AddAttributeError(at, summary,
			"until_time_utc ("+q.Until.Format(time.RFC3339Nano)+") must be after since_time_utc ("+q.Since.Format(time.RFC3339Nano)+").")
	}
}

// clockSkew is the time by which this computer's clock may be behind the service's.
const clockSkew = 15 * time.Minute

// start rejects a window that begins in the future, where a gate would always
// pass. It returns the filter with the exclude rules that apply now, and the
// positions of the expired ones. No other part of a request depends on the clock.
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

// A converter converts the attributes of an object and collects their errors in
// diags.
type converter struct {
	at         path.Path // of the object
	attributes map[string]attr.Value
	diags      *diag.Diagnostics
}

func (c converter) reject(at path.Path, label string, problem error) {
	c.diags.Append(invalidValue(at, label, problem))
}

func (c converter) conflict(name, other string) {
	c.diags.AddAttributeError(path.Root(name), "Conflicting arguments", "Only one of "+name+" and "+other+" can be set.")
}

func (c converter) isSet(name string) bool {
	value := c.attributes[name]
	return !value.IsNull() && !value.IsUnknown()
}

// object returns a converter of a nested object, and whether it is set.
func (c converter) object(name string) (converter, bool) {
	object, ok := c.attributes[name].(types.Object)
	return converter{c.at.AtName(name), object.Attributes(), c.diags}, ok && c.isSet(name)
}

// elements returns the elements of a list, none if it is null or unknown.
func (c converter) elements(name string) []attr.Value {
	list, _ := c.attributes[name].(types.List)
	return list.Elements()
}

// convertText returns the zero value for null, unknown and rejected values.
func convertText[T any](c converter, name, label string, parse func(string) (T, error)) (converted T) {
	value, ok := c.attributes[name].(types.String)
	if !ok || !c.isSet(name) {
		return converted
	}
	converted, err := parse(value.ValueString())
	if err != nil {
		c.reject(c.at.AtName(name), label, err)
	}
	return converted
}

// convertNumber returns 0 for null, unknown and rejected values.
func convertNumber(c converter, name, label string, accepted wholeNumber) int {
	value, ok := c.attributes[name].(types.Number)
	if !ok || !c.isSet(name) {
		return 0
	}
	n, err := accepted.convert(value.ValueBigFloat())
	if err != nil {
		c.reject(c.at.AtName(name), label, err)
	}
	return n
}

// convertTexts returns nil for null, unknown and empty lists. A null element is
// rejected: it would be an empty text for the service.
func convertTexts[T any](c converter, name, label string, parse func(string) (T, error)) (converted []T) {
	for i, element := range c.elements(name) {
		at := c.at.AtName(name).AtListIndex(i)
		value, ok := element.(types.String)
		if !ok || value.IsNull() {
			c.reject(at, label, errors.New("it is null"))
		}
		if !ok || value.IsNull() || value.IsUnknown() {
			continue
		}
		text, err := parse(value.ValueString())
		if err != nil {
			c.reject(at, label, err)
		}
		converted = append(converted, text)
	}
	return converted
}

// known reports whether all attributes, and all that they contain, are known.
func (c converter) known(names ...string) bool {
	return !slices.ContainsFunc(names, func(name string) bool {
		value, err := c.attributes[name].ToTerraformValue(context.Background())
		return err != nil || !value.IsFullyKnown()
	})
}
