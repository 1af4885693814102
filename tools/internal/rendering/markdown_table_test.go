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
	extensions := goldmark.WithExtensions(extension.GFM, extension.Footnote, extension.DefinitionList)
	document := goldmark.New(extensions).Parser().Parse(text.NewReader(source))
	table := document.FirstChild()
	if table == nil || table.Kind() != extensionast.KindTable || table.NextSibling() != nil {
		t.Fatalf("document = %d nodes from %v on, want one table", document.ChildCount(), table)
	}
	if got, want := table.ChildCount(), len(rows)+1; got != want {
		t.Fatalf("lines of the table = %d, want %d", got, want)
	}
	line := table.FirstChild()
	for _, r := range rows {
		line = line.NextSibling()
		if got := line.ChildCount(); got != 7 {
			t.Fatalf("cells of the row of %q = %d, want 7", r.Text, got)
		}
		want := r.Text
		if r.Shown != nil {
			want = *r.Shown
		}
		for cell, column := line.FirstChild(), 0; cell != nil; cell, column = cell.NextSibling(), column+1 {
			if got := shown(t, cell, source, codeColumns[column]); got != want {
				t.Errorf("visible text of %q = %q, want %q", r.Text, got, want)
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

// codeColumns are those that may be code: device, user and alert.
var codeColumns = map[int]bool{3: true, 4: true, 6: true}

// shown returns the visible text of a cell, which may contain only text, or code
// where that is allowed.
func shown(t *testing.T, cell ast.Node, source []byte, code bool) string {
	t.Helper()
	var content strings.Builder
	for node := cell.FirstChild(); node != nil; node = node.NextSibling() {
		switch n := node.(type) {
		case *ast.Text:
			content.Write(util.ResolveNumericReferences(n.Segment.Value(source)))
		case *ast.CodeSpan:
			if !code {
				t.Errorf("cell of a column of text = %s, want text only", n.Kind())
			}
			for part := n.FirstChild(); part != nil; part = part.NextSibling() {
				if text, ok := part.(*ast.Text); ok {
					content.Write(text.Segment.Value(source))
				}
			}
		default:
			t.Errorf("cell = %s, want text or code", n.Kind())
		}
	}
	return strings.ReplaceAll(content.String(), "\u200b", "")
}
