package graph

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/records"
)

// processPiece returns process evidence whose command line is its name. A number of
// 0 is null.
func processPiece(name string, number, parent int, more ...string) string {
	members := []string{fmt.Sprintf(`"processCommandLine":%q`, name)}
	if number > 0 {
		members = append(members, fmt.Sprintf(`"processId":%d,"processCreationDateTime":"2026-03-01T00:00:%02dZ"`, number, number))
	}
	if parent > 0 {
		members = append(members, fmt.Sprintf(`"parentProcessId":%d,"parentProcessCreationDateTime":"2026-03-01T00:00:%02dZ"`, parent, parent))
	}
	return piece("process", strings.Join(append(members, more...), ","))
}

func on(device string) string { return `"mdeDeviceId":"` + device + `"` }

func TestSubjectProcess(t *testing.T) {
	t.Parallel()
	primary := piece("device", `"mdeDeviceId":"d1","detailedRoles":["PrimaryDevice"]`)
	for _, test := range []struct {
		name   string
		pieces []string
		want   string
	}{
		{"none", nil, ""},
		{"one", []string{processPiece("a", 1, 9)}, "a"},
		{"parent first", []string{processPiece("shell", 1, 9), processPiece("tool", 2, 1)}, "tool"},
		{"parent last", []string{processPiece("tool", 2, 1), processPiece("shell", 1, 9)}, "tool"},
		{"chain", []string{processPiece("a", 1, 9), processPiece("b", 2, 1), processPiece("c", 3, 2)}, "c"},
		{"siblings", []string{processPiece("a", 2, 9), processPiece("b", 3, 9)}, "a"},
		{"siblings after their parent", []string{processPiece("shell", 1, 9), processPiece("a", 2, 1), processPiece("b", 3, 1)}, "a"},
		{"the same twice", []string{processPiece("a", 2, 1), processPiece("a", 2, 1), processPiece("b", 3, 1)}, "a"},
		{"the parent twice", []string{processPiece("shell", 1, 9), processPiece("tool", 2, 1), processPiece("shell", 1, 9)}, "tool"},
		{"its own parent", []string{processPiece("a", 1, 1), processPiece("b", 2, 9)}, "a"},
		{"a circle", []string{processPiece("a", 1, 2), processPiece("b", 2, 1)}, "a"},
		{"no numbers", []string{processPiece("a", 0, 0), processPiece("b", 0, 0)}, "a"},
		{"no number of the parent", []string{processPiece("a", 1, 0), processPiece("b", 2, 0)}, "a"},
		{"the number of the parent used again", []string{
			piece("process", `"processCommandLine":"a","processId":1,"processCreationDateTime":"2026-03-01T00:00:02Z"`), processPiece("b", 2, 1),
		}, "a"},
		{"other digits of the parent's time", []string{
			piece("process", `"processCommandLine":"a","processId":1,"processCreationDateTime":"2026-03-01T00:00:01.0000000Z"`), processPiece("b", 2, 1),
		}, "b"},
		{"times that are none", []string{
			piece("process", `"processCommandLine":"a","processId":1,"processCreationDateTime":"x"`),
			piece("process", `"processCommandLine":"b","parentProcessId":1,"parentProcessCreationDateTime":"y"`),
			piece("process", `"processCommandLine":"c","parentProcessId":1,"parentProcessCreationDateTime":"x"`),
		}, "b"},
		{"on the primary device", []string{
			processPiece("a", 1, 9, on("d2")), primary, processPiece("b", 2, 9, on("d1")),
		}, "b"},
		{"none on the primary device", []string{primary, processPiece("a", 1, 9, on("d2")), processPiece("b", 2, 1, on("d2"))}, "b"},
		{"a device without an ID", []string{piece("device", `"deviceDnsName":"x"`), processPiece("a", 1, 9), processPiece("b", 2, 9, on("d2"))}, "a"},
		{"no device", []string{processPiece("a", 1, 9, on("d2")), processPiece("b", 2, 9)}, "a"},
	} {
		withEvidence(t, test.pieces...).wantSome(t, test.name, map[string]string{"command_line": test.want})
	}
}

