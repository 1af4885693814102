// Command fakeapi serves a fake of Entra ID and the Microsoft Defender ATP SIEM
// REST API on a loopback address, for demonstrations and for trying the
// provider without an account.
//
// It prints the provider's configuration as shell commands to standard output,
// closes it, and serves until it is interrupted:
//
//	go build -o fakeapi ./internal/fakeapi/cmd/fakeapi
//	./fakeapi -alerts 40 > fake.env &
//	. ./fake.env
//	terraform plan
//
// Flags:
//
//	-addr       loopback address to listen on, default 127.0.0.1:0 (a free port)
//	-seed       determines the generated detections, default 1
//	-alerts     how many are generated, default 120; -1 for none
//	-body       a file with a JSON array of detections to serve instead
//	-no-window  answer requests without a time parameter with everything, not with the last two hours
//
// It exits with 0 after SIGINT or SIGTERM, 1 when it cannot serve, and 2 when
// it is called wrongly.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run serves until ctx is done and returns the exit code. It closes stdout
// after the configuration: a reader such as eval "$(fakeapi &)" waits for the
// end of it.
func run(ctx context.Context, args []string, stdout io.WriteCloser, stderr io.Writer) int {
	options, bodyFile, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	}
	server, err := start(options, bodyFile)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	defer server.Close()

	for _, setting := range server.Env() {
		if _, err = io.WriteString(stdout, export(setting)); err != nil {
			break
		}
	}
	if err = errors.Join(err, stdout.Close()); err != nil {
		fmt.Fprintln(stderr, "fakeapi: writing the configuration:", err)
		return 1
	}
	fmt.Fprintf(stderr, "fakeapi: serving %s and %s; stop with Ctrl-C\n", server.AuthorityHost(), server.SIEMEndpoint())
	<-ctx.Done()
	return 0
}

// parse reads the command line; what is wrong with it has been printed when it
// returns an error.
func parse(args []string, stderr io.Writer) (options fakeapi.Options, bodyFile string, err error) {
	flags := flag.NewFlagSet("fakeapi", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&options.Addr, "addr", "127.0.0.1:0", "loopback `address` to listen on; port 0 is a free one")
	flags.Uint64Var(&options.Seed, "seed", 1, "`number` that determines the generated detections")
	flags.IntVar(&options.Alerts, "alerts", fakeapi.DefaultAlerts, "`number` of generated detections, -1 for none")
	flags.StringVar(&bodyFile, "body", "",
		"`file` with a JSON array of detections to serve instead; old ones are seen with -no-window or a time parameter")
	flags.BoolVar(&options.NoDefaultWindow, "no-window", false,
		"without a time parameter answer with everything, not with the last two hours")
	if err = flags.Parse(args); err == nil && flags.NArg() > 0 {
		err = errors.New("fakeapi: unexpected argument " + flags.Arg(0))
		fmt.Fprintln(stderr, err)
	}
	if options.Alerts == 0 {
		options.Alerts = -1 // Options has its default at 0, a flag means what it says
	}
	return options, bodyFile, err
}

func start(options fakeapi.Options, bodyFile string) (*fakeapi.Server, error) {
	if bodyFile == "" {
		return fakeapi.Start(options)
	}
	body, err := os.ReadFile(bodyFile)
	if err != nil {
		return nil, fmt.Errorf("fakeapi: %w", err)
	}
	server, err := fakeapi.Start(options)
	if err != nil {
		return nil, err
	}
	if err = server.SetAlerts(body); err != nil {
		server.Close()
		return nil, fmt.Errorf("%s: %w", bodyFile, err)
	}
	return server, nil
}

// export is KEY=value as a POSIX shell command.
func export(setting string) string {
	key, value, _ := strings.Cut(setting, "=")
	return fmt.Sprintf("export %s='%s'\n", key, strings.ReplaceAll(value, "'", `'\''`))
}
