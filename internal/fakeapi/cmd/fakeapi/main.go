// Command fakeapi serves a fake of Entra ID, the Microsoft Defender ATP SIEM REST
// API and Microsoft Graph on a loopback address, to demonstrate and try the provider
// without an account.
//
// It prints the environment variables for the provider as shell commands to
// standard output, closes it, and serves until it is interrupted:
//
//	go build -o fakeapi ./internal/fakeapi/cmd/fakeapi
//	./fakeapi -alerts 40 > fake.env &
//	. ./fake.env
//	terraform plan
//
// Flags:
//
//	-addr       loopback address to listen on, default 127.0.0.1:0 (a free port)
//	-seed       seed of the generated detections, default 1
//	-alerts     number of generated detections, default 120; -1 for none
//	-body       file with a JSON array of detections for the SIEM API to serve instead
//	-graph-body file with a JSON array of alerts for Microsoft Graph to return instead
//	-no-window  serve all detections without a time parameter, not only the last two hours
//	-tenants    number of further tenants, tenant1.example and so on, each with its own alerts
//	-delay      time that each sign-in and each response with alerts takes, such as 300ms
//
// The exit status is 0 after SIGINT or SIGTERM, 1 if it cannot serve, and 2 for an
// invalid command line.
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
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run serves until ctx is done and returns the exit code. It closes stdout after
// the environment variables, because a reader such as eval "$(fakeapi &)" reads to
// its end.
func run(ctx context.Context, args []string, stdout io.WriteCloser, stderr io.Writer) int {
	options, more, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	}
	server, err := start(options, more)
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
		fmt.Fprintln(stderr, "fakeapi: writing the environment variables:", err)
		return 1
	}
	fmt.Fprintf(stderr, "fakeapi: serving %s, %s and %s; stop with Ctrl-C\n",
		server.AuthorityHost(), server.SIEMEndpoint(), server.GraphEndpoint())
	<-ctx.Done()
	return 0
}

// extras are what the server gets after its start.
type extras struct {
	siem, graph string // names of files with alerts; "": generated ones
	tenants     int
	delay       time.Duration
}

// parse parses the command line. It prints an error before it returns it.
func parse(args []string, stderr io.Writer) (options fakeapi.Options, more extras, err error) {
	flags := flag.NewFlagSet("fakeapi", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&options.Addr, "addr", "127.0.0.1:0", "loopback `address` to listen on; port 0 selects a free one")
	flags.Uint64Var(&options.Seed, "seed", 1, "seed `number` of the generated detections")
	flags.IntVar(&options.Alerts, "alerts", fakeapi.DefaultAlerts, "`number` of generated detections, -1 for none")
	flags.StringVar(&more.siem, "body", "",
		"`file` with a JSON array of detections for the SIEM API to serve instead; old ones need -no-window or a time parameter")
	flags.StringVar(&more.graph, "graph-body", "",
		"`file` with a JSON array of alerts for Microsoft Graph to return instead")
	flags.BoolVar(&options.NoDefaultWindow, "no-window", false,
		"serve all detections without a time parameter, not only the last two hours")
	flags.IntVar(&more.tenants, "tenants", 0, "`number` of further tenants, tenant1.example and so on")
	flags.DurationVar(&more.delay, "delay", 0, "`time` that each sign-in and each response with alerts takes")
	if err = flags.Parse(args); err == nil && flags.NArg() > 0 {
		err = errors.New("fakeapi: unexpected argument " + flags.Arg(0))
		fmt.Fprintln(stderr, err)
	}
	if options.Alerts == 0 {
		options.Alerts = -1 // in Options 0 is the default, in the flag it is none
	}
	return options, more, err
}

func start(options fakeapi.Options, more extras) (*fakeapi.Server, error) {
	server, err := fakeapi.Start(options)
	if err != nil {
		return nil, err
	}
	err = errors.Join(load(more.siem, server.SetAlerts), load(more.graph, server.SetGraphAlerts))
	if err != nil {
		server.Close()
		return nil, err
	}
	for i := range more.tenants {
		server.AddTenant(fmt.Sprintf("tenant%d.example", i+1), options.Alerts)
	}
	if more.delay > 0 {
		slow := fakeapi.Always(fakeapi.Delay(more.delay, fakeapi.Normal()))
		for _, endpoint := range []fakeapi.Endpoint{fakeapi.Token, fakeapi.TokenV2, fakeapi.Alerts, fakeapi.Graph} {
			server.Script(endpoint, slow)
		}
	}
	return server, nil
}

// load passes the content of a file, if one is named.
func load(file string, set func([]byte) error) error {
	if file == "" {
		return nil
	}
	body, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("fakeapi: %w", err)
	}
	if err = set(body); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

// export returns KEY=value as a POSIX shell command.
func export(setting string) string {
	key, value, _ := strings.Cut(setting, "=")
	return fmt.Sprintf("export %s='%s'\n", key, strings.ReplaceAll(value, "'", `'\''`))
}
