package fakeapi_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

// graphAlertText is the part of an alert that the tests compare.
type graphAlertText struct {
	ID, IncidentID, Severity, Category, Title, DetectionSource, DetectorID, Description string
	ServiceSource, Status, CreatedDateTime, LastUpdateDateTime, ThreatDisplayName       string
	FirstActivityDateTime, LastActivityDateTime                                         string
	Evidence                                                                            []struct {
		Type                                      string `json:"@odata.type"`
		DetailedRoles, Tags, IPInterfaces         []string
		MdeDeviceID, DeviceDNSName, RbacGroupName string
		ProcessCommandLine                        string
		ProcessID, ParentProcessID                int
		IPAddress, URL                            string
		FileDetails, ImageFile                    *struct{ Sha1, FileName, FilePath string }
		UserAccount                               *struct{ AccountName, DomainName string }
	}
}

// detection is the part of a record of the SIEM API that the tests compare.
type detection struct {
	AlertId, AlertTitle, AlertTime, Category, Severity, Source, Description, LastProcessedTimeUtc string
	ComputerDnsName, DeviceID, MachineGroup, UserName, Sha1, FileName, FilePath, CommandLine      string
	IpAddress, Url, InternalIPv4List, InternalIPv6List, ThreatName                                string
	at                                                                                            time.Time
}

// newestDetections returns the newest detection of each alert in the SIEM API. All
// generated detections of an alert have one severity.
func newestDetections(t *testing.T, s *fakeapi.Server) map[string]detection {
	t.Helper()
	var all []detection
	if err := json.Unmarshal([]byte(alerts(t, s, "ago=P8D").body), &all); err != nil {
		t.Fatal(err)
	}
	newest := map[string]detection{}
	for _, d := range all {
		var err error
		if d.at, err = time.Parse(time.RFC3339, d.LastProcessedTimeUtc); err != nil {
			t.Fatal(err)
		}
		if d.at.After(newest[d.AlertId].at) {
			newest[d.AlertId] = d
		}
	}
	return newest
}

// TestGraphHasTheSameAlerts compares the two APIs as a client sees them.
func TestGraphHasTheSameAlerts(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{Now: atNoon, Alerts: 600})
	want := newestDetections(t, s)
	got := page(t, graph(t, s, "$top=1000"))
	if len(got.Value) != len(want) {
		t.Fatalf("alerts = %d, want %d", len(got.Value), len(want))
	}
	sources := map[string]string{
		"EDR": "microsoftDefenderForEndpoint", "Windows Defender ATP": "microsoftDefenderForEndpoint", "Antivirus": "antivirus",
		"SmartScreen": "smartScreen", "Custom TI": "customTi", "Custom detection": "customDetection",
	}
	old, before := 0, time.Now().AddDate(100, 0, 0)
	for _, text := range got.Value {
		var a graphAlertText
		if err := json.Unmarshal(text, &a); err != nil {
			t.Fatal(err)
		}
		d, ok := want[a.ID]
		if !ok {
			t.Errorf("alert %s is not in the SIEM API", a.ID)
			continue
		}
		for what, pair := range map[string][2]string{
			"severity":           {a.Severity, strings.ToLower(d.Severity)},
			"category":           {a.Category, d.Category},
			"title":              {a.Title, d.AlertTitle},
			"detectionSource":    {a.DetectionSource, sources[d.Source]},
			"serviceSource":      {a.ServiceSource, "microsoftDefenderForEndpoint"},
			"createdDateTime":    {a.CreatedDateTime, d.AlertTime},
			"lastUpdateDateTime": {a.LastUpdateDateTime, d.LastProcessedTimeUtc},
			"threatDisplayName":  {a.ThreatDisplayName, d.ThreatName},
		} {
			wantText(t, what+" of "+a.ID, pair[0], pair[1])
		}
		if d.DeviceID == "" {
			old++
		}
		wantEvidence(t, a, d)
		if at, _ := time.Parse(time.RFC3339, a.LastUpdateDateTime); at.After(before) {
			t.Errorf("alert %s of %s comes after one of %s, want the newest first", a.ID, at, before)
		} else {
			before = at
		}
	}
	if old == 0 {
		t.Error("no alert has the shape of 2017, want some")
	}
}

