// Command terraform-provider-mdatp is a provider for Terraform and OpenTofu that
// reads alerts of Microsoft Defender for Endpoint. Terraform starts it; -debug
// lets a debugger do so instead. -version prints what it was built from. The command
// login signs a person in.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/mdatp/terraform-provider-mdatp/internal/provider"
)

func main() {
	log.SetOutput(io.Discard) // net/http quotes servers there
	if len(os.Args) > 1 && os.Args[1] == "login" {
		os.Exit(signIn(os.Args[2:]))
	}
	managed := flag.Bool("debug", false, "wait for a debugger and print how Terraform reaches this process")
	printVersion := flag.Bool("version", false, "print the version, the commit and the Go version, and exit")
	flag.Usage = func() {
		fmt.Fprint(os.Stderr, "Terraform starts this program. A person can run:\n\n  terraform-provider-mdatp login -help\n\n")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "%s is not a command of this program.\n", flag.Arg(0))
		flag.Usage()
		os.Exit(2)
	}
	if info, ok := debug.ReadBuildInfo(); *printVersion && ok {
		fmt.Fprint(os.Stdout, buildVersion(version, commit, info))
		return
	}
	var options []tf6server.ServeOpt
	if *managed {
		options = append(options, tf6server.WithManagedDebug())
	}
	if err := tf6server.Serve(provider.Address, provider.NewServer(version, provider.SystemEnvironment()), options...); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// signIn runs the command login until it ends or is interrupted.
func signIn(args []string) (status int) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return provider.Login(ctx, version, args, provider.SystemEnvironment(), os.Stdout, os.Stderr)
}
