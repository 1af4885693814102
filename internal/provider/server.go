package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
	"github.com/mdatp/terraform-provider-mdatp/internal/wire"
)

// listAttribute is the attribute that the server fills in.
const listAttribute = "alerts"

// server is the framework's server, but for the list of alerts and for panics.
type server struct {
	tfprotov6.ProviderServer
	maxState int // bytes of a reply
}

// NewServer returns the provider as a server of Terraform's plugin protocol.
func NewServer(version string, getenv func(string) string) func() tfprotov6.ProviderServer {
	inner := providerserver.NewProtocol6(New(version, getenv))
	return func() tfprotov6.ProviderServer { return &server{inner(), wire.MaxObject} }
}

// A handover takes the selection out of a data source's Read, past the framework.
type handover struct{ selection *alert.Selection }

type handoverKey struct{}

// handOver gives a selection to the server, in the place of the list in state.
func handOver(ctx context.Context, s *alert.Selection) (d diag.Diagnostics) {
	h, ok := ctx.Value(handoverKey{}).(*handover)
	if !ok {
		d.AddError("Internal error", "The list of alerts has no way to Terraform. Please report this.")
		return d
	}
	h.selection = s
	return nil
}

func (s *server) readDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	var h handover
	resp, err := s.ProviderServer.ReadDataSource(context.WithValue(ctx, handoverKey{}, &h), req)
	if err == nil && hasList(req.TypeName) && resp.Deferred == nil {
		resp.State, resp.Diagnostics = s.withList(&h, resp.State, resp.Diagnostics)
	}
	return resp, err
}

func (s *server) openEphemeralResource(ctx context.Context, req *tfprotov6.OpenEphemeralResourceRequest) (*tfprotov6.OpenEphemeralResourceResponse, error) {
	var h handover
	resp, err := s.ProviderServer.OpenEphemeralResource(context.WithValue(ctx, handoverKey{}, &h), req)
	if err == nil && hasList(req.TypeName) && resp.Deferred == nil {
		resp.Result, resp.Diagnostics = s.withList(&h, resp.Result, resp.Diagnostics)
	}
	return resp, err
}

// hasList reports whether objects of a type have the list.
func hasList(typeName string) bool { return strings.HasSuffix(typeName, "_alerts") }

// withList puts the list that was handed over into an object that the framework
// made. Without one there is no result: a null list could pass for an empty one.
func (s *server) withList(h *handover, object *tfprotov6.DynamicValue, d []*tfprotov6.Diagnostic) (*tfprotov6.DynamicValue, []*tfprotov6.Diagnostic) {
	if hasError(d) {
		return object, d
	}
	if h.selection == nil || object == nil {
		return nil, append(d, noPlace())
	}
	whole, err := wire.Insert(object.MsgPack, listAttribute, h.selection, s.maxState)
	if size, ok := errors.AsType[*wire.SizeError](err); ok {
		return nil, append(d, tooLarge(size))
	}
	if err != nil {
		return nil, append(d, noPlace())
	}
	return &tfprotov6.DynamicValue{MsgPack: whole}, d
}

func noPlace() *tfprotov6.Diagnostic {
	return &tfprotov6.Diagnostic{
		Severity: tfprotov6.DiagnosticSeverityError,
		Summary:  "Internal error",
		Detail:   "The list of alerts has no place in the result. Please report this.",
	}
}

func tooLarge(e *wire.SizeError) *tfprotov6.Diagnostic {
	return &tfprotov6.Diagnostic{
		Severity: tfprotov6.DiagnosticSeverityError,
		Summary:  "Too many alerts for one read",
		Detail: fmt.Sprintf("The %d alerts take %d MiB, and Terraform accepts at most 256 MiB from a provider at once. "+askForLess,
			e.Alerts, e.Bytes>>20),
	}
}

func hasError(diagnostics []*tfprotov6.Diagnostic) bool {
	for _, d := range diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			return true
		}
	}
	return false
}