// wantEvidence compares the evidence with a detection; 2017 had no device fields.
func wantEvidence(t *testing.T, a graphAlertText, d detection) {
	t.Helper()
	device := a.Evidence[0]
	wantText(t, "device name of "+a.ID, device.DeviceDNSName, d.ComputerDnsName)
	wantText(t, "group of "+a.ID, device.RbacGroupName, d.MachineGroup)
	if len(device.DetailedRoles) != 1 || device.DetailedRoles[0] != "PrimaryDevice" {
		t.Errorf("detailedRoles of %s = %q, want PrimaryDevice", a.ID, device.DetailedRoles)
	}
	if d.DeviceID != "" {
		wantText(t, "device of "+a.ID, device.MdeDeviceID, d.DeviceID)
	}
	var user, file, folder, hash, command string
	var addresses, urls []string
	for _, e := range a.Evidence {
		if e.UserAccount != nil {
			user = e.UserAccount.AccountName
		}
		if e.FileDetails != nil {
			hash, file, folder = e.FileDetails.Sha1, e.FileDetails.FileName, e.FileDetails.FilePath
		}
		if e.ImageFile != nil { // the last process is the leaf
			hash, file, folder, command = e.ImageFile.Sha1, e.ImageFile.FileName, e.ImageFile.FilePath, e.ProcessCommandLine
		}
		if e.IPAddress != "" {
			addresses = append(addresses, e.IPAddress)
		}
		if e.URL != "" {
			urls = append(urls, e.URL)
		}
	}
	wantText(t, "user of "+a.ID, user, d.UserName)
	wantText(t, "file of "+a.ID, file, d.FileName)
	wantText(t, "folder of "+a.ID, folder, d.FilePath)
	wantText(t, "SHA-1 of "+a.ID, hash, d.Sha1)
	wantText(t, "addresses of "+a.ID, strings.Join(addresses, ";"), d.IpAddress)
	wantText(t, "URLs of "+a.ID, strings.Join(urls, ";"), d.Url)
	if d.DeviceID != "" {
		wantText(t, "command of "+a.ID, command, d.CommandLine)
	}
}

func TestGraphGeneratedShapes(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{Now: atNoon, Alerts: 600})
	seen := map[string]int{}
	for _, text := range page(t, graph(t, s, "$top=1000")).Value {
		var a graphAlertText
		if err := json.Unmarshal(text, &a); err != nil {
			t.Fatal(err)
		}
		seen["status "+a.Status]++
		processes := map[int]int{}
		for _, e := range a.Evidence {
			if e.ProcessID == 0 {
				continue
			}
			if processes[e.ParentProcessID] > 0 {
				seen["parent before its process"]++
			}
			if processes[e.ProcessID] > 0 {
				seen["repeated process"]++
			}
			processes[e.ProcessID]++
		}
		for what, part := range map[string]string{
			"no group":   `"rbacGroupId":0,"rbacGroupName":null`,
			"active":     `"remediationStatus":"active"`,
			"unremedied": `"remediationStatus":"unremediated"`,
			"no domain":  `"dnsDomain":null`,
			"escaped é":  `\u00e9`,
			"a tag":      `"tags":["`,
		} {
			if strings.Contains(string(text), part) {
				seen[what]++
			}
		}
	}
	for _, what := range []string{
		"status new", "status inProgress", "status resolved", "parent before its process", "repeated process", "no group", "active",
		"unremedied", "no domain", "escaped é", "a tag",
	} {
		if seen[what] == 0 {
			t.Errorf("%s: no alert, want some", what)
		}
	}
}

func TestGraphDataDependsOnTheSeed(t *testing.T) {
	t.Parallel()
	body := func(o fakeapi.Options) string {
		o.Now, o.Alerts = atNoon, 40
		_, value, _ := strings.Cut(graph(t, start(t, o)).body, `"value":`)
		return value
	}
	first := body(fakeapi.Options{})
	if again := body(fakeapi.Options{Seed: 1}); again != first {
		t.Error("the alerts of one seed differ, want the same bytes")
	}
	if body(fakeapi.Options{Seed: 2}) == first {
		t.Error("the alerts of two seeds are the same, want different ones")
	}
	s := start(t, fakeapi.Options{Now: atNoon, Alerts: -1})
	wantText(t, "ids of no alerts", page(t, graph(t, s)).ids(), "")
}
