package plugin

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// Source is the provider's address as configurations write it.
const Source = "mdatp/mdatp"

// Hosts complete Source: the first is Terraform's, the second OpenTofu's.
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

// replace writes a program in one step: a Terraform that runs the old one is not
// disturbed.
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

// WriteConfig writes a CLI configuration that installs providers from the
// mirror alone, so that no registry is asked. Name it with TF_CLI_CONFIG_FILE.
func WriteConfig(file, mirror string) error {
	text := fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", mirror)
	return os.WriteFile(file, []byte(text), 0o600)
}
