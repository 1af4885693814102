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

// The tests of this file cover the rows of the reliability guide's table about the
// process of the provider. Each starts its own Terraform.

// TestFault_T4_SavedPlan applies a saved plan: data sources are not read again,
// whatever has happened to the service since.
func TestFault_T4_SavedPlan(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 5, NoDefaultWindow: true})
	f := newFolder(t, fake, requiredProviders+dataHCL("mdatp_alert_summary", "gate", nil)+
		"output \"alerts\" {\n  value = data.mdatp_alert_summary.gate.alert_count\n}\n")
	f.must("plan", "-out=plan")
	if sent := len(fake.AlertRequests()); sent != 1 {
		t.Errorf("requests for alerts after terraform plan = %d, want 1", sent)
	}
	fake.Script(fakeapi.Alerts, fakeapi.Always(fakeapi.Reply(http.StatusForbidden, nil, "")))
	f.must("apply", "plan")
	if sent := len(fake.AlertRequests()); sent != 1 {
		t.Errorf("requests for alerts after terraform apply = %d, want 1", sent)
	}
	if alerts := f.must("output", "alerts").stdout; alerts == "0\n" || alerts == "" {
		t.Errorf("terraform output alerts = %q, want a number above zero", alerts)
	}
}

// TestTimestamp: timestamp() defers a gate to the apply, as the guide says, and a
// postcondition for ever. plantimestamp() does not.
func TestTimestamp(t *testing.T) {
	t.Parallel()
	const gate = "data \"mdatp_alert_summary\" \"gate\" {\n  %s\n}\n" +
		"resource \"terraform_data\" \"release\" {\n  depends_on = [data.mdatp_alert_summary.gate]\n}\n"
	const since = "since_time_utc = timeadd(%s(), \"-24h\")\n  fail_on {}"
	const condition = "ago = \"P1D\"\n  lifecycle {\n    postcondition {\n      condition = self.alert_count == 0 || timecmp(self.newest, timeadd(%s(), \"-24h\")) < 0\n      error_message = \"Gate failed\"\n    }\n  }"
	for name, test := range map[string]struct {
		arguments   string
		plan, apply int // exit status
		requests    int // of the plan
	}{
		"argument, timestamp":      {fmt.Sprintf(since, "timestamp"), 0, 1, 0},
		"argument, plantimestamp":  {fmt.Sprintf(since, "plantimestamp"), 1, 1, 1},
		"condition, timestamp":     {fmt.Sprintf(condition, "timestamp"), 0, 0, 1},
		"condition, plantimestamp": {fmt.Sprintf(condition, "plantimestamp"), 1, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := startFake(t, fakeapi.Options{Alerts: -1})
			serve(t, fake, values{"Severity": "High", "LastProcessedTimeUtc": time.Now().UTC().Add(-time.Minute).Format(time.RFC3339)})
			f := newFolder(t, fake, requiredProviders+fmt.Sprintf(gate, test.arguments))
			r := f.run("plan")
			if r.status != test.plan || strings.Contains(r.output, "Gate failed") != (test.plan == 1) {
				t.Errorf("terraform plan = exit status %d, want %d and the gate's text if 1: %s", r.status, test.plan, r.output)
			}
			if sent := len(fake.AlertRequests()); sent != test.requests {
				t.Errorf("requests for alerts of terraform plan = %d, want %d", sent, test.requests)
			}
			r = f.run("apply", "-auto-approve")
			if r.status != test.apply || strings.Contains(r.output, "Gate failed") != (test.apply == 1) {
				t.Errorf("terraform apply = exit status %d, want %d and the gate's text if 1: %s", r.status, test.apply, r.output)
			}
		})
	}
}

// TestFault_T5_Modes runs the modes of Terraform against a service that fails.
// Every mode that reads the data source fails.
func TestFault_T5_Modes(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 5, NoDefaultWindow: true})
	f := newFolder(t, fake, requiredProviders+dataHCL("mdatp_alert_summary", "gate", nil)+
		"resource \"terraform_data\" \"release\" {\n  input = data.mdatp_alert_summary.gate.alert_count\n}\n"+
		"resource \"terraform_data\" \"other\" {}\n")
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
		fails := test.status == 1
		r := f.run(test.arguments...)
		if r.status != test.status {
			t.Errorf("terraform %v = exit status %d, want %d: %s", test.arguments, r.status, test.status, r.output)
		}
		if shown := strings.Contains(r.output, "Error: "+noPull); shown != fails {
			t.Errorf("terraform %v shows %q = %t, want %t: %s", test.arguments, noPull, shown, fails, r.output)
		}
		if read := len(fake.AlertRequests()) > before; read != fails {
			t.Errorf("terraform %v reads = %t, want %t", test.arguments, read, fails)
		}
	}
}

