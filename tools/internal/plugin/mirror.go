package plugin

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// Source is the provider's source address in configurations.
const Source = "mdatp/mdatp"

// Hosts are the default registries of Source: Terraform's, then OpenTofu's.
var Hosts = [...]string{"registry.terraform.io", "registry.opentofu.org"}

// Place copies the provider binary into the local mirror at dir, once below
// each host, and returns the files it wrote.
func Place(binary, dir, version string) ([]string, error) {
	name := "terraform-provider-mdatp_v" + version
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	program, err := os.ReadFile(binary)
	if err != nil {
		return nil, err
	}
	var placed []string
	for _, host := range Hosts {
		file := filepath.Join(dir, host, filepath.FromSlash(Source), version, runtime.GOOS+"_"+runtime.GOARCH, name)
		if err = replace(file, program); err != nil {
			return nil, fmt.Errorf("placing the provider: %w", err)
		}
		placed = append(placed, file)
	}
	return placed, nil
}

// replace writes a program atomically, without an effect on a Terraform that runs
// the old one.
func replace(file string, program []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	fresh := filepath.Join(filepath.Dir(file), ".new")
	if err := os.WriteFile(fresh, program, 0o755); err != nil {
		return err
	}
	return os.Rename(fresh, file)
}

// WriteConfig writes a CLI configuration that installs providers only from the
// mirror, without a registry. Set TF_CLI_CONFIG_FILE to its path.
func WriteConfig(file, mirror string) error {
	text := fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", mirror)
	return os.WriteFile(file, []byte(text), 0o600)
}
