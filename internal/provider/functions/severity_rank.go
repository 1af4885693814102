package functions

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

type severityRank struct{}

func (severityRank) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "severity_rank"
}

func (severityRank) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "A severity as a number, to compare",
		MarkdownDescription: "Returns 1 for `Informational`, 2 for `Low`, 3 for `Medium` and 4 for `High`, case-insensitive. " +
			"Any other text gives 5: an unrecognized severity ranks highest, so that no gate misses it.",
		Parameters: []function.Parameter{
			function.StringParameter{
				Name:                "text",
				MarkdownDescription: "Severity of an alert, as the `severity` attribute has it. Null is an error.",
			},
		},
		Return: function.Int64Return{},
	}
}

func (severityRank) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var text types.String
	if resp.Error = req.Arguments.Get(ctx, &text); resp.Error != nil || text.IsUnknown() {
		return
	}
	if text.IsNull() {
		resp.Error = function.NewArgumentFuncError(0, "text is null")
		return
	}
	rank := int64(alert.ParseSeverity(text.ValueString()))
	resp.Result = function.NewResultData(types.Int64Value(rank))
}
