// Command demo demonstrates the provider with a real Terraform or OpenTofu and
// without an account: a local fake server stands in for Microsoft.
//
// It builds the provider and the fake, reads the recent alerts with both APIs, and runs a
// gate that passes and one that fails. The exit status is 0 for the expected results, 1 for
// others, and 130 after an interrupt. It removes all its files.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/mdatp/terraform-provider-mdatp/tools/internal/fake"
)

// fakeAlerts is the number of the fake's detections. Most are from the last two
// hours, enough to fill a screen.
const fakeAlerts = "18"

func main() {
	root := flag.String("root", ".", "`folder` of the repository")
	flag.Parse()
	// SIGPIPE is for "make demo | head": unhandled, it would end this process before
	// it stops the fake.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	defer stop()
	os.Exit(run(ctx, *root))
}

func run(ctx context.Context, root string) int {
	dir, err := os.MkdirTemp("", "mdatp-demo-")
	if err == nil {
		err = demonstrate(ctx, root, dir)
		if removeErr := os.RemoveAll(dir); removeErr != nil {
			err = errors.Join(err, removeErr)
			fmt.Fprintln(os.Stderr, "Not removed:", dir)
		}
	}
	switch {
	case ctx.Err() != nil:
		fmt.Fprintln(os.Stderr, "\nInterrupted. All processes are stopped.")
		return 130
	case err != nil:
		fmt.Fprintln(os.Stderr, "\nThe demo failed:", err)
		return 1
	}
	fmt.Println("All results are as expected. The fake server is stopped, the temporary folder is removed.")
	return 0
}

// demonstrate writes only into dir, and returns after all its processes have ended.
func demonstrate(ctx context.Context, root, dir string) error {
	fmt.Println("This demo needs no account: a local fake server stands in for Entra ID and both APIs.")
	fmt.Print("Its alerts are invented.\n\n")

	s, err := prepare(ctx, root, dir)
	if err != nil {
		return err
	}
	service, err := fake.Start(ctx, s.fake, "-alerts", fakeAlerts)
	if err != nil {
		return err
	}
	defer service.Stop()
	s.terraform.Env = append(s.terraform.Env, service.Settings...)
	return play(ctx, s)
}
