package provider_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

// TestReadme applies the first configuration of the README unchanged.
func TestReadme(t *testing.T) {
	t.Parallel()
	code := regexp.MustCompile("(?s)\n```hcl\n(.*?)\n```\n").FindStringSubmatch(readText(t, "../../README.md"))
	if code == nil {
		t.Fatal("README.md has no block of hcl, want a configuration")
	}
	fake := startFake(t, fakeapi.Options{Alerts: 20, Now: atNoon})
	f := newFolder(t, fake, code[1]+"\n")
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