// TestFault_T6_Interrupt interrupts Terraform while reads wait in every phase.
// Terraform ends at once, each read reports that it was cancelled, and no process
// is left.
func TestFault_T6_Interrupt(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("this system has no /proc, in which the test finds processes")
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
		config += aliased("mdatp_alert_summary", name, fake, values{"max_attempts": 4})
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
	time.Sleep(200 * time.Millisecond) // until the responses have begun
	children := childrenOf(t, cmd.Process.Pid)
	interrupted := time.Now()
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	err := cmd.Wait()
	took := time.Since(interrupted)
	t.Logf("Terraform and %d plugins ended %s after the signal", len(children), took.Round(time.Millisecond))
	if err == nil {
		t.Error("interrupted terraform plan = exit status 0, want an error")
	}
	if took > 10*time.Second {
		t.Errorf("interrupted terraform plan ended after %s, want at most 10 s", took)
	}
	shown := outputOf(errors.New(output.String()))
	if n := strings.Count(shown, "Error: Read cancelled"); n != len(phases) {
		t.Errorf("cancelled reads = %d, want %d: %s", n, len(phases), shown)
	}
	if len(children) < len(phases) {
		t.Errorf("processes of plugins = %d, want %d or more", len(children), len(phases))
	}
	waitFor(t, "the plugins to end", func() bool { return !slices.ContainsFunc(children, isRunning) })
}

func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s did not come within 30 s", what)
		}
	}
}

// childrenOf returns the running child processes of a process.
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
		if state, ppid := process(pid); ppid == parent && state != "Z" {
			children = append(children, pid)
		}
	}
	return children
}

func isRunning(pid int) bool {
	state, _ := process(pid)
	return state != "" && state != "Z"
}

// process returns the state of a process, "" when there is none, and its parent.
func process(pid int) (state string, parent int) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", 0
	}
	rest := stat[bytes.LastIndexByte(stat, ')')+1:] // the name before it may hold anything
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

// logged runs a command at the most verbose log level and returns the log.
func (f *folder) logged(arguments ...string) (result, []logLine) {
	f.t.Helper()
	path := filepath.Join(f.dir, "log")
	f.env = append(f.env, "TF_LOG=JSON", "TF_LOG_PATH="+path)
	r := f.run(arguments...)
	var lines []logLine
	for raw := range strings.Lines(f.read("log")) {
		line := logLine{text: raw}
		if err := json.Unmarshal([]byte(raw), &line); err != nil {
			f.t.Errorf("terraform %v logged %.300q, want JSON: %v", arguments, raw, err)
		}
		lines = append(lines, line)
	}
	return r, lines
}

// handshake holds the messages that go-plugin itself logs in a plugin's process.
var handshake = []string{"plugin address", "configuring server automatic mTLS"}

// TestFault_T10_StandardStreams reads all objects. The process of the provider
// writes its log and nothing else.
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
			t.Errorf("the provider wrote %s to a standard stream, want its log only", line.text)
		}
	}
	if ours < 20 {
		t.Errorf("lines that the provider logged = %d, want 20 or more", ours)
	}
	for _, field := range []string{
		"HTTP request", `"method":"GET"`, `"method":"POST"`, `"path":"/siem/api/alerts"`,
		`"attempt":1`, `"status":200`, `"bytes":`, `"duration_ms":`,
	} {
		if !slices.ContainsFunc(lines, func(l logLine) bool { return strings.Contains(l.text, field) }) {
			t.Errorf("the log has no line with %s, want one", field)
		}
	}
}

// TestFault_T11_ManyReadsAtOnce reads 20 data sources through three provider
// blocks in two tenants. The provider runs with the race detector if the test does.
func TestFault_T11_ManyReadsAtOnce(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 30, NoDefaultWindow: true})
	fake.AddTenant(tenantA, 10)
	config := requiredProviders + "provider \"mdatp\" {}\n" +
		"provider \"mdatp\" {\n  alias = \"other\"\n  tenant_id = \"" + tenantA + "\"\n}\n" +
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
		t.Errorf("terraform plan = exit status %d, want 0: %s", r.status, r.output)
	}
	for _, line := range lines {
		if strings.Contains(line.text, "DATA RACE") {
			t.Errorf("the provider logged %s, want no data race", line.text)
		}
	}
	signedIn := map[string]int{}
	for _, request := range fake.TokenRequests() {
		signedIn[request.Path]++
	}
	// One for each block and tenant: the first block reads both tenants.
	for _, tenant := range []string{fakeapi.DefaultTenantID, tenantA} {
		if n := signedIn["/entra/"+tenant+"/oauth2/token"]; n != 2 {
			t.Errorf("token requests for %s = %d, want 2", tenant, n)
		}
	}
	if n := len(fake.AlertRequests()); n != 20 {
		t.Errorf("requests for alerts = %d, want 20", n)
	}
}

// TestFault_E2_BareEnvironment runs the provider on one core, in another time zone
// and language, without a home directory or the right to write files.
func TestFault_E2_BareEnvironment(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 5, Now: atNoon})
	arguments := values{"since_time_utc": "2026-11-01T00:00:00", "timeouts": expression(`{ read = "90s" }`)}
	config := requiredProviders + dataHCL("mdatp_alerts", "all", arguments) +
		"output \"all\" {\n  value = jsonencode(data.mdatp_alerts.all)\n}\n"
	usual, bare := newFolder(t, fake, config), newFolder(t, fake, config)
	settings := regexp.MustCompile(`"mdatp/mdatp" = "(.*)"`).FindStringSubmatch(readText(t, configFile(bare)))
	if settings == nil {
		t.Fatal("the CLI configuration names no folder for mdatp/mdatp, want one")
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
	want, got := usual.must("output", "-raw", "all").stdout, bare.must("output", "-raw", "all").stdout
	if want == "" {
		t.Error("terraform output all is empty, want the alerts")
	}
	if got != want {
		t.Errorf("terraform output all in the bare environment = %s, want %s", got, want)
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
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
