package signin

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/tools/internal/plugin"
	"github.com/mdatp/terraform-provider-mdatp/tools/internal/terraform"
)

const configuration = `terraform {
  required_providers {
    mdatp = {
      source = "mdatp/mdatp"
    }
  }
}

data "mdatp_alerts" "all" {}
`

// folder is that of the provider and the configuration.
var folder string

func TestMain(m *testing.M) {
	slog.SetLogLoggerLevel(slog.LevelWarn) // the server logs each request
	os.Exit(func() int {
		var err error
		if folder, err = os.MkdirTemp("", "mdatp-signin-"); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(folder)
		return m.Run()
	}())
}

func providerBinary() string { return filepath.Join(folder, "provider.exe") } // a name for any system

// build builds the provider once, at the first use, and returns a CLI in the folder of
// the configuration.
var build = sync.OnceValues(func() (terraform.CLI, error) {
	ctx := context.Background()
	binary, err := terraform.Find(ctx, os.Stderr)
	if err != nil {
		return terraform.CLI{}, err
	}
	mirror, config := filepath.Join(folder, "mirror"), filepath.Join(folder, "terraform.rc")
	cli := terraform.CLI{Binary: binary, Dir: filepath.Join(folder, "configuration"), Env: []string{"TF_CLI_CONFIG_FILE=" + config}}
	err = errors.Join(
		plugin.Build(ctx, "../..", plugin.DefaultVersion, providerBinary()),
		plugin.WriteConfig(config, mirror),
		os.Mkdir(cli.Dir, 0o700),
		os.WriteFile(filepath.Join(cli.Dir, "main.tf"), []byte(configuration), 0o600),
	)
	if err == nil {
		_, err = plugin.Place(providerBinary(), mirror, plugin.DefaultVersion)
	}
	if err == nil {
		_, err = cli.Must(ctx, "init", "-no-color")
	}
	return cli, err
})

// plan reads the alerts in a plan with the settings.
func plan(t *testing.T, settings ...string) terraform.Result {
	t.Helper()
	cli, err := build()
	if err != nil {
		t.Fatal(err)
	}
	cli.Env = append(append([]string{}, cli.Env...), settings...)
	result, err := cli.Run(t.Context(), "plan", "-no-color", "-lock=false")
	if err != nil {
		t.Fatal(err)
	}
	return result
}
