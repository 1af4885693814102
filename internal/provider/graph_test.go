package provider_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

// graphClient returns a client that reads Microsoft Graph of a fake.
func graphClient(t *testing.T, fake *fakeapi.Server) *client {
	t.Helper()
	return configured(t, fake, values{"api": "graph", "graph_endpoint": fake.GraphEndpoint()})
}

// alertIDs returns the distinct alert IDs of a list, sorted.
func alertIDs(t *testing.T, list values) []string {
	t.Helper()
	alerts, ok := list["alerts"].([]any)
	if !ok {
		t.Fatalf("alerts = %v, want a list", list["alerts"])
	}
	var ids []string
	for _, each := range alerts {
		if attributes, ok := each.(values); ok {
			ids = append(ids, fmt.Sprint(attributes["alert_id"]))
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// TestBothAPIs reads the same incidents through both APIs with one configuration.
// Everything that counts alerts is the same, but for the words of some sources.
func TestBothAPIs(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 300, Now: atNoon})
	siem, graph := configured(t, fake, nil), graphClient(t, fake)
	for name, arguments := range map[string]values{
		"default window": nil,
		"a week":         {"ago": "P7D", "fail_on": values{"allowed": 500}},
		"filters": {"ago": "P7D", "min_severity": "Low", "sources": []string{"Antivirus"}, "categories": []string{"execution", "Malware"},
			"fail_on": values{"severity": "Medium", "allowed": 500}},
		"machine groups": {"ago": "P7D", "machine_groups": []string{"Servers"}},
	} {
		bySIEM, byGraph := siem.mustRead("mdatp_alert_summary", arguments), graph.mustRead("mdatp_alert_summary", arguments)
		if bySIEM["alert_count"] == int64(0) && name != "machine groups" {
			t.Errorf("%s: alert_count = 0, want more", name)
		}
		for _, attribute := range []string{"alert_count", "counts_by_severity", "max_severity", "verdict", "newest", "excluded", "truncated",
			"counts_by_category", "counts_by_title"} {
			if !reflect.DeepEqual(byGraph[attribute], bySIEM[attribute]) {
				t.Errorf("%s: %s by graph = %v, want %v as by siem", name, attribute, byGraph[attribute], bySIEM[attribute])
			}
		}
		if byGraph["detection_count"] != byGraph["alert_count"] {
			t.Errorf("%s: detection_count by graph = %v, want %v as alert_count", name, byGraph["detection_count"], byGraph["alert_count"])
		}
		ids, want := alertIDs(t, graph.mustRead("mdatp_alerts", arguments)), alertIDs(t, siem.mustRead("mdatp_alerts", arguments))
		if !slices.Equal(ids, want) {
			t.Errorf("%s: alert IDs by graph = %q, want %q as by siem", name, ids, want)
		}
	}
}
