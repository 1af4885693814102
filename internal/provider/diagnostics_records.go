package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/mdatp/terraform-provider-mdatp/internal/records"
)

// responseFailure translates an error about the content of a response.
func (s service) responseFailure(e *records.Error) diag.Diagnostic {
	what := "The response"
	if e.Index >= 0 {
		what = fmt.Sprintf("Record %d of the response, counted from 0,", e.Index)
	}
	return diag.NewErrorDiagnostic("Unexpected response from the "+s.name, sentences(
		"The response with status 200 could not be read.",
		fmt.Sprintf("%s %s, at byte %d.", what, responseProblem(e), e.Offset),
		"It was discarded. Check "+s.endpoint+", and whether a proxy responds in its place; otherwise please report this.",
		requestIDSentence(e.RequestID)))
}

func responseProblem(e *records.Error) string {
	switch e.Problem {
	case records.NotArray:
		return "is not a JSON array"
	case records.Empty:
		return "is empty"
	case records.DuplicateKey:
		return "has a duplicate key"
	case records.TrailingData:
		return "has data after the end of the array"
	case records.NotObject:
		return "is not a JSON object"
	case records.MissingField:
		return "lacks the field " + e.Field
	case records.WrongType:
		return "has a value of the wrong type in the field " + e.Field
	case records.NotTime:
		return "has no date and time in the field " + e.Field
	case records.OtherCase:
		return "has the field " + e.Field + " in another case"
	case records.TwoSpellings:
		return "has the field " + e.Field + " in its old and its new spelling"
	case records.TooManyKeys:
		return "has more than 256 fields that the provider does not know"
	case records.TooLargeRecord:
		return "is larger than 8 MiB"
	}
	return "is not valid JSON"
}
