package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// runMain makes the test binary run as the command.
const runMain = "FAKEAPI_TEST_RUN_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(runMain) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

func TestServesUntilSignalled(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("a process cannot send these signals to another on Windows")
	}
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			command, env := launch(t, "-alerts", "3", "-seed", "9")
			if code := status(t, env["MDATP_SIEM_ENDPOINT"]+"/api/alerts"); code != http.StatusUnauthorized {
				t.Errorf("status without a token = %d, want %d", code, http.StatusUnauthorized)
			}
			if code := status(t, env["MDATP_GRAPH_ENDPOINT"]+"/v1.0/security/alerts_v2"); code != http.StatusUnauthorized {
				t.Errorf("status of Graph without a token = %d, want %d", code, http.StatusUnauthorized)
			}
			if err := command.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			if err := command.Wait(); err != nil {
				t.Errorf("exit after %s: %v, want success", signal, err)
			}
		})
	}
}

// launch starts the command and reads its standard output, which it closes while
// it serves.
func launch(t *testing.T, args ...string) (*exec.Cmd, map[string]string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	t.Cleanup(cancel)
	command := exec.CommandContext(ctx, os.Args[0], args...)
	command.Env = append(os.Environ(), runMain+"=1")
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err = command.Start(); err != nil {
		t.Fatal(err)
	}
	printed, err := io.ReadAll(stdout)
	if err != nil {
		t.Fatal(err)
	}
	env := map[string]string{}
	for line := range strings.Lines(string(printed)) {
		setting, ok := strings.CutPrefix(line, "export ")
		key, value, quoted := strings.Cut(strings.TrimSuffix(setting, "'\n"), "='")
		if !ok || !quoted {
			t.Errorf("printed line = %q, want export KEY='VALUE'", line)
		}
		env[key] = value
	}
	if len(env) != 7 {
		t.Fatalf("printed = %q, want 7 variables", printed)
	}
	return command, env
}

func status(t *testing.T, address string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := (&http.Client{Timeout: 10 * time.Second}).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	return response.StatusCode
}

// TestTenants signs in to further tenants, each of which takes the delay.
func TestTenants(t *testing.T) {
	t.Parallel()
	_, env := launch(t, "-tenants", "2", "-delay", "50ms")
	form := url.Values{
		"grant_type": {"client_credentials"}, "scope": {"https://graph.microsoft.com/.default"},
		"client_id": {env["MDATP_CLIENT_ID"]}, "client_secret": {env["MDATP_CLIENT_SECRET"]},
	}
	for tenant, want := range map[string]int{"tenant1.example": http.StatusOK, "tenant2.example": http.StatusOK, "tenant3.example": http.StatusBadRequest} {
		start := time.Now()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, env["MDATP_AUTHORITY_HOST"]+"/"+tenant+"/oauth2/v2.0/token", strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		response, err := (&http.Client{Timeout: 10 * time.Second}).Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("status of the sign-in to %s = %d, want %d", tenant, response.StatusCode, want)
		}
		if took := time.Since(start); took < 50*time.Millisecond {
			t.Errorf("sign-in to %s took %s, want at least 50ms", tenant, took)
		}
	}
}

// output is a standard output that may fail.
type output struct {
	bytes.Buffer
	err error
}

func (o *output) Close() error { return o.err }

func TestExitCodes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const notAnArray = "bad.json: fakeapi: alerts are not a JSON array"
	good, bad := write("good.json", `[{"AlertId":"x"}]`), write("bad.json", `{"value":[]}`)
	tests := map[string]struct {
		args   []string
		closed error // of closing stdout
		code   int
		stderr string // part of it
	}{
		"no flags":            {code: 0, stderr: "serving http://127.0.0.1:"},
		"body":                {args: []string{"-body", good, "-no-window"}, code: 0, stderr: "serving"},
		"help":                {args: []string{"-help"}, code: 0, stderr: "-no-window"},
		"unknown flag":        {args: []string{"-port", "1"}, code: 2, stderr: "-port"},
		"argument":            {args: []string{"x"}, code: 2, stderr: "unexpected argument x"},
		"public address":      {args: []string{"-addr", "0.0.0.0:0"}, code: 1, stderr: "not a loopback address"},
		"no such file":        {args: []string{"-body", filepath.Join(dir, "none")}, code: 1, stderr: "none"},
		"body not an array":   {args: []string{"-body", bad}, code: 1, stderr: notAnArray},
		"stdout fails":        {closed: errors.New("disk full"), code: 1, stderr: "disk full"},
		"no alerts at all":    {args: []string{"-alerts", "0"}, code: 0, stderr: "serving"},
		"alerts not a number": {args: []string{"-alerts", "many"}, code: 2, stderr: "-alerts"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			var stderr bytes.Buffer
			code := run(ctx, test.args, &output{err: test.closed}, &stderr)
			if code != test.code {
				t.Errorf("run(%q) = %d, want %d", test.args, code, test.code)
			}
			if got := stderr.String(); !strings.Contains(got, test.stderr) {
				t.Errorf("stderr of run(%q) = %q, want it to contain %q", test.args, got, test.stderr)
			}
		})
	}
}

func TestExportQuotes(t *testing.T) {
	t.Parallel()
	const setting, want = "KEY=it's $HOME=1", `export KEY='it'\''s $HOME=1'` + "\n"
	if got := export(setting); got != want {
		t.Errorf("export(%q) = %q, want %q", setting, got, want)
	}
}
