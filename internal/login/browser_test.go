package login_test

import (
	"bytes"
	"context"
	"os/exec"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

// TestChromium shows the pages to a real browser, which follows the redirect to the
// callback and displays the text.
func TestChromium(t *testing.T) {
	t.Parallel()
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is not installed (Debian's package chromium): the pages are checked by a plain HTTP client only")
	}
	for _, test := range []struct {
		options fakeapi.Options
		want    string
	}{
		{fakeapi.Options{PublicClient: true}, "<h1>Signed in</h1>"},
		{fakeapi.Options{PublicClient: true, RefuseConsent: true}, "<h1>Sign-in failed</h1>"},
	} {
		fake := startFake(t, test.options)
		r := start(t, fake, nil)
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
			"--user-data-dir="+t.TempDir(), "--no-first-run", "--disable-background-networking", "--proxy-server=direct://", "--dump-dom", r.address.String())
		output, err := cmd.Output()
		if err != nil {
			t.Fatalf("chromium: %v", err)
		}
		if !bytes.Contains(output, []byte(test.want)) {
			t.Errorf("chromium displays %s, want %s", output, test.want)
		}
		if err := r.wait(); (err == nil) != (test.want == "<h1>Signed in</h1>") {
			t.Errorf("Run() = %v with %s", err, test.want)
		}
		if got := len(fake.AuthorizeRequests()); got != 1 {
			t.Errorf("requests to the authorize endpoint = %d, want 1", got)
		}
	}
}
