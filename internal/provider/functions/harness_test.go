package functions_test

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/mdatp/terraform-provider-mdatp/internal/provider"
)

// values are the attributes of an object.
type values = map[string]any

// unknown stands for an unknown value.
type unknown struct{}

// callee is a provider without configuration, which is all that functions need.
var callee = sync.OnceValue(func() tfprotov6.ProviderServer {
	return provider.NewServer("test", provider.Environment{})()
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
	if signature == nil || len(arguments) < len(signature.Parameters) ||
		len(arguments) > len(signature.Parameters) && signature.VariadicParameter == nil {
		t.Fatalf("signature of %s = %v, want %d parameters", name, signature, len(arguments))
	}
	req := &tfprotov6.CallFunctionRequest{Name: name}
	for i, argument := range arguments {
		parameter := signature.VariadicParameter
		if i < len(signature.Parameters) {
			parameter = signature.Parameters[i]
		}
		encoded, err := tfprotov6.NewDynamicValue(parameter.Type, argument)
		if err != nil {
			t.Fatalf("argument %d of %s: %v", i, name, err)
		}
		req.Arguments = append(req.Arguments, &encoded)
	}
	resp, err := callee().CallFunction(t.Context(), req)
	if err != nil {
		t.Fatalf("%s(%v): %v", name, arguments, err)
	}
	if resp.Error != nil {
		return tftypes.Value{}, resp.Error
	}
	result, err := resp.Result.Unmarshal(signature.Return.Type)
	if err != nil {
		t.Fatalf("result of %s(%v): %v", name, arguments, err)
	}
	return result, nil
}

// mustCall is call for valid arguments.
func mustCall(t testing.TB, name string, arguments ...tftypes.Value) tftypes.Value {
	t.Helper()
	result, failure := call(t, name, arguments...)
	if failure != nil {
		t.Fatalf("%s(%v): %s", name, arguments, failure.Text)
	}
	return result
}

// mustCallText is mustCall for a function that returns a string.
func mustCallText(t testing.TB, name string, arguments ...tftypes.Value) (text string) {
	t.Helper()
	if err := mustCall(t, name, arguments...).As(&text); err != nil {
		t.Fatalf("result of %s: %v", name, err)
	}
	return text
}

// refuses checks that a call fails at an argument with a text.
func refuses(t *testing.T, argument int64, text, name string, arguments ...tftypes.Value) {
	t.Helper()
	_, failure := call(t, name, arguments...)
	if failure == nil {
		t.Errorf("%s(%v) succeeded, want %q at argument %d", name, arguments, text, argument)
		return
	}
	if failure.Text != text {
		t.Errorf("%s(%v): %q, want %q", name, arguments, failure.Text, text)
	}
	if failure.FunctionArgument == nil {
		t.Errorf("%s(%v) failed without an argument, want argument %d", name, arguments, argument)
	} else if *failure.FunctionArgument != argument {
		t.Errorf("%s(%v) failed at argument %d, want %d", name, arguments, *failure.FunctionArgument, argument)
	}
}

// constant returns the value of a literal in a configuration: a string, number or
// bool, a tuple for []any, an object for values. A typed value stays as it is.
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

// listOf returns a list whose elements have the type of the first.
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
	if n := len(signatures()); n != 4 {
		t.Errorf("functions of the provider = %d, want 4", n)
	}
	for name, signature := range signatures() {
		if signature.Summary == "" {
			t.Errorf("summary of %s is empty", name)
		}
		if signature.Description == "" {
			t.Errorf("description of %s is empty", name)
		}
		parameters := signature.Parameters
		if signature.VariadicParameter != nil {
			parameters = append(slices.Clone(parameters), signature.VariadicParameter)
		}
		for _, parameter := range parameters {
			if parameter.Description == "" {
				t.Errorf("description of parameter %s of %s is empty", parameter.Name, name)
			}
			if parameter.AllowNullValue {
				t.Errorf("parameter %s of %s: AllowNullValue = true, want false", parameter.Name, name)
			}
			if parameter.AllowUnknownValues {
				t.Errorf("parameter %s of %s: AllowUnknownValues = true, want false", parameter.Name, name)
			}
		}
	}
}

// TestFunctionsOfUnknown calls functions with unknown arguments. Terraform itself
// waits until all arguments are known; another client may not.
func TestFunctionsOfUnknown(t *testing.T) {
	t.Parallel()
	text := tftypes.NewValue(tftypes.String, tftypes.UnknownValue)
	object := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"severity": tftypes.String}}
	alerts := tftypes.NewValue(tftypes.List{ElementType: object}, tftypes.UnknownValue)
	for _, test := range []struct {
		name      string
		arguments []any
	}{
		{"severity_rank", []any{text}},
		{"at_least", []any{unknown{}, "High"}},
		{"at_least", []any{[]any{values{"severity": "High"}}, text}},
		{"csvencode", []any{[]any{values{"a": text}}}},
		{"csvencode", []any{[]any{}, unknown{}}},
		{"csvencode", []any{[]any{}, values{"delimiter": text}}},
		{"markdown_table", []any{alerts}},
		{"markdown_table", []any{[]any{}, values{"columns": []any{text}}}},
	} {
		if result := mustCall(t, test.name, constants(test.arguments)...); result.IsKnown() {
			t.Errorf("%s(%v) = %s, want an unknown value", test.name, test.arguments, result)
		}
	}
}

// TestFunctionsOfOtherThings refuses arguments that are not collections of objects.
// The error has the position and no text of the argument.
func TestFunctionsOfOtherThings(t *testing.T) {
	t.Parallel()
	const notList = " is not a list, set or tuple of objects"
	secret := values{"a": "secret"}
	parameters := map[string]string{"at_least": "alerts", "csvencode": "rows", "markdown_table": "alerts"}
	for name, parameter := range parameters {
		for _, test := range []struct {
			argument any
			text     string
		}{
			{"secret", notList},
			{values{"severity": "High"}, notList},
			{mapOf(tftypes.String, nil), notList},
			{nullOf(tftypes.List{ElementType: tftypes.String}), notList},
			{nil, notList},
			{[]any{values{"severity": "High"}, "secret"}, "[1] is not an object"},
			{listOf("secret"), "[0] is not an object"},
			{[]any{[]any{}}, "[0] is not an object"},
			{[]any{values{"severity": "High"}, nil}, "[1] is null"},
			{listOf(secret, nullOf(constant(secret).Type())), "[1] is null"},
		} {
			arguments := []tftypes.Value{constant(test.argument)}
			if name == "at_least" {
				arguments = append(arguments, constant("High"))
			}
			refuses(t, 0, parameter+test.text, name, arguments...)
		}
	}
}
