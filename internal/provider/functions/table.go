package functions

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
)

// A tableColumn is a column of the table of alerts.
type tableColumn struct {
	title string
	cell  func(alertMembers) string
}

// tableColumns are all columns. The last is only for those who choose it: an address
// can hold the ID of the tenant.
var tableColumns = [...]tableColumn{
	{"Severity", func(a alertMembers) string { return markdownText(a.text("severity")) }},
	{"Time", func(a alertMembers) string { return timeCell(a.text("last_processed_time_utc")) }},
	{"Title", func(a alertMembers) string { return markdownText(a.text("alert_title")) }},
	{"Device", func(a alertMembers) string {
		return codeText(a.text("computer_dns_name", "machine_name", "device_id"))
	}},
	{"User", func(a alertMembers) string { return codeText(a.user()) }},
	{"Category", func(a alertMembers) string { return markdownText(a.text("category")) }},
	{"Alert", func(a alertMembers) string { return codeText(a.text("alert_id")) }},
	{"Link", func(a alertMembers) string { return linkText(a.text("link_to_mtp")) }},
}

// columnName returns the name of a column in the options.
func columnName(c tableColumn) string { return strings.ToLower(c.title) }

// A tableFormat is the form of a table of alerts.
type tableFormat struct {
	columns  []tableColumn
	maxRows  int64
	maxBytes int64 // of the whole text
	byTime   bool  // instead of severity, then time
}

// table returns a table of as many alerts as fit.
func (f tableFormat) table(alerts []alertMembers) string {
	if len(alerts) == 0 {
		return "No alerts.\n"
	}
	rows := f.ordered(alerts)
	rest := restOf(rows)
	text := []byte(f.head())
	fitting, last := len(text), rest.line()
	for i, row := range rows {
		if int64(i) == f.maxRows {
			break
		}
		if text = append(text, f.row(row.members)...); int64(len(text)) > f.maxBytes {
			break
		}
		rest[row.severity]--
		if line := rest.line(); int64(len(text)+len(line)) <= f.maxBytes {
			fitting, last = len(text), line
		}
	}
	return string(text[:fitting]) + last
}

func (f tableFormat) head() string {
	var head strings.Builder
	for _, column := range f.columns {
		head.WriteString("| " + column.title + " ")
	}
	return head.String() + "|\n" + strings.Repeat("| --- ", len(f.columns)) + "|\n"
}

func (f tableFormat) row(members alertMembers) string {
	var row strings.Builder
	for _, column := range f.columns {
		row.WriteString("| " + column.cell(members) + " ")
	}
	return row.String() + "|\n"
}

// A tableRow is an alert with what it is ordered by.
type tableRow struct {
	members  alertMembers
	severity alert.Severity
	time     time.Time // zero, so that it comes last, if there is none
}

func (f tableFormat) ordered(alerts []alertMembers) []tableRow {
	rows := make([]tableRow, len(alerts))
	for i, members := range alerts {
		// The error leaves the zero time.
		t, _ := alert.ParseTime(members.text("last_processed_time_utc"))
		rows[i] = tableRow{members, alert.ParseSeverity(members.text("severity")), t}
	}
	slices.SortStableFunc(rows, func(a, b tableRow) int {
		if bySeverity := cmp.Compare(b.severity, a.severity); bySeverity != 0 && !f.byTime {
			return bySeverity
		}
		return b.time.Compare(a.time)
	})
	return rows
}

// rowCounts are the numbers of rows by severity.
type rowCounts [alert.Unknown + 1]int

func restOf(rows []tableRow) (counts rowCounts) {
	for _, row := range rows {
		counts[row.severity]++
	}
	return counts
}

// line says after a table how many rows it lacks. It is empty if there are none.
func (c rowCounts) line() string {
	total, parts := 0, []string(nil)
	for severity := alert.Unknown; severity >= alert.Informational; severity-- {
		if n := c[severity]; n > 0 {
			total += n
			parts = append(parts, fmt.Sprintf("%d %s", n, severity))
		}
	}
	if total == 0 {
		return ""
	}
	return fmt.Sprintf("\nand %d more: %s\n", total, strings.Join(parts, ", "))
}

// alertMembers are the attributes of an alert. Any can be missing, null or of
// another type than usual.
type alertMembers map[string]tftypes.Value

// text returns the first of the named attributes that is not empty.
func (a alertMembers) text(names ...string) string {
	for _, name := range names {
		if text := flat(a[name], unchanged, unchanged); text != "" {
			return text
		}
	}
	return ""
}

func unchanged(text string) string { return text }

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
