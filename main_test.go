package main

import (
	"bufio"
	"errors"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
)

const binary = "terraform-provider-mdatp"

// quoted stands for the text of a server in the standard logger.
const quoted = "Unsolicited response"

// TestMain runs the provider if this test binary is called by the provider's name.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == binary {
		main()
		log.Print(quoted)
		return
	}
	os.Exit(m.Run())
}

// command returns a command that runs the provider.
func command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the test runs itself by another name, through a symbolic link")
	}
	this, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), binary)
	if err = os.Symlink(this, path); err != nil {
		t.Fatal(err)
	}
	return exec.CommandContext(t.Context(), path, args...)
}

// TestCalledByAPerson expects an error that explains the program.
func TestCalledByAPerson(t *testing.T) {
	t.Parallel()
	output, err := command(t).CombinedOutput()
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok {
		t.Fatalf("%s = %v, want an exit status: %s", binary, err, output)
	}
	if exit.ExitCode() != 1 {
		t.Errorf("%s = exit status %d, want 1: %s", binary, exit.ExitCode(), output)
	}
	if want := "This binary is a plugin"; !strings.Contains(string(output), want) {
		t.Errorf("%s printed %q, want %q in it", binary, output, want)
	}
}

// TestVersion expects what -version prints of this test binary, which has no version.
func TestVersion(t *testing.T) {
	t.Parallel()
	output, err := command(t, "-version").Output()
	want := "terraform-provider-mdatp dev\ncommit unknown\n" + runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH + "\n"
	if err != nil || string(output) != want {
		t.Errorf("%s -version = %q, %v, want %q", binary, output, err, want)
	}
}

// TestBuildVersion expects the commit of a release, or else that of the checkout.
func TestBuildVersion(t *testing.T) {
	t.Parallel()
	platform := []debug.BuildSetting{{Key: "GOARCH", Value: "arm64"}, {Key: "GOOS", Value: "linux"}}
	revision := debug.BuildSetting{Key: "vcs.revision", Value: "1f0e5c7"}
	for name, test := range map[string]struct {
		version, commit string
		settings        []debug.BuildSetting
		want            string
	}{
		"release":           {"0.1.0", "9c2d4e8", platform, "terraform-provider-mdatp 0.1.0\ncommit 9c2d4e8\ngo1.26.8 linux/arm64\n"},
		"release and stamp": {"0.1.0", "9c2d4e8", append(slices.Clone(platform), revision), "terraform-provider-mdatp 0.1.0\ncommit 9c2d4e8\ngo1.26.8 linux/arm64\n"},
		"checkout":          {"dev", "", append(slices.Clone(platform), revision), "terraform-provider-mdatp dev\ncommit 1f0e5c7\ngo1.26.8 linux/arm64\n"},
		"modified checkout": {"dev", "", append(slices.Clone(platform), revision, debug.BuildSetting{Key: "vcs.modified", Value: "true"}), "terraform-provider-mdatp dev\ncommit 1f0e5c7, modified\ngo1.26.8 linux/arm64\n"},
		"without a stamp":   {"dev", "", platform, "terraform-provider-mdatp dev\ncommit unknown\ngo1.26.8 linux/arm64\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := buildVersion(test.version, test.commit, &debug.BuildInfo{GoVersion: "go1.26.8", Settings: test.settings})
			if got != test.want {
				t.Errorf("buildVersion(%q, %q) = %q, want %q", test.version, test.commit, got, test.want)
			}
		})
	}
}

// TestDebug expects the variable by which Terraform finds the provider, an end at
// an interrupt, and nothing from the standard logger.
func TestDebug(t *testing.T) {
	t.Parallel()
	const reattach = `TF_REATTACH_PROVIDERS='{"registry.terraform.io/mdatp/mdatp":{"Protocol":"grpc","ProtocolVersion":6`
	cmd := command(t, "-debug")
	output, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr strings.Builder
	cmd.Stderr = &stderr
	if err = cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(output)
	found := false
	for !found && lines.Scan() {
		found = strings.Contains(lines.Text(), reattach)
	}
	if !found {
		t.Errorf("%s -debug printed no line with %s, want one", binary, reattach)
	}
	if err = cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	for lines.Scan() {
		continue
	}
	if err = cmd.Wait(); err != nil {
		t.Errorf("interrupted %s -debug: %v, want success", binary, err)
	}
	if strings.Contains(stderr.String(), quoted) {
		t.Errorf("%s printed %q, want nothing from the standard logger", binary, stderr.String())
	}
}

// TestLogin runs the command login: its help, and its end at an interrupt.
func TestLogin(t *testing.T) {
	t.Parallel()
	if output, err := command(t, "login", "-help").CombinedOutput(); err != nil || !strings.Contains(string(output), "-refresh-token-file") {
		t.Errorf("login -help = %v, %s, want its flags", err, output)
	}
	cmd := command(t, "login", "-no-browser", "-tenant-id=contoso.example", "-client-id=e81f2d07-54ab-4c36-b9e0-6f13a8752c4d",
		"-refresh-token-file="+filepath.Join(t.TempDir(), "token"))
	output, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr strings.Builder
	cmd.Stderr = &stderr
	if err = cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(output)
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "https://login.microsoftonline.com/contoso.example/oauth2/authorize?") {
	}
	if lines.Text() == "" {
		t.Error("login printed no address, want one")
	}
	if err = cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	err = cmd.Wait()
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != 1 || !strings.Contains(stderr.String(), "The sign-in was cancelled. Nothing is stored.") {
		t.Errorf("login after an interrupt = %v, %q, want exit status 1 and that it was cancelled", err, &stderr)
	}
}
