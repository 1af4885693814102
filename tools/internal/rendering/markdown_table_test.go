// Package rendering_test renders the provider's Markdown with a renderer that the
// provider does not depend on.
package rendering_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extensionast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

const testdata = "../../../internal/provider/functions/testdata"

// row is a row of testdata's table, with one hostile text in every cell.
type row struct {
	Text  string
	Shown *string // nil if it is shown unchanged
}

// TestMarkdownTable checks markdown_table: the document is one table of seven
// columns, no cell contains markup, and each text is shown unchanged.
func TestMarkdownTable(t *testing.T) {
	t.Parallel()
	source := read(t, "markdown_table.md")
	var rows []row
	if err := json.Unmarshal(read(t, "markdown_table.json"), &rows); err != nil {
		t.Fatal(err)
	}
	document := goldmark.New(goldmark.WithExtensions(extension.GFM, extension.Footnote, extension.DefinitionList)).Parser().Parse(text.NewReader(source))
	table := document.FirstChild()
	if table == nil || table.Kind() != extensionast.KindTable || table.NextSibling() != nil || table.ChildCount() != len(rows)+1 {
		t.Fatal("the document is not one table with a row for each text")
	}
	line := table.FirstChild()
	for _, row := range rows {
		line = line.NextSibling()
		if line.ChildCount() != 7 {
			t.Fatalf("%q gives %d cells", row.Text, line.ChildCount())
		}
		want := row.Text
		if row.Shown != nil {
			want = *row.Shown
		}
		for cell := line.FirstChild(); cell != nil; cell = cell.NextSibling() {
			if got := shown(t, cell, source); got != want {
				t.Errorf("%q is shown as %q, want %q", row.Text, got, want)
			}
		}
	}
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(testdata, name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// shown returns the visible text of a cell, which may contain only text, and code
// for an id.
func shown(t *testing.T, cell ast.Node, source []byte) string {
	t.Helper()
	var content strings.Builder
	for node := cell.FirstChild(); node != nil; node = node.NextSibling() {
		switch n := node.(type) {
		case *ast.Text:
			content.Write(util.ResolveNumericReferences(n.Segment.Value(source)))
		case *ast.CodeSpan:
			if cell.NextSibling() != nil {
				t.Error("code outside the last column")
			}
			for part := n.FirstChild(); part != nil; part = part.NextSibling() {
				if code, ok := part.(*ast.Text); ok {
					content.Write(code.Segment.Value(source))
				}
			}
		default:
			t.Errorf("a cell holds a %s", n.Kind())
		}
	}
	return strings.ReplaceAll(content.String(), "\u200b", "")
}
