package main

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
)

// A bill is a CycloneDX document. It has no graph of dependencies: a binary has none.
type bill struct {
	Format      string      `json:"bomFormat"`
	SpecVersion string      `json:"specVersion"`
	Version     int         `json:"version"`
	Metadata    metadata    `json:"metadata"`
	Components  []component `json:"components"`
}

type metadata struct {
	Component component `json:"component"`
}

type component struct {
	Type    string `json:"type"`
	Ref     string `json:"bom-ref"`
	Name    string `json:"name"`
	Version string `json:"version"`
	Hashes  []hash `json:"hashes,omitempty"`
	PURL    string `json:"purl"`
}

type hash struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"`
}

// newBill returns the bill of a binary. The main module of a release has no version in
// its build information.
func newBill(info *debug.BuildInfo, version string) (bill, error) {
	main := newComponent("application", info.Main.Path, version)
	main.PURL += "?goarch=" + setting(info, "GOARCH") + "&goos=" + setting(info, "GOOS")
	main.Ref = main.PURL
	// Vulnerability scanners know the standard library by this name.
	components := []component{newComponent("library", "stdlib", strings.TrimPrefix(info.GoVersion, "go"))}
	for _, module := range info.Deps {
		if module.Replace != nil {
			return bill{}, fmt.Errorf("%s is replaced: a release is built from published modules", module.Path)
		}
		sum, err := sha256(module.Sum)
		if err != nil {
			return bill{}, fmt.Errorf("checksum %q of %s: %w", module.Sum, module.Path, err)
		}
		c := newComponent("library", module.Path, module.Version)
		c.Hashes = []hash{{"SHA-256", sum}}
		components = append(components, c)
	}
	return bill{"CycloneDX", "1.6", 1, metadata{main}, components}, nil
}

func newComponent(kind, path, version string) component {
	purl := "pkg:golang/" + path + "@" + strings.ReplaceAll(version, "+", "%2B")
	return component{Type: kind, Ref: purl, Name: path, Version: version, PURL: purl}
}

// sha256 returns the hexadecimal form of a module's checksum in go.sum: the SHA-256 of
// the list of its files' checksums.
func sha256(sum string) (string, error) {
	text, ok := strings.CutPrefix(sum, "h1:")
	if !ok {
		return "", errors.New("it is not of the kind h1")
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	return hex.EncodeToString(raw), err
}

func setting(info *debug.BuildInfo, key string) string {
	for _, s := range info.Settings {
		if s.Key == key {
			return s.Value
		}
	}
	return ""
}
