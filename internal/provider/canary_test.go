package provider_test

import (
	"archive/zip"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

// Canaries are marks that must not leave the place where they belong.
const (
	canarySecret = "CANARY!secret/of+the=application"
	canaryToken  = "CANARYtoken.of-the-service_0123456789"
	canaryAlert  = "CANARY alert: text & more"
)

// canaryDetection has a mark in six fields; the summary counts none of them.
const canaryDetection = `{"AlertId":"` + canaryAlert + ` 1","Severity":"High","LastProcessedTimeUtc":"2026-11-03T11:00:00Z","AlertPart":0,
	"Description":"` + canaryAlert + ` 2","CommandLine":"` + canaryAlert + ` 3","UserName":"` + canaryAlert + ` 4",
	"FilePath":"` + canaryAlert + ` 5","` + canaryAlert + ` 6":"` + canaryAlert + ` 7"}`

// forms are the encodings in which a mark could show, as a pattern would find
// it: base64 depends on what stands before it.
func forms(mark string) (list []string) {
	list = []string{mark, url.QueryEscape(mark), url.PathEscape(mark), hex.EncodeToString([]byte(mark)),
		strings.ToUpper(hex.EncodeToString([]byte(mark))), strings.ReplaceAll(mark, "&", `\u0026`)}
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for before := range 3 {
			encoded := encoding.EncodeToString([]byte(strings.Repeat("\x00", before) + mark))
			list = append(list, encoded[4:len(encoded)-4])
		}
	}
	return list
}

// checkCanaries reports a mark in a text.
func checkCanaries(t *testing.T, where, text string, marks ...string) {
	t.Helper()
	for _, mark := range marks {
		for _, form := range forms(mark) {
			if at := strings.Index(text, form); at >= 0 {
				t.Errorf("%s holds %q: …%q…", where, form, text[max(0, at-200):min(len(text), at+100)])
				break
			}
		}
	}
}

// A canaryFault is what a service says to one read: replies that bring marks
// where a careless program would print them. The read fails unless outcome says
// otherwise.
type canaryFault struct {
	replies []fakeapi.Step
	outcome string
}

const allCanaries = canarySecret + canaryToken + canaryAlert

var (
	jsonHeader  = http.Header{"Content-Type": {"application/json"}}
	everyHeader = http.Header{"Content-Type": {"text/html; " + allCanaries}, "Location": {"http://127.0.0.1:1/?" + url.QueryEscape(allCanaries)},
		"Www-Authenticate": {allCanaries}, "Request-Id": {allCanaries}, "X-Ms-Request-Id": {canaryToken}, "Retry-After": {allCanaries}, "Set-Cookie": {canaryToken}}
)

func alertFaults() []canaryFault {
	refused := func(status int) fakeapi.Step { return fakeapi.Reply(status, everyHeader, allCanaries) }
	body := func(text string) fakeapi.Step { return fakeapi.WithBody(fakeapi.Normal(), text) }
	whole := func(step fakeapi.Step) fakeapi.Step { return fakeapi.WithBody(step, "["+canaryDetection+"]") }
	faults := []canaryFault{
		{[]fakeapi.Step{body("[" + canaryDetection + "]")}, "none"},
		{[]fakeapi.Step{body("[" + strings.Replace(canaryDetection, `"High"`, `"`+unknownSeverity+`"`, 1) + "]")}, "warning"},
		{[]fakeapi.Step{refused(http.StatusUnauthorized), refused(http.StatusUnauthorized)}, "error"},
	}
	for _, step := range []fakeapi.Step{
		refused(http.StatusForbidden), refused(http.StatusInternalServerError), refused(http.StatusFound),
		fakeapi.ContentType("text/html", allCanaries), fakeapi.ContentType(allCanaries, "[]"),
		whole(fakeapi.CutAfter(-5)), whole(fakeapi.BadChunk()), whole(fakeapi.GzipBadCRC()), whole(fakeapi.LieLength(9)),
		fakeapi.Raw(allCanaries+"\r\n\r\n", fakeapi.Close),
		fakeapi.Raw("HTTP/1.1 200 "+allCanaries+"\r\n"+allCanaries+"\r\n\r\n", fakeapi.Close),
		body("[" + canaryDetection + "," + allCanaries), body(canaryDetection), body(`["` + canaryAlert + `"]`),
		body("[" + canaryDetection + "]" + allCanaries), body("[" + canaryDetection + ",\"\xff" + allCanaries + "\"]"),
		body(`[{"AlertId":"a","ReportID":"` + canaryAlert + `"}]`),
		body(`[{"AlertId":"a","Severity":"Low","LastProcessedTimeUtc":"` + canaryAlert + `"}]`),
		body(`[{"` + canaryAlert + `":1,"` + canaryAlert + `":2}]`),
	} {
		faults = append(faults, canaryFault{[]fakeapi.Step{step}, "error"})
	}
	return faults
}

// unknownSeverity is a mark that counts_by_severity may have.
const unknownSeverity = "Unheard of"

