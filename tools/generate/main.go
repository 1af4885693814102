// Command generate writes the documentation in docs/ from the provider's schema,
// templates/ and examples/, and formats the examples. With -check it works on a copy
// and fails if the repository differs from it, committed or not. It needs no network.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"github.com/mdatp/terraform-provider-mdatp/tools/internal/process"
	"github.com/mdatp/terraform-provider-mdatp/tools/internal/terraform"
)

// generated are the folders of the documentation.
var generated = []string{"docs", "examples", "templates"}

func main() {
	root := flag.String("root", ".", "`folder` of the repository")
	check := flag.Bool("check", false, "change nothing, and fail if a file would change")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *root, *check); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, root string, check bool) error {
	root, err := filepath.Abs(root)
	if err != nil {
		return err
	}
	temp, err := os.MkdirTemp("", "mdatp-generate-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	target := root
	if check {
		target = filepath.Join(temp, "copy")
		if err = copyFolders(root, target, generated); err != nil {
			return err
		}
	}
	if err = generate(ctx, root, target, temp); err != nil || !check {
		return err
	}
	differences, err := compareFolders(root, target, generated)
	if err == nil && len(differences) > 0 {
		err = fmt.Errorf("not up to date, run make generate:\n  %s", strings.Join(differences, "\n  "))
	}
	return err
}

// generate reads the schema of the provider at root and writes into target.
func generate(ctx context.Context, root, target, temp string) error {
	binary, err := terraform.Find(ctx, os.Stderr)
	if err != nil {
		return err
	}
	cli := terraform.CLI{Binary: binary, Dir: filepath.Join(temp, "work")}
	if err = os.Mkdir(cli.Dir, 0o755); err != nil {
		return err
	}
	if _, err = cli.Must(ctx, "fmt", "-recursive", filepath.Join(target, "examples")); err != nil {
		return err
	}
	schema, err := exportSchema(ctx, cli, root, temp)
	if err != nil {
		return err
	}
	cmd := process.Command(ctx, "go", "tool", "tfplugindocs", "generate",
		"--provider-dir", target, "--provider-name", "mdatp", "--providers-schema", schema)
	cmd.Dir = filepath.Join(root, "tools")
	if output, err := process.Output(cmd); err != nil {
		return fmt.Errorf("tfplugindocs: %w\n%s", err, output)
	}
	return linkPages(target)
}
