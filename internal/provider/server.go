package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
	"github.com/mdatp/terraform-provider-mdatp/internal/wire"
)

// alertsType is the type name of the data source and of the ephemeral resource
// with the list, listAttribute the name of the attribute that the server inserts.
const (
	alertsType    = "mdatp_alerts"
	listAttribute = "alerts"
)

type diagnostics = []*tfprotov6.Diagnostic

// A server wraps the framework's server: it inserts the list of alerts and
// recovers from panics.
type server struct {
	tfprotov6.ProviderServer
	maxObject int // bytes of an encoded object with the list
}

// NewServer returns the provider as a server of Terraform's plugin protocol.
func NewServer(version string, environment Environment) func() tfprotov6.ProviderServer {
	inner := providerserver.NewProtocol6(newProvider(version, environment))
	return func() tfprotov6.ProviderServer { return &server{inner(), wire.MaxObject} }
}

// A handover passes the selection from Read to the server through the request's
// context, as net/http/httptrace passes its hooks: the framework has no other way
// to return data of one request.
type handover struct{ selection *alert.Selection }

type handoverKey struct{}

// handOver passes the selection to the server.
func handOver(ctx context.Context, s *alert.Selection) diag.Diagnostics {
	h, ok := ctx.Value(handoverKey{}).(*handover)
	if !ok {
		return diag.Diagnostics{internalError(noHandover)}
	}
	h.selection = s
	return nil
}

// withList returns the object with the list of the handover. Without a list the
// call fails: a configuration could treat a null list like an empty one.
func (s *server) withList(h *handover, object *tfprotov6.DynamicValue, d diagnostics) (*tfprotov6.DynamicValue, diagnostics) {
	for _, diagnostic := range d {
		if diagnostic.Severity == tfprotov6.DiagnosticSeverityError {
			return object, d
		}
	}
	if h.selection == nil || object == nil {
		return nil, append(d, protocolForm(internalError(noList)))
	}
	whole, err := wire.Insert(object.MsgPack, listAttribute, h.selection, s.maxObject)
	if err != nil {
		return nil, append(d, protocolForm(insertFailure(err)))
	}
	return &tfprotov6.DynamicValue{MsgPack: whole}, d
}

// ReadDataSource reads with the framework and inserts the list.
func (s *server) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (resp *tfprotov6.ReadDataSourceResponse, err error) {
	defer onPanic(func(d diagnostics) { resp, err = &tfprotov6.ReadDataSourceResponse{Diagnostics: d}, nil })
	var h handover
	resp, err = s.ProviderServer.ReadDataSource(context.WithValue(ctx, handoverKey{}, &h), req)
	if err == nil && req.TypeName == alertsType && resp.Deferred == nil {
		resp.State, resp.Diagnostics = s.withList(&h, resp.State, resp.Diagnostics)
	}
	return resp, err
}

// OpenEphemeralResource opens with the framework and inserts the list.
func (s *server) OpenEphemeralResource(ctx context.Context, req *tfprotov6.OpenEphemeralResourceRequest) (resp *tfprotov6.OpenEphemeralResourceResponse, err error) {
	defer onPanic(func(d diagnostics) { resp, err = &tfprotov6.OpenEphemeralResourceResponse{Diagnostics: d}, nil })
	var h handover
	resp, err = s.ProviderServer.OpenEphemeralResource(context.WithValue(ctx, handoverKey{}, &h), req)
	if err == nil && req.TypeName == alertsType && resp.Deferred == nil {
		resp.Result, resp.Diagnostics = s.withList(&h, resp.Result, resp.Diagnostics)
	}
	return resp, err
}

// onPanic is deferred by every call that receives values. A panic would end the
// process and print its value, which can be a secret or the text of an alert.
// Goroutines recover where they are started (packages entra and graph).
func onPanic(respond func(diagnostics)) {
	if recover() != nil {
		respond(diagnostics{protocolForm(internalError(panicked))})
	}
}

func (s *server) ValidateProviderConfig(ctx context.Context, req *tfprotov6.ValidateProviderConfigRequest) (resp *tfprotov6.ValidateProviderConfigResponse, err error) {
	defer onPanic(func(d diagnostics) { resp, err = &tfprotov6.ValidateProviderConfigResponse{Diagnostics: d}, nil })
	return s.ProviderServer.ValidateProviderConfig(ctx, req)
}

func (s *server) ConfigureProvider(ctx context.Context, req *tfprotov6.ConfigureProviderRequest) (resp *tfprotov6.ConfigureProviderResponse, err error) {
	defer onPanic(func(d diagnostics) { resp, err = &tfprotov6.ConfigureProviderResponse{Diagnostics: d}, nil })
	return s.ProviderServer.ConfigureProvider(ctx, req)
}

func (s *server) ValidateDataResourceConfig(ctx context.Context, req *tfprotov6.ValidateDataResourceConfigRequest) (resp *tfprotov6.ValidateDataResourceConfigResponse, err error) {
	defer onPanic(func(d diagnostics) { resp, err = &tfprotov6.ValidateDataResourceConfigResponse{Diagnostics: d}, nil })
	return s.ProviderServer.ValidateDataResourceConfig(ctx, req)
}

func (s *server) ValidateEphemeralResourceConfig(ctx context.Context, req *tfprotov6.ValidateEphemeralResourceConfigRequest) (resp *tfprotov6.ValidateEphemeralResourceConfigResponse, err error) {
	defer onPanic(func(d diagnostics) {
		resp, err = &tfprotov6.ValidateEphemeralResourceConfigResponse{Diagnostics: d}, nil
	})
	return s.ProviderServer.ValidateEphemeralResourceConfig(ctx, req)
}

func (s *server) CallFunction(ctx context.Context, req *tfprotov6.CallFunctionRequest) (resp *tfprotov6.CallFunctionResponse, err error) {
	defer onPanic(func(d diagnostics) {
		resp, err = &tfprotov6.CallFunctionResponse{Error: &tfprotov6.FunctionError{Text: d[0].Detail}}, nil
	})
	return s.ProviderServer.CallFunction(ctx, req)
}
