package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
	"github.com/mdatp/terraform-provider-mdatp/internal/entra"
	"github.com/mdatp/terraform-provider-mdatp/internal/graph"
	"github.com/mdatp/terraform-provider-mdatp/internal/records"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
	"github.com/mdatp/terraform-provider-mdatp/internal/wire"
)

// Diagnostics of errors are made here and in the other diagnostics files, one
// for each package whose errors they translate. Each names the operation, the
// problem and the settings to check, from the fields of typed errors alone.

// readFailure translates the error of a read. list is true if the read had to
// return the list of alerts.
func (s service) readFailure(err error, list bool) diag.Diagnostic {
	if !errors.Is(err, alert.ErrTooLarge) {
		return s.failure(err)
	}
	if list {
		return diag.NewErrorDiagnostic(tooManyAlerts, "The response contains more detections than Terraform accepts from a provider. "+askForCounts+readLess)
	}
	return diag.NewErrorDiagnostic(tooManyAlerts, "The response contains more detections than a summary keeps in memory. "+readLess+
		" Or raise max_response_mib: the limit grows with it.")
}

// failure translates any other error of a read or of sign-in.
func (s service) failure(err error) diag.Diagnostic {
	if slice, ok := errors.AsType[*graph.SliceError](err); ok {
		return inSlice(s.failure(slice.Err), slice)
	}
	var (
		incomplete *graph.Error
		signIn     *entra.Error
		response   *records.Error
		network    *transport.Error
	)
	switch {
	case errors.As(err, &signIn):
		return s.signInFailure(signIn)
	case errors.As(err, &incomplete):
		return s.graphFailure(incomplete)
	case errors.As(err, &response):
		return s.responseFailure(response)
	case errors.As(err, &network):
		return s.transportFailure(network)
	case errors.Is(err, context.Canceled):
		return diag.NewErrorDiagnostic("Read cancelled", "The read, or its sign-in, was cancelled before it was complete. There is no result.")
	}
	return internalError(unknownFailure)
}

// insertFailure translates an error of wire.Insert.
func insertFailure(err error) diag.Diagnostic {
	size, ok := errors.AsType[*wire.SizeError](err)
	if !ok {
		return internalError(noList)
	}
	return diag.NewErrorDiagnostic(tooManyAlerts, fmt.Sprintf(
		"The %d detections take %d bytes, and Terraform accepts at most %d from a provider at once. ", size.Detections, size.Bytes, wire.MaxObject)+askForCounts+readLess)
}

const (
	tooManyAlerts = "Too many alerts for one read"
	askForCounts  = "If the counts are enough, use the mdatp_alert_summary data source. "
	readLess      = "Read less: a shorter window, a limit, or machine groups."
)

// An internalCode identifies the place of an internal error in bug reports. 5 and 6
// are those of package functions.
type internalCode int

const (
	panicked       internalCode = iota + 1 // a call of Terraform panicked
	noHandover                             // Read found no handover in its context
	noList                                 // the server has no list, or could not insert it
	unknownFailure                         // an error of no known type
)

func internalError(code internalCode) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Internal error", fmt.Sprintf(
		"There is no result. This is a bug in the provider, please report it (code %d).", code))
}

// protocolForm converts an error for responses that the framework did not make.
func protocolForm(d diag.Diagnostic) *tfprotov6.Diagnostic {
	return &tfprotov6.Diagnostic{Severity: tfprotov6.DiagnosticSeverityError, Summary: d.Summary(), Detail: d.Detail()}
}

func unknownArgument() diag.Diagnostic {
	return diag.NewErrorDiagnostic("Unknown argument value", "An argument depends on a value that is known only after apply. "+
		"Nothing was read. Set a known value, or apply what it depends on first.")
}

// invalidValue rejects the value of an attribute. problem never quotes it.
func invalidValue(at path.Path, label string, problem error) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, "Invalid "+label,
		"The value of "+at.String()+" cannot be used: "+problem.Error()+".")
}

// sentences joins the parts of a detail that are not empty.
func sentences(parts ...string) string {
	return joined(" ", parts)
}

// paragraphs joins the parts of a detail that are not empty, each as a paragraph.
func paragraphs(parts ...string) string {
	return joined("\n\n", parts)
}

func joined(separator string, parts []string) string {
	kept := slices.DeleteFunc(slices.Clone(parts), func(part string) bool { return part == "" })
	return strings.Join(kept, separator)
}

func requestIDSentence(id string) string {
	if id == "" {
		return ""
	}
	return "Request ID: " + id + "."
}
