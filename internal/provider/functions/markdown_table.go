package functions

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

const (
	defaultMaxBytes = 60_000 // a comment and a job summary of GitHub take them
	leastMaxBytes   = 1_000  // room for the head and the last line
)

type markdownTable struct{}

func (markdownTable) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "markdown_table"
}

func (markdownTable) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Alerts as a Markdown table, for a pull request or a job summary",
		MarkdownDescription: "Returns a table in GitHub Flavored Markdown with a row for each element of the list, the most severe first, or `No alerts.`\n\n" +
			"| column | name | attribute |\n| --- | --- | --- |\n" +
			"| Severity | `severity` | `severity` |\n" +
			"| Time | `time` | `last_processed_time_utc`, to the second |\n" +
			"| Title | `title` | `alert_title` |\n" +
			"| Device | `device` | `computer_dns_name`, else `machine_name`, else `device_id` |\n" +
			"| User | `user` | `user_domain` and `user_name` |\n" +
			"| Category | `category` | `category` |\n" +
			"| Alert | `alert` | `alert_id` |\n" +
			"| Link | `link` | `link_to_mtp`, only if `columns` names it: with Graph it holds the ID of the tenant |\n\n" +
			"An attribute that is null or missing leaves its cell empty. " +
			"The rows that fit into `max_bytes` and `max_rows` are written; a last line counts the others: `and 12 more: 3 High, 9 Low`. " +
			"With the SIEM API several rows can be of one alert.\n\n" +
			"Attackers write the text of alerts. It cannot leave its cell or become markup: punctuation is escaped; line breaks become " +
			"spaces; control, invisible and direction-changing characters become `\ufffd`; an invisible space keeps addresses, domains, `@mentions`, `#1`, `:names:`, " +
			"commit IDs and the like from becoming links or pictures; a text ends after 200 characters with `\u2026`. " +
			"Names of devices and users and IDs of the usual characters are code instead, to be copied unchanged. " +
			"Only an address at `https://security.microsoft.com/`, `https://security.microsoft.us/` or `https://security.apps.mil/` becomes a link.",
		Parameters: []function.Parameter{
			objectsParameter("alerts", "List, set or tuple of objects, such as the `alerts` of the `mdatp_alerts` data source. A null element is an error."),
		},
		VariadicParameter: optionsParameter("At most one object, with any of these keys; another key, null or a second object is an error.\n" +
			"   - `columns` (list of strings) names the columns, in this order. Default: all but `link`.\n" +
			"   - `max_rows` (number) is the maximum of rows. Default: no maximum.\n" +
			fmt.Sprintf("   - `max_bytes` (number) is the maximum length of the whole text, at least %d. Default %d: "+
				"GitHub accepts 65,536 characters in a comment and 1 MiB in a job summary.\n", leastMaxBytes, defaultMaxBytes) +
			"   - `order` (string) is `\"severity\"`, the most severe first, then the newest (default; an unrecognized severity ranks highest), or `\"time\"`, the newest first."),
		Return: function.StringReturn{},
	}
}

func (markdownTable) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var (
		list *objects
		opts *options
	)
	if list, opts, resp.Error = objectsAndOptions(ctx, req.Arguments, "alerts", "columns", "max_rows", "max_bytes", "order"); opts == nil {
		return
	}
	format := tableFormat{
		columns:  chosenColumns(opts),
		maxRows:  opts.number("max_rows", math.MaxInt64, 0),
		maxBytes: opts.number("max_bytes", defaultMaxBytes, leastMaxBytes),
		byTime:   opts.choice("order", "severity", "time") == "time",
	}
	if opts.problem != nil {
		resp.Error = opts.problem
		return
	}
	alerts := make([]alertMembers, len(list.members))
	for i := range list.members {
		alerts[i] = list.members[i]
	}
	resp.Result = function.NewResultData(types.StringValue(format.table(alerts)))
}

// chosenColumns returns the columns that the options choose.
func chosenColumns(opts *options) []tableColumn {
	names := opts.names("columns")
	if names == nil {
		return tableColumns[:len(tableColumns)-1]
	}
	known := make([]string, len(tableColumns))
	for i, column := range tableColumns {
		known[i] = columnName(column)
	}
	columns := make([]tableColumn, 0, len(names))
	for i, name := range names {
		at := slices.Index(known, name)
		if at < 0 {
			opts.fail(fmt.Sprintf("options.columns[%d]%s is not a column; the columns are %s", i, quotedIdentifier(name), inWords(known, "and")))
			continue
		}
		columns = append(columns, tableColumns[at])
	}
	return columns
}
