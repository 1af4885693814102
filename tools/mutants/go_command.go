package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// realGo is the variable with the path of the go command.
const realGo = "MUTANTS_GO"

// notBuilt is the exit code by which gremlins knows a failed build.
const notBuilt = 2

// runGo is the go command as gremlins runs it, with two corrections. Without them
// gremlins counts a failed build as a failed test, and skips mutants that coverage
// profiles leave out: besides code without a test constants and case conditions.
func runGo(ctx context.Context, goCommand string, args []string) int {
	var output bytes.Buffer
	cmd := exec.CommandContext(ctx, goCommand, args...)
	cmd.Stdout, cmd.Stderr = io.MultiWriter(os.Stdout, &output), os.Stderr
	cmd.WaitDelay = time.Second
	if err := cmd.Run(); err != nil {
		var exit *exec.ExitError
		switch {
		case strings.Contains(output.String(), "[build failed]"):
			return notBuilt
		case errors.As(err, &exit):
			return exit.ExitCode()
		}
		fmt.Fprintln(os.Stderr, "mutants:", err)
		return 1
	}
	if i := slices.Index(args, "-coverprofile"); i >= 0 {
		if err := coverAll(args[i+1]); err != nil {
			fmt.Fprintln(os.Stderr, "mutants:", err)
			return 1
		}
	}
	return 0
}

// coverAll makes a coverage profile cover all lines of its files.
func coverAll(profile string) error {
	text, err := os.ReadFile(profile)
	if err != nil {
		return err
	}
	mode, blocks, _ := strings.Cut(string(text), "\n")
	files := map[string]bool{}
	for block := range strings.Lines(blocks) {
		files[block[:strings.LastIndex(block, ":")]] = true
	}
	covered := mode + "\n"
	for _, file := range slices.Sorted(maps.Keys(files)) {
		covered += file + ":1.1,1000000.1 1 1\n"
	}
	return os.WriteFile(profile, []byte(covered), 0o600)
}
