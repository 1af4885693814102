package functions_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

func TestAtLeast(t *testing.T) {
	t.Parallel()
	low, high := values{"severity": "Low", "n": 1}, values{"severity": "high", "n": 2}
	other := values{"severity": "Critical", "n": 3}
	wide := values{"severity": "High", "only_here": true}
	object := constant(low).Type()
	texts := func(text string) tftypes.Value {
		return mapOf(tftypes.String, map[string]tftypes.Value{"severity": constant(text)})
	}
	empty := values{"severity": ""}
	withNull := values{"severity": "High", "a": nullOf(tftypes.String)}
	unrecognized := values{"severity": "Kritisch"}
	for name, test := range map[string]struct {
		alerts   any
		severity string
		want     any
	}{
		"list":                  {listOf(low, high, other, low), "High", listOf(high, other)},
		"list, all":             {listOf(low, high, other), "Informational", listOf(low, high, other)},
		"list, none":            {listOf(low, low), "Medium", emptyListOf(object)},
		"list, empty":           {emptyListOf(object), "Low", emptyListOf(object)},
		"list, of any":          {emptyListOf(tftypes.DynamicPseudoType), "Low", emptyListOf(tftypes.DynamicPseudoType)},
		"set":                   {setOf(low, high, other), "medium", setOf(high, other)},
		"tuple":                 {[]any{low, wide, high}, "HIGH", []any{wide, high}},
		"tuple, none":           {[]any{low}, "High", []any{}},
		"tuple, empty":          {[]any{}, "High", []any{}},
		"maps":                  {listOf(texts("Low"), texts("High")), "High", listOf(texts("High"))},
		"empty severity":        {[]any{empty}, "High", []any{empty}},
		"null beside it":        {[]any{withNull}, "Low", []any{withNull}},
		"unrecognized severity": {[]any{unrecognized}, "High", []any{unrecognized}},
	} {
		want := constant(test.want)
		if got := mustCall(t, "at_least", constant(test.alerts), constant(test.severity)); !got.Equal(want) {
			t.Errorf("%s: at_least(%v, %q) = %s, want %s", name, test.alerts, test.severity, got, want)
		}
	}
}

func TestAtLeastRefuses(t *testing.T) {
	t.Parallel()
	high := values{"severity": "High"}
	for _, test := range []struct {
		alerts any
		text   string
	}{
		{[]any{high, values{"title": "secret"}}, "alerts[1] has no severity"},
		{[]any{high, values{"Severity": "High"}}, "alerts[1] has no severity"},
		{[]any{values{"severity": nullOf(tftypes.String)}}, "alerts[0].severity is null"},
		{[]any{values{"severity": nil}}, "alerts[0].severity is null"},
		{listOf(high, high, values{"severity": nullOf(tftypes.String)}), "alerts[2].severity is null"},
		{[]any{values{"severity": 4}}, "alerts[0].severity is not a string"},
		{[]any{values{"severity": []any{"High"}}}, "alerts[0].severity is not a string"},
	} {
		refuses(t, 0, test.text, "at_least", constant(test.alerts), constant("Low"))
	}
	for _, severity := range []any{"", "Critical", "unknown", "High ", nullOf(tftypes.String)} {
		refuses(t, 1, `severity is not "Informational", "Low", "Medium" or "High"`,
			"at_least", constant([]any{high}), constant(severity))
	}
}
