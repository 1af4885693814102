// A provider with one action that does nothing, for plans with -invoke. Tests compile
// it in the module of the provider, which has the libraries.
package main

import (
	"context"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
)

type nothing struct{}

func (nothing) Metadata(_ context.Context, _ provider.MetadataRequest, response *provider.MetadataResponse) {
	response.TypeName = "nothing"
}

func (nothing) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

func (nothing) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}

func (nothing) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (nothing) Resources(context.Context) []func() resource.Resource { return nil }

func (nothing) Actions(context.Context) []func() action.Action {
	return []func() action.Action{func() action.Action { return doNothing{} }}
}

type doNothing struct{}

func (doNothing) Metadata(_ context.Context, _ action.MetadataRequest, response *action.MetadataResponse) {
	response.TypeName = "nothing_do"
}

func (doNothing) Schema(context.Context, action.SchemaRequest, *action.SchemaResponse) {}

func (doNothing) Invoke(context.Context, action.InvokeRequest, *action.InvokeResponse) {}

func main() {
	err := providerserver.Serve(context.Background(), func() provider.Provider { return nothing{} },
		providerserver.ServeOpts{Address: "registry.terraform.io/test/nothing"})
	if err != nil {
		log.Fatal(err)
	}
}
