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
			"Any other text and null are errors: a misspelt threshold would open a comparison. To select alerts, use `at_least`, which keeps unrecognized severities.",
		Parameters: []function.Parameter{
			function.StringParameter{
				Name:                "text",
				MarkdownDescription: "Severity of an alert, as in the `severity` attribute.",
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
	severity := alert.ParseSeverity(text.ValueString())
	if severity == alert.Unknown {
		resp.Error = function.NewArgumentFuncError(0, `text is not "Informational", "Low", "Medium" or "High"`)
		return
	}
	resp.Result = function.NewResultData(types.Int64Value(int64(severity)))
}
