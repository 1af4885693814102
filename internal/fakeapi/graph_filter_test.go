package fakeapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

func TestGraphFilter(t *testing.T) {
	t.Parallel()
	s := graphServer(t, fakeapi.Options{}, graphFixture)
	// "-" is the null element; it and f, whose time is invalid, are in every window.
	for filter, want := range map[string]string{
		"lastUpdateDateTime ge 2026-03-10T11:59:59.5Z":                  "f - d c",
		"lastUpdateDateTime gt 2026-03-10T11:59:59.5Z":                  "f - d",
		"lastUpdateDateTime gt 2026-03-10T11:59:59.4999999Z":            "f - d c",
		"lastUpdateDateTime eq 2026-03-10T11:59:59.5000000Z":            "f - c",
		"lastUpdateDateTime ne 2026-03-10T10:00:00Z":                    "f - d c a",
		"lastUpdateDateTime lt 2026-03-10T10:00:00Z":                    "f - a",
		"lastUpdateDateTime le 2026-03-10T12:00:00+02:00":               "f - b a",
		"createdDateTime lt 2026-03-02T00:00:00Z":                       "- a",
		"serviceSource eq 'microsoftDefenderForEndpoint'":               "f - d a",
		"serviceSource ne 'microsoftDefenderForEndpoint'":               "- c b",
		"serviceSource eq 'microsoftSentinel'":                          "- c",
		"severity eq 'high'":                                            "- b",
		"severity ne 'medium'":                                          "- c b a",
		"status eq 'new' or status eq 'inProgress'":                     "f - d b a",
		"status eq 'resolved'":                                          "- c",
		"classification eq 'truePositive'":                              "b",
		"classification ne 'truePositive'":                              "f - d c a", // null is not equal
		"determination eq 'malware'":                                    "b",
		"assignedTo eq 'o''hara@soc.example'":                           "b",
		"assignedTo ne 'ana@soc.example'":                               "f - d b a",
		"assignedTo eq 'and (or) eq'":                                   "",
		"not (assignedTo ne 'ana@soc.example')":                         "c",
		"  ( ( status eq 'resolved' ) )  ":                              "- c",
		"severity eq 'low' or severity eq 'high' and status eq 'new'":   "- a",
		"(severity eq 'low' or severity eq 'high') and status eq 'new'": "- a",
		"status eq 'new' and severity eq 'low' or severity eq 'high'":   "- b a",
		"serviceSource eq 'microsoftDefenderForEndpoint' and lastUpdateDateTime ge 2026-03-10T09:59:59.9999999Z " +
			"and lastUpdateDateTime lt 2026-03-10T11:59:59.51Z": "f - a",
	} {
		t.Run(filter, func(t *testing.T) {
			t.Parallel()
			got := page(t, graph(t, s, "$filter="+filter, "$count=true"))
			wantText(t, "ids", got.ids(), want)
			if got.Count == nil || *got.Count != len(got.Value) {
				t.Errorf("@odata.count = %v, want %d", got.Count, len(got.Value))
			}
		})
	}
}

func TestGraphMalformedOptions(t *testing.T) {
	t.Parallel()
	s := graphServer(t, fakeapi.Options{}, graphFixture)
	for _, option := range []string{
		"$filter=", "$filter= ", "$filter=()", "$filter=status", "$filter=status eq", "$filter=status eq 'new", "$filter=status eq new",
		"$filter=status eq 'new' and", "$filter=and status eq 'new'", "$filter=(status eq 'new'", "$filter=status eq 'new')",
		"$filter=status eq 'New'", "$filter=status eq 'open'", "$filter=Status eq 'new'", "$filter=status EQ 'new'",
		"$filter=status gt 'new'", "$filter=status has 'new'", "$filter=status in ('new')", "$filter='new' eq status",
		"$filter=status eq 'new' AND status eq 'new'", "$filter=status eq 'new', severity eq 'low'", "$filter=status eq null",
		"$filter=title eq 'x'", "$filter=investigationState eq 'failed'", "$filter=contains(assignedTo,'x')",
		"$filter=startswith(assignedTo,'x')", "$filter=not", "$filter=" + strings.Repeat("(", 1000),
		"$filter=lastUpdateDateTime ge '2026-03-10T10:00:00Z'", "$filter=lastUpdateDateTime ge 2026-03-10",
		"$filter=lastUpdateDateTime ge 2026-03-10T10:00:00", "$filter=lastUpdateDateTime ge 2026-03-10T10:00:00.12345678Z",
		"$filter=lastUpdateDateTime ge 2026-03-10T10:00:00 02:00", "$filter=lastUpdateDateTime ge now()",
		"$top=0", "$top=-1", "$top=ten", "$top=", "$skip=-1", "$skip=501", "$skip=1000", "$skip=", "$count=", "$count=1", "$count=TRUE",
		"$orderby=lastUpdateDateTime asc", "$expand=evidence", "$select=id", "$search=x", "$skiptoken=x", "$format=json", "$=x",
		"$Top=1",
	} {
		t.Run(option, func(t *testing.T) {
			t.Parallel()
			got := graph(t, s, option)
			wantStatus(t, option, got, http.StatusBadRequest)
			if !strings.HasPrefix(got.body, `{"error":{"code":"BadRequest","message":"`) {
				t.Errorf("body = %s, want the envelope of an error", got.body)
			}
		})
	}
	wantStatus(t, "two $top", graph(t, s, "$top=1", "$top=1"), http.StatusBadRequest)
	wantStatus(t, "malformed query string", graphAt(t, s, s.GraphEndpoint()+"/v1.0/security/alerts_v2?$top=%zz"),
		http.StatusBadRequest)
	wantText(t, "ids with an option without $", page(t, graph(t, s, "top=1")).ids(), "f - d c b a")
	wantText(t, "ids with $skip", page(t, graph(t, s, "$skip=4")).ids(), "b a")
	wantText(t, "ids with $count=false", page(t, graph(t, s, "$count=false", "$skip=500")).ids(), "")
}
