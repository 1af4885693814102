// Command terraform-provider-mdatp is a provider for Terraform and OpenTofu that
// reads alerts of Microsoft Defender for Endpoint. Terraform starts it; -debug
// lets a debugger do so instead.
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/mdatp/terraform-provider-mdatp/internal/provider"
)

// version is set when a release is built.
var version = "dev"

func main() {
	log.SetOutput(io.Discard) // net/http quotes servers there
	debug := flag.Bool("debug", false, "wait for a debugger and print how Terraform reaches this process")
	flag.Parse()
	var options []tf6server.ServeOpt
	if *debug {
		options = append(options, tf6server.WithManagedDebug())
	}
	if err := tf6server.Serve(provider.Address, provider.NewServer(version, os.LookupEnv), options...); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
