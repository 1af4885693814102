package functions_test

import (
	"context"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/mdatp/terraform-provider-mdatp/internal/provider"
)

// values are the attributes of an object.
type values = map[string]any

// unknown is a value that is not known before the apply.
type unknown struct{}

// callee is a provider without configuration, which is all that functions need.
var callee = sync.OnceValue(func() tfprotov6.ProviderServer {
	return provider.NewServer("test", func(string) string { return "" })()
})

var signatures = sync.OnceValue(func() map[string]*tfprotov6.Function {
	resp, err := callee().GetFunctions(context.Background(), &tfprotov6.GetFunctionsRequest{})
	if err != nil || len(resp.Diagnostics) > 0 {
		panic("the provider lists no functions")
	}
	return resp.Functions
})

// call calls a function as Terraform does: with each argument as the type that
// the function's signature has.
func call(t testing.TB, name string, arguments ...tftypes.Value) (tftypes.Value, *tfprotov6.FunctionError) {
	t.Helper()
	signature := signatures()[name]
	if signature == nil || len(signature.Parameters) != len(arguments) {
		t.Fatalf("no function %s with %d parameters", name, len(arguments))
	}
	req := &tfprotov6.CallFunctionRequest{Name: name}
	for i, argument := range arguments {
		encoded, err := tfprotov6.NewDynamicValue(signature.Parameters[i].Type, argument)
		if err != nil {
			t.Fatal(err)
		}
		req.Arguments = append(req.Arguments, &encoded)
	}
	resp, err := callee().CallFunction(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	if resp.Error != nil {
		return tftypes.Value{}, resp.Error
	}
	result, err := resp.Result.Unmarshal(signature.Return.Type)
	if err != nil {
		t.Fatal(err)
	}
	return result, nil
}

// mustCall is call for arguments that nothing is wrong with.
func mustCall(t testing.TB, name string, arguments ...tftypes.Value) tftypes.Value {
	t.Helper()
	result, failure := call(t, name, arguments...)
	if failure != nil {
		t.Fatalf("%s: %s", name, failure.Text)
	}
	return result
}

// mustCallText is mustCall for a function that returns a string.
func mustCallText(t testing.TB, name string, arguments ...tftypes.Value) (text string) {
	t.Helper()
	if err := mustCall(t, name, arguments...).As(&text); err != nil {
		t.Fatal(err)
	}
	return text
}

// refuses checks that a call fails at an argument, with the whole text.
func refuses(t *testing.T, argument int64, text, name string, arguments ...tftypes.Value) {
	t.Helper()
	_, failure := call(t, name, arguments...)
	switch {
	case failure == nil:
		t.Errorf("%s succeeded", name)
	case failure.FunctionArgument == nil || *failure.FunctionArgument != argument || failure.Text != text:
		t.Errorf("%s failed with %q, want %q at argument %d", name, failure.Text, text, argument)
	}
}

// constant makes the value that a literal in a configuration is: texts, numbers
// and bools, []any as a tuple, values as an object. A value that has a type
// already stays.
func constant(value any) tftypes.Value {
	switch v := value.(type) {
	case tftypes.Value:
		return v
	case nil:
		return tftypes.NewValue(tftypes.DynamicPseudoType, nil)
	case unknown:
		return tftypes.NewValue(tftypes.DynamicPseudoType, tftypes.UnknownValue)
	case string:
		return tftypes.NewValue(tftypes.String, v)
	case bool:
		return tftypes.NewValue(tftypes.Bool, v)
	case []any:
		elements := constants(v)
		return tftypes.NewValue(tftypes.Tuple{ElementTypes: typesOf(elements)}, elements)
	case values:
		attributes, types := map[string]tftypes.Value{}, map[string]tftypes.Type{}
		for name := range v {
			attributes[name] = constant(v[name])
			types[name] = attributes[name].Type()
		}
		return tftypes.NewValue(tftypes.Object{AttributeTypes: types}, attributes)
	}
	return tftypes.NewValue(tftypes.Number, value)
}

func constants(list []any) []tftypes.Value {
	elements := make([]tftypes.Value, len(list))
	for i := range list {
		elements[i] = constant(list[i])
	}
	return elements
}

func typesOf(elements []tftypes.Value) []tftypes.Type {
	types := make([]tftypes.Type, len(elements))
	for i := range elements {
		types[i] = elements[i].Type()
	}
	return types
}

// listOf is a list of elements of the first one's type.
func listOf(first any, more ...any) tftypes.Value {
	elements := constants(append([]any{first}, more...))
	return tftypes.NewValue(tftypes.List{ElementType: elements[0].Type()}, elements)
}

func setOf(first any, more ...any) tftypes.Value {
	elements := constants(append([]any{first}, more...))
	return tftypes.NewValue(tftypes.Set{ElementType: elements[0].Type()}, elements)
}

func mapOf(of tftypes.Type, elements map[string]tftypes.Value) tftypes.Value {
	return tftypes.NewValue(tftypes.Map{ElementType: of}, elements)
}

func emptyListOf(element tftypes.Type) tftypes.Value {
	return tftypes.NewValue(tftypes.List{ElementType: element}, []tftypes.Value{})
}

func nullOf(of tftypes.Type) tftypes.Value { return tftypes.NewValue(of, nil) }

func TestFunctionsAreDocumented(t *testing.T) {
	t.Parallel()
	if len(signatures()) != 4 {
		t.Errorf("%d functions", len(signatures()))
	}
	for name, signature := range signatures() {
		if signature.Summary == "" || signature.Description == "" {
			t.Errorf("%s has no summary or no description", name)
		}
		for _, parameter := range signature.Parameters {
			if parameter.Description == "" || parameter.AllowNullValue || parameter.AllowUnknownValues {
				t.Errorf("parameter %s of %s", parameter.Name, name)
			}
		}
	}
}

// Terraform calls no function before all of its arguments is known; another
// client may.
func TestFunctionsOfUnknown(t *testing.T) {
	t.Parallel()
	for name, arguments := range map[string][]any{
		"severity_rank": {tftypes.NewValue(tftypes.String, tftypes.UnknownValue)},
		"at_least":      {unknown{}, "High"},
		"csvencode":     {[]any{values{"a": tftypes.NewValue(tftypes.String, tftypes.UnknownValue)}}},
		"markdown_table": {tftypes.NewValue(tftypes.List{ElementType: tftypes.Object{
			AttributeTypes: map[string]tftypes.Type{"severity": tftypes.String}}}, tftypes.UnknownValue)},
	} {
		if result := mustCall(t, name, constants(arguments)...); result.IsKnown() {
			t.Errorf("%s of unknown is known", name)
		}
	}
	alerts := constant([]any{values{"severity": "High"}})
	if result := mustCall(t, "at_least", alerts, tftypes.NewValue(tftypes.String, tftypes.UnknownValue)); result.IsKnown() {
		t.Error("at_least an unknown severity is known")
	}
}

// What is not a collection of objects is refused, with the place and no text.
func TestFunctionsOfOtherThings(t *testing.T) {
	t.Parallel()
	for name, parameter := range map[string]string{"at_least": "alerts", "csvencode": "objects", "markdown_table": "alerts"} {
		for _, c := range []struct {
			argument any
			text     string
		}{
			{"secret", " is not a list, set or tuple of objects"},
			{values{"severity": "High"}, " is not a list, set or tuple of objects"},
			{mapOf(tftypes.String, nil), " is not a list, set or tuple of objects"},
			{nullOf(tftypes.List{ElementType: tftypes.String}), " is not a list, set or tuple of objects"},
			{nil, " is not a list, set or tuple of objects"},
			{[]any{values{"severity": "High"}, "secret"}, "[1] is not an object"},
			{listOf("secret"), "[0] is not an object"},
			{[]any{[]any{}}, "[0] is not an object"},
			{[]any{values{"severity": "High"}, nil}, "[1] is null"},
			{listOf(values{"a": "secret"}, nullOf(tftypes.Object{AttributeTypes: map[string]tftypes.Type{"a": tftypes.String}})), "[1] is null"},
		} {
			arguments := []tftypes.Value{constant(c.argument)}
			if name == "at_least" {
				arguments = append(arguments, constant("High"))
			}
			refuses(t, 0, parameter+c.text, name, arguments...)
		}
	}
}
