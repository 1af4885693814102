package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// The calls of Terraform that run code of this provider. A panic in one of them
// becomes a diagnostic: left alone it would end the process with the panic's
// value printed, which can hold a secret or the text of an alert. Goroutines
// have a guard where they are started (package entra).

// guard runs a call and replaces its result if it panics.
func guard[R any](call func() (R, error), panicked func([]*tfprotov6.Diagnostic) R) (result R, err error) {
	defer func() {
		if recover() != nil {
			result, err = panicked([]*tfprotov6.Diagnostic{{
				Severity: tfprotov6.DiagnosticSeverityError,
				Summary:  "Internal error",
				Detail:   "The provider failed in a way that it should not. There is no result. Please report this.",
			}}), nil
		}
	}()
	return call()
}

func (s *server) GetProviderSchema(ctx context.Context, req *tfprotov6.GetProviderSchemaRequest) (*tfprotov6.GetProviderSchemaResponse, error) {
	return guard(func() (*tfprotov6.GetProviderSchemaResponse, error) {
		return s.ProviderServer.GetProviderSchema(ctx, req)
	}, func(d []*tfprotov6.Diagnostic) *tfprotov6.GetProviderSchemaResponse {
		return &tfprotov6.GetProviderSchemaResponse{Diagnostics: d}
	})
}

func (s *server) GetMetadata(ctx context.Context, req *tfprotov6.GetMetadataRequest) (*tfprotov6.GetMetadataResponse, error) {
	return guard(func() (*tfprotov6.GetMetadataResponse, error) {
		return s.ProviderServer.GetMetadata(ctx, req)
	}, func(d []*tfprotov6.Diagnostic) *tfprotov6.GetMetadataResponse {
		return &tfprotov6.GetMetadataResponse{Diagnostics: d}
	})
}

func (s *server) GetFunctions(ctx context.Context, req *tfprotov6.GetFunctionsRequest) (*tfprotov6.GetFunctionsResponse, error) {
	return guard(func() (*tfprotov6.GetFunctionsResponse, error) {
		return s.ProviderServer.GetFunctions(ctx, req)
	}, func(d []*tfprotov6.Diagnostic) *tfprotov6.GetFunctionsResponse {
		return &tfprotov6.GetFunctionsResponse{Diagnostics: d}
	})
}

func (s *server) ValidateProviderConfig(ctx context.Context, req *tfprotov6.ValidateProviderConfigRequest) (*tfprotov6.ValidateProviderConfigResponse, error) {
	return guard(func() (*tfprotov6.ValidateProviderConfigResponse, error) {
		return s.ProviderServer.ValidateProviderConfig(ctx, req)
	}, func(d []*tfprotov6.Diagnostic) *tfprotov6.ValidateProviderConfigResponse {
		return &tfprotov6.ValidateProviderConfigResponse{Diagnostics: d}
	})
}

func (s *server) ConfigureProvider(ctx context.Context, req *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	return guard(func() (*tfprotov6.ConfigureProviderResponse, error) {
		return s.ProviderServer.ConfigureProvider(ctx, req)
	}, func(d []*tfprotov6.Diagnostic) *tfprotov6.ConfigureProviderResponse {
		return &tfprotov6.ConfigureProviderResponse{Diagnostics: d}
	})
}

func (s *server) ValidateDataResourceConfig(ctx context.Context, req *tfprotov6.ValidateDataResourceConfigRequest) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return guard(func() (*tfprotov6.ValidateDataResourceConfigResponse, error) {
		return s.ProviderServer.ValidateDataResourceConfig(ctx, req)
	}, func(d []*tfprotov6.Diagnostic) *tfprotov6.ValidateDataResourceConfigResponse {
		return &tfprotov6.ValidateDataResourceConfigResponse{Diagnostics: d}
	})
}

func (s *server) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	return guard(func() (*tfprotov6.ReadDataSourceResponse, error) {
		return s.readDataSource(ctx, req)
	}, func(d []*tfprotov6.Diagnostic) *tfprotov6.ReadDataSourceResponse {
		return &tfprotov6.ReadDataSourceResponse{Diagnostics: d}
	})
}

func (s *server) ValidateEphemeralResourceConfig(ctx context.Context, req *tfprotov6.ValidateEphemeralResourceConfigRequest) (*tfprotov6.ValidateEphemeralResourceConfigResponse, error) {
	return guard(func() (*tfprotov6.ValidateEphemeralResourceConfigResponse, error) {
		return s.ProviderServer.ValidateEphemeralResourceConfig(ctx, req)
	}, func(d []*tfprotov6.Diagnostic) *tfprotov6.ValidateEphemeralResourceConfigResponse {
		return &tfprotov6.ValidateEphemeralResourceConfigResponse{Diagnostics: d}
	})
}

func (s *server) OpenEphemeralResource(ctx context.Context, req *tfprotov6.OpenEphemeralResourceRequest) (*tfprotov6.OpenEphemeralResourceResponse, error) {
	return guard(func() (*tfprotov6.OpenEphemeralResourceResponse, error) {
		return s.openEphemeralResource(ctx, req)
	}, func(d []*tfprotov6.Diagnostic) *tfprotov6.OpenEphemeralResourceResponse {
		return &tfprotov6.OpenEphemeralResourceResponse{Diagnostics: d}
	})
}

func (s *server) CallFunction(ctx context.Context, req *tfprotov6.CallFunctionRequest) (*tfprotov6.CallFunctionResponse, error) {
	return guard(func() (*tfprotov6.CallFunctionResponse, error) {
		return s.ProviderServer.CallFunction(ctx, req)
	}, func(d []*tfprotov6.Diagnostic) *tfprotov6.CallFunctionResponse {
		return &tfprotov6.CallFunctionResponse{Error: &tfprotov6.FunctionError{Text: d[0].Detail}}
	})
}
