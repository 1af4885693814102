package provider_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
	"github.com/mdatp/terraform-provider-mdatp/internal/provider"
	"github.com/mdatp/terraform-provider-mdatp/internal/tokenfile"
)

// A person reads what login prints, and signs in at the first address in it.
type person struct {
	bytes.Buffer
	opened  bool
	address chan string
}

var printedAddress = regexp.MustCompile(`(?m)^http\S+$`)

func (p *person) Write(text []byte) (int, error) {
	n, err := p.Buffer.Write(text)
	if address := printedAddress.Find(p.Bytes()); address != nil && !p.opened {
		p.opened = true
		p.address <- string(address)
	}
	return n, err
}

// signInAt signs in as a person with a browser.
func signInAt(t *testing.T, address string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Error(err)
		return
	}
	response, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(request)
	if err != nil {
		t.Error(err)
		return
	}
	_, _ = io.Copy(io.Discard, response.Body)
	_ = response.Body.Close()
}

// runLogin runs the command with a person and returns its exit status and output.
func runLogin(t *testing.T, env map[string]string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	output := &person{address: make(chan string, 1)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		select {
		case address := <-output.address:
			signInAt(t, address)
		case <-ctx.Done():
		}
	}()
	var problems bytes.Buffer
	status = provider.Login(ctx, "test", append([]string{"-no-browser"}, args...), environment(env), output, &problems)
	cancel()
	<-done
	return status, output.String(), problems.String()
}

// TestLogin signs in by flags and by variables, for both APIs, and reads with the file.
func TestLogin(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 3, PublicClient: true, Rotation: fakeapi.RotateOneUse})
	confidential := startFake(t, fakeapi.Options{Alerts: 3})
	flags := []string{"-tenant-id", fakeapi.DefaultTenantID, "-client-id=" + fakeapi.DefaultClientID, "-authority-host", fake.AuthorityHost()}
	for name, test := range map[string]struct {
		fake  *fakeapi.Server
		flags []string
		env   map[string]string
		api   string
	}{
		"flags":       {fake, flags, map[string]string{"ARM_CLIENT_SECRET": "of another application", "MDATP_TENANT_ID": tenantA}, "siem"},
		"graph":       {fake, append([]string{"-api", "graph", "-region", "gcc"}, flags...), nil, "graph"},
		"environment": {confidential, nil, fakeEnvironment(confidential), "siem"},
	} {
		path := filepath.Join(t.TempDir(), "new", "token.json")
		status, stdout, stderr := runLogin(t, test.env, append(test.flags, "-refresh-token-file", path)...)
		if status != 0 || stderr != "" || !strings.Contains(stdout, "Signed in. The refresh token is stored in "+path) {
			t.Errorf("%s: login = exit status %d, %q, %q, want 0 and where the token is", name, status, stdout, stderr)
			continue
		}
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var stored map[string]string
		if err = json.Unmarshal(content, &stored); err != nil {
			t.Fatal(err)
		}
		token := stored["refresh_token"]
		want := map[string]string{"tenant": fakeapi.DefaultTenantID, "client": fakeapi.DefaultClientID, "refresh_token": token}
		if !maps.Equal(stored, want) || token == "" || strings.Contains(stdout, token) {
			t.Errorf("%s: file = %v, output = %q, want %v with a token, which is not printed", name, stored, stdout, want)
		}
		for at, mode := range map[string]os.FileMode{path: 0o600, filepath.Dir(path): 0o700 | os.ModeDir} {
			if info, err := os.Stat(at); err != nil || info.Mode() != mode {
				t.Errorf("%s: mode of %s = %v, %v, want %v", name, at, info.Mode(), err, mode)
			}
		}
		secret := ""
		if test.fake == confidential {
			secret = fakeapi.DefaultClientSecret
		}
		sent := test.fake.TokenRequests()
		if got := sent[len(sent)-1].Form.Get("client_secret"); got != secret {
			t.Errorf("%s: client_secret sent = %q, want %q", name, got, secret)
		}

		c := newClient(t, nil)
		settings := values{"tenant_id": nil, "client_id": nil, "client_secret": nil, "api": test.api, "graph_endpoint": test.fake.GraphEndpoint(), "refresh_token_file_path": path}
		if secret != "" {
			settings["client_secret"] = secret
		}
		checkFindings(t, name+": configure", c.configure(block(test.fake, settings)), nil)
		_, found := c.read("mdatp_alert_summary", nil)
		checkFindings(t, name+": read", found, nil)
	}
}

