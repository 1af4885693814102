// Command baseline is a provider with this provider's schema that answers every
// read with the bytes of the read before: what is left of the time of a run is
// Terraform's own. The benchmarks compare the provider with it.
//
// MDATP_BASELINE names a folder. A read that has no answer there yet is done by the
// real provider, and its answer is kept.
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
	real, folder := provider.NewServer("baseline", os.Getenv), os.Getenv("MDATP_BASELINE")
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
	if answer, err := os.ReadFile(file); err == nil {
		return &tfprotov6.ReadDataSourceResponse{State: &tfprotov6.DynamicValue{MsgPack: answer}}, nil
	}
	resp, err := b.ProviderServer.ReadDataSource(ctx, req)
	if err == nil && resp.State != nil {
		err = os.WriteFile(file, resp.State.MsgPack, 0o600)
	}
	return resp, err
}
