package provider_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

// readmeCode returns the first configuration of the README.
func readmeCode(t *testing.T) string {
	t.Helper()
	code := regexp.MustCompile("(?s)\n```hcl\n(.*?)\n```\n").FindStringSubmatch(readText(t, "../../README.md"))
	if code == nil {
		t.Fatal("README.md has no block of hcl, want a configuration")
	}
	return code[1] + "\n"
}

// TestReadme applies the first configuration of the README, unchanged and for the
// SIEM API.
func TestReadme(t *testing.T) {
	t.Parallel()
	for name, provider := range map[string]string{"graph": `api = "graph"`, "siem": `region = "eu"`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := startFake(t, fakeapi.Options{Alerts: 20, Now: atNoon})
			c := configured(t, fake, values{"api": name, "graph_endpoint": fake.GraphEndpoint()})
			list, ok := c.mustRead("mdatp_alerts", values{"since_time_utc": "2026-11-03T06:00:00Z"})["alerts"].([]any)
			if !ok || len(list) == 0 {
				t.Fatalf("alerts of the last 6 hours = %v, want some", list)
			}
			f := newFolder(t, fake, strings.Replace(readmeCode(t), `api = "graph"`, provider, 1))
			f.must("apply", "-auto-approve")
			output := f.must("output", "alerts").stdout
			for _, each := range list {
				a, _ := each.(values)
				if want := fmt.Sprintf("\"%v: %v\"", a["severity"], a["alert_title"]); !strings.Contains(output, want) {
					t.Errorf("terraform output alerts = %s, want %s in it", output, want)
				}
			}
			if graph := len(fake.GraphRequests()) > 0; graph && name == "siem" {
				t.Error("the SIEM API's configuration sent requests to Graph, want none")
			}
		})
	}
}

// TestReadmeGate adds the first gate of the README to its first configuration: a High
// alert stops the plan, for each API.
func TestReadmeGate(t *testing.T) {
	t.Parallel()
	_, section, ok := strings.Cut(readText(t, "../../README.md"), "## The first gate\n")
	if !ok {
		t.Fatal("README.md has no first gate, want one")
	}
	const statuses = "  statuses = [\"new\", \"inProgress\"] # remove this line with the SIEM API\n"
	gate := readmeCode(t) + fenced(t, section, "hcl")
	if !strings.Contains(gate, statuses) {
		t.Errorf("gate = %s, want the line %q", gate, statuses)
	}
	for name, code := range map[string]string{
		"graph": gate, "siem": strings.Replace(strings.Replace(gate, statuses, "", 1), `api = "graph"`, `region = "eu"`, 1),
	} {
		for severity, status := range map[string]int{"Medium": 0, "High": 1} {
			fake := startFake(t, fakeapi.Options{Alerts: -1})
			hourAgo := time.Now().UTC().Add(-time.Hour).Format(time.RFC3339)
			serve(t, fake, values{"Severity": severity, "LastProcessedTimeUtc": hourAgo, "AlertTitle": "A title"})
			serveGraph(t, fake, values{"severity": strings.ToLower(severity), "lastUpdateDateTime": hourAgo, "title": "A title"})
			r := newFolder(t, fake, code).run("plan")
			if r.status != status || strings.Contains(r.output, "Gate failed: too many alerts") != (status == 1) {
				t.Errorf("%s: terraform plan with a %s alert = exit status %d, want %d: %s", name, severity, r.status, status, r.output)
			}
		}
	}
}

// TestGuideReport runs the guide's two blocks, of which one reports and the other
// fails: the plan prints the report of an alert that stops it.
func TestGuideReport(t *testing.T) {
	t.Parallel()
	_, section, ok := strings.Cut(readText(t, gatesGuide), "## Report everything, fail on High\n")
	if !ok {
		t.Fatalf("%s has no section on two blocks, want one", gatesGuide)
	}
	fake := startFake(t, fakeapi.Options{Alerts: -1, Now: atNoon})
	serve(t, fake, withSeverities("High", "Low", "Low")...)
	r := newFolder(t, fake, requiredProviders+fenced(t, section, "hcl")).run("plan")
	if r.status != 1 {
		t.Errorf("terraform plan = exit status %d, want 1: %s", r.status, r.output)
	}
	for _, want := range []string{"High = 1", "Low = 2", "Gate failed: too many alerts"} {
		if !strings.Contains(regexp.MustCompile(` +`).ReplaceAllString(r.output, " "), want) {
			t.Errorf("terraform plan prints %q, want %q in it", r.output, want)
		}
	}
	if sent := len(fake.AlertRequests()); sent != 2 {
		t.Errorf("requests for alerts = %d, want 2", sent)
	}
}

