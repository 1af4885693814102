// Command install builds the provider and copies it to the user's plugin folder,
// which Terraform and OpenTofu search before a registry.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"

	"github.com/mdatp/terraform-provider-mdatp/tools/internal/plugin"
)

func main() {
	root := flag.String("root", ".", "`folder` of the repository")
	version := flag.String("version", plugin.DefaultVersion, "`version` to install as")
	dir := flag.String("dir", "", "plugin `folder`; default is the user's plugin folder, which Terraform searches")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := install(ctx, *root, *version, *dir); err != nil {
		fmt.Fprintln(os.Stderr, "install:", err)
		os.Exit(1)
	}
}

func install(ctx context.Context, root, version, dir string) (err error) {
	implied := dir == ""
	if implied {
		if dir, err = pluginFolder(); err != nil {
			return err
		}
	}
	temp, err := os.MkdirTemp("", "mdatp-install-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	binary := filepath.Join(temp, "provider")
	if err = plugin.Build(ctx, root, version, binary); err != nil {
		return err
	}
	placed, err := plugin.Place(binary, dir, version)
	if err != nil {
		return err
	}
	fmt.Println("Installed for Terraform and for OpenTofu:")
	for _, file := range placed {
		fmt.Println(" ", file)
	}
	if implied {
		fmt.Printf("terraform init finds %q without a registry. In a folder that used an older build, first remove\n"+
			"the block of this provider from .terraform.lock.hcl: it has the checksum of that build.\n"+
			"If your CLI configuration has a provider_installation block, it replaces this default:\n"+
			"add a filesystem_mirror with the path %q.\n", plugin.Source, dir)
	} else {
		fmt.Println("Use it with init -plugin-dir, or as a filesystem_mirror in the CLI configuration.")
	}
	return nil
}

// pluginFolder returns the implied local mirror of both programs.
func pluginFolder() (string, error) {
	if runtime.GOOS == "windows" {
		config, err := os.UserConfigDir()
		return filepath.Join(config, "terraform.d", "plugins"), err
	}
	home, err := os.UserHomeDir()
	return filepath.Join(home, ".terraform.d", "plugins"), err
}
