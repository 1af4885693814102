package provider_test

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

// Canaries are marks that must not show up outside the place where they belong.
const (
	canarySecret = "CANARY!secret/of+the=application"
	canaryToken  = "CANARYtoken.of-the-service_0123456789"
	canaryAlert  = "CANARY alert: text & more"
)

// canaryDetection has a mark in six fields; the summary counts none of them.
const canaryDetection = `{"AlertId":"` + canaryAlert + ` 1","Severity":"High",
	"LastProcessedTimeUtc":"2026-11-03T11:00:00Z","AlertPart":0,
	"Description":"` + canaryAlert + ` 2","CommandLine":"` + canaryAlert + ` 3","UserName":"` + canaryAlert + ` 4",
	"FilePath":"` + canaryAlert + ` 5","` + canaryAlert + ` 6":"` + canaryAlert + ` 7"}`

// encodings returns the forms in which a mark could show up. Those in base64
// depend on what precedes the mark, and lack its first and last characters.
func encodings(mark string) (list []string) {
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

// checkCanaries reports each mark that a text contains.
func checkCanaries(t *testing.T, where, content string, marks ...string) {
	t.Helper()
	for _, mark := range marks {
		for _, encoded := range encodings(mark) {
			if at := strings.Index(content, encoded); at >= 0 {
				t.Errorf("%s contains %q, want no form of %q: …%q…", where, encoded, mark, content[max(0, at-200):min(len(content), at+100)])
				break
			}
		}
	}
}

// A canaryFault is one read's responses, with marks where a careless program
// would print them, and the severity of the read's diagnostic.
type canaryFault struct {
	responses []fakeapi.Step
	outcome   string // "error", "warning" or "none"
}

const allCanaries = canarySecret + canaryToken + canaryAlert

var (
	jsonHeader  = http.Header{"Content-Type": {"application/json"}}
	everyHeader = http.Header{
		"Content-Type":     {"text/html; " + allCanaries},
		"Location":         {"http://127.0.0.1:1/?" + url.QueryEscape(allCanaries)},
		"Www-Authenticate": {allCanaries},
		"Request-Id":       {allCanaries},
		"X-Ms-Request-Id":  {canaryToken},
		"Retry-After":      {allCanaries},
		"Set-Cookie":       {canaryToken},
	}
)

func alertFaults() []canaryFault {
	refused := func(status int) fakeapi.Step { return fakeapi.Reply(status, everyHeader, allCanaries) }
	body := func(content string) fakeapi.Step { return fakeapi.WithBody(fakeapi.Normal(), content) }
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
	for _, body := range []string{
		`{"token_type":"Bearer","access_token":"` + canaryToken,
		`{"token_type":"` + canarySecret + `","access_token":"` + canaryToken + `","expires_in":"3599"}`,
		`{"token_type":"Bearer","access_token":"` + canaryToken + `","expires_in":"` + canarySecret + `"}`,
		`{"token_type":"Bearer","access_token":"` + canaryToken + `","access_token":"` + canaryToken + `x"}`,
		`{"token_type":"Bearer","access_token":"` + canaryToken + `\r\n","expires_in":3599}`,
		`{"error":"` + canarySecret + `","error_description":"` + allCanaries + `"}`,
	} {
		faults = append(faults, canaryFault{[]fakeapi.Step{fakeapi.Reply(http.StatusOK, jsonHeader, body)}, "error"})
	}
	good := fakeapi.Reply(http.StatusOK, jsonHeader, `{"token_type":"Bearer","access_token":"`+canaryToken+`","expires_in":3599}`)
	refused := fakeapi.Reply(http.StatusUnauthorized, jsonHeader, `{"error":"invalid_client `+canaryToken+`",`+
		`"error_description":"AADSTS7000215: `+allCanaries+`","error_codes":[7000215],`+
		`"trace_id":"`+canarySecret+`","error_uri":"https://`+canaryToken+`"}`)
	return append(faults,
		canaryFault{[]fakeapi.Step{fakeapi.Reply(http.StatusInternalServerError, everyHeader, allCanaries)}, "error"},
		canaryFault{[]fakeapi.Step{refused}, "error"},
		canaryFault{[]fakeapi.Step{good, good}, "error"}, // the SIEM API rejects both tokens
	)
}

// TestFault_T9_Canaries plans one data source for each of many faults, with full
// logging, and searches all output for marks of the secret, of tokens and of
// alerts: standard output, standard error, the log, and the plan of the summaries,
// which hold counts. The list of alerts has them in its plan, where they belong,
// and nowhere else.
func TestFault_T9_Canaries(t *testing.T) {
	t.Parallel()
	for _, kind := range dataSources {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			// Reads take their responses in order: Terraform runs one at a time.
			want := map[string]int{}
			pulls := startFake(t, fakeapi.Options{Alerts: 1, ClientSecret: canarySecret})
			signIns := startFake(t, fakeapi.Options{Alerts: 1, ClientSecret: canarySecret})
			config := requiredProviders + "provider \"mdatp\" {\n" + hcl(block(pulls, values{"client_secret": nil})) + "}\n" +
				"provider \"mdatp\" {\n" + hcl(block(signIns, values{"client_secret": nil, "alias": "sign_in"})) + "}\n"
			for i, fault := range alertFaults() {
				want[fault.outcome]++
				pulls.Script(fakeapi.Alerts, fault.responses...)
				config += dataHCL(kind, fmt.Sprintf("pull_%d", i), nil)
			}
			for i, fault := range tokenFaults() {
				want[fault.outcome]++
				signIns.Script(fakeapi.Token, fault.responses...)
				config += dataHCL(kind, fmt.Sprintf("sign_in_%d", i), values{
					"provider": expression("mdatp.sign_in"), "tenant_id": fmt.Sprintf("tenant%d.example", i)})
			}
			f := newFolder(t, pulls, config)
			r, lines := f.logged("plan", "-json", "-parallelism=1", "-out=plan")
			got := map[string]int{"none": want["none"]}
			for address, d := range r.diagnostics(t) {
				if address != "" { // else Terraform's own, about the origin of the provider
					got[d.Severity]++
				}
			}
			if !maps.Equal(got, want) {
				t.Errorf("diagnostics of the plan by severity = %v, want %v; output: %.5000s", got, want, r.output)
			}
			marks := []string{canarySecret, canaryToken, canaryAlert}
			for _, request := range pulls.AlertRequests() {
				marks = append(marks, strings.TrimPrefix(request.Header.Get("Authorization"), "Bearer "))
			}
			slices.Sort(marks)
			marks = slices.Compact(marks)
			if len(marks) != 5 { // with the first token, and the one after its rejection
				t.Errorf("marks to search for = %d, want 5", len(marks))
			}
			checkCanaries(t, "the output", r.output, marks...)
			checkCanaries(t, "standard output", r.stdout, marks...)
			var log strings.Builder
			for _, line := range lines {
				log.WriteString(line.text)
			}
			checkCanaries(t, "the log", log.String(), marks...)
			if !strings.Contains(log.String(), "HTTP request") {
				t.Error("the log has no requests, want them logged")
			}
			if kind == "mdatp_alert_summary" {
				checkPlanCanaries(t, f, "plan", marks...)
			}
		})
	}
}

