package functions

import (
	"context"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

type csvEncode struct{}

func (csvEncode) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "csvencode"
}

func (csvEncode) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Objects as CSV",
		MarkdownDescription: "Returns CSV ([RFC 4180](https://www.rfc-editor.org/rfc/rfc4180)), the counterpart of Terraform's `csvdecode`: " +
			"a header, then a row for each object, each line ending with CR LF. There is a column for every attribute of the objects " +
			"or of their type, sorted by name. An empty list returns the header alone if its type has attributes, otherwise `\"\"`.\n\n" +
			"| value | cell |\n| --- | --- |\n" +
			"| null, or no such attribute | empty |\n" +
			"| string | the text, defused as below |\n" +
			"| number | decimal digits without an exponent, with all digits of a whole number |\n" +
			"| bool | `true` or `false` |\n" +
			"| list, set or tuple of strings | the texts, each defused, with `;` between them |\n" +
			"| any other list, map or object | JSON |\n\n" +
			"Attackers write the text of alerts, and spreadsheets run a cell that begins like a formula. A string that begins " +
			"with `=`, `+`, `-`, `@` (or one of them in full width), a tab, a line break or NUL therefore gets a `'` in front, and so does the name of a column. " +
			"Numbers are unchanged: -5 stays -5.\n\n" +
			"`csvdecode` returns the same texts, except for that `'` and for a CR LF inside a text, which it reads as LF.",
		Parameters: []function.Parameter{
			objectsParameter("objects", "List, set or tuple of objects or maps, such as the `alerts` of the `mdatp_alerts` data source. A null element is an error."),
		},
		Return: function.StringReturn{},
	}
}

func (csvEncode) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var list *objects
	if list, resp.Error = onlyObjects(ctx, "objects", req.Arguments); list != nil {
		resp.Result = function.NewResultData(types.StringValue(list.csv()))
	}
}

func (o *objects) csv() string {
	columns := o.columns()
	if len(columns) == 0 {
		return ""
	}
	cells := make([]string, len(columns))
	for i, name := range columns {
		cells[i] = defused(name)
	}
	text := appendRow(nil, cells)
	for _, members := range o.members {
		for i, name := range columns {
			// A missing member is the zero value, which is null.
			cells[i] = flat(members[name], defused)
		}
		text = appendRow(text, cells)
	}
	return string(text)
}

// columns returns the names of all members, sorted.
func (o *objects) columns() []string {
	names := make(map[string]bool)
	for name := range attributesOf(o.collection.Type()) {
		names[name] = true
	}
	for _, members := range o.members {
		for name := range members {
			names[name] = true
		}
	}
	return sortedNames(names)
}

// attributesOf returns the attributes in the type of a list or set.
func attributesOf(t tftypes.Type) map[string]tftypes.Type {
	switch collection := t.(type) {
	case tftypes.List:
		t = collection.ElementType
	case tftypes.Set:
		t = collection.ElementType
	}
	object, _ := t.(tftypes.Object)
	return object.AttributeTypes
}

// appendRow appends a line. A single empty cell is quoted: readers skip blank
// lines. With UseCRLF, encoding/csv would also change the line breaks inside of
// texts.
func appendRow(dst []byte, cells []string) []byte {
	if slices.Equal(cells, []string{""}) {
		dst = append(dst, `""`...)
	}
	for i, cell := range cells {
		if i > 0 {
			dst = append(dst, ',')
		}
		if strings.ContainsAny(cell, "\",\r\n") {
			cell = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
		}
		dst = append(dst, cell...)
	}
	return append(dst, "\r\n"...)
}

// formulaStarts are the characters with which a formula starts in a spreadsheet,
// and those that a spreadsheet skips before one.
const formulaStarts = "=+-@\uff1d\uff0b\uff0d\uff20\t\r\n\x00"

// defused returns a text that is not a formula in any spreadsheet.
func defused(text string) string {
	if text != "" && strings.IndexAny(text, formulaStarts) == 0 {
		return "'" + text
	}
	return text
}
