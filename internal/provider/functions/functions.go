// Package functions holds the provider's functions: severity_rank, at_least,
// csvencode and markdown_table. They read nothing but their arguments, so they
// need no configuration of the provider.
//
// A list of alerts has half a million values, and the framework's own types convert
// and check each of them several times, which takes far longer than the functions
// themselves. Arguments therefore stay [tftypes.Value], as the protocol delivers
// them (dynamic.go).
//
// Attackers write the text of alerts. csvencode keeps it from becoming a formula,
// markdown_table from becoming markup, and no error quotes it.
package functions

import "github.com/hashicorp/terraform-plugin-framework/function"

// All returns the constructors of the provider's functions.
func All() []func() function.Function {
	return []func() function.Function{
		func() function.Function { return severityRank{} },
		func() function.Function { return atLeast{} },
		func() function.Function { return csvEncode{} },
		func() function.Function { return markdownTable{} },
	}
}
