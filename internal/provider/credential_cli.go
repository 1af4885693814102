package provider

import (
	"os/exec"
	"path/filepath"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/mdatp/terraform-provider-mdatp/internal/entra"
)

// cliCredential is the credential of whoever is signed in to the Azure CLI. Without
// use_cli it is the default, if the CLI is installed and no other credential is
// mentioned: a secret that is empty is one that the CI system does not have.
func cliCredential(s resolvedSettings) credential {
	use, program := useCLI.in(s), findProgram(searchPath.in(s).value, "az")
	return credential{
		set: use.set && use.value, fallback: !use.set && program != "" && !mentionsCredential(s),
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

// mentionsCredential reports whether a setting of a credential is set, also if it is empty.
func mentionsCredential(s resolvedSettings) bool {
	for _, row := range append([]*settingRow[string]{clientID, clientSecret}, otherProofs...) {
		if r := row.in(s); r.empty != nil || r.set && r.level.name != "AZURE_" || r.set && row != oidcToken {
			return true // AZURE_FEDERATED_TOKEN_FILE is in every pod
		}
	}
	return false
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
