package provider

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/alert"
	"github.com/mdatp/terraform-provider-mdatp/internal/siem"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
	"github.com/mdatp/terraform-provider-mdatp/internal/wire"
)

// A ready is a network whose responses all have the same body.
type ready []byte

func (r ready) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK,
		Header:     http.Header{"Content-Type": {"application/json"}},
		Body:       io.NopCloser(bytes.NewReader(r)),
		Request:    req,
	}, nil
}

type anyToken struct{}

func (anyToken) Token(context.Context) (string, error) { return "t", nil }
func (anyToken) Invalidate(string)                     {}

// manyAlerts returns a response with n detections of 2 KB each, in the shape of 2020.
func manyAlerts(n int) []byte {
	const record = `{"AlertTime":"2020-09-30T14:09:20.35743Z","ComputerDnsName":"host%[1]d.corp.example","AlertTitle":"Suspicious start of a script","Category":"Execution","Severity":"Medium","AlertId":"da637%[1]d_-96144481","Actor":"","LinkToWDATP":"https://securitycenter.windows.com/alert/da637%[1]d_-96144481","IocName":"","IocValue":"","CreatorIocName":"","CreatorIocValue":"","Sha1":"6cc09cd3d517056da25d8a2f4fc46cf085bce637","FileName":"powershell.exe","FilePath":"C:\\Windows\\System32\\WindowsPowerShell\\v1.0","IpAddress":"","Url":"","IoaDefinitionId":"07d9b4f5-ae13-4286-95cb-6e8f21c07d3a","UserName":"t.okafor","AlertPart":0,"FullId":"da637%[1]d_-96144481:ekXbM0HgfW0W1x1Im1IqsjbDGISMMRyLZHaTPV6OLQE=","LastProcessedTimeUtc":"2020-09-30T14:%02[2]d:%02[3]d.2512381Z","ThreatCategory":"","ThreatFamily":"","ThreatName":"","RemediationAction":"","RemediationIsSuccess":null,"Source":"EDR","Md5":"3c16865adbc217ea5cef9834f0cff97a","Sha256":"bc740af22d8de9731a97a58e42bb6b03984222862be2c00f5c4bfa2f36c0bc28","WasExecutingWhileDetected":null,"UserDomain":"halvorsen","LogOnUsers":"halvorsen\\t.okafor; halvorsen\\j.hardee","MachineDomain":"corp.example","MachineName":"host%[1]d","InternalIPv4List":"10.21.4.33;127.0.0.1","InternalIPv6List":"fe80::5c1e:9aff:fe62:80d4;::1","FileHash":"6cc09cd3d517056da25d8a2f4fc46cf085bce637","DeviceID":"24c222b0b60fe148eeece49ac83910cc6a7ef491","MachineGroup":"UKMachines","Description":"A script was started in a way that is unusual for this user.\r\nIts text was hidden, and it reached out to a rare host. Attackers use scripts to fetch further tools and to stay unseen.","DeviceCreatedMachineTags":"PCI","CloudCreatedMachineTags":"VIP","CommandLine":"powershell.exe -NoProfile -EncodedCommand VwByAGkAdABlAC0ASABvAHMAdAA=","IncidentLinkToWDATP":"https://securitycenter.windows.com/incidents/byalert?alertId=da637%[1]d_-96144481&source=SIEM","ReportID":1053729833,"LinkToMTP":"https://security.microsoft.com/alert/da637%[1]d_-96144481","IncidentLinkToMTP":"https://security.microsoft.com/incidents/byalert?alertId=da637%[1]d_-96144481&source=SIEM","ExternalId":"31DD0A845DDA4059FDEDE031014645350AECABD3","IocUniqueId":"ekXbM0HgfW0W1x1Im1IqsjbDGISMMRyLZHaTPV6OLQE="}`
	var body strings.Builder
	body.WriteByte('[')
	for i := range n {
		if i > 0 {
			body.WriteByte(',')
		}
		fmt.Fprintf(&body, record, 1_000_000+i, i/60%60, i%60)
	}
	body.WriteByte(']')
	return []byte(body.String())
}

// BenchmarkRead reads a response with 10,000 detections, without a network: for the
// summary, and for the list up to the state that goes to Terraform.
func BenchmarkRead(b *testing.B) {
	const n = 10_000
	body := manyAlerts(n)
	client := transport.New(transport.Options{Base: ready(body), UserAgent: "bench", MaxAttempts: 1, AttemptTimeout: time.Minute})
	source := siem.New(&url.URL{Scheme: "https", Host: "siem.example"}, client, anyToken{}, 1<<30)
	state := append([]byte("\x81\xa6"+listAttribute), 0xc0)

	for name, encode := range map[string]func([]byte, *alert.Detection) []byte{"summary": nil, "list": wire.AppendAlert} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				selection := alert.NewSelection(alert.SelectionOptions{Encode: encode})
				if _, err := source.Read(context.Background(), alert.Query{}, selection); err != nil {
					b.Fatal(err)
				}
				if sum := selection.Summary(); sum.Detections != n {
					b.Fatal(sum.Detections)
				}
				if encode == nil {
					continue
				}
				if _, err := wire.Insert(state, listAttribute, selection, wire.MaxObject); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/alert")
		})
	}
}
