//go:build unix

package provider_test

import (
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

// TestFault_T2_FIFO: a FIFO that nobody writes to is an error at once.
func TestFault_T2_FIFO(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: -1})
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	c := newClient(t, nil)
	checkFindings(t, "configure", c.configure(block(fake, values{"client_secret": nil, "client_secret_file_path": fifo, "ca_certificate_path": fifo})), nil)
	started := time.Now()
	_, found := c.read("mdatp_alert_summary", nil)
	const problem = " in the provider block names cannot be read: it is not a regular file. Check the path and who may read it."
	checkFindings(t, "read", found, []string{
		"error: Unreadable file of CA certificates: The file that ca_certificate_path" + problem,
		"error: Unreadable file of the client secret: The file that client_secret_file_path" + problem,
	})
	if took := time.Since(started); took > 5*time.Second {
		t.Errorf("read with a FIFO took %s, want no wait", took)
	}
	checkNoRequests(t, fake)
}
