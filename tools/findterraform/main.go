// Command findterraform prints the path of the Terraform or OpenTofu binary for this
// project's tests. It installs Terraform if there is neither.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"

	"github.com/mdatp/terraform-provider-mdatp/tools/internal/terraform"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	path, err := terraform.Find(ctx, os.Stderr)
	if err != nil {
		fmt.Fprintln(os.Stderr, "findterraform:", err)
		os.Exit(1)
	}
	fmt.Println(path)
}
