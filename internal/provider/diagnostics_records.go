package provider

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/mdatp/terraform-provider-mdatp/internal/records"
)

// responseFailure translates an error about the content of a response.
func (s service) responseFailure(e *records.Error) diag.Diagnostic {
	what := "The response"
	if e.Index >= 0 {
		what = fmt.Sprintf("Record %d of the response, counted from 0,", e.Index)
	}
	problem := responseProblems[e.Problem]
	if strings.HasSuffix(problem, "field") {
		problem += " " + e.Field
	}
	return diag.NewErrorDiagnostic("Unexpected response from the "+s.name, sentences(
		"The response with status 200 could not be read.",
		fmt.Sprintf("%s %s, at byte %d.", what, problem, e.Offset),
		"It was discarded. Check "+s.endpoint+", and whether a proxy responds in its place; otherwise please report this.",
		s.trace(e.RequestID)))
}

// responseProblems are predicates of a response or a record. The field's name is
// appended to those that end with "field".
var responseProblems = map[records.Problem]string{
	records.NotArray:       "is not a JSON array",
	records.Malformed:      "is not valid JSON",
	records.Empty:          "is empty",
	records.DuplicateKey:   "has a duplicate key",
	records.TrailingData:   "has data after its end",
	records.NotObject:      "is not a JSON object",
	records.MissingField:   "lacks the field",
	records.WrongType:      "has a value of the wrong type in the field",
	records.NotTime:        "has no date and time in the field",
	records.LossyText:      "has half of a surrogate pair in the field",
	records.OtherCase:      "has in another case the field",
	records.TwoSpellings:   "has in its old and its new spelling the field",
	records.TooManyKeys:    "has more than 256 fields that the provider does not know",
	records.ErrorMember:    "has an error in place of alerts",
	records.TooManyItems:   "has more elements than the provider reads in the field",
	records.TooLargeRecord: "is larger than 8 MiB",
	records.LongText:       "has a text that is too long in the field",
	records.LongTexts:      "has more than 2 MiB of texts",
	records.LargeUnknown:   "has too much data in fields that the provider does not know: a name of more than 4 KiB, a value of more than 1 MiB, or 2 MiB together",
}
