package functions

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// anyType is the type of an argument or a result of any type. Unlike the
// framework's DynamicType it keeps the tftypes.Value as received.
type anyType struct{ basetypes.DynamicType }

var _ basetypes.DynamicTypable = anyType{}

func (anyType) Equal(o attr.Type) bool {
	_, ok := o.(anyType)
	return ok
}

func (anyType) ValueFromTerraform(_ context.Context, v tftypes.Value) (attr.Value, error) {
	return anyValue{v}, nil
}

func (anyType) ValueFromDynamic(ctx context.Context, v basetypes.DynamicValue) (basetypes.DynamicValuable, diag.Diagnostics) {
	value, err := v.ToTerraformValue(ctx)
	if err != nil {
		return nil, diag.Diagnostics{diag.NewErrorDiagnostic("Internal error",
			"A value could not be converted. This is a bug in the provider, please report it (code 5).")}
	}
	return anyValue{value}, nil
}

func (anyType) ValueType(context.Context) attr.Value { return anyValue{} }

// anyValue is a value of any type.
type anyValue struct{ value tftypes.Value }

var _ basetypes.DynamicValuable = anyValue{}

func (v anyValue) Type(context.Context) attr.Type { return anyType{} }

func (v anyValue) ToTerraformValue(context.Context) (tftypes.Value, error) { return v.value, nil }

func (v anyValue) ToDynamicValue(ctx context.Context) (basetypes.DynamicValue, diag.Diagnostics) {
	value, err := basetypes.DynamicType{}.ValueFromTerraform(ctx, v.value)
	dynamic, ok := value.(basetypes.DynamicValue)
	if err != nil || !ok {
		return dynamic, diag.Diagnostics{diag.NewErrorDiagnostic("Internal error",
			"A value could not be converted. This is a bug in the provider, please report it (code 6).")}
	}
	return dynamic, nil
}

func (v anyValue) Equal(o attr.Value) bool {
	other, ok := o.(anyValue)
	return ok && v.value.Equal(other.value)
}

func (v anyValue) IsNull() bool    { return v.value.IsNull() }
func (v anyValue) IsUnknown() bool { return !v.value.IsKnown() }

// String is for messages of the framework, which must not contain text of alerts.
func (v anyValue) String() string { return "(a value of any type)" }
