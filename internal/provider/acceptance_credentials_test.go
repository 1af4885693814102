package provider_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

// A signInWay is a credential, with a fake of its own.
type signInWay struct {
	name  string
	fake  *fakeapi.Server
	block values
	env   []string // of the provider's process, which all ways share
	check func(t *testing.T, name string, requests map[string][]fakeapi.Request)
}

// TestCredentialsInTerraform applies once with two provider blocks for each
// credential, one for each API. Each read has its own number of alerts.
func TestCredentialsInTerraform(t *testing.T) {
	t.Parallel()
	ways := signInWays(t)
	config, want := requiredProviders, map[string]int{}
	for i, way := range ways {
		setRecentAlerts(t, way.fake, 2*i+1, 2*i+2)
		for at, api := range []string{"siem", "graph"} {
			name := way.name + "_" + api
			changes := values{"client_secret": nil, "api": api, "graph_endpoint": way.fake.GraphEndpoint()}
			maps.Copy(changes, way.block)
			config += aliased("mdatp_alert_summary", name, way.fake, changes) +
				fmt.Sprintf("output %q {\n  value = data.mdatp_alert_summary.%s.alert_count\n}\n", name, name)
			want[name] = 2*i + 1 + at
		}
	}
	f := newFolder(t, ways[0].fake, config)
	f.env = slices.DeleteFunc(f.env, func(setting string) bool { return strings.HasPrefix(setting, "MDATP_CLIENT_SECRET=") })
	for _, way := range ways {
		f.env = append(f.env, way.env...)
	}
	// One read at a time: the requests of a read are those up to the one for alerts.
	r := f.must("apply", "-auto-approve", "-json", "-parallelism=1")
	got := r.outputs(t)
	for name, alerts := range want {
		if got[name] != fmt.Sprint(alerts) {
			t.Errorf("%s: alert_count = %q, want %d", name, got[name], alerts)
		}
	}
	for _, way := range ways {
		way.check(t, way.name, requestsOfReads(t, way))
	}
}

// setRecentAlerts gives the SIEM API and Graph numbers of alerts of the last minute.
func setRecentAlerts(t *testing.T, fake *fakeapi.Server, siem, graph int) {
	t.Helper()
	now := time.Now().UTC().Format(time.RFC3339)
	detections, alerts := make([]string, siem), make([]values, graph)
	for i := range detections {
		detections[i] = fmt.Sprintf(`{"AlertId":"a%d","Severity":"High","LastProcessedTimeUtc":%q,"AlertPart":0}`, i, now)
	}
	if err := fake.SetAlerts([]byte("[" + strings.Join(detections, ",") + "]")); err != nil {
		t.Fatal(err)
	}
	for i := range alerts {
		alerts[i] = values{"createdDateTime": now, "lastUpdateDateTime": now}
	}
	setGraphAlerts(t, fake, alerts...)
}

// outputs returns those of an apply that ran with -json, as JSON.
func (r result) outputs(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for line := range strings.Lines(r.stdout) {
		var message struct {
			Outputs map[string]struct{ Value json.RawMessage }
		}
		if err := json.Unmarshal([]byte(line), &message); err != nil {
			t.Fatalf("Unmarshal(%q) = error %v, want none", line, err)
		}
		for name, output := range message.Outputs {
			found[name] = string(output.Value)
		}
	}
	return found
}

// requestsOfReads returns the requests of the read of each API.
func requestsOfReads(t *testing.T, way signInWay) map[string][]fakeapi.Request {
	t.Helper()
	requests := map[string][]fakeapi.Request{}
	var read []fakeapi.Request
	for _, request := range way.fake.Requests() {
		read = append(read, request)
		api := ""
		switch {
		case strings.HasPrefix(request.Path, "/siem/"):
			api = "siem"
		case strings.HasPrefix(request.Path, "/graph/"):
			api = "graph"
		default:
			continue
		}
		if requests[api] != nil {
			t.Errorf("%s: reads with %s = 2, want 1", way.name, api)
		}
		requests[api], read = read, nil
	}
	if len(read) > 0 {
		t.Errorf("%s: requests after the reads = %d, want 0", way.name, len(read))
	}
	return requests
}

