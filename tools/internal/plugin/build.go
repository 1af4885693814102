// Package plugin builds the provider and lays it out as Terraform and OpenTofu
// look for it.
package plugin

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/mdatp/terraform-provider-mdatp/tools/internal/process"
)

// DefaultVersion is the version of a provider that was built here and not
// released. It is no pre-release: Terraform takes those only when they are
// asked for by name.
const DefaultVersion = "0.1.0"

// Build builds the provider of the repository at root into file. It is no
// release, so that it shares what tests and tools have compiled: -trimpath would
// compile everything anew.
func Build(ctx context.Context, root, version, file string) error {
	return Compile(ctx, root, ".", file, "-ldflags=-X main.version="+version)
}

// Compile builds any command of the repository at root into file, whose folder
// is a temporary one.
func Compile(ctx context.Context, root, pkg, file string, flags ...string) error {
	args := append([]string{"build", "-o", file}, flags...)
	cmd := process.Command(ctx, "go", append(args, pkg)...)
	cmd.Dir = root
	// An interrupted go does not always remove its working folder: it goes where
	// the caller clears up.
	cmd.Env = append(os.Environ(), "GOTMPDIR="+filepath.Dir(file))
	if output, err := process.Output(cmd); err != nil {
		return fmt.Errorf("building %s: %w\n%s", pkg, err, output)
	}
	return nil
}
