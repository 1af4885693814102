package fakeapi

import (
	"fmt"
	"os"
	"path/filepath"
)

// AzureCLILog is the name of the file to which the program of WriteAzureCLI appends
// its arguments, a line for each run.
const AzureCLILog = "az.log"

// WriteAzureCLI writes a program az into dir, for the PATH of a test on Unix, and
// returns its path. It prints a token of the tenant for the SIEM API or for Graph,
// always the same, after the page "az account".
func (s *Server) WriteAzureCLI(dir string) (program string, err error) {
	script := ""
	for argument, resource := range map[string]string{
		"--resource=" + s.opts.Resource:          s.opts.Resource,
		"--scope=" + GraphResource + "/.default": GraphResource,
		"--resource=" + GraphResource:            GraphResource,
	} {
		now := s.opts.Now()
		expires := now.Add(s.opts.TokenLifetime)
		script += fmt.Sprintf("case \"$*\" in \"account get-access-token --output json %s --tenant=%s\") cat <<'END'\n%s\nEND\nexit 0;; esac\n",
			argument, s.opts.TenantID, mustMarshal(map[string]any{
				"accessToken": s.tokens.issue(s.opts, s.opts.TenantID, resource, now),
				"expiresOn":   expires.Local().Format("2006-01-02 15:04:05.000000"),
				"expires_on":  expires.Unix(),
				"tenant":      s.opts.TenantID,
				"tokenType":   "Bearer",
			}))
	}
	return WriteAzureCLIScript(dir, script+"echo \"ERROR: AADSTS90002: Tenant or resource not found: $*\" >&2\nexit 1\n")
}

// WriteAzureCLIScript is WriteAzureCLI with another script for the shell. Write all
// scripts of a test before the first runs: a file that is open for writing in any
// thread cannot be run.
func WriteAzureCLIScript(dir, script string) (program string, err error) {
	program = filepath.Join(dir, "az")
	text := fmt.Sprintf("#!/bin/sh\nprintf '%%s\\n' \"$*\" >> '%s'\n%s", filepath.Join(dir, AzureCLILog), script)
	if err = os.WriteFile(program, []byte(text), 0o700); err != nil {
		return "", fmt.Errorf("fakeapi: %w", err)
	}
	return program, nil
}
