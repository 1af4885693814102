// Command sbom writes a software bill of materials of a Go binary, in CycloneDX's JSON:
// its modules with their checksums, and the Go version. Everything is read from the
// binary, and neither the time nor the machine is recorded: the same binary has the
// same bill on every machine.
package main

import (
	"bytes"
	"debug/buildinfo"
	"encoding/json"
	"flag"
	"fmt"
	"os"
)

func main() {
	version := flag.String("version", "", "`version` of the main module")
	output := flag.String("o", "", "`file` to write")
	flag.Parse()
	if err := write(flag.Arg(0), *version, *output); err != nil {
		fmt.Fprintln(os.Stderr, "sbom:", err)
		os.Exit(1)
	}
}

func write(binary, version, output string) error {
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return err
	}
	bill, err := newBill(info, version)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err = encoder.Encode(bill); err != nil {
		return err
	}
	return os.WriteFile(output, text.Bytes(), 0o644)
}