// signInWays returns every credential. OIDC takes precedence over the managed identity
// and the Azure CLI, and the variables of GitHub Actions are set for all.
func signInWays(t *testing.T) []signInWay {
	t.Helper()
	start := func(o fakeapi.Options) *fakeapi.Server {
		o.Alerts = -1
		return startFake(t, o)
	}
	application, gitHub, azureDevOps, machine, appService := start(fakeapi.Options{}), start(fakeapi.Options{}), start(fakeapi.Options{}),
		start(fakeapi.Options{}), start(fakeapi.Options{})
	ways := append(certificateWays(t, start), refreshWays(t, start)...)
	oidcToken, stored := start(fakeapi.Options{}), start(fakeapi.Options{})
	ways = append(ways,
		signInWay{"secret", application, values{"client_secret": fakeapi.DefaultClientSecret}, nil, checkSecret},
		ofOIDCToken("oidc_token", oidcToken, values{"oidc_token": oidcToken.OIDCToken()}),
		ofOIDCToken("oidc_file", stored, values{"oidc_token_file_path": file(t, stored.OIDCToken())}),
		signInWay{"github", gitHub, nil,
			[]string{"ACTIONS_ID_TOKEN_REQUEST_TOKEN=" + fakeapi.DefaultRequestToken, "ACTIONS_ID_TOKEN_REQUEST_URL=" + gitHub.GitHubRequestURL()}, checkRequested},
		signInWay{"azure_devops", azureDevOps, values{"ado_pipeline_service_connection_id": fakeapi.DefaultConnection,
			"oidc_request_token": fakeapi.DefaultRequestToken, "oidc_request_url": azureDevOps.AzureDevOpsRequestURL()}, nil, checkRequested},
		signInWay{"virtual_machine", machine, values{"use_oidc": false, "use_msi": true, "msi_endpoint": machine.ManagedIdentityEndpoint()}, nil,
			func(t *testing.T, name string, requests map[string][]fakeapi.Request) {
				checkIdentity(t, name, requests, "2018-02-01")
				checkHeader(t, name, requests, "Metadata", "true")
				checkHeader(t, name, requests, "X-Identity-Header", "")
			}},
		signInWay{"app_service", appService, values{"use_oidc": false, "use_msi": true},
			[]string{"IDENTITY_ENDPOINT=" + appService.AppServiceEndpoint(), "IDENTITY_HEADER=" + fakeapi.DefaultIdentityHeader},
			func(t *testing.T, name string, requests map[string][]fakeapi.Request) {
				checkIdentity(t, name, requests, "2019-08-01")
				checkHeader(t, name, requests, "X-Identity-Header", fakeapi.DefaultIdentityHeader)
			}},
		cliWay(t, start(fakeapi.Options{})),
	)
	return ways
}

func cliWay(t *testing.T, fake *fakeapi.Server) signInWay {
	t.Helper()
	folder := t.TempDir()
	if _, err := fake.WriteAzureCLI(folder); err != nil {
		t.Fatal(err)
	}
	return signInWay{"azure_cli", fake, values{"use_oidc": false, "use_cli": true}, []string{"PATH=" + folder + string(os.PathListSeparator) + os.Getenv("PATH")},
		func(t *testing.T, name string, requests map[string][]fakeapi.Request) {
			for api, sent := range requests {
				if len(sent) != 1 {
					t.Errorf("%s: %s: requests = %d, want 1", name, api, len(sent))
				}
			}
			got := runs(t, folder)
			slices.Sort(got)
			if !slices.Equal(got, bothRuns) {
				t.Errorf("%s: runs of az = %q, want %q", name, got, bothRuns)
			}
		}}
}

func certificateWays(t *testing.T, start func(fakeapi.Options) *fakeapi.Server) (ways []signInWay) {
	t.Helper()
	const password = "a password"
	certificate, inPEM, pkcs12 := newCertificate(t, time.Hour, password)
	for name, block := range map[string]values{
		"certificate_pem":    {"client_certificate_path": file(t, inPEM)},
		"certificate_pkcs12": {"client_certificate_path": file(t, pkcs12), "client_certificate_password": password},
		"certificate_base64": {"client_certificate": base64.StdEncoding.EncodeToString([]byte(pkcs12)), "client_certificate_password": password},
	} {
		fake := start(fakeapi.Options{})
		fake.RegisterCertificate(certificate.Certificate)
		ways = append(ways, signInWay{name, fake, block, nil, func(t *testing.T, name string, requests map[string][]fakeapi.Request) {
			checkAssertion(t, name, requests, 0)
			thumbprint := sha256.Sum256(certificate.Raw)
			for api, sent := range requests {
				want := base64.RawURLEncoding.EncodeToString(thumbprint[:])
				if got := thumbprintOf(t, sent[0].Form.Get("client_assertion")); got != want {
					t.Errorf("%s: %s: x5t#S256 of the assertion = %q, want %q", name, api, got, want)
				}
			}
		}})
	}
	return ways
}

