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

// formulas are the characters with which a formula starts in a spreadsheet, and
// NUL, which a spreadsheet skips before one.
const formulas = "=+-@\uff1d\uff0b\uff0d\uff20\x00"

// breaks end a cell, or a row, whatever the delimiter.
const breaks = ";\t\r\n"

// defused returns a text that is not a formula in any spreadsheet, and has none
// behind a character that some reader takes for the end of a cell. Such a reader may
// also drop the quotation marks that come next.
func (f csvFormat) defused(text string) string {
	var safe strings.Builder
	written, start := 0, 0 // a cell can start at start, unless it is negative
	for i, r := range text {
		isBreak := strings.ContainsRune(breaks, r) || r == ',' && f.delimiter != ','
		switch {
		case start >= 0 && strings.ContainsRune(formulas, r), i == 0 && isBreak && r != ';' && r != ',':
			safe.WriteString(text[written:start] + "'")
			written, start = start, -1
		case r != '"':
			start = -1
		}
		if isBreak {
			start = i + 1 // each of them is one byte
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
		case inside && strings.ContainsRune(formulas, r) && strings.ContainsRune(`";,`, before):
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
