// Package plugin builds the provider and installs it in the folder layout of
// Terraform and OpenTofu.
package plugin

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/mdatp/terraform-provider-mdatp/tools/internal/process"
)

// DefaultVersion is the version of an unreleased local build. It is not a
// pre-release: Terraform selects those only by their exact version.
const DefaultVersion = "0.1.0"

// Build builds the provider of the repository at root into file. It omits the
// -trimpath of a release, to share the build cache of tests and tools.
func Build(ctx context.Context, root, version, file string) error {
	return Compile(ctx, root, ".", file, "-ldflags=-X main.version="+version)
}

// Compile builds a command of the repository at root into file, in a temporary
// folder.
func Compile(ctx context.Context, root, pkg, file string, flags ...string) error {
	args := append([]string{"build", "-o", file}, flags...)
	cmd := process.Command(ctx, "go", append(args, pkg)...)
	cmd.Dir = root
	// An interrupted go command may leave its working folder behind; the caller
	// removes the folder of file.
	cmd.Env = append(os.Environ(), "GOTMPDIR="+filepath.Dir(file))
	if output, err := process.Output(cmd); err != nil {
		return fmt.Errorf("building %s: %w\n%s", pkg, err, output)
	}
	return nil
}
