package fakeapi

import (
	"fmt"
	"strings"
	"time"
)

// appendEvidence appends the array of evidence in the order of the published
// payloads: device, user, URLs, addresses, file, processes.
//
// It has the peculiarities of these payloads: roles say nothing; the harmless parent of
// a process comes before it; a later detection of the alert repeats the process.
func (a incidentAlert) appendEvidence(text []byte) []byte {
	e := &evidence{incidentAlert: a, text: append(text, '[')}
	e.add("device", a.device)
	if a.userName() != "" {
		e.add("user", func(o *object) {
			o.raw("stream", "null")
			a.userAccount(o)
		})
	}
	for _, url := range splitList(a.rule.url) {
		e.add("url", func(o *object) { o.string("url", url) })
	}
	for _, address := range splitList(a.rule.addresses) {
		e.add("ip", func(o *object) {
			o.string("ipAddress", address)
			o.string("countryLetterCode", "")
			o.raw("stream", "null")
			o.raw("location", "null")
		})
	}
	if a.rule.file != "" && (a.rule.threat != nil || a.rule.command == "") {
		e.add("file", func(o *object) {
			o.string("detectionStatus", "detected")
			o.string("mdeDeviceId", a.deviceID)
			o.key("fileDetails")
			a.fileDetails(o)
		})
	}
	if a.rule.command != "" {
		if a.hasParent() {
			e.add("process", a.parentProcess)
		}
		for range a.all {
			e.add("process", a.process)
		}
	}
	return append(e.text, ']')
}

// evidence writes the array.
type evidence struct {
	incidentAlert
	text  []byte
	count int
}

// add writes one element, kind being the first word of its type.
func (e *evidence) add(kind string, rest func(*object)) {
	if e.count > 0 {
		e.text = append(e.text, ',')
	}
	e.count++
	o := &object{text: append(e.text, '{'), unset: unsetNull, escape: e.escape}
	o.string("@odata.type", "#microsoft.graph.security."+kind+"Evidence")
	o.string("createdDateTime", timeText(e.alertTime.Add(100*time.Millisecond)))
	o.string("verdict", e.verdict())
	o.string("remediationStatus", e.remediationStatus())
	o.string("remediationStatusDetails", "")
	o.list("roles", nil)
	var roles, tags []string
	if kind == "device" {
		roles = []string{"PrimaryDevice"}
		tags = append(splitList(e.deviceTag()), splitList(e.cloudTags())...)
	}
	o.list("detailedRoles", roles)
	o.list("tags", tags)
	rest(o)
	e.text = append(o.text, '}')
}

func (a incidentAlert) verdict() string {
	if a.rule.threat != nil {
		return "malicious"
	}
	return "suspicious"
}

// remediationStatus has members behind unknownFutureValue.
func (a incidentAlert) remediationStatus() string {
	switch t := a.rule.threat; {
	case t == nil && a.rule.source == "SmartScreen":
		return "none"
	case t == nil:
		return "active"
	case t.failed:
		return "unremediated"
	}
	return "remediated"
}

func (a incidentAlert) device(o *object) {
	addresses := append(splitList(a.machine.ipv4), splitList(a.machine.ipv6)...)
	last := addresses[0]
	if a.shape == shape2017 {
		addresses = nil
	}
	platform, build, version := "Windows11", int64(26200), "25H2"
	if strings.HasPrefix(a.machine.name, "srv-") {
		platform, build, version = "WindowsServer2022", 20348, "21H2"
	}
	netbios := a.company.netbios
	if a.machine.unjoined {
		netbios = ""
	}
	o.string("firstSeenDateTime", timeText(a.alertTime.AddDate(0, -1, -int(a.deviceID[0]))))
	o.string("mdeDeviceId", a.deviceID)
	o.string("azureAdDeviceId", guid(0, "device/"+a.deviceID, 0))
	o.string("deviceDnsName", a.dnsName())
	o.string("hostName", a.machine.name)
	o.string("ntDomain", netbios)
	o.string("dnsDomain", a.domain())
	o.string("osPlatform", platform)
	o.number("osBuild", build)
	o.string("version", version)
	o.string("healthStatus", "active")
	o.string("riskScore", strings.ToLower(a.rule.severity))
	o.number("rbacGroupId", groupID(a.machineGroup()))
	o.string("rbacGroupName", a.machineGroup())
	o.string("onboardingStatus", "onboarded")
	o.string("defenderAvStatus", "unknown")
	o.string("lastIpAddress", last)
	o.string("lastExternalIpAddress", "203.0.113.85")
	o.list("ipInterfaces", addresses)
	o.raw("vmMetadata", "null")
	o.key("loggedOnUsers")
	o.text = append(o.text, '[')
	for i, user := range a.machine.users {
		if i > 0 {
			o.text = append(o.text, ',')
		}
		account := &object{text: append(o.text, '{'), unset: unsetNull, escape: o.escape}
		account.string("accountName", user)
		account.string("domainName", a.userDomain())
		o.text = append(account.text, '}')
	}
	o.text = append(o.text, ']')
	o.list("resourceAccessEvents", nil)
}

