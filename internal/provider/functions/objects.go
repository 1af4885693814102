package functions

import (
	"context"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// objects hold the first argument of the functions that take alerts: a list, set
// or tuple of objects or maps.
type objects struct {
	name       string // of the parameter
	collection tftypes.Value
	elements   []tftypes.Value
	members    []map[string]tftypes.Value // of each element
}

func objectsParameter(name, description string) function.Parameter {
	return function.DynamicParameter{Name: name, CustomType: anyType{}, MarkdownDescription: description}
}

// newObjects returns nil if the argument contains an unknown value; the result
// stays unknown then. Terraform itself calls a function only with known values.
func newObjects(name string, argument anyValue) (*objects, *function.FuncError) {
	if !argument.value.IsFullyKnown() {
		return nil, nil
	}
	o := &objects{name: name, collection: argument.value}
	var ok bool
	if o.elements, ok = elementsOf(o.collection); !ok {
		return nil, function.NewArgumentFuncError(0, name+" is not a list, set or tuple of objects")
	}
	o.members = make([]map[string]tftypes.Value, len(o.elements))
	for i, element := range o.elements {
		if element.IsNull() {
			return nil, o.problem(i, " is null")
		}
		if o.members[i], ok = membersOf(element); !ok {
			return nil, o.problem(i, " is not an object")
		}
	}
	return o, nil
}

// objectsAndOptions reads the arguments of a function with these two parameters.
// The options are nil if there is an error or an unknown value.
func objectsAndOptions(ctx context.Context, arguments function.ArgumentsData, name string, keys ...string) (*objects, *options, *function.FuncError) {
	var (
		argument anyValue
		rest     []anyValue
	)
	if err := arguments.Get(ctx, &argument, &rest); err != nil {
		return nil, nil, err
	}
	list, err := newObjects(name, argument)
	if list == nil {
		return nil, nil, err
	}
	opts, err := newOptions(1, rest, keys...)
	return list, opts, err
}

// problem returns an error about an element, with its index and without its text.
func (o *objects) problem(element int, what string) *function.FuncError {
	return function.NewArgumentFuncError(0, fmt.Sprintf("%s[%d]%s", o.name, element, what))
}

// elementsOf returns the elements of a list, set or tuple.
func elementsOf(v tftypes.Value) (elements []tftypes.Value, ok bool) {
	switch v.Type().(type) {
	case tftypes.List, tftypes.Set, tftypes.Tuple:
		return elements, !v.IsNull() && v.As(&elements) == nil
	}
	return nil, false
}

// membersOf returns the attributes of an object or the elements of a map.
func membersOf(v tftypes.Value) (members map[string]tftypes.Value, ok bool) {
	switch v.Type().(type) {
	case tftypes.Object, tftypes.Map:
		return members, !v.IsNull() && v.As(&members) == nil
	}
	return nil, false
}

func textOf(v tftypes.Value) (text string, ok bool) {
	if !v.Type().Is(tftypes.String) || v.IsNull() {
		return "", false
	}
	return text, v.As(&text) == nil
}

// textsOf returns the elements of a list, set or tuple of texts; null is "".
func textsOf(v tftypes.Value) ([]string, bool) {
	elements, ok := elementsOf(v)
	if !ok || !holdsTexts(v.Type()) {
		return nil, false
	}
	texts := make([]string, len(elements))
	for i, element := range elements {
		if texts[i], ok = textOf(element); !ok && !element.IsNull() {
			return nil, false
		}
	}
	return texts, true
}

// holdsTexts reports whether the elements of a collection's type can be texts. The
// type decides if the collection is empty or has only nulls.
func holdsTexts(t tftypes.Type) bool {
	var element tftypes.Type
	switch collection := t.(type) {
	case tftypes.List:
		element = collection.ElementType
	case tftypes.Set:
		element = collection.ElementType
	default:
		return true
	}
	return element.Is(tftypes.String) || element.Is(tftypes.DynamicPseudoType)
}

// flat returns any value as one text: null as "", lists of texts joined with ";",
// others as JSON. editText and editJSON change texts and JSON.
func flat(v tftypes.Value, editText, editJSON func(string) string) string {
	if v.IsNull() {
		return ""
	}
	if text, ok := textOf(v); ok {
		return editText(text)
	}
	if texts, ok := textsOf(v); ok {
		return editText(strings.Join(texts, ";"))
	}
	// Marshal fails only for text that is not UTF-8, which Terraform rules out.
	text, _ := json.Marshal(plainValue(v), json.Deterministic(true))
	return editJSON(string(text))
}

// plainValue converts a value for JSON. A huge number becomes a string.
func plainValue(v tftypes.Value) any {
	if v.IsNull() {
		return nil
	}
	if text, ok := textOf(v); ok {
		return text
	}
	if elements, ok := elementsOf(v); ok {
		list := make([]any, len(elements))
		for i, element := range elements {
			list[i] = plainValue(element)
		}
		return list
	}
	if members, ok := membersOf(v); ok {
		object := make(map[string]any, len(members))
		for name, member := range members {
			object[name] = plainValue(member)
		}
		return object
	}
	var truth bool
	if v.As(&truth) == nil {
		return truth
	}
	if text := decimal(v); strings.Contains(text, "0x") {
		return text
	} else {
		return jsontext.Value(text)
	}
}

func sortedNames[V any](members map[string]V) []string {
	names := make([]string, 0, len(members))
	for name := range members {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// huge reports whether writing a number out would take thousands of digits. Text
// of an alert that went through jsondecode can hold 1e99999999.
func huge(number *big.Float) bool {
	exponent := number.MantExp(nil)
	return exponent > 4096 || exponent < -4096
}

// decimal writes a number without an exponent: whole ones with all their digits,
// others as tostring does, and huge ones as C's hexadecimal floats.
func decimal(v tftypes.Value) string {
	var number big.Float
	if v.As(&number) != nil {
		return ""
	}
	if huge(&number) {
		return number.Text('p', 0)
	}
	if whole, accuracy := number.Int(nil); accuracy == big.Exact {
		return whole.String()
	}
	return number.Text('f', -1)
}
