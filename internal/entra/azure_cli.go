package entra

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os/exec"
	"regexp"
	"strconv"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/records"
)

// AzureCLI returns the credential of the user who is signed in to the Azure CLI:
//
//	az account get-access-token --output json --resource=… --tenant=…
//
// with --scope in place of --resource for the v2 endpoint. program is its name in
// the PATH, or its path. There is no shell. The client ID is not used. The CLI
// returns tokens from its cache, so that a rejected one may come again.
func AzureCLI(program string) Credential {
	return Credential{CLI, func(ctx context.Context, s *signIn) (token, error) { return s.cliToken(ctx, program) }}
}

const (
	// maxOutput limits what is kept of the CLI's output, in bytes.
	maxOutput = 256 << 10
	// cliGrace is the time after which processes that the CLI started and left no
	// longer keep the output open.
	cliGrace = 200 * time.Millisecond
)

// argumentPattern matches what cmd.exe does not interpret: az is a batch file on Windows.
var argumentPattern = regexp.MustCompile(`^[A-Za-z0-9._~:/@+-]+$`)

func (s *signIn) cliToken(ctx context.Context, program string) (token, error) {
	path, err := exec.LookPath(program)
	if err != nil {
		return token{}, s.bad("The Azure CLI, az, is not in the PATH.")
	}
	if !argumentPattern.MatchString(s.audience.value) {
		return token{}, s.bad("The resource has a character that cannot be passed to the Azure CLI.")
	}
	running, stop := context.WithCancel(ctx)
	defer stop()
	requested := time.Now()
	// With "=" no value can be taken for an option.
	cmd := exec.CommandContext(running, path, "account", "get-access-token", "--output", "json",
		"--"+s.audience.key+"="+s.audience.value, "--tenant="+s.known.Tenant)
	cmd.WaitDelay = cliGrace
	killWithChildren(cmd)
	stdout, stderr := output{full: stop}, output{full: func() {}}
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = cmd.Run()
	switch {
	case stdout.exceeded:
		return token{}, s.bad("The output of the Azure CLI is larger than a token response can be.")
	case ctx.Err() != nil:
		return token{}, s.ended(ctx)
	case err != nil && !errors.Is(err, exec.ErrWaitDelay):
		return token{}, s.cliFailure(err, stderr.text.Bytes())
	}
	return s.cliResponse(stdout.text.Bytes(), requested)
}

// cliFailure returns the error of a run that failed, without the CLI's own text.
func (s *signIn) cliFailure(err error, messages []byte) error {
	var status *exec.ExitError
	if !errors.As(err, &status) {
		return s.bad("The Azure CLI cannot be started.")
	}
	if sts := stsIn(messages); sts != 0 {
		e := s.known.of(Refused)
		e.STS = sts
		return e
	}
	if bytes.Contains(messages, []byte("az login")) {
		return s.bad("The Azure CLI is not signed in: run az login.")
	}
	return s.bad("The Azure CLI failed with exit status " + strconv.Itoa(status.ExitCode()) + ".")
}

// cliNames are the members of the CLI's output and their names in a token response.
var cliNames = map[string]string{"accessToken": "access_token", "tokenType": "token_type", "expires_on": "expires_on"}

// cliResponse reads the CLI's output. Versions before 2.54 have no expires_on, but
// a local time without an offset: the default lifetime applies.
func (s *signIn) cliResponse(text []byte, requested time.Time) (token, error) {
	members, err := records.Members(bytes.NewReader(text))
	if err != nil {
		return token{}, s.unusable("", "")
	}
	response := make(map[string]json.RawMessage)
	for from, to := range cliNames {
		if value, ok := members[from]; ok {
			response[to] = json.RawMessage(value)
		}
	}
	renamed, err := json.Marshal(response)
	if err != nil {
		return token{}, s.unusable("", "")
	}
	return s.localToken(renamed, "", requested)
}

// An output keeps the first maxOutput bytes that are written to it.
type output struct {
	full     func() // called when there are more
	text     bytes.Buffer
	exceeded bool
}

func (o *output) Write(p []byte) (int, error) {
	kept := min(len(p), maxOutput-o.text.Len())
	o.text.Write(p[:kept])
	if kept < len(p) {
		o.exceeded = true
		o.full()
	}
	return len(p), nil
}
