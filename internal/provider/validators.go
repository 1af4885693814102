package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// text validates a string with a check. label says what the string is.
func text(label string, c check) validator.String { return checked{label, c} }

// wholeNumber validates a number with a check. The framework's own whole
// numbers answer 1.5 with "this is always an error in the provider".
func wholeNumber(label string, c check) validator.Number { return checked{label, c} }

type checked struct {
	label string
	check check
}

func (v checked) Description(context.Context) string         { return v.label }
func (v checked) MarkdownDescription(context.Context) string { return v.label }

func (v checked) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	resp.Diagnostics.Append(v.validate(req.Path, req.ConfigValue.ValueString()))
}

func (v checked) ValidateNumber(_ context.Context, req validator.NumberRequest, resp *validator.NumberResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	resp.Diagnostics.Append(v.validate(req.Path, wholeText(req.ConfigValue.ValueBigFloat())))
}

// validate returns nil for a value that is right; Append leaves that out.
func (v checked) validate(at path.Path, value string) diag.Diagnostic {
	if err := v.check(value); err != nil {
		return invalid(at, v.label, err)
	}
	return nil
}

// invalid is the diagnostic for a value that a check refused.
func invalid(at path.Path, label string, problem error) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, "Invalid "+label,
		"The value of "+at.String()+" cannot be used: "+problem.Error()+".")
}
