// Package plugin builds the provider and lays it out as Terraform and OpenTofu
// look for it.
package plugin

import (
	"context"
	"fmt"

	"github.com/mdatp/terraform-provider-mdatp/tools/internal/process"
)

// DefaultVersion is the version of a provider that was built here and not
// released. It is no pre-release: Terraform takes those only when they are
// asked for by name.
const DefaultVersion = "0.1.0"

// Build builds the provider of the repository at root into file.
func Build(ctx context.Context, root, version, file string) error {
	return Compile(ctx, root, ".", file, "-trimpath", "-ldflags=-X main.version="+version)
}

// Compile builds any command of the repository at root into file.
func Compile(ctx context.Context, root, pkg, file string, flags ...string) error {
	args := append([]string{"build", "-o", file}, flags...)
	cmd := process.Command(ctx, "go", append(args, pkg)...)
	cmd.Dir = root
	if output, err := process.Output(cmd); err != nil {
		return fmt.Errorf("building %s: %w\n%s", pkg, err, output)
	}
	return nil
}
