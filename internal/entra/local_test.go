package entra_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/entra"
	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport/transporttest"
)

// identities are the managed identity of a virtual machine and that of App Service.
var identities = map[string]func(*testing.T, *fakeapi.Server) entra.Credential{
	"virtual machine": func(t *testing.T, s *fakeapi.Server) entra.Credential {
		return entra.ManagedIdentity(mustParse(t, s.ManagedIdentityEndpoint()), "", transport.NewLocalRoundTripper())
	},
	"App Service": func(t *testing.T, s *fakeapi.Server) entra.Credential {
		return entra.ManagedIdentity(mustParse(t, s.AppServiceEndpoint()), fakeapi.DefaultIdentityHeader, transport.NewLocalRoundTripper())
	},
}

// TestManagedIdentity gets tokens of a managed identity, without a token request.
func TestManagedIdentity(t *testing.T) {
	t.Parallel()
	for name, identity := range identities {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, fakeapi.Options{})
			for _, audience := range audiences {
				source := signsIn(t, s, identity(t, s), audience)
				_, expires, err := source.Lasting(t.Context(), 0)
				if left := time.Until(expires); err != nil || left < 3500*time.Second || left > 3600*time.Second {
					t.Errorf("Lasting() = %s left, %v, want an hour", left, err)
				}
			}
			if got := len(s.TokenRequests()); got != 0 {
				t.Errorf("token requests = %d, want 0", got)
			}
			for _, r := range s.IdentityRequests() {
				version, metadata, header := "2018-02-01", "true", ""
				if name == "App Service" {
					version, metadata, header = "2019-08-01", "", fakeapi.DefaultIdentityHeader
				}
				if got := r.Header.Get("Metadata"); got != metadata {
					t.Errorf("Metadata = %q, want %q", got, metadata)
				}
				if got := r.Header.Get("X-IDENTITY-HEADER"); got != header {
					t.Errorf("X-IDENTITY-HEADER = %q, want %q", got, header)
				}
				want := url.Values{"api-version": {version}, "client_id": {clientID}, "resource": {r.Query.Get("resource")}}
				if r.RawQuery != want.Encode() || strings.Contains(r.RawQuery, "default") {
					t.Errorf("query = %s, want %s with a resource", r.RawQuery, want.Encode())
				}
			}
			if err := alertsRead(t, s, signsIn(t, s, identity(t, s), entra.Resource(resource))); err != nil {
				t.Errorf("read with the token = %v, want nil", err)
			}
		})
	}
}

// identityFrom returns a token source of the system-assigned identity whose
// metadata service takes the steps of a script.
func identityFrom(script *transporttest.Script, header string, endpoint *url.URL) *entra.TokenSource {
	return entra.NewApplication(entra.Options{
		AuthorityHost: login(), Audience: entra.Resource(resource), Timeout: 5 * time.Minute,
		Credential: entra.ManagedIdentity(endpoint, header, script),
		Client: transport.New(transport.Options{
			Base:        roundTrip(func(*http.Request) (*http.Response, error) { return nil, errors.New("not for a managed identity") }),
			MaxAttempts: 4, AttemptTimeout: time.Minute,
		}),
	}).Tenant(tenant)
}

// TestManagedIdentityRequest has requests that the fake cannot receive.
func TestManagedIdentityRequest(t *testing.T) {
	t.Parallel()
	s := transporttest.NewScript(grants("t0ken", "3599"))
	mustToken(t, identityFrom(s, "", nil))
	want := "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fgraph.windows.net"
	if got := s.Requests()[0]; got.Method != http.MethodGet || got.URL != want {
		t.Errorf("request = %s %s, want GET %s", got.Method, got.URL, want)
	}
	for _, address := range []string{"http://metadata.test/token", "https://login.test/token", "http://10.0.0.1/token", "http://[fe80::1]/token"} {
		endpoint, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		s := transporttest.NewScript(grants("t0ken", "3599"))
		_, err = identityFrom(s, "h3ader", endpoint).Token(t.Context())
		wantFailed(t, err, transport.PhaseIdentity, transport.Invalid, 0, "h3ader")
		if got := len(s.Requests()); got != 0 {
			t.Errorf("requests to %s = %d, want 0", address, got)
		}
	}
	s = transporttest.NewScript(grants("t0ken", "3599"))
	_, err := identityFrom(s, canary+"\r\n", nil).Token(t.Context())
	wantBad(t, err, entra.Identity, `^IDENTITY_HEADER has a character`, canary)
}

