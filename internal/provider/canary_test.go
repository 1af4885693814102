package provider_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

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
			checkOutputCanaries(t, r, lines, marks...)
			if kind == "mdatp_alert_summary" {
				checkPlanCanaries(t, f, "plan", marks...)
			}
		})
	}
}

// A leakyWay is a credential whose services repeat what they are sent. Its secrets come
// from files and from the environment: the configuration is a part of a plan.
type leakyWay struct {
	name  string
	fake  *fakeapi.Server
	block values
	sent  string // its secret that the services get; "" for none
	kept  string // its secret that is not sent; "" for none
}

// TestCredentialCanaries plans reads with each credential. The services repeat the
// secrets that they are sent in errors, and then sign in. No output has a secret of any
// kind: neither a configured one nor one that was made of it.
func TestCredentialCanaries(t *testing.T) {
	t.Parallel()
	const failures = 3
	ways := leakyWays(t)
	config, want := requiredProviders, 0
	for _, way := range ways {
		settings := block(way.fake, way.block)
		settings["alias"] = way.name
		config += "provider \"mdatp\" {\n" + hcl(settings) + "}\n"
		for i := range failures + 1 { // the last succeeds
			config += dataHCL("mdatp_alert_summary", fmt.Sprintf("%s_%d", way.name, i), values{"provider": expression("mdatp." + way.name)})
		}
		want += failures
	}
	azureCLI, azureCLIMarks := leakyCLI(t)
	for i := range azureCLIMarks {
		config += dataHCL("mdatp_alert_summary", fmt.Sprintf("cli_%d", i), values{"provider": expression("mdatp.cli"), "tenant_id": fmt.Sprintf("tenant%d.example", i)})
	}
	settings := block(ways[0].fake, values{"client_secret": nil, "use_oidc": false, "use_cli": true, "alias": "cli"})
	config += "provider \"mdatp\" {\n" + hcl(settings) + "}\n"
	want += len(azureCLIMarks)

	f := newFolder(t, ways[0].fake, config)
	f.env = append(slices.DeleteFunc(f.env, func(setting string) bool { return strings.HasPrefix(setting, "MDATP_CLIENT_SECRET=") }),
		"PATH="+azureCLI+string(os.PathListSeparator)+os.Getenv("PATH"), "MDATP_CLIENT_CERTIFICATE_PASSWORD="+canaryPassword,
		"MDATP_OIDC_REQUEST_TOKEN="+fakeapi.DefaultRequestToken, "IDENTITY_HEADER="+fakeapi.DefaultIdentityHeader,
		"IDENTITY_ENDPOINT="+wayNamed(t, ways, "app_service").fake.AppServiceEndpoint())
	r, lines := f.logged("plan", "-json", "-parallelism=1", "-out=plan")
	got := 0
	for address, d := range r.diagnostics(t) {
		if address == "" {
			continue
		}
		if d.Summary != noSignIn {
			t.Errorf("%s: summary of the diagnostic = %q, want %q", address, d.Summary, noSignIn)
		}
		got++
	}
	if got != want {
		t.Errorf("diagnostics of the plan = %d, want %d; output: %.5000s", got, want, r.output)
	}
	marks := azureCLIMarks
	for _, way := range ways {
		sent := secretsSent(way.fake)
		if way.sent != "" && !slices.Contains(sent, way.sent) {
			t.Errorf("%s: secrets sent = %q, want %q among them", way.name, sent, way.sent)
		}
		marks = append(marks, append(sent, way.sent, way.kept)...)
		if path, ok := way.block["refresh_token_file_path"].(string); ok {
			marks = append(marks, replaced(t, path, sent))
		}
	}
	marks = slices.DeleteFunc(marks, func(mark string) bool { return mark == "" })
	slices.Sort(marks)
	marks = slices.Compact(marks)
	checkOutputCanaries(t, r, lines, marks...)
	checkPlanCanaries(t, f, "plan", marks...)
}

const canaryPassword = "CANARY~password/of+the=certificate"

