package functions

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

type atLeast struct{}

func (atLeast) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "at_least"
}

func (atLeast) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "The alerts at or above a severity",
		MarkdownDescription: "Returns the elements at or above a severity, in their order. The kind of collection " +
			"stays: a list gives a list, a set a set, a tuple a tuple.\n\nAn unrecognized severity ranks highest and is " +
			"always kept. An element without a severity, or with a null one, is an error: dropping it could hide an alert from a gate.",
		Parameters: []function.Parameter{
			objectsParameter("alerts", "List, set or tuple of objects with a `severity` attribute, such as the `alerts` of the `mdatp_alerts` data source."),
			function.StringParameter{
				Name:                "severity",
				MarkdownDescription: "Lowest severity to keep: `Informational`, `Low`, `Medium` or `High`, case-insensitive.",
			},
		},
		Return: function.DynamicReturn{CustomType: anyType{}},
	}
}

func (atLeast) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var (
		argument anyValue
		lowest   types.String
		list     *objects
	)
	if resp.Error = req.Arguments.Get(ctx, &argument, &lowest); resp.Error != nil || lowest.IsUnknown() {
		return
	}
	severity := alert.ParseSeverity(lowest.ValueString())
	if severity == alert.Unknown {
		resp.Error = function.NewArgumentFuncError(1, `severity is not "Informational", "Low", "Medium" or "High"`)
		return
	}
	if list, resp.Error = newObjects("alerts", argument); list == nil {
		return
	}
	var kept tftypes.Value
	if kept, resp.Error = list.atLeast(severity); resp.Error == nil {
		resp.Result = function.NewResultData(anyValue{kept})
	}
}

func (o *objects) atLeast(lowest alert.Severity) (tftypes.Value, *function.FuncError) {
	kept := make([]tftypes.Value, 0, len(o.elements))
	for i, members := range o.members {
		severity, ok := members["severity"]
		if !ok {
			return tftypes.Value{}, o.problem(i, " has no severity")
		}
		if severity.IsNull() {
			return tftypes.Value{}, o.problem(i, ".severity is null")
		}
		text, ok := textOf(severity)
		if !ok {
			return tftypes.Value{}, o.problem(i, ".severity is not a string")
		}
		if alert.ParseSeverity(text) >= lowest {
			kept = append(kept, o.elements[i])
		}
	}
	return tftypes.NewValue(o.typeOf(kept), kept), nil
}

// typeOf returns the type of the collection if it had only these elements.
func (o *objects) typeOf(elements []tftypes.Value) tftypes.Type {
	if _, ok := o.collection.Type().(tftypes.Tuple); !ok {
		return o.collection.Type()
	}
	of := make([]tftypes.Type, len(elements))
	for i := range elements {
		of[i] = elements[i].Type()
	}
	return tftypes.Tuple{ElementTypes: of}
}
