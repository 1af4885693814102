// Command bench measures whole runs of terraform apply with the provider and the
// fake, alternately with the baseline: a provider with the same schema that replays
// stored responses. It prints a Markdown table.
//
// Every run starts from an empty state. Wall times are medians. A wrapper measures
// CPU time and peak memory of the provider's process; if an apply starts several
// processes, their CPU times are added and the largest peak counts.
//
// With -hostile it measures the peak memory for one hostile record of each shape, and
// for Microsoft Graph also for one in each of the responses that are read at a time.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

func main() {
	root := flag.String("root", ".", "`folder` of the repository")
	runs := flag.Int("runs", 5, "`number` of runs of each kind")
	sizes := flag.String("sizes", "0,1000,10000,50000", "comma-separated `numbers` of alerts")
	hostile := flag.String("hostile", "", "measure only the hostile records whose `name` contains this; all: \"all\"")
	tenants := flag.Int("tenants", 0, "measure only plans that read this `number` of tenants")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := bench(ctx, *root, *runs, *sizes, *hostile, *tenants); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func bench(ctx context.Context, root string, runs int, sizes, hostile string, tenants int) error {
	dir, err := os.MkdirTemp("", "mdatp-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return err
	}
	b, err := build(ctx, root, dir)
	if err != nil {
		return err
	}
	switch {
	case hostile != "":
		return b.resident(ctx, strings.TrimPrefix(hostile, "all"))
	case tenants > 0:
		return b.benchTenants(ctx, tenants, runs)
	}
	var counts []int
	for _, text := range strings.Split(sizes, ",") {
		size, err := strconv.Atoi(text)
		if err != nil {
			return err
		}
		counts = append(counts, size)
	}
	idle, _, err := b.compare(ctx, workload{source: summary}, runs)
	if err != nil {
		return err
	}
	fmt.Print(header)
	for _, w := range slices.Concat(workloads(counts), hard, graph()) {
		ours, baseline, err := b.compare(ctx, w, runs)
		if err != nil {
			return err
		}
		fmt.Println(row(w, ours, baseline, peak(idle)))
	}
	return nil
}
