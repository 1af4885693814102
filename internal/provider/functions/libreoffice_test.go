package functions_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
)

// TestCSVInLibreOffice opens CSV as a person does, with the right separator, with
// a wrong one and with all at once. In a control, LibreOffice must find the formula.
func TestCSVInLibreOffice(t *testing.T) {
	t.Parallel()
	soffice, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("soffice is not installed: nothing opens the CSV. Debian has it in libreoffice-calc-nogui")
	}
	office := libreOffice{t, soffice, t.TempDir()}
	rows := []any{}
	for i, before := range []string{"", "x", "x;", "x,", "x\t", "x\n", "x\r\n", "x\r", "x;\"", "x,\"\"", "\";", "\",", "x;\t", "\x00", "'", "\"x\",", ";;"} {
		text := before + "=1+" + strconv.Itoa(i)
		rows = append(rows, values{"a": text, "b": []any{"x", text}, "c": values{"k": text}, text: text})
	}
	for separator, filter := range map[string]string{",": "44", ";": "59", "\t": "9", "all": "44/59/9"} {
		texts := map[string]string{"control": "x" + separator + "=1+1\r\n"}
		if separator == "all" {
			texts["control"] = "x;=1+1\r\n"
		}
		for _, delimiter := range delimiters {
			texts["delimiter"+delimiter] = mustCallText(t, "csvencode", constant(rows), constant(values{"delimiter": delimiter}))
		}
		for name, count := range office.formulas(texts, filter) {
			want := 0
			if name == "control" {
				want = 1
			}
			if count != want {
				t.Errorf("formulas of LibreOffice in %q, read with separator %q = %d, want %d: %q", name, separator, count, want, texts[name])
			}
		}
	}
}

// A libreOffice is an installation of LibreOffice.
type libreOffice struct {
	t       *testing.T
	soffice string
	dir     string
}

// formulas returns the number of formulas in each of some texts, which are opened
// with separators, the codes of characters.
func (o libreOffice) formulas(texts map[string]string, separators string) map[string]int {
	o.t.Helper()
	dir, err := os.MkdirTemp(o.dir, "")
	if err != nil {
		o.t.Fatal(err)
	}
	// 34 is the quotation mark, 76 is UTF-8, 1 the first line.
	arguments := []string{"-env:UserInstallation=file://" + filepath.Join(o.dir, "profile"), "--headless",
		"--convert-to", "fods", "--infilter=CSV:" + separators + ",34,76,1", "--outdir", dir}
	converted := map[string]string{}
	for name, text := range texts {
		file := filepath.Join(dir, strconv.Itoa(len(converted)))
		if err := os.WriteFile(file+".csv", []byte(text), 0o600); err != nil {
			o.t.Fatal(err)
		}
		arguments, converted[name] = append(arguments, file+".csv"), file+".fods"
	}
	if output, err := exec.CommandContext(o.t.Context(), o.soffice, arguments...).CombinedOutput(); err != nil {
		o.t.Fatalf("soffice: %v: %s", err, output)
	}
	counts := map[string]int{}
	for name, file := range converted {
		counts[name] = o.formulasIn(file)
	}
	return counts
}

// formulasIn returns the number of formulas in a flat OpenDocument file.
func (o libreOffice) formulasIn(path string) (count int) {
	o.t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		o.t.Fatal(err)
	}
	decoder, cells := xml.NewDecoder(bytes.NewReader(content)), 0
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			o.t.Fatal(err)
		}
		element, ok := token.(xml.StartElement)
		if !ok || element.Name.Local != "table-cell" {
			continue
		}
		cells++
		if slices.ContainsFunc(element.Attr, func(a xml.Attr) bool { return a.Name.Local == "formula" }) {
			count++
		}
	}
	if cells == 0 {
		o.t.Fatalf("cells of %s = 0, want some", path)
	}
	return count
}
