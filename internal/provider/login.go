package provider

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mdatp/terraform-provider-mdatp/internal/entra"
	"github.com/mdatp/terraform-provider-mdatp/internal/login"
	"github.com/mdatp/terraform-provider-mdatp/internal/tokenfile"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

const loginUsage = `Usage: terraform-provider-mdatp login [flags]

Signs a person in to Microsoft Entra ID with a browser on this computer, and stores
the refresh token in a file for the provider's refresh_token_file_path. No provider
block is read: flags set what it has, and variables such as MDATP_TENANT_ID the rest.
The secret of an application that is no public client comes from MDATP_CLIENT_SECRET
or MDATP_CLIENT_SECRET_FILE_PATH.

`

// A loginCommand is the command line of login.
type loginCommand struct {
	block     map[string]attr.Value // the arguments that flags set
	file      string
	noBrowser bool
	timeout   time.Duration
}

// Login runs the command login and returns its exit status: 0 if a refresh token is
// stored or help was requested, 2 if the command line is wrong, otherwise 1.
func Login(ctx context.Context, version string, args []string, environment Environment, stdout, stderr io.Writer) int {
	command, err := parseLogin(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	}
	p := newProvider(version, environment)
	diags := p.login(ctx, command, stdout)
	for _, d := range diags {
		fmt.Fprintf(stderr, "%s: %s\n\n%s\n\n", d.Severity(), d.Summary(), d.Detail())
	}
	if diags.HasError() {
		return 1
	}
	fmt.Fprintf(stdout, "Signed in. The refresh token is stored in %s. To use it, set\n\n  refresh_token_file_path = %q\n\nin the provider block, or MDATP_REFRESH_TOKEN_FILE_PATH.\n",
		command.file, command.file)
	return 0
}

// parseLogin parses the flags. It prints what is wrong with them, or help.
func parseLogin(args []string, stderr io.Writer) (loginCommand, error) {
	c := loginCommand{block: make(map[string]attr.Value)}
	flags := c.flags(stderr)
	if err := flags.Parse(args); err != nil {
		return c, err
	}
	if err := c.complete(flags.NArg()); err != nil {
		fmt.Fprintf(stderr, "%s\nRun terraform-provider-mdatp login -help for the flags.\n", err)
		return c, err
	}
	return c, nil
}

// flags returns the flags that set the command.
func (c *loginCommand) flags(stderr io.Writer) *flag.FlagSet {
	flags := flag.NewFlagSet("login", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, loginUsage)
		flags.PrintDefaults()
	}
	for name, usage := range map[string]string{
		"tenant-id": "directory (`tenant`): a GUID or a verified domain", "client-id": "`ID` of the application",
		"api": "`API` to sign in for: siem or graph", "region": "`region` of the tenant's data", "authority-host": "base `URL` of Microsoft Entra ID",
	} {
		flags.Func(name, usage, func(text string) error {
			c.block[strings.ReplaceAll(name, "-", "_")] = types.StringValue(text)
			return nil
		})
	}
	flags.StringVar(&c.file, "refresh-token-file", "", "`path` of the file (default mdatp/refresh-token.json in the user's configuration folder)")
	flags.BoolVar(&c.noBrowser, "no-browser", false, "only print the address at which to sign in")
	flags.DurationVar(&c.timeout, "timeout", 5*time.Minute, "`time` to sign in")
	return flags
}

// complete checks the parsed command, and sets the path of its file to the default if
// it is unset.
func (c *loginCommand) complete(arguments int) error {
	switch {
	case arguments > 0:
		return errors.New("login takes no arguments, only flags")
	case c.timeout <= 0:
		return errors.New("-timeout must be above zero")
	case c.file != "":
		return nil
	}
	folder, err := os.UserConfigDir()
	if err != nil {
		return errors.New("this user has no configuration folder: set -refresh-token-file")
	}
	c.file = filepath.Join(folder, "mdatp", "refresh-token.json")
	return nil
}

// flagOf returns the flag that takes the place of an argument, in words.
func flagOf(argument string) string { return "-" + strings.ReplaceAll(argument, "_", "-") }