// TestManagedIdentityRetries has the statuses of a metadata service that is updated.
func TestManagedIdentityRetries(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		status int
		body   string
		times  int
	}{{404, "", 4}, {410, "", 4}, {404, `{"error":"not_found"}`, 4}, {500, "", 4}, {429, "", 4}, {400, `{"error":"invalid_request"}`, 1}, {403, "", 1}} {
		synctest.Test(t, func(t *testing.T) {
			fault := transporttest.Respond(test.status, test.body)
			s := transporttest.NewScript(fault)
			if access, err := identityFrom(s, "", nil).Token(t.Context()); err == nil {
				t.Errorf("Token() after status %d = %q, want an error", test.status, access)
			}
			if got := len(s.Requests()); got != test.times {
				t.Errorf("requests after status %d = %d, want %d", test.status, got, test.times)
			}
			if test.times > 1 {
				s = transporttest.NewScript(fault, fault, grants("t0ken", "3599"))
				mustToken(t, identityFrom(s, "", nil))
			}
		})
	}
}

// TestManagedIdentityFaults has faults of the metadata service.
func TestManagedIdentityFaults(t *testing.T) {
	t.Parallel()
	for name, fault := range proofFaults(transport.PhaseIdentity) {
		for kind, identity := range identities {
			t.Run(name+", "+kind, func(t *testing.T) {
				t.Parallel()
				s := start(t, fakeapi.Options{})
				s.Script(fakeapi.ManagedIdentity, fakeapi.Always(fault.step))
				_, err := signsIn(t, s, identity(t, s), entra.Resource(resource)).Token(t.Context())
				wantFailed(t, err, transport.PhaseIdentity, fault.kind, fault.status, canary, fakeapi.DefaultIdentityHeader)
				if got := len(s.IdentityRequests()); got != fault.times {
					t.Errorf("requests = %d, want %d", got, fault.times)
				}
			})
		}
	}
	t.Run("slow", func(t *testing.T) {
		t.Parallel()
		s := start(t, fakeapi.Options{})
		s.Script(fakeapi.ManagedIdentity, fakeapi.Always(fakeapi.Stall(1)))
		wantOutOfTime(t, signsIn(t, s, identities["virtual machine"](t, s), entra.Resource(resource)))
	})
	t.Run("identity not found", func(t *testing.T) {
		t.Parallel()
		s := start(t, fakeapi.Options{})
		credential := identities["virtual machine"](t, s)
		source := signsIn(t, s, credential, entra.Resource("https://unknown.test"))
		_, err := source.Token(t.Context())
		wantSignIn(t, err, entra.Error{Kind: entra.Refused, Credential: entra.Identity, Status: 400, Code: "invalid_request"})
	})
	t.Run("responses", func(t *testing.T) {
		t.Parallel()
		s := start(t, fakeapi.Options{})
		credential := identities["App Service"](t, s)
		soon, past := time.Now().Add(time.Hour).Unix(), time.Now().Add(-time.Minute).Unix()
		for body, field := range map[string]string{
			`{}`: "token_type", `{"token_type":"Bearer","access_token":"` + canary + ` x"}`: "access_token",
			`{"token_type":"pop","access_token":"` + canary + `"}`:                   "token_type",
			`{"token_type":"Bearer","access_token":"` + canary + `","expires_in":0}`: "expires_in",
			tokenUntil(past): "expires_on", tokenUntil("x"): "expires_on", tokenUntil(soon + 40_000_000): "expires_on",
			tokenUntil("06/19/2019 02:57:58 +00:00"): "expires_on", tokenUntil(1 << 40): "expires_on",
			"[]": "", `{"token_type"`: "",
		} {
			s.Script(fakeapi.ManagedIdentity, fakeapi.WithBody(fakeapi.Normal(), body))
			_, err := signsIn(t, s, credential, entra.Resource(resource)).Token(t.Context())
			wantSignIn(t, err, entra.Error{Kind: entra.Unusable, Credential: entra.Identity, Field: field}, canary)
		}
		for body, lifetime := range map[string]time.Duration{
			tokenUntil(soon): time.Hour,
			`{"token_type":"Bearer","access_token":"` + canary + `"}`:                                     5 * time.Minute,
			`{"token_type":"Bearer","access_token":"` + canary + `","expires_in":"600","expires_on":1}`:   10 * time.Minute,
			`{"token_type":"Bearer","access_token":"` + canary + `","expires_in":null,"expires_on":null}`: 5 * time.Minute,
		} {
			s.Script(fakeapi.ManagedIdentity, fakeapi.WithBody(fakeapi.Normal(), body))
			_, expires, err := signsIn(t, s, credential, entra.Resource(resource)).Lasting(t.Context(), 0)
			if left := time.Until(expires); err != nil || left > lifetime || left < lifetime-30*time.Second {
				t.Errorf("Lasting() from %s = %s left, %v, want %s", body, left, err, lifetime)
			}
		}
	})
}

