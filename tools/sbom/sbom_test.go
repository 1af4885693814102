package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
)

// TestBill expects the main module with the version of the release, the standard
// library, and each module with the hexadecimal form of its checksum.
func TestBill(t *testing.T) {
	t.Parallel()
	info := &debug.BuildInfo{
		GoVersion: "go1.26.8",
		Main:      debug.Module{Path: "example.com/provider", Version: "(devel)"},
		Settings:  []debug.BuildSetting{{Key: "GOARCH", Value: "arm64"}, {Key: "GOOS", Value: "linux"}},
		Deps: []*debug.Module{
			{Path: "example.com/old", Version: "v2.0.0+incompatible", Sum: "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},
		},
	}
	bill, err := newBill(info, "v0.1.0")
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(bill)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"bomFormat":"CycloneDX","specVersion":"1.6","version":1,` +
		`"metadata":{"component":{"type":"application","bom-ref":"pkg:golang/example.com/provider@v0.1.0?goarch=arm64\u0026goos=linux",` +
		`"name":"example.com/provider","version":"v0.1.0","purl":"pkg:golang/example.com/provider@v0.1.0?goarch=arm64\u0026goos=linux"}},` +
		`"components":[` +
		`{"type":"library","bom-ref":"pkg:golang/stdlib@1.26.8","name":"stdlib","version":"1.26.8","purl":"pkg:golang/stdlib@1.26.8"},` +
		`{"type":"library","bom-ref":"pkg:golang/example.com/old@v2.0.0%2Bincompatible","name":"example.com/old","version":"v2.0.0+incompatible",` +
		`"hashes":[{"alg":"SHA-256","content":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}],` +
		`"purl":"pkg:golang/example.com/old@v2.0.0%2Bincompatible"}]}`
	if string(got) != want {
		t.Errorf("newBill = %s, want %s", got, want)
	}
}

// TestIncompleteBill expects an error where a module cannot be identified.
func TestIncompleteBill(t *testing.T) {
	t.Parallel()
	for want, module := range map[string]*debug.Module{
		"is replaced":            {Path: "example.com/a", Replace: &debug.Module{Path: "../a"}},
		"is not of the kind h1":  {Path: "example.com/a", Version: "v1.0.0"},
		"illegal base64 data at": {Path: "example.com/a", Version: "v1.0.0", Sum: "h1:?"},
	} {
		if bill, err := newBill(&debug.BuildInfo{Deps: []*debug.Module{module}}, "v0.1.0"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("newBill(%+v) = %+v, %v, want an error with %q", *module, bill, err, want)
		}
	}
}

// TestWrite reads a real binary: this test, whose module has dependencies.
func TestWrite(t *testing.T) {
	t.Parallel()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	output := filepath.Join(t.TempDir(), "bill.json")
	if err = write(binary, "v0.1.0", output); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(output)
	if err != nil {
		t.Fatal(err)
	}
	if want := `"purl": "pkg:golang/stdlib@` + strings.TrimPrefix(runtime.Version(), "go") + `"`; !strings.Contains(string(text), want) {
		t.Errorf("bill = %s, want %s in it", text, want)
	}
	if err = write(output, "v0.1.0", output); err == nil {
		t.Error("the bill of a file that is no binary: no error, want one")
	}
}