func TestPrimaryDevice(t *testing.T) {
	t.Parallel()
	device := func(id, members string) string {
		if members != "" {
			members = "," + members
		}
		return piece("device", `"mdeDeviceId":`+id+members)
	}
	const none = "null"
	for _, test := range []struct {
		name   string
		pieces []string
		want   map[string]string
	}{
		{"none", nil, map[string]string{"device_id": "", "computer_dns_name": "", "machine_name": "", "machine_group": ""}},
		{"first", []string{device(`"a"`, ""), device(`"b"`, "")}, map[string]string{"device_id": "a"}},
		{"first with an ID", []string{device(none, ""), device(`""`, ""), device(`"b"`, "")}, map[string]string{"device_id": "b"}},
		{"without an ID", []string{device(none, `"deviceDnsName":"x"`), device(none, `"deviceDnsName":"y"`)}, map[string]string{"device_id": "", "computer_dns_name": "x"}},
		{"role", []string{device(`"a"`, `"detailedRoles":[]`), device(`"b"`, `"detailedRoles":["Other","primarydevice"]`)}, map[string]string{"device_id": "b"}},
		{"old role", []string{device(`"a"`, ""), device(none, `"deviceDnsName":"y","detailedRoles":["Main Device"]`)}, map[string]string{"device_id": "", "computer_dns_name": "y"}},
		{"two roles", []string{device(`"a"`, `"detailedRoles":["Main device"]`), device(`"b"`, `"detailedRoles":["PrimaryDevice"]`)}, map[string]string{"device_id": "a"}},
		{"the other list of roles", []string{device(`"a"`, ""), device(`"b"`, `"roles":["PrimaryDevice"]`)}, map[string]string{"device_id": "a"}},

		{"DNS domain", []string{device(none, `"deviceDnsName":"Host.a.example","dnsDomain":"b.example","hostName":"HOST"`)},
			map[string]string{"computer_dns_name": "Host.a.example", "machine_name": "Host", "machine_domain": "b.example"}},
		{"no DNS domain", []string{device(none, `"deviceDnsName":"host.a.example","dnsDomain":null`)}, map[string]string{"machine_name": "host", "machine_domain": "a.example"}},
		{"DNS domain absent", []string{device(none, `"deviceDnsName":"host.a.example"`)}, map[string]string{"machine_domain": "a.example"}},
		{"no domain", []string{device(none, `"deviceDnsName":"host","hostName":"HOST"`)}, map[string]string{"machine_name": "host", "machine_domain": ""}},
		{"no DNS name", []string{device(none, `"hostName":"HOST"`)}, map[string]string{"computer_dns_name": "", "machine_name": "HOST", "machine_domain": ""}},
		{"no address of today", []string{device(none, `"lastIpAddress":"10.0.0.1","ipInterfaces":[]`)}, map[string]string{"internal_ipv4_list": ""}},
		{"null in lists", []string{device(none, `"ipInterfaces":[null,"","10.0.0.1"],"tags":[null,"a"],"loggedOnUsers":[null,{}],"detailedRoles":[null]`)},
			map[string]string{"internal_ipv4_list": "10.0.0.1", "cloud_created_machine_tags": "a", "log_on_users": ""}},
		{"separators in a user", []string{device(none, `"loggedOnUsers":[{"accountName":"a;b,c","domainName":"d"}]`)}, map[string]string{"log_on_users": `d\a;b,c`}},
	} {
		withEvidence(t, test.pieces...).wantSome(t, test.name, test.want)
	}
}

// The groups and the tags are those of all devices.
func TestGroupsAndTags(t *testing.T) {
	t.Parallel()
	r := withEvidence(t,
		piece("device", `"rbacGroupName":null,"tags":["a"]`),
		piece("device", `"rbacGroupName":"g\u0031","tags":["b","a"],"mdeDeviceId":"d"`),
		piece("device", `"rbacGroupName":"g2"`))
	if want := []string{"g1", "g2"}; !slices.Equal(r.groups, want) {
		t.Errorf("Groups = %q, want %q", r.groups, want)
	}
	if want := []string{"a", "b", "a"}; !slices.Equal(r.tags, want) {
		t.Errorf("Tags = %q, want %q", r.tags, want)
	}
	r.wantSome(t, "primary device", map[string]string{"machine_group": "g1", "device_created_machine_tags": "b;a", "cloud_created_machine_tags": "b;a"})
}

