package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/mdatp/terraform-provider-mdatp/tools/internal/plugin"
	"github.com/mdatp/terraform-provider-mdatp/tools/internal/terraform"
)

const configuration = `terraform {
  required_providers {
    mdatp = {
      source = %q
    }
  }
}
`

// exportSchema builds the provider, exports its schema with Terraform and a local
// mirror in temp, and returns a file with the schema under the key that tfplugindocs
// expects.
func exportSchema(ctx context.Context, cli terraform.CLI, root, temp string) (string, error) {
	binary, mirror, config := filepath.Join(temp, "provider"), filepath.Join(temp, "mirror"), filepath.Join(temp, "terraform.rc")
	if err := plugin.Build(ctx, root, plugin.DefaultVersion, binary); err != nil {
		return "", err
	}
	if _, err := plugin.Place(binary, mirror, plugin.DefaultVersion); err != nil {
		return "", err
	}
	code := fmt.Sprintf(configuration, plugin.Source)
	err := errors.Join(
		plugin.WriteConfig(config, mirror),
		os.WriteFile(filepath.Join(cli.Dir, "main.tf"), []byte(code), 0o600),
	)
	if err != nil {
		return "", err
	}
	cli.Env = []string{"TF_CLI_CONFIG_FILE=" + config}
	if _, err = cli.Must(ctx, "init", "-no-color"); err != nil {
		return "", err
	}
	text, err := cli.Must(ctx, "providers", "schema", "-json")
	if err != nil {
		return "", err
	}
	renamed, err := rename([]byte(text))
	if err != nil {
		return "", err
	}
	file := filepath.Join(temp, "schema.json")
	return file, os.WriteFile(file, renamed, 0o600)
}

// rename returns only this provider's schema, under its short name: tfplugindocs
// supports only that and HashiCorp's own addresses.
func rename(text []byte) ([]byte, error) {
	var schemas struct {
		Format  string                     `json:"format_version"`
		Schemas map[string]json.RawMessage `json:"provider_schemas"`
	}
	if err := json.Unmarshal(text, &schemas); err != nil {
		return nil, fmt.Errorf("reading the schema: %w", err)
	}
	for _, host := range plugin.Hosts {
		if schema, ok := schemas.Schemas[host+"/"+plugin.Source]; ok {
			schemas.Schemas = map[string]json.RawMessage{"mdatp": schema}
			return json.Marshal(schemas)
		}
	}
	return nil, fmt.Errorf("the schema has no %s", plugin.Source)
}
