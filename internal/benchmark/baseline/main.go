// Command baseline is a provider with this provider's schema that replays stored
// responses, so a run's time is Terraform's own. The benchmarks compare the
// provider with it.
//
// BENCH_BASELINE names the folder of the responses. If there is none for a read, the
// real provider reads, and its response is stored.
package main

import (
	"context"
	"log"
	"os"
	"path/filepath"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/mdatp/terraform-provider-mdatp/internal/provider"
)

func main() {
	real, folder := provider.NewServer("baseline", provider.SystemEnvironment()), os.Getenv("BENCH_BASELINE")
	err := tf6server.Serve(provider.Address, func() tfprotov6.ProviderServer {
		return &baseline{real(), folder}
	})
	if err != nil {
		log.Fatal(err)
	}
}

type baseline struct {
	tfprotov6.ProviderServer
	folder string
}

func (b *baseline) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	file := filepath.Join(b.folder, req.TypeName)
	if stored, err := os.ReadFile(file); err == nil {
		return &tfprotov6.ReadDataSourceResponse{State: &tfprotov6.DynamicValue{MsgPack: stored}}, nil
	}
	resp, err := b.ProviderServer.ReadDataSource(ctx, req)
	if err == nil && resp.State != nil {
		err = os.WriteFile(file, resp.State.MsgPack, 0o600)
	}
	return resp, err
}
