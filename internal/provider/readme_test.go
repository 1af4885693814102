package provider_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

// TestReadme plans the first configuration of the README as it is printed.
func TestReadme(t *testing.T) {
	t.Parallel()
	code := regexp.MustCompile("(?s)\n```hcl\n(.*?)\n```\n").FindStringSubmatch(readText(t, "../../README.md"))
	if code == nil {
		t.Fatal("the README has no configuration")
	}
	fake := startFake(t, fakeapi.Options{Alerts: 20, Now: atNoon})
	f := newFolder(t, fake, code[1]+"\n")
	f.must("apply", "-auto-approve")
	detections := pull(t, fake, "ago=PT6H")
	output := f.must("output", "alerts").stdout
	for _, d := range detections {
		if line := fmt.Sprintf("%q", text(d, "Severity")+": "+text(d, "AlertTitle")); !strings.Contains(output, line) {
			t.Errorf("%s is not in %s", line, output)
		}
	}
	if len(detections) == 0 {
		t.Error("there are no detections")
	}
}
