package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/mdatp/terraform-provider-mdatp/internal/siem"
)

func replyFailure(e *siem.Error) diag.Diagnostic {
	where := "The reply"
	if e.Index >= 0 {
		where = fmt.Sprintf("Record %d of the reply, counted from 0,", e.Index)
	}
	field := ""
	if e.Field != "" {
		field = " " + e.Field
	}
	return diag.NewErrorDiagnostic("Unexpected reply from the SIEM API", sentences(
		"Reading the reply with status 200 failed.",
		where+" "+replyProblem(e.Problem, field)+fmt.Sprintf(", at byte %d.", e.Offset),
		"Nothing of it was used. Check siem_endpoint, and whether a proxy answers in its place; otherwise please report this.",
		requestID(e.RequestID)))
}

func replyProblem(p siem.Problem, field string) string {
	switch p {
	case siem.NotArray:
		return "is not a JSON array"
	case siem.Empty:
		return "is empty"
	case siem.DuplicateKey:
		return "has a key twice"
	case siem.TrailingData:
		return "goes on after the end of the array"
	case siem.NotObject:
		return "is not a JSON object"
	case siem.MissingField:
		return "lacks the field" + field
	case siem.WrongType:
		return "has a value of the wrong type in the field" + field
	case siem.NotTime:
		return "has no date and time in the field" + field
	case siem.OtherCase:
		return "has the field" + field + " in another case"
	case siem.TwoSpellings:
		return "has the field" + field + " in its old and its new spelling"
	case siem.TooManyKeys:
		return "has more than 256 fields that the provider does not know"
	case siem.TooLargeRecord:
		return "is larger than 8 MiB"
	}
	return "is not valid JSON"
}