func tokenFaults() []canaryFault {
	var faults []canaryFault
	for _, text := range []string{
		`{"token_type":"Bearer","access_token":"` + canaryToken,
		`{"token_type":"` + canarySecret + `","access_token":"` + canaryToken + `","expires_in":"3599"}`,
		`{"token_type":"Bearer","access_token":"` + canaryToken + `","expires_in":"` + canarySecret + `"}`,
		`{"token_type":"Bearer","access_token":"` + canaryToken + `","access_token":"` + canaryToken + `x"}`,
		`{"token_type":"Bearer","access_token":"` + canaryToken + `\r\n","expires_in":3599}`,
		`{"error":"` + canarySecret + `","error_description":"` + allCanaries + `"}`,
	} {
		faults = append(faults, canaryFault{[]fakeapi.Step{fakeapi.Reply(http.StatusOK, jsonHeader, text)}, "error"})
	}
	good := fakeapi.Reply(http.StatusOK, jsonHeader, `{"token_type":"Bearer","access_token":"`+canaryToken+`","expires_in":3599}`)
	return append(faults,
		canaryFault{[]fakeapi.Step{fakeapi.Reply(http.StatusInternalServerError, everyHeader, allCanaries)}, "error"},
		canaryFault{[]fakeapi.Step{fakeapi.Reply(http.StatusUnauthorized, jsonHeader, `{"error":"invalid_client `+canaryToken+
			`","error_description":"AADSTS7000215: `+allCanaries+`","error_codes":[7000215],"trace_id":"`+canarySecret+`","error_uri":"https://`+canaryToken+`"}`)}, "error"},
		canaryFault{[]fakeapi.Step{good, good}, "error"}, // the service takes neither
	)
}

// TestFault_T9_Canaries plans one data source for each of many faults, with the
// log of everything, and looks for marks of the secret, of tokens and of alerts
// in all that comes out: standard output, standard error, the log, and the plan
// of the summaries, which hold counts. The list of alerts has them in its plan,
// where they belong, and nowhere else.
func TestFault_T9_Canaries(t *testing.T) {
	t.Parallel()
	for _, kind := range dataSources {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			// One read takes its replies after the other: Terraform does one thing at a time.
			want := map[string]int{}
			pulls := startFake(t, fakeapi.Options{Alerts: 1, ClientSecret: canarySecret})
			signIns := startFake(t, fakeapi.Options{Alerts: 1, ClientSecret: canarySecret})
			config := requiredProviders + "provider \"mdatp\" {\n" + hcl(block(pulls, values{"client_secret": nil})) + "}\n" +
				"provider \"mdatp\" {\n" + hcl(block(signIns, values{"client_secret": nil, "alias": "sign_in"})) + "}\n"
			for i, fault := range alertFaults() {
				want[fault.outcome]++
				pulls.Script(fakeapi.Alerts, fault.replies...)
				config += dataHCL(kind, fmt.Sprintf("pull_%d", i), nil)
			}
			for i, fault := range tokenFaults() {
				want[fault.outcome]++
				signIns.Script(fakeapi.Token, fault.replies...)
				config += dataHCL(kind, fmt.Sprintf("sign_in_%d", i), values{
					"provider": expression("mdatp.sign_in"), "tenant_id": fmt.Sprintf("tenant%d.example", i)})
			}
			f := newFolder(t, pulls, config)
			r, lines := f.logged("plan", "-json", "-parallelism=1", "-out=plan")
			got := map[string]int{"none": want["none"]}
			for address, d := range r.diagnostics(t) {
				if address != "" { // else Terraform's own, about where the provider is from
					got[d.Severity]++
				}
			}
			if !maps.Equal(got, want) {
				t.Errorf("outcomes %v, want %v: %.5000s", got, want, r.output)
			}
			marks := []string{canarySecret, canaryToken, canaryAlert}
			for _, request := range pulls.AlertRequests() {
				marks = append(marks, strings.TrimPrefix(request.Header.Get("Authorization"), "Bearer "))
			}
			slices.Sort(marks)
			marks = slices.Compact(marks)
			if len(marks) != 5 { // the first token, and the one after it was rejected
				t.Errorf("%d marks", len(marks))
			}
			checkCanaries(t, "the output", r.output, marks...)
			checkCanaries(t, "standard output", r.stdout, marks...)
			var log strings.Builder
			for _, line := range lines {
				log.WriteString(line.text)
			}
			checkCanaries(t, "the log", log.String(), marks...)
			if !strings.Contains(log.String(), "HTTP request") {
				t.Error("the log has no requests")
			}
			if kind == "mdatp_alert_summary" {
				checkCanaries(t, "the plan", planText(t, filepath.Join(f.dir, "plan")), marks...)
			}
		})
	}
}

// planText is all that a saved plan holds, unpacked.
func planText(t *testing.T, path string) string {
	t.Helper()
	archive, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = archive.Close() })
	var text strings.Builder
	var names []string
	for _, member := range archive.File {
		names = append(names, member.Name)
		reader, err := member.Open()
		if err != nil {
			t.Fatal(err)
		}
		if _, err = io.Copy(&text, reader); err != nil {
			t.Fatal(err)
		}
		reader.Close()
	}
	if !slices.Contains(names, "tfplan") || !slices.Contains(names, "tfstate") {
		t.Fatalf("the plan has %v", names)
	}
	return text.String()
}

// TestCanariesAreFound keeps the search honest.
func TestCanariesAreFound(t *testing.T) {
	t.Parallel()
	mark := canarySecret
	for _, text := range []string{mark, "x" + url.QueryEscape(mark), fmt.Sprintf("%x", mark), fmt.Sprintf("%X", mark),
		base64.StdEncoding.EncodeToString([]byte(mark)), base64.URLEncoding.EncodeToString([]byte("id:" + mark + "\n")),
		base64.StdEncoding.EncodeToString([]byte("x" + mark))} {
		if !slices.ContainsFunc(forms(mark), func(form string) bool { return strings.Contains(text, form) }) {
			t.Errorf("not found in %q", text)
		}
	}
}
