package functions

import (
	"fmt"
	"maps"
	"math/big"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// options are the members of a function's last argument, an object that callers
// may omit. The first problem found is kept; what is read after it is of no use.
type options struct {
	position int64 // of the argument
	members  map[string]tftypes.Value
	problem  *function.FuncError
}

// optionsParameter returns the parameter of the options, for use as the variadic one:
// functions have no optional parameters. It does not allow null: OpenTofu would then
// return null without a call.
func optionsParameter(description string) function.Parameter {
	return function.DynamicParameter{Name: "options", CustomType: anyType{}, MarkdownDescription: description}
}

// newOptions returns the options, or nil if there is an error or an unknown value.
func newOptions(position int64, arguments []anyValue, keys ...string) (*options, *function.FuncError) {
	o := &options{position: position}
	if len(arguments) == 0 {
		return o, nil
	}
	if len(arguments) > 1 {
		return nil, function.NewArgumentFuncError(position+1, "options are two objects or more: one object holds all options")
	}
	value := arguments[0].value
	if !value.IsFullyKnown() {
		return nil, nil
	}
	var ok bool
	if o.members, ok = membersOf(value); !ok {
		return nil, function.NewArgumentFuncError(position, "options is not an object with some of the keys "+inWords(keys, "and"))
	}
	for _, key := range sortedNames(o.members) {
		if !slices.Contains(keys, key) {
			return nil, function.NewArgumentFuncError(position,
				fmt.Sprintf("options has an unknown key%s; its keys are %s", quotedIdentifier(key), inWords(keys, "and")))
		}
	}
	maps.DeleteFunc(o.members, func(_ string, v tftypes.Value) bool { return v.IsNull() }) // null is unset
	return o, nil
}

// must returns whether the value of a key is in order. If it is not, the problem
// says what the value must be.
func (o *options) must(key string, ok bool, what string) bool {
	if !ok {
		o.fail("options." + key + " must be " + what)
	}
	return ok
}

func (o *options) fail(problem string) {
	if o.problem == nil {
		o.problem = function.NewArgumentFuncError(o.position, problem)
	}
}

// choice returns the text of a key, one of those allowed; the first is the default.
func (o *options) choice(key string, allowed ...string) string {
	value, set := o.members[key]
	if !set {
		return allowed[0]
	}
	text, ok := textOf(value)
	quoted := make([]string, len(allowed))
	for i := range allowed {
		quoted[i] = fmt.Sprintf("%q", allowed[i])
	}
	if !o.must(key, ok && slices.Contains(allowed, text), inWords(quoted, "or")) {
		return allowed[0]
	}
	return text
}

// flag returns the bool of a key; false is the default.
func (o *options) flag(key string) (flag bool) {
	if value, set := o.members[key]; set {
		ok := value.Type().Is(tftypes.Bool) && value.As(&flag) == nil
		o.must(key, ok, "true or false")
	}
	return flag
}

// number returns the whole number of a key, at least the least.
func (o *options) number(key string, byDefault, least int64) int64 {
	value, set := o.members[key]
	if !set {
		return byDefault
	}
	var number big.Float
	ok := value.Type().Is(tftypes.Number) && value.As(&number) == nil && number.IsInt()
	whole, _ := number.Int64() // the largest if there is no such int64
	o.must(key, ok && whole >= least, fmt.Sprintf("a whole number of at least %d", least))
	return whole
}

// names returns the distinct texts of the list in a key, or nil if it is unset.
func (o *options) names(key string) []string {
	value, set := o.members[key]
	if !set {
		return nil
	}
	elements, ok := elementsOf(value)
	names := make([]string, len(elements))
	for i := range elements {
		var isText bool
		names[i], isText = textOf(elements[i])
		ok = ok && isText
	}
	if !o.must(key, ok && len(names) > 0, "a list of at least one name") {
		return nil
	}
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			o.fail(fmt.Sprintf("options.%s[%d]%s is a duplicate", key, i, quotedIdentifier(name)))
		}
	}
	return names
}

var identifier = regexp.MustCompile(`^[A-Za-z_][0-9A-Za-z_-]{0,63}$`)

// quotedIdentifier returns a name in quotation marks after a space, or "" for what
// is no plain identifier: it can be text of an alert, which no error quotes.
func quotedIdentifier(name string) string {
	if identifier.MatchString(name) {
		return ` "` + name + `"`
	}
	return ""
}

// inWords lists words in a sentence: "a, b and c".
func inWords(words []string, conjunction string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " " + conjunction + " " + words[last]
}
