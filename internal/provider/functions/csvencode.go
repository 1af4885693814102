package functions

import (
	"context"
	"fmt"

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
			"a header, then a row for each object, each line ending with CR LF. Without `columns` there is a column for every attribute of the objects " +
			"or of their type: first those of alerts, from time, severity, title, device and user to IDs, links, description and command line, then all others by name. " +
			"An empty list returns the header alone if its type has attributes or `columns` is set, otherwise `\"\"`.\n\n" +
			"| value | cell |\n| --- | --- |\n" +
			"| null, or no such attribute | empty |\n" +
			"| string | the text, defused as below |\n" +
			"| number | decimal digits without an exponent, with all digits of a whole number (a spreadsheet keeps 15 of them) |\n" +
			"| bool | `true` or `false` |\n" +
			"| list, set or tuple of strings | the texts with `;` between them, defused as below |\n" +
			"| any other list, map or object | JSON |\n\n" +
			"Attackers write the text of alerts, and spreadsheets run a cell that begins like a formula. Which character separates cells " +
			"depends on the spreadsheet's language, not on the file. A string that begins " +
			"with `=`, `+`, `-`, `@` (or one of them in full width) or NUL therefore gets a `'` in front, and so does what follows a `;`, a tab or a line break inside it, " +
			"or a comma if that is not the delimiter; quotation marks before the formula do not change that. " +
			"A string that begins with a tab or a line break gets a `'` too. The names of columns are treated in the same way, and JSON has an escape such as `\\u003d` instead. " +
			"Numbers are unchanged: -5 stays -5. A cell with a comma, `;`, tab, line break or quotation mark is quoted.\n\n" +
			"Of CSV with commas and without `bom`, `csvdecode` returns the same texts, except for that `'` and for a CR LF inside a text, which it reads as LF.",
		Parameters: []function.Parameter{
			objectsParameter("rows", "List, set or tuple of objects or maps, such as the `alerts` of the `mdatp_alerts` data source. A null element is an error."),
		},
		VariadicParameter: optionsParameter("At most one object, with any of these keys; another key, null or a second object is an error.\n" +
			"   - `columns` (list of strings) names the attributes to write, in this order. A name that no object has is an error.\n" +
			"   - `delimiter` (string) separates cells: `\",\"` (default), `\";\"` for spreadsheets whose decimal separator is a comma, or `\"\\t\"`.\n" +
			"   - `bom` (bool) begins the text with a byte order mark, without which Excel takes UTF-8 for another encoding. Default `false`."),
		Return: function.StringReturn{},
	}
}

func (csvEncode) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var (
		rows *objects
		opts *options
	)
	if rows, opts, resp.Error = objectsAndOptions(ctx, req.Arguments, "rows", "columns", "delimiter", "bom"); opts == nil {
		return
	}
	format := csvFormat{delimiter: opts.choice("delimiter", ",", ";", "\t")[0], bom: opts.flag("bom")}
	format.columns = rows.csvColumns(opts)
	if opts.problem != nil {
		resp.Error = opts.problem
		return
	}
	text, err := rows.csv(format)
	if err != nil {
		resp.Error = err
		return
	}
	resp.Result = function.NewResultData(types.StringValue(text))
}

// csvColumns returns the columns that the options choose, or all. Without rows and
// without attributes in their type, any name is accepted: a for expression over
// nothing returns such a list.
func (o *objects) csvColumns(opts *options) []string {
	known := o.attributes()
	columns := opts.names("columns")
	if columns == nil {
		return inColumnOrder(known)
	}
	for i, name := range columns {
		if !known[name] && (len(known) > 0 || len(o.members) > 0) {
			opts.fail(fmt.Sprintf("options.columns[%d]%s is not an attribute of %s", i, quotedIdentifier(name), o.name))
		}
	}
	return columns
}

// attributes returns the names of the attributes of all objects and of their type.
func (o *objects) attributes() map[string]bool {
	names := make(map[string]bool)
	for name := range attributesOf(o.collection.Type()) {
		names[name] = true
	}
	for _, members := range o.members {
		for name := range members {
			names[name] = true
		}
	}
	return names
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

func (o *objects) csv(format csvFormat) (string, *function.FuncError) {
	if len(format.columns) == 0 {
		return "", nil
	}
	cells, seen := make([]string, len(format.columns)), make(map[string]bool)
	for i, name := range format.columns {
		cells[i] = format.defused(name)
		if seen[cells[i]] {
			return "", function.NewArgumentFuncError(0,
				o.name+" has two attributes whose names are equal once a ' keeps one of them from being a formula: rename one")
		}
		seen[cells[i]] = true
	}
	text := format.appendRow(format.start(), cells)
	for _, members := range o.members {
		for i, name := range format.columns {
			// A missing member is the zero value, which is null.
			cells[i] = flat(members[name], format.defused, defusedJSON)
		}
		text = format.appendRow(text, cells)
	}
	return string(text), nil
}