// newCertificate returns a certificate that is valid until a time from now, as PEM and
// as PKCS#12.
func newCertificate(t *testing.T, until time.Duration, password string) (certificate *fakeapi.ClientCertificate, inPEM, pkcs12 string) {
	t.Helper()
	now := time.Now()
	certificate, err := fakeapi.NewClientCertificate(now.Add(-48*time.Hour), now.Add(until))
	if err != nil {
		t.Fatal(err)
	}
	text, err := certificate.PEM()
	if err != nil {
		t.Fatal(err)
	}
	binary, err := certificate.PKCS12(password)
	if err != nil {
		t.Fatal(err)
	}
	return certificate, string(text), string(binary)
}

// thumbprintOf returns the one in the header of an assertion.
func thumbprintOf(t *testing.T, assertion string) string {
	t.Helper()
	first, _, _ := strings.Cut(assertion, ".")
	text, err := base64.RawURLEncoding.DecodeString(first)
	if err != nil {
		t.Fatal(err)
	}
	var header map[string]string
	if err := json.Unmarshal(text, &header); err != nil {
		t.Fatal(err)
	}
	return header["x5t#S256"]
}

func refreshWays(t *testing.T, start func(fakeapi.Options) *fakeapi.Server) []signInWay {
	t.Helper()
	byValue, byFile := start(fakeapi.Options{PublicClient: true}), start(fakeapi.Options{PublicClient: true, Rotation: fakeapi.RotateOneUse})
	first, stored := byValue.IssueRefreshToken(), byFile.IssueRefreshToken()
	path := file(t, stored)
	return []signInWay{
		{"refresh_token", byValue, values{"refresh_token": first}, nil, func(t *testing.T, name string, requests map[string][]fakeapi.Request) {
			checkRefresh(t, name, requests, "")
			for api, sent := range requests {
				if got := sent[0].Form.Get("refresh_token"); got != first {
					t.Errorf("%s: %s: refresh_token = %q, want %q", name, api, got, first)
				}
			}
		}},
		// The fake accepts each token once: the second read proves that the file was updated.
		{"refresh_file", byFile, values{"refresh_token_file_path": path}, nil, func(t *testing.T, name string, requests map[string][]fakeapi.Request) {
			checkRefresh(t, name, requests, "")
			if got := byFile.TokenRequests()[0].Form.Get("refresh_token"); got != stored {
				t.Errorf("%s: first refresh_token = %q, want %q", name, got, stored)
			}
			if content, err := os.ReadFile(path); err != nil || strings.Contains(string(content), stored) {
				t.Errorf("%s: file = %q, %v, want a newer token than %q", name, content, err, stored)
			}
		}},
	}
}

// ofOIDCToken returns the way with the one OIDC token that the fake issued for the block.
func ofOIDCToken(name string, fake *fakeapi.Server, block values) signInWay {
	return signInWay{name, fake, block, nil, func(t *testing.T, name string, requests map[string][]fakeapi.Request) {
		checkAssertion(t, name, requests, 0)
		if siem, graph := requests["siem"][0].Form.Get("client_assertion"), requests["graph"][0].Form.Get("client_assertion"); siem != graph {
			t.Errorf("%s: client_assertion = %q, then %q, want the one token", name, siem, graph)
		}
	}}
}

func checkSecret(t *testing.T, name string, requests map[string][]fakeapi.Request) {
	t.Helper()
	for api, sent := range requests {
		if len(sent) != 2 || sent[0].Form.Get("client_secret") != fakeapi.DefaultClientSecret || sent[0].Form.Has("client_assertion") {
			t.Errorf("%s: %s: requests = %d, the first with %v, want 2 and the secret alone", name, api, len(sent), sent[0].Form)
		}
	}
}

// checkRequested checks requests with an OIDC token that was requested with the request
// token.
func checkRequested(t *testing.T, name string, requests map[string][]fakeapi.Request) {
	t.Helper()
	checkAssertion(t, name, requests, 1)
	checkHeader(t, name, requests, "Authorization", "Bearer "+fakeapi.DefaultRequestToken)
}

// checkHeader checks a header of the first request of each read.
func checkHeader(t *testing.T, name string, requests map[string][]fakeapi.Request, header, want string) {
	t.Helper()
	for api, sent := range requests {
		if got := sent[0].Header.Get(header); got != want {
			t.Errorf("%s: %s: %s = %q, want %q", name, api, header, got, want)
		}
	}
}
