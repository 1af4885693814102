package main

import (
	"fmt"
	"strings"
	"time"
)

// roomOfRecord is the size of a hostile record: a bit less than a record may have.
const roomOfRecord = 8<<20 - 64<<10

// A shape is a hostile form of one record.
type shape struct {
	name  string
	siem  func() string // members of a detection, or nil
	graph func() string // members of an alert, or nil
}

// shapes are the hostile records: each is as large as a record may be.
var shapes = []shape{
	both("object of many keys", func() string { return `"New":{` + manyKeys(roomOfRecord) + `}` }),
	both("objects in an array", func() string { return `"New":[` + filled(roomOfRecord, `{"a":0}`) + `]` }),
	both("array of numbers", func() string { return `"New":[` + filled(roomOfRecord, `0`) + `]` }),
	both("deep arrays", func() string {
		return `"New":[` + filled(roomOfRecord, strings.Repeat(`[`, 9_000)+strings.Repeat(`]`, 9_000)) + `]`
	}),
	both("deep objects", func() string {
		return `"New":[` + filled(roomOfRecord, strings.Repeat(`{"a":`, 9_000)+`0`+strings.Repeat(`}`, 9_000)) + `]`
	}),
	both("deep objects with keys", func() string {
		return `"New":` + strings.Repeat(`{"a":0,"b":`, 9_000) + `{` + manyKeys(roomOfRecord-200_000) + `}` + strings.Repeat(`}`, 9_000)
	}),
	both("long number", func() string { return `"New":` + strings.Repeat("1", roomOfRecord) }),
	both("long text", func() string { return `"New":"` + strings.Repeat("x", roomOfRecord) + `"` }),
	both("long key", func() string { return `"` + strings.Repeat("x", roomOfRecord) + `":0` }),
	both("long key that grows in NFC", func() string { return `"` + strings.Repeat(growing, roomOfRecord/len(growing)) + `":0` }),
	both("255 long keys", func() string { return keys("x") }),
	both("255 long keys that grow in NFC", func() string { return keys(growing) }),
	both("white space", func() string { return strings.Repeat(" ", roomOfRecord) + `"New":0` }),

	named("title", `"AlertTitle"`, `"title"`, "x"),
	named("title that grows in NFC", `"AlertTitle"`, `"title"`, growing),
	named("title of escapes", `"AlertTitle"`, `"title"`, `\u00e9`),
	named("title of lone surrogates", `"AlertTitle"`, `"title"`, `\ud800`),
	named("category that grows in NFC", `"Category"`, `"category"`, growing),
	named("description of escapes", `"Description"`, `"description"`, `\u00e9`),
	{name: "device that grows in NFC", siem: func() string { return filledText(`"DeviceID"`, growing) }, graph: func() string {
		return `"evidence":[{"@odata.type":"#microsoft.graph.security.deviceEvidence",` + filledText(`"mdeDeviceId"`, growing) + `}]`
	}},
	{name: "command line of escapes", siem: func() string { return filledText(`"CommandLine"`, `\u00e9`) }, graph: func() string {
		return `"evidence":[{"@odata.type":"#microsoft.graph.security.processEvidence",` + filledText(`"processCommandLine"`, `\u00e9`) + `}]`
	}},
	{name: "list of many users", siem: func() string { return filledText(`"LogOnUsers"`, `a;`) }, graph: func() string {
		return device(`"loggedOnUsers":[` + filled(65_000*36, `{"accountName":"a","domainName":"b"}`) + `]`)
	}},
	{name: "long number in a field", siem: func() string { return `"ReportID":` + strings.Repeat("1", roomOfRecord) }, graph: func() string {
		return `"evidence":[{"@odata.type":"#microsoft.graph.security.processEvidence","processId":` + strings.Repeat("1", roomOfRecord) + `}]`
	}},

	{name: "texts that may be as long", siem: func() string {
		return strings.Join(each(longTexts, `"`+strings.Repeat("x", 500<<10)+`"`), ",")
	}, graph: func() string {
		return strings.Join(each([]string{"description", "assignedTo", "alertWebUrl", "incidentWebUrl"}, `"`+strings.Repeat("x", 500<<10)+`"`), ",")
	}},
	{name: "texts of lone surrogates", siem: func() string {
		return strings.Join(each(longTexts, `"`+strings.Repeat(`\ud800`, 170_000)+`"`), ",")
	}, graph: func() string {
		return strings.Join(each([]string{"description", "assignedTo", "alertWebUrl", "incidentWebUrl"}, `"`+strings.Repeat(`\ud800`, 170_000)+`"`), ",")
	}},
	both("unknown members that may be as large", func() string {
		return strings.Join(each([]string{"A", "B"}, `{`+manyKeys(1000<<10)+`}`), ",")
	}),
	both("unknown keys that grow in NFC", func() string {
		var list []string
		for i := range 255 {
			list = append(list, fmt.Sprintf(`"%03d%s":0`, i, strings.Repeat(growing, 600)))
		}
		return strings.Join(list, ",")
	}),
	{name: "counted texts that grow in NFC", siem: func() string {
		return strings.Join(each([]string{"AlertTitle", "Category", "Source", "MachineGroup"}, `"`+strings.Repeat(growing, 65_000)+`"`), ",") +
			"," + strings.Join(each([]string{"Description", "CommandLine", "DeviceID"}, `"`+strings.Repeat(growing, 85_000)+`"`), ",")
	}, graph: func() string {
		return strings.Join(each([]string{"title", "category", "detectionSource"}, `"`+strings.Repeat(growing, 65_000)+`"`), ",") +
			"," + strings.Join(each([]string{"description", "assignedTo", "incidentWebUrl"}, `"`+strings.Repeat(growing, 85_000)+`"`), ",")
	}},

	{name: "pieces of evidence that are skipped", graph: func() string { return `"evidence":[` + filled(roomOfRecord, `{"@odata.type":"x"}`) + `]` }},
	{name: "4,096 devices", graph: func() string {
		return `"evidence":[` + strings.TrimSuffix(strings.Repeat(`{"@odata.type":"#microsoft.graph.security.deviceEvidence","mdeDeviceId":"a","tags":["`+strings.Repeat("x", 1_900)+`"]},`, 4_000), ",") + `]`
	}},
	{name: "4,096 processes of escapes", graph: func() string {
		return `"evidence":[` + strings.TrimSuffix(strings.Repeat(`{"@odata.type":"#microsoft.graph.security.processEvidence","processId":1,"processCommandLine":"`+strings.Repeat(`\u00e9`, 310)+`"},`, 4_000), ",") + `]`
	}},
	{name: "4,096 URLs", graph: func() string {
		var list strings.Builder
		for i := range 4_000 {
			fmt.Fprintf(&list, `{"@odata.type":"#microsoft.graph.security.urlEvidence","url":"%d%s"},`, i, strings.Repeat("x", 1_950))
		}
		return `"evidence":[` + strings.TrimSuffix(list.String(), ",") + `]`
	}},
	{name: "users that may be as many", siem: func() string { return `"LogOnUsers":"` + strings.Repeat("a;", 1<<20-200) + `"` }, graph: func() string {
		return device(`"loggedOnUsers":[` + filled(65_000*56, `{"accountName":"0123456789abcd","domainName":"0123456789"}`) + `]`)
	}},
	{name: "tags that may be as many", graph: func() string { return device(`"tags":[` + filled(65_000*31, `"`+strings.Repeat("x", 28)+`"`) + `]`) }},
	{name: "65,000 tags", graph: func() string { return device(`"tags":[` + filled(65_000*121, `"`+strings.Repeat("x", 118)+`"`) + `]`) }},
	{name: "techniques that may be as many", graph: func() string {
		return `"mitreTechniques":[` + filled(65_000*25, `"`+strings.Repeat(`\u00e9`, 3)+`abcd"`) + `]`
	}},
	{name: "65,000 techniques of escapes", graph: func() string {
		return `"mitreTechniques":[` + filled(65_000*121, `"`+strings.Repeat(`\u00e9`, 19)+`abcd"`) + `]`
	}},
	{name: "device of many keys", graph: func() string { return device(manyKeys(roomOfRecord)) }},
	{name: "device of deep objects", graph: func() string {
		return device(`"New":[` + filled(roomOfRecord, strings.Repeat(`{"a":`, 9_000)+`0`+strings.Repeat(`}`, 9_000)) + `]`)
	}},
}

