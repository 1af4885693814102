package provider_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

// The tests of this file are rows of the table in the reliability guide that are
// about the provider as a process, under a Terraform of its own.

// TestFault_T4_SavedPlan applies what the plan saw: data sources are not read
// again, whatever happened to the service since.
func TestFault_T4_SavedPlan(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 5, NoDefaultWindow: true})
	f := newFolder(t, fake, requiredProviders+dataHCL("mdatp_alert_summary", "gate", nil)+
		"output \"total\" {\n  value = data.mdatp_alert_summary.gate.total\n}\n")
	f.must("plan", "-out=plan")
	asked := len(fake.AlertRequests())
	fake.Script(fakeapi.Alerts, fakeapi.Always(fakeapi.Reply(http.StatusForbidden, nil, "")))
	f.must("apply", "plan")
	if again := len(fake.AlertRequests()); asked != 1 || again != 1 {
		t.Errorf("%d requests for the plan, %d in the end", asked, again)
	}
	if total := f.must("output", "total").stdout; total == "0\n" || total == "" {
		t.Errorf("the total is %q", total)
	}
}

// TestFault_T5_Modes has the service fail in the modes of Terraform: wherever
// the data source is read, that is an error.
func TestFault_T5_Modes(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 5, NoDefaultWindow: true})
	f := newFolder(t, fake, requiredProviders+dataHCL("mdatp_alert_summary", "gate", nil)+
		"resource \"terraform_data\" \"release\" {\n  input = data.mdatp_alert_summary.gate.total\n}\nresource \"terraform_data\" \"other\" {}\n")
	f.must("apply", "-auto-approve")
	fake.Script(fakeapi.Alerts, fakeapi.Always(fakeapi.CutAfter(1)))
	for _, test := range []struct {
		arguments []string
		status    int
	}{
		{[]string{"plan"}, 1},
		{[]string{"plan", "-refresh-only"}, 1},
		{[]string{"plan", "-destroy"}, 1},
		{[]string{"plan", "-target=terraform_data.release"}, 1},
		{[]string{"plan", "-target=terraform_data.other"}, 0},
	} {
		before := len(fake.AlertRequests())
		r := f.run(test.arguments...)
		if r.status != test.status || (test.status == 1) != strings.Contains(r.output, "Error: "+noPull) {
			t.Errorf("%v: exit %d: %s", test.arguments, r.status, r.output)
		}
		if read := len(fake.AlertRequests()) > before; read != (test.status == 1) {
			t.Errorf("%v: read is %t", test.arguments, read)
		}
	}
}

// TestFault_T6_Interrupt interrupts Terraform while reads wait in every phase:
// it ends at once, each read says so, and no process is left.
func TestFault_T6_Interrupt(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("processes are looked up in /proc")
	}
	phases := map[string]struct {
		endpoint fakeapi.Endpoint
		step     fakeapi.Step
	}{
		"token":   {fakeapi.Token, fakeapi.Raw("", fakeapi.Hang)},
		"headers": {fakeapi.Alerts, fakeapi.Raw("HTTP/1.1 200 OK\r\n", fakeapi.Hang)},
		"body":    {fakeapi.Alerts, fakeapi.Stall(10)},
		"backoff": {fakeapi.Alerts, fakeapi.Reply(http.StatusServiceUnavailable, http.Header{"Retry-After": {"45"}}, "")},
	}
	config := requiredProviders
	waiting := map[string]func() []fakeapi.Request{}
	for name, phase := range phases {
		fake := startFake(t, fakeapi.Options{Alerts: 5})
		fake.Script(phase.endpoint, fakeapi.Always(phase.step))
		if waiting[name] = fake.AlertRequests; phase.endpoint == fakeapi.Token {
			waiting[name] = fake.TokenRequests
		}
		config += aliased("mdatp_alert_summary", name, fake, values{"max_attempts": 4}, nil)
	}
	f := newFolder(t, startFake(t, fakeapi.Options{}), config)
	var output bytes.Buffer
	cmd := exec.CommandContext(t.Context(), terraformBinary(), "plan", "-no-color")
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = f.dir, f.env, &output, &output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for name, requests := range waiting {
		waitFor(t, "the request of "+name, func() bool { return len(requests()) > 0 })
	}
	time.Sleep(200 * time.Millisecond) // the replies are under way
	children := childrenOf(t, cmd.Process.Pid)
	interrupted := time.Now()
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	err := cmd.Wait()
	took := time.Since(interrupted)
	t.Logf("Terraform and %d plugins ended %s after the signal", len(children), took.Round(time.Millisecond))
	if err == nil || took > 10*time.Second {
		t.Errorf("ended after %s with %v", took, err)
	}
	text := outputOf(errors.New(output.String()))
	if n := strings.Count(text, "Error: Read cancelled"); n != len(phases) {
		t.Errorf("%d of %d reads were cancelled: %s", n, len(phases), text)
	}
	if len(children) < len(phases) {
		t.Errorf("%d plugins for %d provider blocks", len(children), len(phases))
	}
	waitFor(t, "the plugins to end", func() bool { return !slices.ContainsFunc(children, isRunning) })
}