// groupID returns a number for a device group, 0 for none.
func groupID(group string) int64 {
	if group == "" {
		return 0
	}
	sum := derive(0, "group/"+group, 0)
	return 100 + int64(sum[0])
}

// hasParent reports whether the evidence contains the parent of the process.
func (a incidentAlert) hasParent() bool { return a.luck[2]%2 == 0 }

// Numbers and times of the two processes.

func (a incidentAlert) processID() int64       { return 4000 + int64(a.luck[3])*4 }
func (a incidentAlert) parentID() int64        { return 2000 + int64(a.luck[4])*4 }
func (a incidentAlert) startedAt() string      { return timeText(a.alertTime.Add(-3 * time.Second)) }
func (a incidentAlert) parentStarted() string  { return timeText(a.alertTime.Add(-9 * time.Minute)) }
func (a incidentAlert) grandparentID() int64   { return 1000 + int64(a.luck[5])*4 }
func (a incidentAlert) grandparentAge() string { return timeText(a.alertTime.Add(-2 * time.Hour)) }

func (a incidentAlert) process(o *object) {
	status := "detected"
	if t := a.rule.threat; t != nil && !t.failed {
		status = "blocked"
	}
	o.number("processId", a.processID())
	o.number("parentProcessId", a.parentID())
	o.string("processCommandLine", a.fill(a.rule.command))
	o.string("processCreationDateTime", a.startedAt())
	o.string("parentProcessCreationDateTime", a.parentStarted())
	o.string("detectionStatus", status)
	o.string("mdeDeviceId", a.deviceID)
	o.key("imageFile")
	a.fileDetails(o)
	o.key("parentProcessImageFile")
	imageOf(o, "cmd.exe", system32)
	a.userAccount(o)
}

func (a incidentAlert) parentProcess(o *object) {
	o.number("processId", a.parentID())
	o.number("parentProcessId", a.grandparentID())
	o.string("processCommandLine", `"cmd.exe" `)
	o.string("processCreationDateTime", a.parentStarted())
	o.string("parentProcessCreationDateTime", a.grandparentAge())
	o.string("detectionStatus", "detected")
	o.string("mdeDeviceId", a.deviceID)
	o.key("imageFile")
	imageOf(o, "cmd.exe", system32)
	o.raw("parentProcessImageFile", "null")
	a.userAccount(o)
}

// fileDetails writes the file of the detection.
func (a incidentAlert) fileDetails(o *object) {
	appendFile(o, a.file, a.rule.file, a.fill(a.rule.folder))
}

// imageOf writes an image whose hashes are unknown.
func imageOf(o *object, name, folder string) { appendFile(o, file{}, name, folder) }

func appendFile(parent *object, f file, name, folder string) {
	o := &object{text: append(parent.text, '{'), unset: unsetNull, escape: parent.escape}
	o.string("sha1", f.sha1)
	o.string("sha256", f.sha256)
	o.string("md5", f.md5)
	o.string("sha256Ac", "")
	o.string("fileName", name)
	o.string("filePath", folder)
	o.number("fileSize", int64(len(name))*1013)
	o.string("filePublisher", "")
	o.string("signer", "")
	o.string("issuer", "")
	parent.text = append(o.text, '}')
}

// userAccount writes the account of the detection, or null.
func (a incidentAlert) userAccount(parent *object) {
	user := a.userName()
	if user == "" {
		parent.raw("userAccount", "null")
		return
	}
	parent.key("userAccount")
	o := &object{text: append(parent.text, '{'), unset: unsetNull, escape: parent.escape}
	o.string("accountName", user)
	o.string("domainName", a.userDomain())
	number := derive(0, "user/"+user, 0)
	o.string("userSid", fmt.Sprintf("S-1-5-21-1000-2000-3000-%d", 1100+int(number[0])))
	o.string("azureAdUserId", "")
	o.string("userPrincipalName", "")
	o.string("displayName", "")
	o.string("activeDirectoryObjectGuid", "")
	o.list("resourceAccessEvents", nil)
	parent.text = append(o.text, '}')
}

// splitList splits a list of the SIEM API, with either separator.
func splitList(list string) []string {
	var items []string
	for _, item := range strings.FieldsFunc(list, func(r rune) bool { return r == ';' || r == ',' }) {
		items = append(items, strings.TrimSpace(item))
	}
	return items
}