// longTexts are members of a detection whose texts are not counted.
var longTexts = []string{"Description", "CommandLine", "Url", "FilePath"}

// each returns a member with a value for each key.
func each(keys []string, value string) (members []string) {
	for _, key := range keys {
		members = append(members, `"`+key+`":`+value)
	}
	return members
}

// growing is a character that takes three times its bytes in NFC.
const growing = "\U0001d160"

func both(name string, members func() string) shape { return shape{name, members, members} }

// named is the shape of one text.
func named(name, siemKey, graphKey, piece string) shape {
	return shape{name, func() string { return filledText(siemKey, piece) }, func() string { return filledText(graphKey, piece) }}
}

func filledText(key, piece string) string {
	return key + `:"` + strings.Repeat(piece, roomOfRecord/len(piece)) + `"`
}

func device(members string) string {
	return `"evidence":[{"@odata.type":"#microsoft.graph.security.deviceEvidence","mdeDeviceId":"a",` + members + `}]`
}

// filled returns a list of one element again and again.
func filled(size int, element string) string {
	return strings.TrimSuffix(strings.Repeat(element+",", size/(len(element)+1)), ",")
}

// manyKeys returns members with different keys.
func manyKeys(size int) string {
	var list strings.Builder
	for i := 0; list.Len() < size; i++ {
		fmt.Fprintf(&list, `"k%07d":0,`, i)
	}
	return strings.TrimSuffix(list.String(), ",")
}