func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited for %s in vain", what)
		}
	}
}

// childrenOf are the processes that a process started and that still run.
func childrenOf(t *testing.T, parent int) (children []int) {
	t.Helper()
	entries, err := os.ReadDir("/proc")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		var pid int
		if _, err := fmt.Sscanf(entry.Name(), "%d", &pid); err != nil {
			continue
		}
		if state, of := process(pid); of == parent && state != "Z" {
			children = append(children, pid)
		}
	}
	return children
}

func isRunning(pid int) bool {
	state, _ := process(pid)
	return state != "" && state != "Z"
}

// process is a process's state, "" when there is none, and its parent.
func process(pid int) (state string, parent int) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", 0
	}
	rest := text[bytes.LastIndexByte(text, ')')+1:] // the name before it may hold anything
	if _, err = fmt.Sscan(string(rest), &state, &parent); err != nil {
		return "", 0
	}
	return state, parent
}

// A logLine is a line of Terraform's log in JSON.
type logLine struct {
	Module  string `json:"@module"`
	Message string `json:"@message"`
	Address string `json:"tf_provider_addr"`
	text    string
}

// logged runs a command with a log of everything and returns its lines.
func (f *folder) logged(arguments ...string) (result, []logLine) {
	f.t.Helper()
	path := filepath.Join(f.dir, "log")
	f.env = append(f.env, "TF_LOG=JSON", "TF_LOG_PATH="+path)
	r := f.run(arguments...)
	var lines []logLine
	for text := range strings.Lines(f.read("log")) {
		line := logLine{text: text}
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			f.t.Errorf("%v in the log: %.300s", err, text)
		}
		lines = append(lines, line)
	}
	return r, lines
}

// handshake is what go-plugin itself logs in the process of a plugin.
var handshake = []string{"plugin address", "configuring server automatic mTLS"}

// TestFault_T10_StandardStreams reads all objects and finds nothing that the
// process of the provider wrote but its log.
func TestFault_T10_StandardStreams(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 5, NoDefaultWindow: true})
	fake.Script(fakeapi.Alerts, fakeapi.ResetBeforeHeaders(), fakeapi.GzipBadCRC())
	config := requiredProviders
	for _, name := range []string{"a", "b", "c"} {
		config += dataHCL("mdatp_alerts", name, nil) + dataHCL("mdatp_alert_summary", name, nil)
	}
	_, lines := newFolder(t, fake, config).logged("plan")
	ours := 0
	for _, line := range lines {
		if !strings.Contains(line.Module, "terraform-provider-mdatp") && line.Address == "" {
			continue
		}
		ours++
		if line.Address == "" && !slices.Contains(handshake, line.Message) {
			t.Errorf("written to a standard stream: %s", line.text)
		}
	}
	if ours < 20 {
		t.Errorf("the provider logged %d lines", ours)
	}
	for _, field := range []string{"HTTP request", `"method":"GET"`, `"method":"POST"`, `"path":"/siem/api/alerts"`, `"attempt":1`, `"status":200`, `"bytes":`, `"duration_ms":`} {
		if !slices.ContainsFunc(lines, func(l logLine) bool { return strings.Contains(l.text, field) }) {
			t.Errorf("%s is not logged", field)
		}
	}
}