// tokenUntil returns a response of App Service that expires at a time since 1970.
func tokenUntil(expires any) string {
	return fmt.Sprintf(`{"token_type":"Bearer","access_token":"%s","expires_on":"%v"}`, canary, expires)
}

// A service that returns a rejected token again leaves the 401 as the error.
func TestSameTokenAgain(t *testing.T) {
	t.Parallel()
	for name, identity := range identities {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, fakeapi.Options{})
			source := signsIn(t, s, identity(t, s), entra.Resource(resource))
			access := mustToken(t, source)
			s.RevokeTokens()
			err := alertsRead(t, s, source)
			wantFailed(t, err, transport.PhaseRead, transport.Status, 401, access)
			if got := len(s.AlertRequests()); got != 1 {
				t.Errorf("requests for alerts = %d, want 1", got)
			}
			if got := len(s.IdentityRequests()); got != 2 {
				t.Errorf("requests for tokens = %d, want 2", got)
			}
		})
	}
}

// TestAzureCLI runs programs in place of the Azure CLI.
func TestAzureCLI(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the programs in place of the Azure CLI are shell scripts")
	}
	if filepath.Separator != '/' {
		t.Skip("the programs are shell scripts")
	}
	s := start(t, fakeapi.Options{})
	good := t.TempDir()
	program := must[string](t)(s.WriteAzureCLI(good))
	type failure struct {
		script string
		want   entra.Error
	}
	failures := map[string]failure{
		"not signed in": {"echo \"ERROR: Please run 'az login' to setup account. " + canary + "\" >&2; exit 1",
			entra.Error{Kind: entra.BadCredential, Problem: "The Azure CLI is not signed in: run az login."}},
		"refused": {"echo 'ERROR: AADSTS50076: Due to a configuration change " + canary + "' >&2; exit 1",
			entra.Error{Kind: entra.Refused, STS: 50076}},
		"other": {"echo " + canary + "; echo " + canary + " >&2; exit 3",
			entra.Error{Kind: entra.BadCredential, Problem: "The Azure CLI failed with exit status 3."}},
		"killed": {"kill -9 $$",
			entra.Error{Kind: entra.BadCredential, Problem: "The Azure CLI failed with exit status -1."}},
		"oversized": {"while :; do echo " + strings.Repeat(canary, 100) + " || exit 0; n=x$n; [ ${#n} -gt 400 ] && exit 0; done",
			entra.Error{Kind: entra.BadCredential, Problem: "The output of the Azure CLI is larger than a token response can be."}},
		"many messages": {"n=; while [ ${#n} -lt 400 ]; do echo " + strings.Repeat(canary, 100) + " >&2; n=x$n; done; exit 1",
			entra.Error{Kind: entra.BadCredential, Problem: "The Azure CLI failed with exit status 1."}},
		"endless": {"while :; do echo " + strings.Repeat(canary, 100) + "; done",
			entra.Error{Kind: entra.BadCredential, Problem: "The output of the Azure CLI is larger than a token response can be."}},
		"text":     {"echo " + canary, entra.Error{Kind: entra.Unusable}},
		"nothing":  {":", entra.Error{Kind: entra.Unusable}},
		"no token": {"echo '{\"tokenType\":\"Bearer\",\"x\":\"" + canary + "\"}'", entra.Error{Kind: entra.Unusable, Field: "access_token"}},
		"bad token": {"printf '%s' '{\"tokenType\":\"Bearer\",\"accessToken\":\"" + canary + "\\r\\n\"}'",
			entra.Error{Kind: entra.Unusable, Field: "access_token"}},
		"expired": {"echo '{\"tokenType\":\"Bearer\",\"accessToken\":\"" + canary + "\",\"expires_on\":1}'",
			entra.Error{Kind: entra.Unusable, Field: "expires_on"}},
		"two documents": {"echo '{}{}'", entra.Error{Kind: entra.Unusable}},
	}
	programs := map[string]string{}
	for name, f := range failures {
		programs[name] = must[string](t)(fakeapi.WriteAzureCLIScript(t.TempDir(), f.script+"\n"))
	}
	hangs := must[string](t)(fakeapi.WriteAzureCLIScript(t.TempDir(), "sleep 9 & wait\n"))
	orphan := t.TempDir()
	parent := must[string](t)(fakeapi.WriteAzureCLIScript(orphan, "sleep 9 & echo $! > "+orphan+"/new; mv "+orphan+"/new "+orphan+"/pid; wait\n"))
	old := must[string](t)(fakeapi.WriteAzureCLIScript(t.TempDir(),
		"echo '{\"tokenType\":\"Bearer\",\"accessToken\":\"t0ken\",\"expiresOn\":\"2026-01-01 00:00:00.000000\"}'\n"))
	child := must[string](t)(fakeapi.WriteAzureCLIScript(t.TempDir(),
		"sleep 30 & echo '{\"tokenType\":\"Bearer\",\"accessToken\":\"t0ken\"}'\n"))

	// No program is written from here on.
	t.Run("good", func(t *testing.T) {
		t.Parallel()
		for _, audience := range audiences {
			source := signsIn(t, s, entra.AzureCLI(program), audience)
			_, expires, err := source.Lasting(t.Context(), 0)
			if left := time.Until(expires); err != nil || left < 3500*time.Second || left > 3600*time.Second {
				t.Errorf("Lasting() = %s left, %v, want an hour", left, err)
			}
		}
		source := signsIn(t, s, entra.AzureCLI(program), entra.Resource(resource))
		if err := alertsRead(t, s, source); err != nil {
			t.Errorf("read with the token = %v, want nil", err)
		}
		s.RevokeTokens()
		wantFailed(t, alertsRead(t, s, source), transport.PhaseRead, transport.Status, 401)
		if got := len(s.AlertRequests()); got != 2 {
			t.Errorf("requests for alerts = %d, want 2", got)
		}
		log := string(must[[]byte](t)(os.ReadFile(filepath.Join(good, fakeapi.AzureCLILog))))
		for _, argument := range []string{"--resource=" + resource, "--scope=" + fakeapi.GraphResource + "/.default"} {
			if want := "account get-access-token --output json " + argument + " --tenant=" + tenant + "\n"; !strings.Contains(log, want) {
				t.Errorf("arguments = %q, want %q", log, want)
			}
		}
	})
	t.Run("an old version", func(t *testing.T) {
		t.Parallel()
		_, expires, err := signsIn(t, s, entra.AzureCLI(old), entra.Resource(resource)).Lasting(t.Context(), 0)
		if left := time.Until(expires); err != nil || left > 5*time.Minute || left < 4*time.Minute {
			t.Errorf("Lasting() = %s left, %v, want 5m", left, err)
		}
	})
	t.Run("a process stays", func(t *testing.T) {
		t.Parallel()
		began := time.Now()
		if got := mustToken(t, signsIn(t, s, entra.AzureCLI(child), entra.Resource(resource))); got != "t0ken" {
			t.Errorf("Token() = %q, want t0ken", got)
		}
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("Token() took %s, want it without the process that stays for 30s", took)
		}
	})
	for name, f := range failures {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := signsIn(t, s, entra.AzureCLI(programs[name]), entra.Resource(resource)).Token(t.Context())
			f.want.Credential = entra.CLI
			wantSignIn(t, err, f.want, canary)
		})
	}
	t.Run("no such program", func(t *testing.T) {
		t.Parallel()
		for _, program := range []string{"no-such-program-of-the-test", filepath.Join(good, "absent"), good, filepath.Join(good, fakeapi.AzureCLILog)} {
			_, err := signsIn(t, s, entra.AzureCLI(program), entra.Resource(resource)).Token(t.Context())
			wantBad(t, err, entra.CLI, `^The Azure CLI, az, is not in the PATH\.$`, program)
		}
	})
	t.Run("a resource for a shell", func(t *testing.T) {
		t.Parallel()
		for _, odd := range []string{`api://x"&calc&"`, "api://%PATH%", "api://^x", "api://x y", "api://x\ny"} {
			_, err := signsIn(t, s, entra.AzureCLI(program), entra.Resource(odd)).Token(t.Context())
			wantBad(t, err, entra.CLI, `^The resource has a character that cannot be passed to the Azure CLI\.$`, odd)
		}
	})
	t.Run("cancelled with its children", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		ended := make(chan error, 1)
		go func() {
			_, err := signsIn(t, s, entra.AzureCLI(parent), entra.Resource(resource)).Token(ctx)
			ended <- err
		}()
		pid := 0
		for deadline := time.Now().Add(5 * time.Second); pid == 0 && time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
			text, _ := os.ReadFile(filepath.Join(orphan, "pid"))
			pid, _ = strconv.Atoi(strings.TrimSpace(string(text)))
		}
		child, err := os.FindProcess(pid)
		if pid == 0 || err != nil || child.Signal(syscall.Signal(0)) != nil {
			t.Fatalf("child of the program = %d, %v, want a process", pid, err)
		}
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("Token() after cancel fails with %v, want %v", err, context.Canceled)
		}
		for deadline := time.Now().Add(5 * time.Second); isRunning(pid); time.Sleep(10 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("child of the program is running after cancel")
			}
		}
	})
	t.Run("slow", func(t *testing.T) {
		t.Parallel()
		wantOutOfTime(t, signsIn(t, s, entra.AzureCLI(hangs), entra.Resource(resource)))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(100*time.Millisecond, cancel)
		if _, err := signsIn(t, s, entra.AzureCLI(hangs), entra.Resource(resource)).Token(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("Token() after cancel fails with %v, want %v", err, context.Canceled)
		}
	})
}

// isRunning reports whether there is a process, which is no zombie on Linux.
func isRunning(pid int) bool {
	if status, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat")); err == nil {
		return !strings.Contains(string(status), ") Z ")
	}
	child, err := os.FindProcess(pid)
	return err == nil && child.Signal(syscall.Signal(0)) == nil
}
