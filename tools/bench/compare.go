package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/tools/internal/fake"
	"github.com/mdatp/terraform-provider-mdatp/tools/internal/process"
	"github.com/mdatp/terraform-provider-mdatp/tools/internal/terraform"
)

const header = "| data source | detections | wall | baseline | ratio | provider CPU | share of the run's CPU | provider's peak memory (resident) | over idle |\n" +
	"|---|--:|--:|--:|--:|--:|--:|--:|--:|\n"

// A sample is one run.
type sample struct {
	wall, cpu, provider time.Duration
	peak                int64 // bytes
}

// compare runs both providers in turns, after one run of each that does not count.
func (b *builds) compare(ctx context.Context, w workload, runs int) (ours, baseline []sample, err error) {
	cli, err := b.example(ctx, w.source)
	if err != nil {
		return nil, nil, err
	}
	flags, err := w.flags(cli.Dir)
	if err != nil {
		return nil, nil, err
	}
	server, err := fake.Start(ctx, b.fake, flags...)
	if err != nil {
		return nil, nil, err
	}
	defer server.Stop()
	cli.Env = slices.Concat(cli.Env, server.Settings, w.env,
		[]string{"BENCH_METER_FILE=" + filepath.Join(cli.Dir, "meter"), "BENCH_BASELINE=" + cli.Dir})
	for run := range runs + 1 {
		mine, err := apply(ctx, cli, b.provider)
		if err != nil {
			return nil, nil, err
		}
		stub, err := apply(ctx, cli, b.baseline)
		if err != nil {
			return nil, nil, err
		}
		if run > 0 {
			ours, baseline = append(ours, mine), append(baseline, stub)
		}
	}
	return ours, baseline, os.RemoveAll(cli.Dir)
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
	cmd.Env = append(append(terraform.Environment(), cli.Env...), "BENCH_METER_PROVIDER="+provider)
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

// row prints a row of the table. idle is the peak memory of a read of nothing.
func row(w workload, ours, baseline []sample, idle int64) string {
	wall, least := median(ours, sample.wallTime), median(baseline, sample.wallTime)
	cpu, all := median(ours, sample.providerTime), median(ours, sample.cpuTime)
	return fmt.Sprintf("| `%s` | %s | %.2f s | %.2f s | %.2f | %.2f s | %.3f | %d MiB | %d MiB |", w.source, w.name,
		wall.Seconds(), least.Seconds(), wall.Seconds()/least.Seconds(), cpu.Seconds(), cpu.Seconds()/all.Seconds(),
		peak(ours)>>20, (peak(ours)-idle)>>20)
}

func peak(samples []sample) int64 {
	return slices.MaxFunc(samples, func(a, b sample) int { return cmp.Compare(a.peak, b.peak) }).peak
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