// TestFault_T11_ManyReadsAtOnce reads with 20 data sources through three
// provider blocks in two tenants. The process has the race detector when the
// test has it.
func TestFault_T11_ManyReadsAtOnce(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 30, NoDefaultWindow: true})
	fake.AddTenant(tenantA, 10)
	config := requiredProviders + "provider \"mdatp\" {}\nprovider \"mdatp\" {\n  alias = \"other\"\n  tenant_id = \"" + tenantA + "\"\n}\n" +
		"provider \"mdatp\" {\n  alias = \"same\"\n}\n"
	for i := range 20 {
		arguments := values{"min_severity": []string{"Low", "High"}[i/2%2]}
		switch i % 4 {
		case 1:
			arguments["provider"] = expression("mdatp.other")
		case 2:
			arguments["provider"] = expression("mdatp.same")
		case 3:
			arguments["tenant_id"] = tenantA
		}
		config += dataHCL(dataSources[i%2], fmt.Sprintf("d%d", i), arguments)
	}
	f := newFolder(t, fake, config)
	r, lines := f.logged("plan")
	if r.status != 0 {
		t.Errorf("exit %d: %s", r.status, r.output)
	}
	if slices.ContainsFunc(lines, func(l logLine) bool { return strings.Contains(l.text, "DATA RACE") }) {
		t.Error("there is a data race")
	}
	signedIn := map[string]int{}
	for _, request := range fake.TokenRequests() {
		signedIn[request.Path]++
	}
	// One for each block and tenant: the first block reads both tenants.
	if own, other := signedIn["/entra/"+fakeapi.DefaultTenantID+"/oauth2/token"], signedIn["/entra/"+tenantA+"/oauth2/token"]; own != 2 || other != 2 {
		t.Errorf("token requests: %v", signedIn)
	}
	if n := len(fake.AlertRequests()); n != 20 {
		t.Errorf("%d requests for alerts", n)
	}
}

// TestFault_E2_BareEnvironment runs the provider without a home, where no file
// can be written, on one core, in another zone and language.
func TestFault_E2_BareEnvironment(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 5, Now: atNoon})
	config := requiredProviders + dataHCL("mdatp_alerts", "all", values{"since_time_utc": "2026-11-01T00:00:00", "timeouts": expression(`{ read = "90s" }`)}) +
		"output \"all\" {\n  value = jsonencode(data.mdatp_alerts.all)\n}\n"
	usual, bare := newFolder(t, fake, config), newFolder(t, fake, config)
	settings := regexp.MustCompile(`"mdatp/mdatp" = "(.*)"`).FindStringSubmatch(readText(t, configFile(bare)))
	if settings == nil {
		t.Fatal("no folder of plugins")
	}
	this, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	plugin := filepath.Join(settings[1], "terraform-provider-mdatp")
	if err = os.Remove(plugin); err != nil {
		t.Fatal(err)
	}
	writeFile(t, plugin, "#!/bin/sh\nunset HOME USER PWD\nulimit -f 0\nexec '"+this+"'\n")
	if err = os.Chmod(plugin, 0o700); err != nil {
		t.Fatal(err)
	}
	bare.env = append(bare.env, "TZ=Pacific/Chatham", "LANG=tr_TR.UTF-8", "LC_ALL=tr_TR.UTF-8", "GOMAXPROCS=1")
	usual.must("apply", "-auto-approve")
	bare.must("apply", "-auto-approve")
	if want, got := usual.must("output", "-raw", "all").stdout, bare.must("output", "-raw", "all").stdout; got != want || got == "" {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func configFile(f *folder) (path string) {
	for _, setting := range f.env {
		if name, value, _ := strings.Cut(setting, "="); name == "TF_CLI_CONFIG_FILE" {
			path = value
		}
	}
	return path
}

func readText(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