func TestSubjectFile(t *testing.T) {
	t.Parallel()
	file := func(name, members string) string {
		return piece("file", `"remediationStatus":"`+name+`-status","fileDetails":{"fileName":"`+name+`","sha256":"`+name+`-256"}`+members)
	}
	process := func(image string) string {
		return piece("process", `"remediationStatus":"process-status","processCommandLine":"run","imageFile":`+image)
	}
	const image = `{"fileName":"image","filePath":"dir","sha1":"image-1"}`
	const referred = `,"detailedRoles":["Referred in command line"]`
	of := func(name, path, sha1, sha256, hash, status string) map[string]string {
		return map[string]string{"file_name": name, "file_path": path, "sha1": sha1, "sha256": sha256, "file_hash": hash, "remediation_action": status}
	}
	theImage := of("image", "dir", "image-1", "", "image-1", "process-status")
	theFile := func(name string) map[string]string { return of(name, "", "", name+"-256", name+"-256", name+"-status") }
	for _, test := range []struct {
		name   string
		pieces []string
		want   map[string]string
	}{
		{"none", nil, of("", "", "", "", "", "")},
		{"device only", []string{piece("device", `"remediationStatus":"active"`)}, of("", "", "", "", "", "")},
		{"file", []string{file("a", ""), file("b", "")}, theFile("a")},
		{"file before image", []string{process(image), file("a", "")}, theFile("a")},
		{"image before a file referred to", []string{file("a", referred), process(image)}, theImage},
		{"second file", []string{file("a", referred), file("b", `,"detailedRoles":["Other"]`), process(image)}, theFile("b")},
		{"role of one word", []string{file("a", `,"detailedRoles":["Referred"]`), file("b", "")}, theFile("b")},
		{"file referred to", []string{file("a", referred)}, theFile("a")},
		{"null image, file referred to", []string{process("null"), file("a", `,"detailedRoles":["x","referred"]`)}, theFile("a")},
		{"null image", []string{process("null")}, of("", "", "", "", "", "process-status")},
		{"empty image", []string{process(`{"sha1":null,"fileSize":1}`), file("a", referred)}, theFile("a")},
		{"null details", []string{piece("file", `"fileDetails":null,"remediationStatus":"x"`), file("b", "")}, theFile("b")},
		{"null details only", []string{piece("file", `"fileDetails":null,"remediationStatus":"x"`), process(image)}, theImage},
	} {
		withEvidence(t, test.pieces...).wantSome(t, test.name, test.want)
	}
}

func TestUser(t *testing.T) {
	t.Parallel()
	const account = `{"accountName":"process-user","domainName":"process-domain"}`
	user := func(account string) string { return piece("user", `"userAccount":`+account) }
	process := processPiece("run", 1, 9, `"userAccount":`+account)
	for _, test := range []struct {
		name         string
		pieces       []string
		user, domain string
	}{
		{"none", nil, "", ""},
		{"first", []string{user(`{"accountName":"a","domainName":"d"}`), user(`{"accountName":"b"}`)}, "a", "d"},
		{"of the process", []string{process}, "process-user", "process-domain"},
		{"before that of the process", []string{process, user(`{"accountName":"a","domainName":null}`)}, "a", ""},
		{"null account", []string{user("null"), process}, "process-user", "process-domain"},
		{"empty account", []string{user(`{"displayName":"x"}`), user(`{"domainName":"d"}`), process}, "", "d"},
		{"null account of the process", []string{processPiece("run", 1, 9, `"userAccount":null`)}, "", ""},
		{"of the chosen process", []string{processPiece("shell", 1, 9, `"userAccount":{"accountName":"a"}`), processPiece("run", 2, 1, `"userAccount":`+account)},
			"process-user", "process-domain"},
	} {
		withEvidence(t, test.pieces...).wantSome(t, test.name, map[string]string{"user_name": test.user, "user_domain": test.domain})
	}
}

func TestRemediation(t *testing.T) {
	t.Parallel()
	for status, want := range map[string]string{
		"remediated": "true", "prevented": "true", "blocked": "true",
		"unremediated": "false", "declined": "false", "active": "false",
		"none": "", "notFound": "", "pendingApproval": "", "running": "", "partiallyRemediated": "", "unknownFutureValue": "", "5": "", "": "",
	} {
		withEvidence(t, piece("file", `"fileDetails":{"fileName":"f"},"remediationStatus":"`+status+`"`)).
			wantSome(t, status, map[string]string{"remediation_action": status, "remediation_is_success": want})
	}
}