// TestGuideCompare runs the guide's two provider blocks: the check warns if Graph
// lacks an alert, and only then.
func TestGuideCompare(t *testing.T) {
	t.Parallel()
	needTerraform(t, 1005, "check")
	const guide = "../../templates/guides/moving-to-graph.md"
	_, section, ok := strings.Cut(readText(t, guide), "## Compare both\n")
	if !ok {
		t.Fatalf("%s has no section \"Compare both\", want one", guide)
	}
	fake := startFake(t, fakeapi.Options{Alerts: 60, Now: atNoon})
	f := newFolder(t, fake, requiredProviders+fenced(t, section, "hcl"))
	const warning = "Microsoft Graph has "
	if r := f.must("plan"); strings.Contains(r.output, warning) || len(fake.GraphRequests()) == 0 {
		t.Errorf("terraform plan of the same alerts prints %s, want no %q and some requests to Graph", r.output, warning)
	}
	fake.UpdateGraph(func(list []fakeapi.GraphAlert) []fakeapi.GraphAlert { return list[1:] })
	if r := f.must("plan"); !strings.Contains(r.output, warning) {
		t.Errorf("terraform plan without one alert of Graph prints %s, want %q in it", r.output, warning)
	}
}

// TestGuideKeys applies the guide's for_each with detections that share an alert, and
// with one that has only an alert ID.
func TestGuideKeys(t *testing.T) {
	t.Parallel()
	needTerraform(t, 1004, "terraform_data")
	const guide = "../../templates/guides/reading-alerts.md"
	_, section, ok := strings.Cut(readText(t, guide), "## Unique keys for `for_each`\n")
	if !ok {
		t.Fatalf("%s has no section on unique keys, want one", guide)
	}
	fake := startFake(t, fakeapi.Options{Alerts: -1, Now: atNoon})
	serve(t, fake,
		values{"AlertId": "da1_-1", "FullId": "da1_-1:f", "AlertPart": 0},
		values{"AlertId": "da1_-1", "FullId": "da1_-1:f", "AlertPart": 1},
		values{"AlertId": "da1_-1", "FullId": "da1_-1:g", "AlertPart": 0},
		values{"AlertId": "da2_2"}, values{"AlertId": "da2_2"},
	)
	serveGraph(t, fake, values{"id": "da3_3"})
	for api, want := range map[string][]string{
		"siem":  {"da1_-1", "da2_2", "da1_-1%3Af%2F0", "da1_-1%3Af%2F1", "da1_-1%3Ag%2F0", "da2_2%2F0"},
		"graph": {"da3_3", "da3_3%2F0"},
	} {
		f := newFolder(t, fake, requiredProviders+fenced(t, section, "hcl"))
		f.env = append(f.env, "MDATP_API="+api)
		f.must("apply", "-auto-approve")
		listed := f.must("show").stdout
		for _, key := range want {
			if !strings.Contains(listed, fmt.Sprintf("[%q]:\n", key)) {
				t.Errorf("resources with api %s = %s, want one with the key %s", api, listed, key)
			}
		}
		if got := strings.Count(listed, "# terraform_data."); got != len(want) {
			t.Errorf("resources with api %s = %d, want %d: %s", api, got, len(want), listed)
		}
	}
}

// TestGuideGateForGraph runs the guide's gate for Graph: a closed incident does not
// stop it, and an open alert does.
func TestGuideGateForGraph(t *testing.T) {
	t.Parallel()
	needTerraform(t, 1010, "ephemeral resources")
	const guide = "../../templates/guides/moving-to-graph.md"
	fake := startFake(t, fakeapi.Options{Alerts: -1, Now: atNoon})
	f := newFolder(t, fake, requiredProviders+fenced(t, readText(t, guide), "hcl"))
	f.env = append(f.env, "MDATP_API=graph")
	serveGraph(t, fake, values{"severity": "high", "status": "resolved"})
	f.must("plan")
	serveGraph(t, fake, values{"severity": "high", "status": "inProgress"})
	if r := f.run("plan"); r.status != 1 || !strings.Contains(r.output, "Gate failed: too many alerts") {
		t.Errorf("terraform plan with an open alert = exit status %d, want 1 and the gate's error: %s", r.status, r.output)
	}
}
