package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// tree writes files, a map from path to text, and returns their root.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestCopyAndCompare(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"docs/index.md":                       "# Provider\n",
		"docs/data-sources/alerts.md":         "# Alerts\n",
		"examples/a/main.tf":                  "locals {}\n",
		"examples/a/.terraform/providers/big": "not copied",
		"examples/a/.terraform.lock.hcl":      "not copied",
		"main.go":                             "not copied",
	}
	here := tree(t, files)
	copied := t.TempDir()
	if err := copyFolders(here, copied, generated); err != nil { // without templates, which is ignored
		t.Fatal(err)
	}
	var want []string
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if files[name] != "not copied" {
			want = append(want, filepath.FromSlash(name))
		}
	}
	got, err := listFiles(copied, []string{"."})
	if err != nil {
		t.Fatal(err)
	}
	if slices.Sort(got); !slices.Equal(got, want) {
		t.Errorf("files copied = %q, want %q", got, want)
	}
	differences, err := compareFolders(here, copied, generated)
	if err != nil {
		t.Fatal(err)
	}
	if len(differences) > 0 {
		t.Errorf("compareFolders of a copy = %q, want no differences", differences)
	}
}

func TestCompareFolders(t *testing.T) {
	t.Parallel()
	here := tree(t, map[string]string{"docs/same": "1", "docs/changed": "1", "docs/gone": "1", "main.go": "1"})
	fresh := tree(t, map[string]string{"docs/same": "1", "docs/changed": "2", "templates/new": "1", "main.go": "2"})
	got, err := compareFolders(here, fresh, generated)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		filepath.Join("docs", "changed") + " differs",
		filepath.Join("templates", "new") + " is missing",
		filepath.Join("docs", "gone") + " is no longer generated",
	}
	if !slices.Equal(got, want) {
		t.Errorf("compareFolders = %q, want %q", got, want)
	}
}

func TestRename(t *testing.T) {
	t.Parallel()
	const version = `{"format_version":"1.0"`
	schemas := func(provider, schema string) string {
		return version + `,"provider_schemas":{"` + provider + `":` + schema + `}}`
	}
	for name, test := range map[string]struct{ text, want string }{
		"terraform":    {schemas("registry.terraform.io/mdatp/mdatp", `{"a":1}`), `{"a":1}`},
		"opentofu":     {schemas("registry.opentofu.org/mdatp/mdatp", `{"a":2}`), `{"a":2}`},
		"another":      {schemas("registry.terraform.io/hashicorp/mdatp", "{}"), ""},
		"none":         {version + "}", ""},
		"not a schema": {`Terraform`, ""},
		"empty":        {``, ""},
	} {
		got, err := rename([]byte(test.text))
		if test.want == "" {
			if err == nil {
				t.Errorf("%s: rename = %s, want an error", name, got)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: rename: error %v, want none", name, err)
		}
		if want := schemas("mdatp", test.want); string(got) != want {
			t.Errorf("%s: rename = %s, want %s", name, got, want)
		}
	}
}
