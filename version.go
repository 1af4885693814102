package main

import (
	"fmt"
	"runtime/debug"
)

// version and commit are set when a release is built: its build information has no
// commit, so that it does not depend on the state of a checkout.
var (
	version = "dev"
	commit  = ""
)

// buildVersion describes this binary: version, commit, and the Go version that
// determines which vulnerabilities of the standard library it has.
func buildVersion(version, commit string, info *debug.BuildInfo) string {
	settings := map[string]string{}
	for _, setting := range info.Settings {
		settings[setting.Key] = setting.Value
	}
	if commit == "" {
		commit = settings["vcs.revision"]
		if settings["vcs.modified"] == "true" {
			commit += ", modified"
		}
	}
	if commit == "" {
		commit = "unknown"
	}
	return fmt.Sprintf("terraform-provider-mdatp %s\ncommit %s\n%s %s/%s\n", version, commit, info.GoVersion, settings["GOOS"], settings["GOARCH"])
}