// checkPlanCanaries reports each mark that a saved plan contains, unpacked.
func checkPlanCanaries(t *testing.T, f *folder, plan string, marks ...string) {
	t.Helper()
	members := filepath.Join(f.dir, plan) + "!"
	files := f.written()
	for _, name := range []string{"tfplan", "tfstate"} {
		if _, ok := files[members+name]; !ok {
			t.Errorf("saved plan %s has no %s, want it", plan, name)
		}
	}
	for path, content := range files {
		if strings.HasPrefix(path, members) {
			checkCanaries(t, path, content, marks...)
		}
	}
}

// TestCanariesAreFound keeps the search honest: it finds a mark in each encoding.
func TestCanariesAreFound(t *testing.T) {
	t.Parallel()
	for _, mark := range []string{canarySecret, "canary/00-9e37?"} {
		haystacks := []string{mark, "x" + url.QueryEscape(mark), fmt.Sprintf("%x", mark), fmt.Sprintf("%X", mark)}
		for _, before := range []string{"", "x", "ab", "id:"} {
			for _, after := range []string{"", "z", "\n"} {
				whole := []byte(before + mark + after)
				haystacks = append(haystacks, base64.StdEncoding.EncodeToString(whole), base64.URLEncoding.EncodeToString(whole),
					base64.RawURLEncoding.EncodeToString(whole))
			}
		}
		for _, haystack := range haystacks {
			if !slices.ContainsFunc(encodings(mark), func(encoded string) bool { return strings.Contains(haystack, encoded) }) {
				t.Errorf("encodings(%q) has no form that is in %q, want one", mark, haystack)
			}
		}
	}
}
