package main

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

// registryDocs is the address of the documentation of the newest release.
const registryDocs = "https://registry.terraform.io/providers/mdatp/mdatp/latest/docs"

// relativeLink matches a link to another page, with its heading.
var relativeLink = regexp.MustCompile(`\]\(([^)\s:#]+)\.md(#[^)\s]+)?\)`)

// linkPages makes the links between the pages of docs/ absolute. The registry does not
// rewrite relative ones, and its overview has no folder to which they could be relative.
func linkPages(root string) error {
	return filepath.WalkDir(filepath.Join(root, "docs"), func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		page, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		return os.WriteFile(file, []byte(absoluteLinks(filepath.ToSlash(page), string(text))), 0o600)
	})
}

// absoluteLinks returns the text of a page, such as docs/guides/gates.md.
func absoluteLinks(page, text string) string {
	return relativeLink.ReplaceAllStringFunc(text, func(link string) string {
		parts := relativeLink.FindStringSubmatch(link)
		target := strings.TrimPrefix(path.Join(path.Dir(page), parts[1]), "docs")
		if target == "/index" {
			target = ""
		}
		return "](" + registryDocs + target + parts[2] + ")"
	})
}
