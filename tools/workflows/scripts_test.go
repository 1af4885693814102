package workflows

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// run runs a script of .ci with the commands in folder before those of the PATH.
func run(t *testing.T, script, folder, input string, args ...string) (output string, err error) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the scripts need a shell")
	}
	path, err := filepath.Abs("../../.ci/" + script)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "bash", append([]string{"-c", `PATH=$COMMANDS:$PATH exec "$0" "$@"`, path}, args...)...)
	cmd.Env = append(cmd.Environ(), "GH_REPO=mdatp/terraform-provider-mdatp", "COMMANDS="+folder)
	cmd.Stdin = strings.NewReader(input)
	var all bytes.Buffer
	cmd.Stdout, cmd.Stderr = &all, &all
	err = cmd.Run()
	return all.String(), err
}

// TestSigningKey expects only RSA and DSA among the parts of a key that sign. The
// fields are: type, validity, bits, algorithm, ID, ..., capabilities in the twelfth.
func TestSigningKey(t *testing.T) {
	t.Parallel()
	const (
		rsa        = "pub:u:4096:1:5C2F0E9A7B31D684:1767225600:::u:::scESC::::::23::0:\n"
		dsa        = "pub:u:3072:17:5C2F0E9A7B31D684:1767225600:::u:::scESC::::::23::0:\n"
		ed25519    = "pub:u:255:22:91AD3C5577E0B2F4:1767225600:::u:::scESC:::::ed25519:::0:\n"
		certifies  = "pub:u:4096:1:5C2F0E9A7B31D684:1767225600:::u:::cSC::::::23::0:\n"
		subkey     = "sub:u:255:22:0B8D64F2C19E7A35:1767225600::::::s:::::ed25519::\n"
		encryption = "sub:u:255:18:0B8D64F2C19E7A35:1767225600::::::e:::::cv25519::\n"
	)
	for name, test := range map[string]struct{ listing, want string }{
		"RSA":                      {rsa, ""},
		"DSA":                      {dsa, ""},
		"RSA, encryption with ECC": {rsa + encryption, ""},
		"ECC":                      {ed25519, "91AD3C5577E0B2F4 signs with algorithm 22"},
		"RSA, signs with ECC":      {rsa + subkey, "0B8D64F2C19E7A35 signs with algorithm 22"},
		"only certifies":           {certifies, "No key that signs"},
		"none":                     {"", "No key that signs"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			output, err := run(t, "signing-key", "", test.listing)
			if (err == nil) != (test.want == "") || !strings.Contains(output, test.want) || test.want == "" && output != "" {
				t.Errorf("signing-key = %v, %q, want %q", err, output, test.want)
			}
		})
	}
}

// TestVerifyRelease expects that every file is verified, and the release with a file
// that is missing, changed, unlisted or unattested to be refused.
func TestVerifyRelease(t *testing.T) {
	t.Parallel()
	const (
		prefix = "terraform-provider-mdatp_1.2.3_"
		zip    = prefix + "linux_amd64.zip"
		bill   = prefix + "linux_amd64.cdx.json"
		json   = prefix + "manifest.json"
	)
	whole := map[string]string{
		zip: "zip", bill: "bill", json: "{}", sums + ".sig": "signature",
	}
	for name, test := range map[string]struct {
		change  func(files map[string]string)
		refuses string // what gpg or gh does not accept
		want    string
	}{
		"whole":           {func(map[string]string) {}, "", ""},
		"changed":         {func(files map[string]string) { files[zip] = "other" }, "", zip + ": FAILED"},
		"missing":         {func(files map[string]string) { delete(files, bill) }, "", bill + ": No such file"},
		"no bill":         {func(files map[string]string) { delete(files, bill); list(files, zip, json) }, "", zip + " has no SBOM"},
		"no manifest":     {func(files map[string]string) { delete(files, json); list(files, zip, bill) }, "", "the release has no manifest"},
		"no archive":      {func(files map[string]string) { delete(files, zip); list(files, bill, json) }, "", "the release has no archive"},
		"unlisted":        {func(files map[string]string) { files["extra"] = "x" }, "", "extra is not in " + sums},
		"listed in part":  {func(files map[string]string) { files["linux_amd64.zip"] = "x"; files["linux_amd64.cdx.json"] = "x" }, "", "linux_amd64.cdx.json is not in " + sums},
		"wrong signature": {func(map[string]string) {}, "gpg", "gpg refuses"},
		"not attested":    {func(map[string]string) {}, "attestation verify " + json, "gh refuses"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := maps.Clone(whole)
			list(files, zip, bill, json)
			test.change(files)
			folder, commands := t.TempDir(), t.TempDir()
			for file, content := range files {
				write(t, filepath.Join(folder, file), content, 0o600)
			}
			log := filepath.Join(commands, "log")
			for _, command := range []string{"gpg", "gh"} {
				write(t, filepath.Join(commands, command), fmt.Sprintf(`#!/bin/sh
echo "%[1]s $*" >> '%[2]s'
case "%[1]s $*" in *"%[3]s"*) echo "%[1]s refuses"; exit 1;; esac
`, command, log, cmp.Or(test.refuses, "nothing is refused")), 0o700)
			}
			output, err := run(t, "verify-release", commands, "", folder, "v1.2.3")
			if (err == nil) != (test.want == "") || !strings.Contains(output, test.want) {
				t.Errorf("verify-release = %v, %q, want %q", err, output, test.want)
			}
			if test.want != "" {
				return
			}
			const verify = " --repo mdatp/terraform-provider-mdatp --signer-workflow mdatp/terraform-provider-mdatp/.github/workflows/release.yml --source-ref refs/tags/v1.2.3\n"
			want := "gpg --batch --verify " + sums + ".sig " + sums + "\n"
			for _, file := range []string{bill, zip, json} {
				want += "gh attestation verify " + file + verify
			}
			if got, err := os.ReadFile(log); err != nil || string(got) != want {
				t.Errorf("commands = %q, %v, want %q", got, err, want)
			}
		})
	}
}

// sums is the name of the file of checksums.
const sums = "terraform-provider-mdatp_1.2.3_SHA256SUMS"

// list writes the checksums of files into the file sums.
func list(files map[string]string, names ...string) {
	files[sums] = ""
	for _, name := range names {
		files[sums] += fmt.Sprintf("%x  %s\n", sha256.Sum256([]byte(files[name])), name)
	}
}

func write(t *testing.T, name, content string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
}
