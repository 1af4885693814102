package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/tools/internal/plugin"
	"github.com/mdatp/terraform-provider-mdatp/tools/internal/terraform"
)

// stage is a temporary folder with the provider in a mirror, the fake, and copies of
// the examples.
type stage struct {
	root, dir string
	fake      string // binary
	version   string // first line of terraform version
	terraform terraform.CLI
}

func prepare(ctx context.Context, root, dir string) (*stage, error) {
	binary, err := terraform.Find(ctx, os.Stdout)
	if err != nil {
		return nil, err
	}
	config := filepath.Join(dir, "terraform.rc")
	s := &stage{
		root: root,
		dir:  dir,
		fake: filepath.Join(dir, "fakeapi"),
		terraform: terraform.CLI{Binary: binary, Env: []string{
			"TF_CLI_CONFIG_FILE=" + config,
			"TMPDIR=" + dir, // for sockets that a killed plugin leaves
		}},
	}
	if err = plugin.WriteConfig(config, s.mirror()); err != nil {
		return nil, err
	}
	version, err := s.terraform.Must(ctx, "version")
	if err != nil {
		return nil, err
	}
	s.version, _, _ = strings.Cut(version, "\n")
	fmt.Printf("%s, %s\n", s.version, binary)

	fmt.Print("Building the provider and the fake server (the first build takes a minute) ... ")
	start := time.Now()
	if err = s.build(ctx); err != nil {
		return nil, err
	}
	fmt.Printf("%.0f s\n", time.Since(start).Seconds())
	return s, nil
}

func (s *stage) mirror() string { return filepath.Join(s.dir, "mirror") }

func (s *stage) build(ctx context.Context) error {
	provider := filepath.Join(s.dir, "provider")
	if err := plugin.Build(ctx, s.root, plugin.DefaultVersion, provider); err != nil {
		return err
	}
	if err := plugin.Compile(ctx, s.root, "./internal/fakeapi/cmd/fakeapi", s.fake); err != nil {
		return err
	}
	_, err := plugin.Place(provider, s.mirror(), plugin.DefaultVersion)
	return err
}

// example copies the Terraform code of an example, without other files of its
// folder, and returns the CLI in the copy.
func (s *stage) example(name string) (terraform.CLI, error) {
	cli := s.terraform
	cli.Dir = filepath.Join(s.dir, name)
	if err := os.Mkdir(cli.Dir, 0o755); err != nil {
		return cli, err
	}
	files, err := filepath.Glob(filepath.Join(s.root, "examples", name, "*.tf"))
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("examples/%s has no code", name)
	}
	for _, file := range files {
		if err != nil {
			break
		}
		var code []byte
		if code, err = os.ReadFile(file); err == nil {
			err = os.WriteFile(filepath.Join(cli.Dir, filepath.Base(file)), code, 0o600)
		}
	}
	return cli, err
}
