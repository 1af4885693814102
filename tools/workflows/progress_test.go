package workflows

import (
	"errors"
	"os/exec"
	"strings"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/tools/internal/process"
)

// TestProgress: the command's output and exit status are those of the script, which ends
// with it.
func TestProgress(t *testing.T) {
	t.Parallel()
	cmd := process.Command(t.Context(), "bash", "../../.ci/progress", "it runs", "sh", "-c", "echo done; exit 3")
	output, err := process.Output(cmd)
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok || exit.ExitCode() != 3 || strings.TrimSpace(output) != "done" {
		t.Errorf(".ci/progress = %v, %q, want exit status 3 and the output of the command alone", err, output)
	}
}