// leakyWays returns the credentials that have a service. Each service fails three times.
func leakyWays(t *testing.T) []leakyWay {
	t.Helper()
	start := func(o fakeapi.Options, e fakeapi.Endpoint) *fakeapi.Server {
		o.Alerts = 1
		fake := startFake(t, o)
		fake.Script(e, fakeapi.Echo(http.StatusOK), fakeapi.Echo(http.StatusBadRequest), fakeapi.Echo(http.StatusUnauthorized))
		return fake
	}
	certificate, inPEM, pkcs12 := newCertificate(t, time.Hour, canaryPassword)
	privateKey := strings.Split(strings.SplitAfter(inPEM, "-----BEGIN PRIVATE KEY-----\n")[1], "\n")[1] // its second line
	application := start(fakeapi.Options{ClientSecret: canarySecret}, fakeapi.Token)
	byPEM, byPKCS12 := start(fakeapi.Options{}, fakeapi.Token), start(fakeapi.Options{}, fakeapi.Token)
	byPEM.RegisterCertificate(certificate.Certificate)
	byPKCS12.RegisterCertificate(certificate.Certificate)
	byToken, person := start(fakeapi.Options{}, fakeapi.Token), start(fakeapi.Options{PublicClient: true, Rotation: fakeapi.RotateOneUse}, fakeapi.Token)
	gitHub, azureDevOps := start(fakeapi.Options{}, fakeapi.GitHub), start(fakeapi.Options{}, fakeapi.AzureDevOps)
	machine, appService := start(fakeapi.Options{}, fakeapi.ManagedIdentity), start(fakeapi.Options{}, fakeapi.ManagedIdentity)
	oidcToken, refresh := byToken.OIDCToken(), person.IssueRefreshToken()
	ways := []leakyWay{
		{"secret", application, values{"client_secret_file_path": file(t, canarySecret)}, canarySecret, ""},
		{"pem", byPEM, values{"client_certificate_path": file(t, inPEM)}, "", privateKey},
		{"pkcs12", byPKCS12, values{"client_certificate_path": file(t, pkcs12)}, "", canaryPassword},
		{"oidc_file", byToken, values{"oidc_token_file_path": file(t, oidcToken)}, oidcToken, ""},
		{"github", gitHub, values{"oidc_request_url": gitHub.GitHubRequestURL()}, fakeapi.DefaultRequestToken, ""},
		{"azure_devops", azureDevOps, values{"oidc_request_url": azureDevOps.AzureDevOpsRequestURL(), "ado_pipeline_service_connection_id": fakeapi.DefaultConnection},
			fakeapi.DefaultRequestToken, ""},
		{"refresh_file", person, values{"refresh_token_file_path": file(t, refresh)}, refresh, ""},
		{"virtual_machine", machine, values{"use_oidc": false, "use_msi": true, "msi_endpoint": machine.ManagedIdentityEndpoint()}, "", ""},
		{"app_service", appService, values{"use_oidc": false, "use_msi": true}, fakeapi.DefaultIdentityHeader, ""},
	}
	for i := range ways {
		ways[i].block["client_secret"] = nil
	}
	return ways
}

func wayNamed(t *testing.T, ways []leakyWay, name string) leakyWay {
	t.Helper()
	at := slices.IndexFunc(ways, func(way leakyWay) bool { return way.name == name })
	if at < 0 {
		t.Fatalf("there is no way %s", name)
	}
	return ways[at]
}

// replaced returns the refresh token in a file, which must be none of those sent.
func replaced(t *testing.T, path string, sent []string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	token := strings.TrimSpace(string(content))
	if slices.Contains(sent, token) {
		t.Errorf("refresh token in the file = %q, want a newer one", token)
	}
	return token
}

// secretsSent returns the secrets in the requests that a fake received.
func secretsSent(fake *fakeapi.Server) (list []string) {
	for _, request := range fake.Requests() {
		for _, field := range []string{"client_secret", "client_assertion", "refresh_token", "code", "code_verifier"} {
			list = append(list, request.Form.Get(field))
		}
		list = append(list, strings.TrimPrefix(request.Header.Get("Authorization"), "Bearer "), request.Header.Get("X-Identity-Header"))
	}
	slices.Sort(list)
	return slices.DeleteFunc(slices.Compact(list), func(mark string) bool { return mark == "" })
}

