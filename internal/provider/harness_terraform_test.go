package provider_test

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
	"github.com/mdatp/terraform-provider-mdatp/internal/provider"
)

// servePlugin is the variable that makes this test binary serve the provider to
// Terraform. Some tests need more of Terraform than helper/resource runs: saved
// plans, modes, exit codes, logs of a separate process.
const servePlugin = "PROVIDER_TEST_SERVES_PLUGIN"

func init() {
	if os.Getenv(servePlugin) == "" {
		return
	}
	if err := tf6server.Serve(provider.Address, provider.NewServer("test", provider.SystemEnvironment())); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// A folder holds a configuration and the files that Terraform keeps beside it.
type folder struct {
	t   *testing.T
	dir string
	env []string
}

// newFolder creates a folder with a configuration. The environment is that of
// the fake, with one attempt per read.
func newFolder(t *testing.T, fake *fakeapi.Server, config string) *folder {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the plugin is this test, through a symbolic link: Terraform needs a file with the extension .exe on Windows")
	}
	f := &folder{t: t, dir: t.TempDir()}
	this, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	plugins := t.TempDir()
	if err = os.Symlink(this, filepath.Join(plugins, "terraform-provider-mdatp")); err != nil {
		t.Fatal(err)
	}
	settings := filepath.Join(plugins, "terraform.rc")
	writeFile(t, settings, fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"mdatp/mdatp\" = %q\n  }\n}\n", plugins))
	writeFile(t, filepath.Join(f.dir, "main.tf"), config)
	f.env = append([]string{
		servePlugin + "=1", "GORACE=atexit_sleep_ms=0", // else every end of a plugin takes a second
		"PATH=" + os.Getenv("PATH"), "HOME=" + plugins, "TMPDIR=" + os.TempDir(),
		"TF_CLI_CONFIG_FILE=" + settings, "TF_IN_AUTOMATION=1", "TF_INPUT=0", "CHECKPOINT_DISABLE=1",
		"MDATP_MAX_ATTEMPTS=1",
	}, fake.Env()...)
	return f
}

func writeFile(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// read returns the text of a file in the folder, "" when there is none.
func (f *folder) read(name string) string {
	f.t.Helper()
	content, err := os.ReadFile(filepath.Join(f.dir, name))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		f.t.Fatal(err)
	}
	return string(content)
}

// A result is the exit status and output of a command.
type result struct {
	status int
	stdout string
	lines  string // both streams
	output string // both streams, on one line and without frames
}

// run runs a command of Terraform, which may fail.
func (f *folder) run(arguments ...string) result {
	f.t.Helper()
	arguments = append([]string{arguments[0], "-no-color"}, arguments[1:]...)
	cmd := exec.CommandContext(f.t.Context(), terraformBinary(), arguments...)
	cmd.Dir, cmd.Env = f.dir, f.env
	var stdout, both bytes.Buffer
	cmd.Stdout, cmd.Stderr = &tee{&stdout, &both}, &tee{&both}
	err := cmd.Run()
	exit, ok := errors.AsType[*exec.ExitError](err)
	if err != nil && !ok {
		f.t.Fatalf("running terraform %v: %v", arguments, err)
	}
	r := result{stdout: stdout.String(), lines: both.String(), output: outputOf(errors.New(both.String()))}
	if ok {
		r.status = exit.ExitCode()
	}
	return r
}

// must is run for a command that must succeed.
func (f *folder) must(arguments ...string) result {
	f.t.Helper()
	r := f.run(arguments...)
	if r.status != 0 {
		f.t.Fatalf("exit status of terraform %v = %d, want 0; output: %s", arguments, r.status, r.output)
	}
	return r
}

// A tee writes to several buffers; the two streams of a process come at once.
type tee []*bytes.Buffer

var teeing sync.Mutex

func (t *tee) Write(b []byte) (int, error) {
	teeing.Lock()
	defer teeing.Unlock()
	for _, buffer := range *t {
		buffer.Write(b)
	}
	return len(b), nil
}

func terraformBinary() string {
	return cmp.Or(os.Getenv("TF_ACC_TERRAFORM_PATH"), "terraform")
}

// An engine is the tool that the tests run.
type engine struct {
	name     string // inTerraform or inOpenTofu
	release  string // major and minor, such as 1.11
	version  int    // the Terraform whose features it has, 1011 for 1.11
	registry string // the host of a source address without one
}

const (
	inTerraform = "Terraform"
	inOpenTofu  = "OpenTofu"
)

// findEngine asks the binary for its version. OpenTofu introduced ephemeral
// resources one version later than Terraform.
var findEngine = sync.OnceValues(func() (engine, error) {
	output, err := exec.Command(terraformBinary(), "version").Output()
	if err != nil {
		return engine{}, err
	}
	parts := regexp.MustCompile(`(Terraform|OpenTofu) v((\d+)\.(\d+))\.`).FindSubmatch(output)
	if parts == nil {
		return engine{}, fmt.Errorf("terraform version printed %q, want a version", output)
	}
	e := engine{name: string(parts[1]), release: string(parts[2]), registry: "registry.terraform.io"}
	major, err := strconv.Atoi(string(parts[3]))
	minor, minorErr := strconv.Atoi(string(parts[4]))
	if e.name == inOpenTofu {
		e.registry = "registry.opentofu.org"
		if minor > 9 {
			minor--
		}
	}
	e.version = major*1000 + minor
	return e, errors.Join(err, minorErr)
})

func testedEngine(t *testing.T) engine {
	t.Helper()
	e, err := findEngine()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// needTerraform skips the test when the engine is older than the feature.
func needTerraform(t *testing.T, version int, feature string) {
	t.Helper()
	if e := testedEngine(t); e.version < version {
		t.Skipf("%s %s has no %s", e.name, e.release, feature)
	}
}
