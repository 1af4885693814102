package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// A workload is one row of the table.
type workload struct {
	source string // type of the data source
	name   string // of the row: the number of detections and what is special of them
	alerts int    // detections of the fake, used without a record
	record func(i int) string
	count  int      // records of a body of its own
	env    []string // settings of the provider
}

// sources are the data sources.
var sources = []string{"mdatp_alerts", summary}

// workloads returns those of the usual sizes, for both data sources.
func workloads(sizes []int) (list []workload) {
	for _, size := range sizes {
		for _, source := range sources {
			list = append(list, workload{source: source, name: strconv.Itoa(size), alerts: size})
		}
	}
	return list
}

// graph returns the workloads of Microsoft Graph. The fake makes 13 detections of ten
// alerts, of 4 KB each, at the first request of the run that does not count.
func graph() (list []workload) {
	for _, size := range []int{10_000, 50_000} {
		for _, source := range sources {
			list = append(list, workload{
				source: source, name: fmt.Sprintf("%d alerts, `graph`", size), alerts: size * 13 / 10,
				env: []string{"MDATP_API=graph", "MDATP_MAX_RESPONSE_MIB=1024", "MDATP_ATTEMPT_TIMEOUT=5m", "MDATP_TIMEOUT=10m"},
			})
		}
	}
	return list
}

const summary = "mdatp_alert_summary"

// hard are the workloads that are hard on a summary's memory.
var hard = []workload{
	{source: summary, name: "50000, each on its own device", record: ownDevice, count: 50_000},
	// The limit of a summary grows with max_response_mib.
	{source: summary, name: "1000000 small", record: small, count: 1_000_000, env: []string{"MDATP_MAX_RESPONSE_MIB=1024", "MDATP_TIMEOUT=10m"}},
}

// ownDevice returns a detection of some 2 KB on a device of its own.
func ownDevice(i int) string {
	const text = `{"AlertTime":"2026-09-30T14:09:20.35743Z","ComputerDnsName":"host%[1]d.corp.example","AlertTitle":"Suspicious start of a script","Category":"Execution","Severity":"Medium","AlertId":"da637%[1]d_-96144481","Actor":"","LinkToWDATP":"https://securitycenter.windows.com/alert/da637%[1]d_-96144481","IocName":"","IocValue":"","CreatorIocName":"","CreatorIocValue":"","Sha1":"6cc09cd3d517056da25d8a2f4fc46cf085bce637","FileName":"powershell.exe","FilePath":"C:\\Windows\\System32\\WindowsPowerShell\\v1.0","IpAddress":"","Url":"","IoaDefinitionId":"07d9b4f5-ae13-4286-95cb-6e8f21c07d3a","UserName":"t.okafor","AlertPart":0,"FullId":"da637%[1]d_-96144481:ekXbM0HgfW0W1x1Im1IqsjbDGISMMRyLZHaTPV6OLQE=","LastProcessedTimeUtc":"2026-09-30T14:%02[2]d:%02[3]d.2512381Z","ThreatCategory":"","ThreatFamily":"","ThreatName":"","RemediationAction":"","RemediationIsSuccess":null,"Source":"EDR","Md5":"3c16865adbc217ea5cef9834f0cff97a","Sha256":"bc740af22d8de9731a97a58e42bb6b03984222862be2c00f5c4bfa2f36c0bc28","WasExecutingWhileDetected":null,"UserDomain":"halvorsen","LogOnUsers":"halvorsen\\t.okafor; halvorsen\\j.hardee","MachineDomain":"corp.example","MachineName":"host%[1]d","InternalIPv4List":"10.21.4.33;127.0.0.1","InternalIPv6List":"fe80::5c1e:9aff:fe62:80d4;::1","FileHash":"6cc09cd3d517056da25d8a2f4fc46cf085bce637","DeviceID":"24c222b0b60fe148eeece49ac83910cc%08[1]d","MachineGroup":"UKMachines","Description":"A script was started in a way that is unusual for this user.\r\nIts text was hidden, and it contacted a rare host. Attackers use scripts to fetch further tools and to stay unseen.","DeviceCreatedMachineTags":"PCI","CloudCreatedMachineTags":"VIP","CommandLine":"powershell.exe -NoProfile -EncodedCommand VwByAGkAdABlAC0ASABvAHMAdAA=","IncidentLinkToWDATP":"https://securitycenter.windows.com/incidents/byalert?alertId=da637%[1]d_-96144481&source=SIEM","ReportID":1053729833,"LinkToMTP":"https://security.microsoft.com/alert/da637%[1]d_-96144481","IncidentLinkToMTP":"https://security.microsoft.com/incidents/byalert?alertId=da637%[1]d_-96144481&source=SIEM","ExternalId":"31DD0A845DDA4059FDEDE031014645350AECABD3","IocUniqueId":"ekXbM0HgfW0W1x1Im1IqsjbDGISMMRyLZHaTPV6OLQE="}`
	return fmt.Sprintf(text, 1_000_000+i, i/60%60, i%60)
}

// small returns a detection with little more than a gate needs, of an alert and
// on a device of its own.
func small(i int) string {
	return fmt.Sprintf(`{"AlertId":"da%[1]d","Severity":"Low","LastProcessedTimeUtc":"2026-09-30T14:%02[2]d:%02[3]d.2512381Z","FullId":"da%[1]d:x","AlertPart":0,"DeviceID":"%040[1]d","Category":"Execution"}`,
		i, i/60%60, i%60)
}

// flags returns those of the fake, which serves the workload's body from a file in
// dir if it has one.
func (w workload) flags(dir string) ([]string, error) {
	if w.record == nil {
		alerts := w.alerts
		if alerts == 0 {
			alerts = -1
		}
		return []string{"-no-window", "-alerts", strconv.Itoa(alerts)}, nil
	}
	name := filepath.Join(dir, "body.json")
	file, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	body := bufio.NewWriter(file)
	separator := "["
	for i := range w.count {
		fmt.Fprint(body, separator, w.record(i))
		separator = ","
	}
	fmt.Fprint(body, "]")
	if err = body.Flush(); err != nil {
		return nil, err
	}
	return []string{"-no-window", "-body", name}, file.Close()
}