// login signs a person in with the settings of the command and the environment.
func (p *mdatpProvider) login(ctx context.Context, c loginCommand, output io.Writer) diag.Diagnostics {
	s, d := resolveSettings(settingInput{block: c.block, environment: p.environment, origin: flagOf})
	if d.HasError() {
		return d
	}
	var missing []string
	for _, row := range []*settingRow[string]{tenantID, clientID} {
		if d.Append(row.open(s)...); !row.in(s).set {
			missing = append(missing, row.label+": set "+flagOf(row.name)+", or "+row.env[0]+" in the environment.")
		}
	}
	secret := resolved[string]{}
	if clientSecret.in(s).level.isOwn() { // that of another prefix can be another application's
		d.Append(clientSecret.open(s)...)
		secret = clientSecret.in(s)
	}
	if id := clientID.in(s); id.set && secret.set && !together(id.level, secret.level) {
		missing = append(missing, "client ID: "+id.origin+" is not used with "+secret.origin+
			", as a client secret belongs to one application. Set "+flagOf(clientID.name)+", or MDATP_CLIENT_ID in the environment.")
	}
	authorities, more := readAuthorities(caCertificatePath.in(s))
	d.Append(more...)
	if len(missing) > 0 {
		d.AddError(missingSettings, paragraphs("The sign-in needs these settings:", "- "+strings.Join(missing, "\n- "), p.environment.unknownVariables()))
	}
	if d.HasError() {
		return d
	}
	// Before a person does something in vain.
	if err := c.locked(ctx, func() error { return tokenfile.CanWrite(c.file) }); err != nil {
		d.AddError(signInFailed, err.Error())
		return d
	}
	target := apis[apiSetting.in(s).value](s)
	fmt.Fprintf(output, "For the %s, as application %s in tenant %s.\n\n", target.service.name, clientID.in(s).value, tenantID.in(s).value)
	err := login.Run(ctx, login.Options{
		Application: entra.Options{
			AuthorityHost: cmp.Or(target.authority, commercialCloud.authority),
			ClientID:      clientID.in(s).value,
			Audience:      target.audience,
			Timeout:       readTimeout.in(s).value,
			Client: p.newClient(transport.Options{
				UserAgent: "terraform-provider-mdatp/" + p.version, AttemptTimeout: attemptTimeout.in(s).value,
			}, authorities),
		},
		Tenant: tenantID.in(s).value, Secret: secret.value, Browser: c.browser(), Timeout: c.timeout, Output: output,
		Store: func(token string) error {
			return c.store(ctx, tokenfile.File{Tenant: tenantID.in(s).value, Client: clientID.in(s).value, RefreshToken: token})
		},
	})
	problem, ok := errors.AsType[login.Problem](err)
	switch {
	case ok:
		d.AddError(signInFailed, problem.Error())
	case err != nil:
		d.Append(target.service.failure(err))
	}
	return d
}

const signInFailed = "Sign-in failed"

func (c loginCommand) browser() func(context.Context, string) error {
	if c.noBrowser {
		return nil
	}
	return login.OpenBrowser
}

// store replaces the file, once no run of the provider has it locked.
func (c loginCommand) store(ctx context.Context, content tokenfile.File) error {
	return c.locked(ctx, func() error { return tokenfile.Write(c.file, content) })
}

// maxLockWait is longer than a run of the provider usually has the file locked.
const maxLockWait = 30 * time.Second

// locked calls a function with the file locked. Its error is a [login.Problem].
func (c loginCommand) locked(ctx context.Context, use func() error) error {
	ctx, cancel := context.WithTimeout(ctx, min(c.timeout, maxLockWait))
	defer cancel()
	unlock, err := tokenfile.Lock(ctx, c.file)
	switch {
	case err == nil:
		defer unlock()
		err = use()
	case errors.Is(err, context.Canceled):
		return login.Cancelled
	case errors.Is(err, context.DeadlineExceeded):
		err = errors.New("another program has it locked")
	}
	if err != nil {
		return login.Problem("The refresh token cannot be stored in " + c.file + ": " + err.Error() + ". Check the folder, or choose another path with -refresh-token-file.")
	}
	return nil
}
