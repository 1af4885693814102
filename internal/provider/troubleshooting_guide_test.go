package provider_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// reporters are the functions that make a diagnostic or an error of a function: what
// they make, and the position of its title among their arguments. What comes before the
// title of an error about an element is its place.
var reporters = map[string]struct {
	kind, place string
	title       int
}{
	"AddError":                      {kind: "Error"},
	"NewErrorDiagnostic":            {kind: "Error"},
	"AddAttributeError":             {kind: "Error", title: 1},
	"NewAttributeErrorDiagnostic":   {kind: "Error", title: 1},
	"AddWarning":                    {kind: "Warning"},
	"NewWarningDiagnostic":          {kind: "Warning"},
	"AddAttributeWarning":           {kind: "Warning", title: 1},
	"NewAttributeWarningDiagnostic": {kind: "Warning", title: 1},
	"NewArgumentFuncError":          {kind: "Error of a function", title: 1},
	"fail":                          {kind: "Error of a function"},
	"problem":                       {kind: "Error of a function", title: 1, place: "…[…]"},
}

// A titleReader reads the titles of diagnostics in the source of a package.
type titleReader struct {
	t      *testing.T
	files  *token.FileSet
	values map[string][]ast.Expr // of constants of the package, and of fields named title
	local  map[string][]ast.Expr // of constants and variables of the function
	found  map[string][]string   // titles by kind
}

// titlesIn returns the titles of the diagnostics of a package by kind. A part that is no
// constant is "…".
func titlesIn(t *testing.T, dir string, found map[string][]string) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	r := titleReader{t: t, files: token.NewFileSet(), values: map[string][]ast.Expr{}, found: found}
	var functions []*ast.FuncDecl
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(r.files, path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, declaration := range file.Decls {
			if function, ok := declaration.(*ast.FuncDecl); ok {
				functions = append(functions, function)
			} else {
				addValues(r.values, declaration)
			}
		}
	}
	for _, function := range functions {
		ast.Inspect(function, func(node ast.Node) bool {
			if pair, ok := node.(*ast.KeyValueExpr); ok && nameOf(pair.Key) == "title" {
				r.values[".title"] = append(r.values[".title"], pair.Value)
			}
			return true
		})
	}
	for _, function := range functions {
		r.readFunction(function)
	}
}

// addValues adds the expressions that a node gives to names.
func addValues(values map[string][]ast.Expr, node ast.Node) {
	ast.Inspect(node, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.ValueSpec:
			for i, value := range node.Values {
				values[node.Names[i].Name] = append(values[node.Names[i].Name], value)
			}
		case *ast.AssignStmt:
			for i, target := range node.Lhs {
				if name := nameOf(target); name != "" && len(node.Lhs) == len(node.Rhs) {
					values[name] = append(values[name], node.Rhs[i])
				}
			}
		}
		return true
	})
}

func nameOf(expression ast.Expr) string {
	if name, ok := expression.(*ast.Ident); ok {
		return name.Name
	}
	return ""
}

func (r *titleReader) readFunction(function *ast.FuncDecl) {
	if _, ok := reporters[function.Name.Name]; ok {
		return // its callers have the title
	}
	r.local = map[string][]ast.Expr{}
	addValues(r.local, function)
	ast.Inspect(function, func(node ast.Node) bool {
		call, ok := node.(*ast.CallExpr)
		if !ok {
			return true
		}
		callee, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		reporter, ok := reporters[callee.Sel.Name]
		if !ok || len(call.Args) <= reporter.title {
			return true
		}
		for _, title := range r.texts(call.Args[reporter.title]) {
			if title == "…" {
				r.t.Errorf("%s: the title is no constant, want the guide's test to be able to read it", r.files.Position(call.Pos()))
			}
			if title != "" && !slices.Contains(r.found[reporter.kind], reporter.place+title) {
				r.found[reporter.kind] = append(r.found[reporter.kind], reporter.place+title)
			}
		}
		return true
	})
}

// texts returns the values of an expression; "" is that of another diagnostic.
func (r *titleReader) texts(expression ast.Expr) (texts []string) {
	var values []ast.Expr
	switch e := expression.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		if err != nil {
			r.t.Fatal(err)
		}
		return []string{text}
	case *ast.BinaryExpr:
		for _, left := range r.texts(e.X) {
			for _, right := range r.texts(e.Y) {
				texts = append(texts, left+right)
			}
		}
		return texts
	case *ast.Ident:
		if values = r.local[e.Name]; values == nil {
			values = r.values[e.Name]
		}
	case *ast.SelectorExpr:
		values = r.values["."+e.Sel.Name]
	case *ast.CallExpr:
		switch called, _ := e.Fun.(*ast.SelectorExpr); {
		case called != nil && called.Sel.Name == "Summary":
			return []string{""}
		case called != nil && called.Sel.Name == "Sprintf":
			for _, format := range r.texts(e.Args[0]) {
				texts = append(texts, regexp.MustCompile(`%[a-z]`).ReplaceAllString(format, "…"))
			}
			return texts
		}
	}
	for _, value := range values {
		texts = append(texts, r.texts(value)...)
	}
	if texts == nil {
		return []string{"…"}
	}
	return texts
}

// titlesInGuide returns the first column of the guide's tables, by their heading.
func titlesInGuide(text string) map[string][]string {
	titles, kind := map[string][]string{}, ""
	for line := range strings.Lines(text) {
		cells := strings.Split(line, "|")
		if len(cells) != 5 {
			continue
		}
		first := strings.TrimSpace(cells[1])
		if title := strings.Trim(first, "`"); title == first {
			if first != "---" {
				kind = first
			}
		} else {
			titles[kind] = append(titles[kind], title)
		}
	}
	return titles
}

// matches reports whether a title is one of those that another one with "…" stands for.
func matches(title, general string) bool {
	parts := strings.Split(general, "…")
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	return len(parts) > 1 && title != general && regexp.MustCompile("^"+strings.Join(parts, ".+")+"$").MatchString(title)
}

// TestTroubleshooting checks that the guide has each title of the provider, and no other.
func TestTroubleshooting(t *testing.T) {
	t.Parallel()
	found := map[string][]string{}
	titlesIn(t, ".", found)
	titlesIn(t, "functions", found)
	listed := titlesInGuide(readText(t, filepath.Join(guidesFolder, "troubleshooting.md")))
	for kind, least := range map[string]int{"Error": 25, "Warning": 7, "Error of a function": 10} {
		if len(found[kind]) < least {
			t.Errorf("titles of kind %s in the source = %q, want at least %d", kind, found[kind], least)
		}
		for _, title := range found[kind] {
			if !slices.Contains(listed[kind], title) && !slices.ContainsFunc(listed[kind], func(row string) bool { return matches(title, row) }) {
				t.Errorf("the guide has no row %s %q, want one", kind, title)
			}
		}
		for i, row := range listed[kind] {
			if !slices.Contains(found[kind], row) {
				t.Errorf("the provider has no %s %q, which the guide has", kind, row)
			}
			if slices.Contains(listed[kind][:i], row) {
				t.Errorf("the guide has %s %q twice, want one row", kind, row)
			}
		}
	}
	kinds := slices.Sorted(maps.Keys(listed))
	if want := []string{"Error", "Error of a function", "Terraform says", "Warning"}; !slices.Equal(kinds, want) {
		t.Errorf("kinds of rows in the guide = %q, want %q", kinds, want)
	}
}
