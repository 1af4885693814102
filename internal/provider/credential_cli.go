package provider

import (
	"os/exec"
	"path/filepath"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/mdatp/terraform-provider-mdatp/internal/entra"
)

// cliCredential is the credential of the user of the Azure CLI. Without use_cli it is
// the default: the credential of last resort, if the CLI is installed.
func cliCredential(s resolvedSettings) credential {
	use, program := useCLI.in(s), findProgram(searchPath.in(s).value, "az")
	return credential{
		set: use.set && use.value, fallback: !use.set && program != "",
		name: "the Azure CLI by " + use.origin,
		origin: func() string {
			if use.set {
				return "the access token from the Azure CLI by " + use.origin
			}
			return "the access token from the Azure CLI, the default"
		},
		build: func(func(string)) (entra.Credential, diag.Diagnostics) { return entra.AzureCLI(program), nil },
	}
}

// findProgram returns the path of a program in the folders of a PATH, or "". It never
// looks in the working directory, where a configuration may come from somebody else.
func findProgram(folders, name string) string {
	for _, folder := range filepath.SplitList(folders) {
		if !filepath.IsAbs(folder) {
			continue
		}
		if found, err := exec.LookPath(filepath.Join(folder, name)); err == nil {
			return found
		}
	}
	return ""
}
