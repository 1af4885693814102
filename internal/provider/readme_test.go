package provider_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

// readmeCode returns the first configuration of the README.
func readmeCode(t *testing.T) string {
	t.Helper()
	code := regexp.MustCompile("(?s)\n```hcl\n(.*?)\n```\n").FindStringSubmatch(readText(t, "../../README.md"))
	if code == nil {
		t.Fatal("README.md has no block of hcl, want a configuration")
	}
	return code[1] + "\n"
}

// TestReadme applies the first configuration of the README unchanged.
func TestReadme(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 20, Now: atNoon})
	f := newFolder(t, fake, readmeCode(t))
	f.must("apply", "-auto-approve")
	detections := pull(t, fake, "ago=PT6H")
	output := f.must("output", "alerts").stdout
	for _, d := range detections {
		if want := fmt.Sprintf("%q", textOf(d, "Severity")+": "+textOf(d, "AlertTitle")); !strings.Contains(output, want) {
			t.Errorf("terraform output alerts = %s, want %s in it", output, want)
		}
	}
	if len(detections) == 0 {
		t.Error("detections of the last 6 hours = 0, want some")
	}
}

// TestGuideReport runs the guide's two blocks, of which one reports and the other
// fails: the plan prints the report of an alert that stops it.
func TestGuideReport(t *testing.T) {
	t.Parallel()
	_, section, ok := strings.Cut(readText(t, gatesGuide), "## Report everything, fail on High\n")
	if !ok {
		t.Fatalf("%s has no section on two blocks, want one", gatesGuide)
	}
	fake := startFake(t, fakeapi.Options{Alerts: -1, Now: atNoon})
	serve(t, fake, withSeverities("High", "Low", "Low")...)
	r := newFolder(t, fake, requiredProviders+fenced(t, section, "hcl")).run("plan")
	if r.status != 1 {
		t.Errorf("terraform plan = exit status %d, want 1: %s", r.status, r.output)
	}
	for _, want := range []string{"High = 1", "Low = 2", "Gate failed: too many alerts"} {
		if !strings.Contains(regexp.MustCompile(` +`).ReplaceAllString(r.output, " "), want) {
			t.Errorf("terraform plan prints %q, want %q in it", r.output, want)
		}
	}
	if sent := len(fake.AlertRequests()); sent != 2 {
		t.Errorf("requests for alerts = %d, want 2", sent)
	}
}
