// Command mutants runs mutation testing with gremlins: it changes an operator of the
// code, runs the package's tests, and reports the mutants that no test notices, the
// survivors. It fails if a package is below the goal, or if equivalent.txt lists a
// mutant that is no survivor.
//
// The efficacy is the share of killed mutants among killed and surviving ones. Without
// effect on it are mutants that change nothing (equivalent.txt), that do not compile,
// and that time out: an endless loop and a busy machine look the same.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path"
	"path/filepath"
	"strings"
	"syscall"
	"text/tabwriter"
)

func main() {
	if strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe") == "go" {
		os.Exit(runGo(context.Background(), os.Getenv(realGo), os.Args[1:]))
	}
	root := flag.String("root", ".", "`folder` of the repository")
	goal := flag.Int("goal", 92, "least efficacy in `percent`")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "mutants [flags] package...: test the packages below internal")
		flag.PrintDefaults()
	}
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := report(ctx, *root, *goal, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

// report tests one package after the other: the tests of one use all cores.
func report(ctx context.Context, root string, goal int, packages []string) error {
	known, err := parseEquivalents(equivalentText)
	if err != nil {
		return err
	}
	g, err := newGremlins(ctx, root)
	if err != nil {
		return err
	}
	defer os.RemoveAll(g.temp)
	var problems []string
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "package\tmutants\tkilled\tlived\tequivalent\ttimed out\tnot viable\tefficacy\t")
	for _, name := range packages {
		dir := path.Join("internal", name)
		fmt.Fprintf(os.Stderr, "%s ...\n", dir)
		mutants, err := g.test(ctx, dir)
		if err != nil {
			return fmt.Errorf("%s: %w", dir, err)
		}
		r := judge(mutants, known)
		for _, m := range r.notable {
			fmt.Println(m)
		}
		for _, k := range known.unused(dir) {
			problems = append(problems, fmt.Sprintf("equivalent.txt: no survivor is %s", k))
		}
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%.1f %%\t\n", name, len(mutants),
			r.killed, r.lived, r.equivalent, r.timedOut, r.notViable, r.efficacy())
		if r.efficacy() < float64(goal) {
			problems = append(problems, fmt.Sprintf("%s: the efficacy is below %d %%", dir, goal))
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if problems != nil {
		return fmt.Errorf("%s", strings.Join(problems, "\n"))
	}
	return nil
}
