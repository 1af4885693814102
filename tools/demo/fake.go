package main

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

// fakeAlerts is how many detections the fake has: most are of the last two
// hours, and those fill a screen.
const fakeAlerts = "18"

type fake struct {
	settings []string // KEY=value, for the provider; one is a secret
	stop     func()
}

// startFake starts the fake. It runs until stop is called or ctx is done.
func startFake(ctx context.Context, binary string) (*fake, error) {
	ctx, cancel := context.WithCancel(ctx)
	var stderr bytes.Buffer
	cmd := process.Command(ctx, binary, "-alerts", fakeAlerts)
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
	return &fake{settings: settings, stop: func() {
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