func TestWasExecuting(t *testing.T) {
	t.Parallel()
	for status, want := range map[string]string{
		`"detected"`: "true", `"blocked"`: "true", `"prevented"`: "false", `"unknownFutureValue"`: "", `"31"`: "", `null`: "",
	} {
		withEvidence(t, piece("process", `"detectionStatus":`+status)).
			wantSome(t, status, map[string]string{"was_executing_while_detected": want})
	}
	withEvidence(t, piece("file", `"detectionStatus":"detected"`)).
		wantSome(t, "that of a file", map[string]string{"was_executing_while_detected": ""})
}

func TestAddressesAndURLs(t *testing.T) {
	t.Parallel()
	withEvidence(t,
		piece("url", `"url":"https://a.example/;b"`), piece("ip", `"ipAddress":"fe80::1"`), piece("ip", `"ipAddress":null`), piece("ip", ``),
		piece("url", `"url":null`), piece("ip", `"ipAddress":"10.0.0.1"`), piece("ip", `"ipAddress":"fe80::1"`), piece("url", `"url":"x"`),
	).wantSome(t, "addresses", map[string]string{"ip_address": "fe80::1;10.0.0.1", "url": "https://a.example/;b;x"})
}

// Evidence that is not read cannot fail a read.
func TestOtherEvidence(t *testing.T) {
	t.Parallel()
	other := []string{
		`null`,
		piece("malware", `"files":[{"fileDetails":1,"fileDetails":1}],"MdeDeviceId":"x"`), piece("invented", `"a":1,"a":1,"url":1`),
		`{"@odata.type":"#Microsoft.Graph.Security.UrlEvidence","url":1}`,
		piece("url", `"url":"u","new":{"url":1,"url":1},"verdict":5,"createdDateTime":false,"a":1,"a":1,"roles":"x","tags":7`),
	}
	other = append(other, slices.Repeat([]string{`{"@odata.type":"#microsoft.graph.security.mailboxEvidence"}`}, maxEvidence)...)
	got := withEvidence(t, other...)
	want := maps.Clone(decodeOne(t, "").attributes)
	want["url"] = "u"
	wantAttributes(t, got.attributes, want)
}

// Evidence without a type may be of a device, which filters need. The type may be an
// address.
func TestEvidenceType(t *testing.T) {
	t.Parallel()
	for _, untyped := range []string{`{}`, `{"@odata.type":null}`, `{"@odata.type":""}`, `{"mdeDeviceId":"x"}`} {
		_, _, err := decodeAll(pageOf(`"evidence":[` + untyped + `]`))
		wantProblem(t, untyped, err, records.MissingField, 0, "evidence")
	}
	for _, kind := range []string{"#microsoft.graph.security.urlEvidence", "microsoft.graph.security.urlEvidence", "https://graph.example/$metadata#microsoft.graph.security.urlEvidence"} {
		withEvidence(t, `{"@odata.type":"`+kind+`","url":"u"}`).wantSome(t, kind, map[string]string{"url": "u"})
	}
}

// As many elements of lists as are allowed.
func TestManyElements(t *testing.T) {
	t.Parallel()
	decodeOne(t, `"mitreTechniques":[`+strings.Repeat(`"",`, maxElements-1)+`"T1021"]`).
		wantSome(t, "the most techniques", map[string]string{"triage.mitre_techniques": "T1021"})
}

// As much evidence as is allowed, all of it distinct.
func TestMuchEvidence(t *testing.T) {
	t.Parallel()
	var pieces []string
	for i := range maxEvidence / 2 {
		pieces = append(pieces, piece("ip", fmt.Sprintf(`"ipAddress":"%d"`, i)),
			piece("process", fmt.Sprintf(`"processId":%d,"parentProcessId":%d,"processCommandLine":"%d"`, i, i-1, i)))
	}
	r := withEvidence(t, pieces...)
	r.wantSome(t, "chain of processes", map[string]string{"command_line": fmt.Sprint(maxEvidence/2 - 1)})
	if got := strings.Count(r.attributes["ip_address"], ";"); got != maxEvidence/2-1 {
		t.Errorf("separators in ip_address = %d, want %d", got, maxEvidence/2-1)
	}
}
