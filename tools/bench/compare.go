package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/tools/internal/fake"
	"github.com/mdatp/terraform-provider-mdatp/tools/internal/process"
	"github.com/mdatp/terraform-provider-mdatp/tools/internal/terraform"
)

const header = "| data source | alerts | wall | baseline | ratio | provider CPU | share of the run's CPU | provider peak memory |\n" +
	"|---|--:|--:|--:|--:|--:|--:|--:|\n"

// A sample is one run.
type sample struct {
	wall, cpu, provider time.Duration
	peak                int64 // bytes
}

// compare runs both providers alternately, after one warm-up run of each, and
// returns a row of the table.
func (b *builds) compare(ctx context.Context, source string, size, runs int) (string, error) {
	alerts := strconv.Itoa(size)
	if size == 0 {
		alerts = "-1"
	}
	service, err := fake.Start(ctx, b.fake, "-alerts", alerts, "-no-window")
	if err != nil {
		return "", err
	}
	defer service.Stop()
	cli, err := b.example(ctx, source)
	if err != nil {
		return "", err
	}
	cli.Env = append(slices.Clone(cli.Env), service.Settings...)
	cli.Env = append(cli.Env, "MDATP_METER_FILE="+filepath.Join(cli.Dir, "meter"), "MDATP_BASELINE="+cli.Dir)

	var ours, baseline []sample
	for run := range runs + 1 {
		mine, err := apply(ctx, cli, b.provider)
		if err != nil {
			return "", err
		}
		stub, err := apply(ctx, cli, b.baseline)
		if err != nil {
			return "", err
		}
		if run > 0 {
			ours, baseline = append(ours, mine), append(baseline, stub)
		}
	}
	return row(source, size, ours, baseline), nil
}

// apply runs terraform apply with a provider once, from an empty state.
func apply(ctx context.Context, cli terraform.CLI, provider string) (sample, error) {
	meter := filepath.Join(cli.Dir, "meter")
	for _, file := range []string{meter, filepath.Join(cli.Dir, "terraform.tfstate")} {
		if err := os.RemoveAll(file); err != nil {
			return sample{}, err
		}
	}
	var stderr bytes.Buffer
	cmd := process.Command(ctx, cli.Binary, "apply", "-auto-approve", "-no-color")
	cmd.Dir, cmd.Stderr = cli.Dir, &stderr
	cmd.Env = append(append(terraform.Environment(), cli.Env...), "MDATP_METER_PROVIDER="+provider)
	start := time.Now()
	if err := process.Run(cmd); err != nil {
		return sample{}, fmt.Errorf("apply: %w\n%s", err, stderr.String())
	}
	s := sample{wall: time.Since(start), cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	return s, s.read(meter)
}

// read reads the meter's file: one line for each process of the provider.
func (s *sample) read(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(text)) {
		var cpu, peak int64
		if _, err := fmt.Sscan(line, &cpu, &peak); err != nil {
			return err
		}
		s.provider += time.Duration(cpu) * time.Millisecond
		s.peak = max(s.peak, peak<<10)
	}
	return nil
}

func row(source string, size int, ours, baseline []sample) string {
	wall, lowest := median(ours, sample.wallTime), median(baseline, sample.wallTime)
	cpu, all := median(ours, sample.providerTime), median(ours, sample.cpuTime)
	return fmt.Sprintf("| `%s` | %d | %.2f s | %.2f s | %.2f | %.2f s | %.3f | %d MiB |", source, size,
		wall.Seconds(), lowest.Seconds(), wall.Seconds()/lowest.Seconds(), cpu.Seconds(), cpu.Seconds()/all.Seconds(),
		slices.MaxFunc(ours, func(a, b sample) int { return int(a.peak - b.peak) }).peak>>20)
}

func (s sample) wallTime() time.Duration     { return s.wall }
func (s sample) providerTime() time.Duration { return s.provider }
func (s sample) cpuTime() time.Duration      { return s.cpu }

func median(samples []sample, of func(sample) time.Duration) time.Duration {
	times := make([]time.Duration, len(samples))
	for i, s := range samples {
		times[i] = of(s)
	}
	slices.Sort(times)
	return times[len(times)/2]
}