// keys returns members with as many and as long keys as there may be.
func keys(piece string) string {
	const n = 255
	var list strings.Builder
	for i := range n {
		fmt.Fprintf(&list, `"%03d%s":0,`, i, strings.Repeat(piece, roomOfRecord/n/len(piece)-3))
	}
	return strings.TrimSuffix(list.String(), ",")
}

// siemBody returns the response of the SIEM API with one detection, and graphBody
// that of Microsoft Graph with one alert. Without members it is harmless.
func siemBody(members string) string {
	return `[{"AlertId":"da1","FullId":"da1:x","Severity":"High","LastProcessedTimeUtc":"2026-09-30T14:00:00Z"` + after(members) + `}]`
}

func graphBody(members string) string {
	return `{"@odata.count":1,"value":[{"id":"da1","severity":"high","lastUpdateDateTime":"2026-09-30T14:00:00Z",` +
		`"createdDateTime":"2026-09-30T14:00:00Z","serviceSource":"microsoftDefenderForEndpoint"` + after(members) + `}]}`
}

// sliceBody is graphBody for each slice of a window.
func sliceBody(members string) string {
	return strings.NewReplacer(`"da1"`, `"`+sliceStart+`"`, "2026-09-30T14:00:00Z", sliceStart).Replace(graphBody(members))
}

// firstResponse returns an incomplete response, after which a read takes slices.
func firstResponse(now time.Time) string {
	var alerts []string
	for i := range 1000 {
		alerts = append(alerts, fmt.Sprintf(`{"id":"da%d","severity":"low","serviceSource":"microsoftDefenderForEndpoint","lastUpdateDateTime":%[2]q,"createdDateTime":%[2]q}`,
			i, now.Add(-time.Duration(i)*time.Second).UTC().Format(time.RFC3339)))
	}
	return `{"@odata.count":8000,"value":[` + strings.Join(alerts, ",") + `]}`
}

func after(members string) string {
	if members == "" {
		return ""
	}
	return "," + members
}
