package terraform

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/hashicorp/go-version"
	"github.com/hashicorp/hc-install/product"
	"github.com/hashicorp/hc-install/releases"
)

// installVersion is installed if there is neither Terraform nor OpenTofu.
const installVersion = "1.11.4"

// cached returns the Terraform in dir, and installs it if it is missing. hc-install
// verifies HashiCorp's signature and the checksum.
func cached(ctx context.Context, dir string, notes io.Writer) (string, error) {
	binary := filepath.Join(dir, product.Terraform.BinaryName())
	if _, err := os.Stat(binary); err == nil {
		return binary, nil
	}
	fmt.Fprintf(notes, "No terraform or tofu on PATH: downloading Terraform %s once, into %s\n", installVersion, dir)

	// The download goes to a temporary folder that is renamed at the end, so that an
	// interrupted download never looks complete.
	parent := filepath.Dir(dir)
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return "", err
	}
	partial, err := os.MkdirTemp(parent, "download-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(partial)
	release := releases.ExactVersion{
		Product:    product.Terraform,
		Version:    version.Must(version.NewVersion(installVersion)),
		InstallDir: partial,
	}
	if _, err = release.Install(ctx); err != nil {
		return "", fmt.Errorf("install Terraform, or name a binary with %s=path: %w", Variable, err)
	}
	if err = os.RemoveAll(dir); err != nil {
		return "", err
	}
	return binary, os.Rename(partial, dir)
}
