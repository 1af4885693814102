// Command install builds the provider and puts it where Terraform and OpenTofu
// look before they ask a registry: the user's plugin folder.
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
	dir := flag.String("dir", "", "plugin `folder`; default is the one that Terraform reads by itself")
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
		fmt.Printf("%q is found by init without a registry. In a folder that used an older build, remove\n"+
			".terraform.lock.hcl first: it has the checksum of that build.\n"+
			"If your CLI configuration has a provider_installation block, only that counts: add a\n"+
			"filesystem_mirror with the path %q.\n", plugin.Source, dir)
	} else {
		fmt.Println("Found by init -plugin-dir, or as a filesystem_mirror of the CLI configuration.")
	}
	return nil
}

// pluginFolder is the implied local mirror of both programs.
func pluginFolder() (string, error) {
	if runtime.GOOS == "windows" {
		config, err := os.UserConfigDir()
		return filepath.Join(config, "terraform.d", "plugins"), err
	}
	home, err := os.UserHomeDir()
	return filepath.Join(home, ".terraform.d", "plugins"), err
}
