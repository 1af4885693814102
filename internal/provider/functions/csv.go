package functions

import (
	"fmt"
	"slices"
	"strings"
)

// A csvFormat is the form of a CSV text.
type csvFormat struct {
	columns   []string
	delimiter byte // ',', ';' or tab
	bom       bool
}

// start returns the bytes before the first row.
func (f csvFormat) start() []byte {
	if f.bom {
		return []byte("\ufeff")
	}
	return nil
}

// appendRow appends a line. A single empty cell is quoted: readers skip blank
// lines. With UseCRLF, encoding/csv would also change the line breaks inside of
// texts. A cell with another delimiter is quoted too, for readers that take that one.
func (f csvFormat) appendRow(dst []byte, cells []string) []byte {
	if slices.Equal(cells, []string{""}) {
		dst = append(dst, `""`...)
	}
	for i, cell := range cells {
		if i > 0 {
			dst = append(dst, f.delimiter)
		}
		if strings.ContainsAny(cell, "\",;\t\r\n") {
			cell = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
		}
		dst = append(dst, cell...)
	}
	return append(dst, "\r\n"...)
}

// formulaStarts are the characters with which a formula starts in a spreadsheet, and
// NUL, which a spreadsheet skips before one.
const formulaStarts = "=+-@\uff1d\uff0b\uff0d\uff20\x00"

// breaks reports whether some reader takes a character inside a text for the end of
// a cell or of a row.
func (f csvFormat) breaks(r rune) bool {
	switch r {
	case ';', '\t', '\r', '\n':
		return true
	case ',':
		return f.delimiter != ','
	}
	return false
}

// defused returns a text that is not a formula in any spreadsheet, and has none
// after a break. A reader that breaks there may also drop the quotation marks that
// come next.
func (f csvFormat) defused(text string) string {
	var safe strings.Builder
	written, start := 0, 0 // a cell can start at start, unless it is negative
	for i, r := range text {
		switch {
		case start >= 0 && strings.ContainsRune(formulaStarts, r), i == 0 && strings.ContainsRune("\t\r\n", r):
			safe.WriteString(text[written:start] + "'")
			written, start = start, -1
		case r != '"':
			start = -1
		}
		if f.breaks(r) {
			start = i + 1 // all of them are one byte long
		}
	}
	return safe.String() + text[written:]
}

// defusedJSON is defused for JSON. Its strings have escapes, so that no character
// is added, and no number changes.
func defusedJSON(text string) string {
	var safe strings.Builder
	inside, escape, before := false, false, ' '
	for _, r := range text {
		switch {
		case inside && strings.ContainsRune(formulaStarts, r) && strings.ContainsRune(`";,`, before):
			fmt.Fprintf(&safe, `\u%04x`, r)
		default:
			safe.WriteRune(r)
		}
		if r == '"' && !escape {
			inside = !inside
		}
		escape = r == '\\' && !escape
		before = r
	}
	return safe.String()
}
