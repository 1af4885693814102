package functions

import (
	"context"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

type markdownTable struct{}

func (markdownTable) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "markdown_table"
}

func (markdownTable) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Alerts as a Markdown table, for a pull request or a job summary",
		MarkdownDescription: "Returns a table in GitHub Flavored Markdown with a row for each alert, in their order, or `No alerts.`\n\n" +
			"| column | attribute |\n| --- | --- |\n" +
			"| Severity | `severity` |\n" +
			"| Time | `last_processed_time_utc`, to the second |\n" +
			"| Title | `alert_title` |\n" +
			"| Device | `computer_dns_name`, else `machine_name`, else `device_id` |\n" +
			"| User | `user_domain` and `user_name` |\n" +
			"| Category | `category` |\n" +
			"| Alert | `alert_id` |\n\n" +
			"An attribute that is null or missing leaves its cell empty.\n\n" +
			"Attackers write the text of alerts. It cannot leave its cell or become markup: punctuation is escaped; line breaks become " +
			"spaces; control, invisible and direction-changing characters become `\ufffd`; an invisible space keeps addresses, `@mentions`, `#1` and `:names:` " +
			"from becoming links or pictures; a text ends after 200 characters with `\u2026`.\n\n" +
			"GitHub accepts 64 KB in a comment and 1 MB in a job summary, which is room for some 300 and 5,000 alerts: take a `slice` of a longer list.",
		Parameters: []function.Parameter{
			objectsParameter("alerts", "List, set or tuple of objects, such as the `alerts` of the `mdatp_alerts` data source. A null element is an error."),
		},
		Return: function.StringReturn{},
	}
}

func (markdownTable) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var list *objects
	if list, resp.Error = onlyObjects(ctx, "alerts", req.Arguments); list != nil {
		resp.Result = function.NewResultData(types.StringValue(list.markdown()))
	}
}

// tableColumns are the columns, each with the function that returns its cell.
var tableColumns = [...]struct {
	title string
	cell  func(alertMembers) string
}{
	{"Severity", func(a alertMembers) string { return markdownText(a.text("severity")) }},
	{"Time", func(a alertMembers) string { return timeCell(a.text("last_processed_time_utc")) }},
	{"Title", func(a alertMembers) string { return markdownText(a.text("alert_title")) }},
	{"Device", func(a alertMembers) string {
		return markdownText(a.text("computer_dns_name", "machine_name", "device_id"))
	}},
	{"User", func(a alertMembers) string { return markdownText(a.user()) }},
	{"Category", func(a alertMembers) string { return markdownText(a.text("category")) }},
	{"Alert", func(a alertMembers) string { return idCell(a.text("alert_id")) }},
}

func (o *objects) markdown() string {
	if len(o.members) == 0 {
		return "No alerts.\n"
	}
	var table strings.Builder
	for _, column := range tableColumns {
		table.WriteString("| " + column.title + " ")
	}
	table.WriteString("|\n" + strings.Repeat("| --- ", len(tableColumns)) + "|\n")
	for _, members := range o.members {
		for _, column := range tableColumns {
			table.WriteString("| " + column.cell(members) + " ")
		}
		table.WriteString("|\n")
	}
	return table.String()
}

// alertMembers are the attributes of an alert. Any can be missing, null or of
// another type than usual.
type alertMembers map[string]tftypes.Value

// text returns the first of the named attributes that is not empty.
func (a alertMembers) text(names ...string) string {
	for _, name := range names {
		if text := flat(a[name], func(s string) string { return s }); text != "" {
			return text
		}
	}
	return ""
}

func (a alertMembers) user() string {
	domain, user := a.text("user_domain"), a.text("user_name")
	if domain == "" || user == "" {
		return user
	}
	return domain + `\` + user
}

func timeCell(text string) string {
	if t, err := alert.ParseTime(text); err == nil {
		return t.Format(time.RFC3339)
	}
	return markdownText(text)
}

// idCell writes an ID as code, so that it can be copied.
func idCell(id string) string {
	if alert.IsPlainID(id) {
		return "`" + id + "`"
	}
	return markdownText(id)
}
