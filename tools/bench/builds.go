package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/mdatp/terraform-provider-mdatp/tools/internal/plugin"
	"github.com/mdatp/terraform-provider-mdatp/tools/internal/terraform"
)

// builds are the compiled programs of a benchmark.
type builds struct {
	dir                      string
	provider, baseline, fake string
	terraform                terraform.CLI
}

func build(ctx context.Context, root, dir string) (*builds, error) {
	binary, err := terraform.Find(ctx, os.Stderr)
	if err != nil {
		return nil, err
	}
	b := &builds{
		dir:      dir,
		provider: filepath.Join(dir, "provider"),
		baseline: filepath.Join(dir, "baseline"),
		fake:     filepath.Join(dir, "fakeapi"),
	}
	meter, mirror, config := filepath.Join(dir, "meter"), filepath.Join(dir, "mirror"), filepath.Join(dir, "terraform.rc")
	b.terraform = terraform.CLI{Binary: binary, Env: []string{"TF_CLI_CONFIG_FILE=" + config, "TMPDIR=" + dir}}
	err = errors.Join(
		plugin.Build(ctx, root, plugin.DefaultVersion, b.provider),
		plugin.Compile(ctx, root, "./internal/benchmark/baseline", b.baseline, "-trimpath"),
		plugin.Compile(ctx, root, "./internal/fakeapi/cmd/fakeapi", b.fake),
		plugin.Compile(ctx, filepath.Join(root, "tools"), "./bench/meter", meter),
		plugin.WriteConfig(config, mirror),
	)
	if err != nil {
		return nil, err
	}
	_, err = plugin.Place(meter, mirror, plugin.DefaultVersion)
	return b, err
}

const configuration = `terraform {
  required_providers {
    mdatp = {
      source = %q
    }
  }
}

provider "mdatp" {}

data %q "all" {
  since_time_utc = "2000-01-01T00:00:00Z"
}
`

// example prepares a folder with a configuration that reads one data source.
func (b *builds) example(ctx context.Context, source string) (terraform.CLI, error) {
	cli := b.terraform
	var err error
	if cli.Dir, err = os.MkdirTemp(b.dir, "example-"); err != nil {
		return cli, err
	}
	code := fmt.Sprintf(configuration, plugin.Source, source)
	if err = os.WriteFile(filepath.Join(cli.Dir, "main.tf"), []byte(code), 0o600); err != nil {
		return cli, err
	}
	_, err = cli.Must(ctx, "init", "-no-color")
	return cli, err
}
