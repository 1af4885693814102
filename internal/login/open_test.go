package login_test

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/login"
)

// TestOpenBrowser passes the address, and no secret of the environment.
func TestOpenBrowser(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the browser is opened with xdg-open on Linux only")
	}
	folder := t.TempDir()
	const script = "#!/bin/sh\n{ echo \"$# $1\"; env; } > \"$OUTPUT.new\"; mv \"$OUTPUT.new\" \"$OUTPUT\"\n"
	if err := os.WriteFile(filepath.Join(folder, "xdg-open"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	output := filepath.Join(folder, "output")
	t.Setenv("PATH", folder+":/usr/bin:/bin")
	t.Setenv("OUTPUT", output)
	for _, variable := range []string{"MDATP_CLIENT_SECRET", "ARM_CLIENT_SECRET", "AZURE_CLIENT_SECRET", "arm_client_secret", "TF_VAR_client_secret"} {
		t.Setenv(variable, "s3cr3t")
	}
	const address = "https://login.test/?a=$(id)&b='"
	if err := login.OpenBrowser(t.Context(), address); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		text, err := os.ReadFile(output)
		if err == nil {
			if !bytes.HasPrefix(text, []byte("1 "+address+"\n")) || bytes.Contains(text, []byte("s3cr3t")) || !bytes.Contains(text, []byte("OUTPUT=")) {
				t.Errorf("the program got %s, want the address and the environment without secrets", text)
			}
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the program did not start within 10s")
		}
	}
}
