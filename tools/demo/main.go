// Command demo shows the provider at work with a real Terraform or OpenTofu and
// without an account: a fake on this computer answers for Microsoft.
//
// It builds the provider and the fake, reads the recent alerts, and lets a gate
// pass and fail. It exits with 0 when all of that went as it should, 1 when it
// did not, and 130 when it was interrupted. It leaves nothing behind.
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

// fakeAlerts is how many detections the fake has: most are of the last two
// hours, and those fill a screen.
const fakeAlerts = "18"

func main() {
	root := flag.String("root", ".", "`folder` of the repository")
	flag.Parse()
	// SIGPIPE is here for "make demo | head": unhandled, it would end this
	// process before it could end the fake.
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
			fmt.Fprintln(os.Stderr, "Left behind:", dir)
		}
	}
	switch {
	case ctx.Err() != nil:
		fmt.Fprintln(os.Stderr, "\nInterrupted. Nothing runs any more.")
		return 130
	case err != nil:
		fmt.Fprintln(os.Stderr, "\nThe demo failed:", err)
		return 1
	}
	fmt.Println("All went as it should. The fake is stopped, the temporary folder is removed.")
	return 0
}

// demonstrate writes into dir alone, and returns after everything that it
// started has ended.
func demonstrate(ctx context.Context, root, dir string) error {
	fmt.Println("The provider at work. No account is needed: a fake of Entra ID and of the SIEM API,")
	fmt.Print("on this computer, answers for Microsoft. Its alerts are invented.\n\n")

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
