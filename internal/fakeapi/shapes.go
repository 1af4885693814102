package fakeapi

import "time"

// shape is a historical form of records: the service added keys over the years
// without a version.
type shape int

const (
	shape2020        shape = iota // 50 keys, "" for unset: "Pull Microsoft Defender for Endpoint alerts using SIEM REST API"
	shape2018                     // 46 keys, two tag keys under other names
	shape2018Partial              // the same without unset keys
	shape2017                     // 33 keys, null for unset, IoaDefinitiondId
)

func shapeOf(alert int) shape {
	switch {
	case alert%13 == 7:
		return shape2017
	case alert%22 == 3:
		return shape2018
	case alert%22 == 14:
		return shape2018Partial
	}
	return shape2020
}

// idPrefix returns the prefix of alert ids, new in 2020.
func (s shape) idPrefix() string {
	if s == shape2020 {
		return "da"
	}
	return ""
}

// append appends the detection in this shape, with the key order of the published
// examples.
func (s shape) append(text []byte, d detection) []byte {
	o := &object{text: append(text, '{'), escape: d.escape}
	switch s {
	case shape2017:
		o.unset = unsetNull
	case shape2018Partial:
		o.unset = unsetAbsent
	}
	s.event(o, d)
	s.finding(o, d)
	if s != shape2017 {
		s.device(o, d)
	} else {
		o.string("FileHash", d.file.sha1)
	}
	if s == shape2020 {
		links(o, d)
	}
	if s != shape2017 {
		o.string("ExternalId", d.externalID)
	}
	o.string("IocUniqueId", d.iocID)
	if d.extraKey {
		o.string("DetectorBuild", "1.0.20348.7")
	}
	return append(o.text, '}')
}

// event writes the keys up to LastProcessedTimeUtc.
func (s shape) event(o *object, d detection) {
	r := d.rule
	o.string("AlertTime", timeText(d.alertTime))
	o.string("ComputerDnsName", d.dnsName())
	o.string("AlertTitle", r.title)
	o.string("Category", r.category)
	o.string("Severity", r.severity)
	o.string("AlertId", d.alertID)
	o.string("Actor", "")
	o.string("LinkToWDATP", "https://securitycenter.windows.com/alert/"+d.alertID)
	o.string("IocName", r.ioc[0])
	o.string("IocValue", r.ioc[1])
	o.string("CreatorIocName", "")
	o.string("CreatorIocValue", "")
	o.string("Sha1", d.file.sha1)
	o.string("FileName", r.file)
	o.string("FilePath", d.fill(r.folder))
	o.string("IpAddress", r.addresses)
	o.string("Url", r.url)
	if s == shape2017 {
		o.string("IoaDefinitiondId", r.id)
	} else {
		o.string("IoaDefinitionId", r.id)
	}
	o.string("UserName", d.userName())
	o.number("AlertPart", int64(d.part))
	o.string("FullId", d.alertID+":"+d.iocID)
	o.string("LastProcessedTimeUtc", timeText(d.processed))
}

// finding writes the keys of antivirus results and the file.
func (s shape) finding(o *object, d detection) {
	var none threat
	t, success, executing := &none, (*bool)(nil), (*bool)(nil)
	if d.rule.threat != nil {
		t = d.rule.threat
		removed := !t.failed
		success, executing = &removed, &t.executing
	}
	o.string("ThreatCategory", t.category)
	o.string("ThreatFamily", t.family)
	o.string("ThreatName", t.name)
	o.string("RemediationAction", t.action)
	o.flag("RemediationIsSuccess", success)
	o.string("Source", s.source(d.rule.source))
	o.string("Md5", d.file.md5)
	o.string("Sha256", d.file.sha256)
	o.flag("WasExecutingWhileDetected", executing)
}

// source returns the sensor's name in this shape.
func (s shape) source(name string) string {
	if s == shape2017 && name == "EDR" {
		return "Windows Defender ATP"
	}
	return name
}

// device writes the keys added in 2018.
func (s shape) device(o *object, d detection) {
	deviceTags, cloudTags := "DeviceCreatedMachineTags", "CloudCreatedMachineTags"
	if s != shape2020 {
		deviceTags, cloudTags = "BuiltInMachineTags", "UserDefinedMachineTags"
	}
	userDomain := ""
	if d.userName() != "" {
		userDomain = d.userDomain()
	}
	o.string("UserDomain", userDomain)
	o.string("LogOnUsers", d.logOnUsers())
	o.string("MachineDomain", d.domain())
	o.string("MachineName", d.machine.name)
	o.string("InternalIPv4List", d.machine.ipv4)
	o.string("InternalIPv6List", d.machine.ipv6)
	o.string("FileHash", d.file.sha1)
	o.string("DeviceID", d.deviceID)
	o.string("MachineGroup", d.machineGroup())
	o.string("Description", d.fill(d.rule.description))
	o.string(deviceTags, d.deviceTag())
	o.string(cloudTags, d.cloudTags())
	o.string("CommandLine", d.fill(d.rule.command))
}

// links writes the keys added in 2020.
func links(o *object, d detection) {
	o.string("IncidentLinkToWDATP", "https://securitycenter.windows.com/incidents/byalert?alertId="+d.alertID+"&source=SIEM")
	o.number("ReportID", d.reportID)
	o.string("LinkToMTP", "https://security.microsoft.com/alert/"+d.alertID)
	o.string("IncidentLinkToMTP", "https://security.microsoft.com/incidents/byalert?alertId="+d.alertID+"&source=SIEM")
}

// timeText formats t as UTC with Z and up to seven digits, without trailing zeros.
func timeText(t time.Time) string { return t.Format("2006-01-02T15:04:05.9999999Z") }