// leakyCLI writes a program az that fails in a way for each tenant, and returns its
// folder and its marks, one for each tenant.
func leakyCLI(t *testing.T) (folder string, marks []string) {
	t.Helper()
	folder = t.TempDir()
	script := ""
	for i, format := range []string{
		"echo 'ERROR: AADSTS50076: %s' >&2; exit 1", "echo 'run az login, %s' >&2; exit 1", "echo '%s'; exit 2",
		"echo '%s'", `echo '{"accessToken":"%s'`, `printf '%%s' '{"accessToken":"%s\n","tokenType":"Bearer"}'`,
		`echo '{"accessToken":"%[1]s","tokenType":"%[1]s"}'`, `echo '{"accessToken":"%[1]s","tokenType":"Bearer","expires_on":"%[1]s"}'`,
	} {
		mark := fmt.Sprintf("CANARY/token_of.az+%d0123456789", i)
		marks = append(marks, mark)
		script += fmt.Sprintf("case \"$*\" in *=tenant%d.example) ", i) + fmt.Sprintf(format, mark) + "; exit 0;; esac\n"
	}
	if _, err := fakeapi.WriteAzureCLIScript(folder, script); err != nil {
		t.Fatal(err)
	}
	return folder, marks
}

// TestLoginCanaries signs a person in, with a service that repeats what it is sent and
// with one that does not. Only the address to open has a secret, the state.
func TestLoginCanaries(t *testing.T) {
	t.Parallel()
	for name, steps := range map[string][]fakeapi.Step{
		"signed in": nil, "refused": {fakeapi.Echo(http.StatusBadRequest)}, "no token": {fakeapi.Echo(http.StatusOK)}, "not allowed": {fakeapi.Echo(http.StatusUnauthorized)},
	} {
		for api, endpoint := range map[string]fakeapi.Endpoint{"siem": fakeapi.Token, "graph": fakeapi.TokenV2} {
			fake := startFake(t, fakeapi.Options{Alerts: -1, ClientSecret: canarySecret})
			fake.Script(endpoint, steps...)
			path := filepath.Join(t.TempDir(), "token")
			status, stdout, stderr := runLogin(t, map[string]string{"MDATP_CLIENT_SECRET": canarySecret}, "-api", api, "-tenant-id", fakeapi.DefaultTenantID,
				"-client-id", fakeapi.DefaultClientID, "-authority-host", fake.AuthorityHost(), "-refresh-token-file", path)
			if (status == 0) != (steps == nil) {
				t.Errorf("%s, %s: login = exit status %d, %q, want success: %t", name, api, status, stderr, steps == nil)
			}
			asked := fake.AuthorizeRequests()[0].Query
			marks := append(secretsSent(fake), asked.Get("state"), asked.Get("code_challenge"))
			if len(marks) != 5 || slices.Contains(marks, "") {
				t.Errorf("%s, %s: marks to search for = %q, want secret, code, verifier, state and challenge", name, api, marks)
			}
			if steps == nil {
				content, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				var stored struct {
					RefreshToken string `json:"refresh_token"`
				}
				if err = json.Unmarshal(content, &stored); err != nil || stored.RefreshToken == "" {
					t.Fatalf("file = %q, %v, want a token", content, err)
				}
				marks = append(marks, stored.RefreshToken)
			}
			address := printedAddress.FindString(stdout)
			checkCanaries(t, name+": standard output", strings.Replace(stdout, address, "", 1), marks...)
			checkCanaries(t, name+": standard error", stderr, marks...)
			checkCanaries(t, name+": the address", address, secretsSent(fake)...)
		}
	}
}

// checkOutputCanaries reports each mark in what a run printed and logged.
func checkOutputCanaries(t *testing.T, r result, lines []logLine, marks ...string) {
	t.Helper()
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
