package login

import (
	"context"
	"os/exec"
	"runtime"
	"slices"
	"strings"
)

// OpenBrowser opens an address in the person's browser, as the desktop of this
// computer does. It does not wait for the browser, which outlives the sign-in.
func OpenBrowser(ctx context.Context, address string) error {
	program, arguments := opener(runtime.GOOS)
	cmd := exec.CommandContext(context.WithoutCancel(ctx), program, append(arguments, address)...)
	cmd.Env = slices.DeleteFunc(cmd.Environ(), isOfSignIn)
	if err := cmd.Start(); err != nil {
		return err
	}
	go func() { _ = cmd.Wait() }()
	return nil
}

// isOfSignIn reports whether a variable can have a secret of an application, also as a
// variable of Terraform. The browser and what it starts run for days.
func isOfSignIn(variable string) bool {
	upper := strings.ToUpper(variable) // variables are case-insensitive on Windows
	return slices.ContainsFunc([]string{"MDATP_", "ARM_", "AZURE_", "TF_"}, func(prefix string) bool { return strings.HasPrefix(upper, prefix) })
}

// opener returns the program that opens addresses. None of them is a shell.
func opener(system string) (program string, arguments []string) {
	switch system {
	case "windows":
		return "rundll32", []string{"url.dll,FileProtocolHandler"}
	case "darwin":
		return "open", nil
	}
	return "xdg-open", nil
}
