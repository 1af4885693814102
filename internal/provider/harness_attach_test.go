package provider_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	framework "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/mdatp/terraform-provider-mdatp/internal/provider"
)

// attach runs the provider in this process instead of one per walk of Terraform:
// the table needs some three hundred runs.
func (f *folder) attach() {
	f.t.Helper()
	settings := map[string]string{}
	for _, setting := range f.env {
		name, value, _ := strings.Cut(setting, "=")
		settings[name] = value
	}
	served := attached(f.t, tf6server.WithDebug, provider.NewServer("test", environment(settings)))
	actions := attached(f.t, tf6server.WithDebug, providerserver.NewProtocol6(actionProvider{}))
	f.env = append(f.env, fmt.Sprintf(`TF_REATTACH_PROVIDERS={"registry.terraform.io/mdatp/mdatp": %[1]s,`+
		` "registry.opentofu.org/mdatp/mdatp": %[1]s, "registry.terraform.io/hashicorp/test": %[2]s}`, served, actions))
}

// attached serves a provider and returns how to reach it, for TF_REATTACH_PROVIDERS.
// C is go-plugin's configuration: this module does not import go-plugin.
func attached[C any](
	t *testing.T, debug func(context.Context, chan C, chan struct{}) tf6server.ServeOpt, server func() tfprotov6.ProviderServer,
) string {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	configs, closed := make(chan C), make(chan struct{})
	go func() {
		err := tf6server.Serve(provider.Address, server,
			debug(ctx, configs, closed), tf6server.WithLoggingSink(t),
			tf6server.WithGoPluginLogger(hclog.NewNullLogger())) // else a failure is lost in its lines
		if err != nil {
			panic(err)
		}
	}()
	t.Cleanup(func() {
		cancel()
		<-closed
		runtime.GC() // ends goroutines of go-plugin that wait for unreachable pipes
	})
	address, ok := reflect.ValueOf(<-configs).Elem().FieldByName("Addr").Interface().(net.Addr)
	if !ok {
		t.Fatal("the provider's configuration has no Addr, want an address")
	}
	return fmt.Sprintf(`{"Protocol": "grpc", "ProtocolVersion": 6, "Pid": %d, "Test": true,`+
		` "Addr": {"Network": %q, "String": %q}}`, os.Getpid(), address.Network(), address.String())
}

// anAction is an action that does nothing, and actionConfig its configuration.
const (
	anAction     = "action.test_nothing.it"
	actionConfig = "action \"test_nothing\" \"it\" {}\n"
)

// An actionProvider has one action, for runs that invoke one: no provider that is
// part of Terraform has any.
type actionProvider struct{}

func (actionProvider) Metadata(_ context.Context, _ framework.MetadataRequest, resp *framework.MetadataResponse) {
	resp.TypeName = "test"
}

func (actionProvider) Schema(context.Context, framework.SchemaRequest, *framework.SchemaResponse) {}

func (actionProvider) Configure(context.Context, framework.ConfigureRequest, *framework.ConfigureResponse) {
}

func (actionProvider) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (actionProvider) Resources(context.Context) []func() resource.Resource { return nil }

func (actionProvider) Actions(context.Context) []func() action.Action {
	return []func() action.Action{func() action.Action { return nothing{} }}
}

// nothing is an action that does nothing.
type nothing struct{}

func (nothing) Metadata(_ context.Context, _ action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = "test_nothing"
}

func (nothing) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{"note": schema.StringAttribute{Optional: true}}}
}

func (nothing) Invoke(context.Context, action.InvokeRequest, *action.InvokeResponse) {}
