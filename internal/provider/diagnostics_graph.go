package provider

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/mdatp/terraform-provider-mdatp/internal/graph"
)

// graphFailure translates an error about responses that do not make a complete read.
func (s service) graphFailure(e *graph.Error) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Incomplete response from the "+s.name, sentences(
		graphProblems[e.Kind], "What was read was discarded.", s.trace(e.RequestID)))
}

var graphProblems = map[graph.Kind]string{
	graph.FilterIgnored: "A response has an alert outside the requested time, or of another product. Check graph_endpoint, and whether a proxy responds in its place.",
	graph.BadLink:       "A response links to its next page with another address, without the filter, or again. Check graph_endpoint, and whether a proxy responds in its place.",
	graph.Incomplete:    "A response has fewer alerts than there are, and no link to the rest. Read a shorter window, or try again later.",
	graph.Moving:        "The alerts kept changing while they were read. Try again in a few minutes, or read a shorter window.",
	graph.NoClock:       "The response has no Date, so it is unknown when the window begins. Set since_time_utc, and check whether a proxy responds in its place.",
	graph.Warned:        "The service says that it could not read the alerts of a product. Try again in a few minutes.",
}

// inSlice names the part of the window to an error of a request.
func inSlice(d diag.Diagnostic, s *graph.SliceError) diag.Diagnostic {
	end := "now"
	if !s.To.IsZero() {
		end = s.To.UTC().Format(time.RFC3339Nano)
	}
	return diag.NewErrorDiagnostic(d.Summary(), sentences(d.Detail(),
		"The request was for the part of the window from "+s.From.UTC().Format(time.RFC3339Nano)+" to "+end+"."))
}
