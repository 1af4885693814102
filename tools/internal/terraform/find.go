// Package terraform finds a Terraform or OpenTofu binary and runs it without the
// user's own settings.
package terraform

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// Variable is the environment variable that names the binary.
const Variable = "TERRAFORM"

// Find returns the absolute path of the binary to use: $TERRAFORM, else terraform or
// tofu on PATH, else a Terraform that it installs once into the user's cache folder.
// It writes a line to notes before it installs.
func Find(ctx context.Context, notes io.Writer) (string, error) {
	if chosen := os.Getenv(Variable); chosen != "" {
		path, err := absolute(chosen)
		if err != nil {
			return "", fmt.Errorf("%s=%s: %w", Variable, chosen, err)
		}
		return path, nil
	}
	for _, name := range []string{"terraform", "tofu"} {
		path, err := absolute(name)
		if err == nil {
			return path, nil
		}
		if !errors.Is(err, exec.ErrNotFound) {
			return "", fmt.Errorf("%s on PATH: %w", name, err)
		}
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no terraform or tofu on PATH, and no cache folder to install one: %w", err)
	}
	return cached(ctx, filepath.Join(cache, "terraform-provider-mdatp", "terraform-"+installVersion), notes)
}

func absolute(name string) (string, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return "", err
	}
	return filepath.Abs(path)
}
