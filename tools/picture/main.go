// Command picture draws the output of the demo for the README: it runs the demo, and
// draws what that printed about gates as demo.svg. The colours follow the reader's light
// or dark scheme.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/mdatp/terraform-provider-mdatp/tools/internal/process"
)

// first is the line of the demo's output at which the picture begins.
const first = "3. A gate that passes"

func main() {
	root := flag.String("root", ".", "`folder` of the repository")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *root); err != nil {
		fmt.Fprintln(os.Stderr, "picture:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, root string) error {
	cmd := process.Command(ctx, "go", "tool", "demo", "-root", "..")
	cmd.Dir = filepath.Join(root, "tools")
	output, err := process.Output(cmd)
	if err != nil {
		return fmt.Errorf("the demo failed: %w\n%s", err, output)
	}
	lines, err := scene([]byte(output))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(root, "demo.svg"), draw(lines), 0o600)
}

// scene returns the lines of the demo from the first one of the picture.
func scene(output []byte) ([]string, error) {
	at := bytes.Index(output, []byte(first))
	if at < 0 {
		return nil, fmt.Errorf("the demo printed no line %q", first)
	}
	var lines []string
	for line := range bytes.Lines(output[at:]) {
		lines = append(lines, string(bytes.TrimRight(line, "\r\n ")))
	}
	return lines[:len(lines)-1], nil // the last line is about the demo itself
}
