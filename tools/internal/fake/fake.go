// Package fake starts the fake of Microsoft's services as a process of its own.
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
	Settings []string // KEY=value, for the provider; one is a secret
	Stop     func()
}

// Start starts the fake's binary. It runs until Stop is called or ctx is done.
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
		return nil, fmt.Errorf("the fake said nothing of its address (%w)\n%s", wait(cmd, err), stderr.String())
	}
	return &Fake{Settings: settings, Stop: func() {
		cancel()
		_ = process.Wait(cmd) // interrupted, as it should be
	}}, nil
}

func wait(cmd *exec.Cmd, err error) error {
	if waitErr := process.Wait(cmd); waitErr != nil {
		return waitErr
	}
	return err
}

// readExports reads lines such as export KEY='value' to the end.
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