// TestLoginCancelled is cancelled while a run of the provider has the file locked.
func TestLoginCancelled(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "token")
	unlock, err := tokenfile.Lock(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr bytes.Buffer
	status := provider.Login(ctx, "test", []string{"-tenant-id", fakeapi.DefaultTenantID, "-client-id", fakeapi.DefaultClientID, "-refresh-token-file", path},
		environment(nil), &stdout, &stderr)
	if want := "Error: Sign-in failed\n\nThe sign-in was cancelled. Nothing is stored.\n\n"; status != 1 || stderr.String() != want || stdout.Len() > 0 {
		t.Errorf("login = exit status %d, %q, %q, want 1 and %q", status, stdout.String(), stderr.String(), want)
	}
}

// TestLoginRefused: exit status 1 or 2, what to do, and no file.
func TestLoginRefused(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: -1, PublicClient: true})
	folder := t.TempDir()
	path := filepath.Join(folder, "token")
	blocked := filepath.Join(file(t, "not a folder"), "token")
	readOnly, locked := file(t, "token"), filepath.Join(folder, "locked")
	if err := os.Chmod(readOnly, 0o400); err != nil {
		t.Fatal(err)
	}
	unlock, err := tokenfile.Lock(t.Context(), locked)
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	flags := func(more ...string) []string {
		return append([]string{"-tenant-id", fakeapi.DefaultTenantID, "-client-id", fakeapi.DefaultClientID, "-authority-host", fake.AuthorityHost(),
			"-refresh-token-file", path}, more...)
	}
	for name, test := range map[string]struct {
		args   []string
		env    map[string]string
		status int
		want   string
	}{
		"help":         {[]string{"-help"}, nil, 0, "Usage: terraform-provider-mdatp login"},
		"unknown flag": {flags("-tenantid", "x"), nil, 2, "flag provided but not defined: -tenantid"},
		"argument":     {flags("contoso"), nil, 2, "login takes no arguments, only flags"},
		"no time":      {flags("-timeout", "0s"), nil, 2, "-timeout must be above zero"},
		"no duration":  {flags("-timeout", "5"), nil, 2, `invalid value "5" for flag -timeout`},
		"nothing set":  {[]string{"-refresh-token-file", path}, nil, 1, "- tenant ID: set -tenant-id, or MDATP_TENANT_ID in the environment."},
		"misspelt": {[]string{"-client-id", fakeapi.DefaultClientID}, map[string]string{"MDATP_TENNANT_ID": "quoted"}, 1,
			"MDATP_TENANT_ID in the environment.\n\nMDATP_TENNANT_ID is set, but the provider has no such variable.\n\n"},
		"secret of another application": {[]string{"-tenant-id", fakeapi.DefaultTenantID, "-authority-host", fake.AuthorityHost(), "-refresh-token-file", path, "-timeout", "100ms"},
			map[string]string{"ARM_CLIENT_ID": fakeapi.DefaultClientID, "MDATP_CLIENT_SECRET": "quoted"}, 1,
			"- client ID: the environment variable ARM_CLIENT_ID is not used with the environment variable MDATP_CLIENT_SECRET, as a client secret belongs to " +
				"one application. Set -client-id, or MDATP_CLIENT_ID in the environment.\n"},
		"odd tenant":       {flags("-tenant-id", "contoso"), nil, 1, "Error: Invalid tenant ID\n\nThe value of -tenant-id cannot be used: "},
		"odd API":          {flags("-api", "sime"), nil, 1, "Error: Invalid API"},
		"wrong secret":     {flags(), map[string]string{"MDATP_CLIENT_SECRET": "quoted"}, 1, "AADSTS700025"},
		"unknown tenant":   {flags("-tenant-id", tenantA, "-timeout", "100ms"), nil, 1, "Nobody finished the sign-in within 100ms."},
		"no CA":            {flags(), map[string]string{"MDATP_CA_CERTIFICATE_PATH": "/no/such/file"}, 1, "Error: Unreadable file of CA certificates"},
		"nowhere to store": {flags("-refresh-token-file", blocked), nil, 1, "The refresh token cannot be stored in "},
		"read-only":        {flags("-refresh-token-file", readOnly), nil, 1, readOnly + ": it or its folder is read-only. Check"},
		"a folder":         {flags("-refresh-token-file", folder), nil, 1, folder + ": it is not a regular file. Check"},
		"locked":           {flags("-refresh-token-file", locked, "-timeout", "100ms"), nil, 1, locked + ": another program has it locked. Check"},
	} {
		status, stdout, stderr := runLogin(t, test.env, test.args...)
		if status != test.status || !strings.Contains(stderr, test.want) || strings.Contains(stdout+stderr, "quoted") {
			t.Errorf("%s: login = exit status %d, %q, want %d, %q", name, status, stderr, test.status, test.want)
		}
		if strings.Contains(test.want, ". Check") && stdout != "" { // found before a person signs in
			t.Errorf("%s: login printed %q, want no address to sign in at", name, stdout)
		}
		if strings.Contains(stdout, "stored") {
			t.Errorf("%s: login printed %q, want no success", name, stdout)
		}
	}
	if _, err = os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("stat of the file = %v, want none", err)
	}
}
