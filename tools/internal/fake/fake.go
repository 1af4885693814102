// Package fake starts the fake of Microsoft's services as a separate process.
package fake

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os/exec"
	"strings"

	"github.com/mdatp/terraform-provider-mdatp/tools/internal/process"
)

// A Fake is a running fake of Microsoft's services.
type Fake struct {
	Settings []string // environment of the provider as KEY=value, with a secret
	Stop     func()
}

// Start starts the fake's binary. It runs until Stop is called or ctx is done. The
// error includes the standard error of a fake that does not start.
func Start(ctx context.Context, binary string, args ...string) (*Fake, error) {
	ctx, cancel := context.WithCancel(ctx)
	var stderr bytes.Buffer
	cmd := process.Command(ctx, binary, args...)
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		cancel()
		return nil, fmt.Errorf("starting the fake: %w", err)
	}
	settings, err := readExports(stdout)
	if err != nil || len(settings) == 0 {
		cancel()
		return nil, fmt.Errorf("the fake printed no environment variables (%w)\n%s", wait(cmd, err), stderr.String())
	}
	return &Fake{Settings: settings, Stop: func() {
		cancel()
		_ = process.Wait(cmd) // an interrupt, as expected
	}}, nil
}

func wait(cmd *exec.Cmd, err error) error {
	if waitErr := process.Wait(cmd); waitErr != nil {
		return waitErr
	}
	return err
}

// readExports parses lines such as export KEY='value' up to the end of r.
func readExports(r io.Reader) ([]string, error) {
	var settings []string
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		key, value, ok := strings.Cut(strings.TrimPrefix(lines.Text(), "export "), "=")
		if !ok {
			continue
		}
		value = strings.ReplaceAll(strings.Trim(value, "'"), `'\''`, "'")
		settings = append(settings, key+"="+value)
	}
	return settings, lines.Err()
}
