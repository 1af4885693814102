package provider_test

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

const guidesFolder = "../../templates/guides"

// gitHubRunner returns what GitHub sets in a job that may ask for OIDC tokens.
func gitHubRunner(fake *fakeapi.Server) []string {
	return []string{"ACTIONS_ID_TOKEN_REQUEST_URL=" + fake.GitHubRequestURL(), "ACTIONS_ID_TOKEN_REQUEST_TOKEN=" + fakeapi.DefaultRequestToken}
}

// A guideBlock is the place in which a provider block of a guide works.
type guideBlock struct {
	files      map[string]string // paths in the block, and the contents of their files
	env        []string          // what the guide or the place sets
	proof      string            // the form field that the token request must have; "": none is sent
	oidcTokens int               // requests for an OIDC token
	fake       *fakeapi.Server   // the services; nil: those of most
}

// signInGuides returns the provider blocks of each guide to a way to sign in, in order.
func signInGuides(t *testing.T, fake *fakeapi.Server) map[string][]guideBlock {
	t.Helper()
	secure := startFake(t, fakeapi.Options{Alerts: 3, TLS: true})
	public := startFake(t, fakeapi.Options{Alerts: 3, PublicClient: true})
	certificate, err := fakeapi.NewClientCertificate(time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	fake.RegisterCertificate(certificate.Certificate)
	inPEM, err := certificate.PEM()
	if err != nil {
		t.Fatal(err)
	}
	tenant, client := "TENANT_ID="+fakeapi.DefaultTenantID, "CLIENT_ID="+fakeapi.DefaultClientID
	idFile, tokenFile := file(t, fakeapi.DefaultClientID), file(t, fake.OIDCToken())
	return map[string][]guideBlock{
		"signing-in": {{
			files: map[string]string{"/etc/ssl/proxy-ca.pem": string(secure.CAPEM())},
			env:   []string{"MDATP_" + tenant, "MDATP_" + client, "MDATP_CLIENT_SECRET=" + fakeapi.DefaultClientSecret},
			proof: "client_secret", fake: secure,
		}},
		"sign-in-client-secret": {{
			files: map[string]string{"/run/secrets/mdatp-secret": fakeapi.DefaultClientSecret + "\n"},
			proof: "client_secret",
		}},
		"sign-in-client-certificate": {{
			files: map[string]string{"/run/secrets/mdatp.pem": string(inPEM)},
			proof: "client_assertion",
		}},
		"sign-in-github-actions": {{env: gitHubRunner(fake), proof: "client_assertion", oidcTokens: 1}},
		"sign-in-azure-pipelines": {{
			env:   []string{"SYSTEM_ACCESSTOKEN=" + fakeapi.DefaultRequestToken, "SYSTEM_OIDCREQUESTURI=" + fake.AzureDevOpsRequestURL()},
			proof: "client_assertion", oidcTokens: 1,
		}},
		"sign-in-oidc-token": {
			{files: map[string]string{"/var/run/secrets/tokens/mdatp": fake.OIDCToken()}, proof: "client_assertion"},
			{
				env: []string{"MDATP_" + tenant, fmt.Sprintf(`TF_VAR_tfc_azure_dynamic_credentials={default={client_id_file_path="",oidc_token_file_path=""},`+
					`aliases={MDATP={client_id_file_path=%q,oidc_token_file_path=%q}}}`, idFile, tokenFile)},
				proof: "client_assertion",
			},
			{env: []string{"AZURE_" + tenant, "AZURE_" + client, "AZURE_FEDERATED_TOKEN_FILE=" + tokenFile}, proof: "client_assertion"},
		},
		"sign-in-managed-identity": {{env: []string{"MDATP_MSI_ENDPOINT=" + fake.ManagedIdentityEndpoint()}}},
		"sign-in-azure-cli": {{ // which it switches off
			env:   []string{"MDATP_" + tenant, "MDATP_" + client, "MDATP_CLIENT_SECRET=" + fakeapi.DefaultClientSecret},
			proof: "client_secret",
		}},
		"sign-in-person": {{
			files: map[string]string{"/home/me/.config/mdatp/refresh-token.json": `{"tenant": "` + fakeapi.DefaultTenantID + `", "client": "` +
				fakeapi.DefaultClientID + `", "refresh_token": "` + public.IssueRefreshToken() + `"}`},
			proof: "refresh_token", fake: public,
		}},
	}
}

var hclBlocks = regexp.MustCompile("(?s)```hcl\n(.*?)```\n")

// TestSignInGuides plans with each provider block of the guides to the ways to sign in,
// and checks the proof in its token request. Nothing is set but what the guide says.
func TestSignInGuides(t *testing.T) {
	t.Parallel()
	needTerraform(t, 1000, "anything")
	fake := startFake(t, fakeapi.Options{Alerts: 3})
	guides := signInGuides(t, fake)
	paths, err := filepath.Glob(filepath.Join(guidesFolder, "sign*.md"))
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) != len(guides) {
		t.Errorf("guides = %q, want those of the %d tests", paths, len(guides))
	}
	for name, tests := range guides {
		blocks := hclBlocks.FindAllStringSubmatch(readText(t, filepath.Join(guidesFolder, name+".md")), -1)
		if len(blocks) != len(tests) {
			t.Errorf("%s: blocks of HCL = %d, want %d", name, len(blocks), len(tests))
			continue
		}
		for i, test := range tests {
			checkGuideBlock(t, fmt.Sprintf("%s: block %d", name, i), cmp.Or(test.fake, fake), blocks[i][1], test)
		}
	}
}

func checkGuideBlock(t *testing.T, name string, fake *fakeapi.Server, code string, test guideBlock) {
	t.Helper()
	for path, content := range test.files {
		if !strings.Contains(code, path) {
			t.Errorf("%s = %s, want %s in it", name, code, path)
		}
		code = strings.ReplaceAll(code, path, file(t, content))
	}
	f := newFolder(t, fake, requiredProviders+code+"\ndata \"mdatp_alert_summary\" \"recent\" {}\n")
	f.env = slices.DeleteFunc(f.env, func(setting string) bool {
		return strings.HasPrefix(setting, "MDATP_TENANT_ID=") || strings.HasPrefix(setting, "MDATP_CLIENT_")
	})
	f.env = append(f.env, test.env...)
	tokens, oidcTokens, identity := len(fake.TokenRequests()), len(fake.OIDCTokenRequests()), len(fake.IdentityRequests())
	if r := f.run("plan"); r.status != 0 {
		t.Errorf("%s: terraform plan = exit status %d, want 0: %s", name, r.status, r.output)
		return
	}
	if got := len(fake.OIDCTokenRequests()) - oidcTokens; got != test.oidcTokens {
		t.Errorf("%s: requests for an OIDC token = %d, want %d", name, got, test.oidcTokens)
	}
	sent := fake.TokenRequests()[tokens:]
	if test.proof == "" {
		if len(sent) != 0 || len(fake.IdentityRequests()) != identity+1 {
			t.Errorf("%s: token requests = %d, requests for the identity = %d, want 0 and 1", name, len(sent), len(fake.IdentityRequests())-identity)
		}
		return
	}
	if len(sent) != 1 {
		t.Errorf("%s: token requests = %d, want 1", name, len(sent))
		return
	}
	for _, field := range []string{"client_secret", "client_assertion", "refresh_token"} {
		if got := sent[0].Form.Get(field) != ""; got != (field == test.proof) {
			t.Errorf("%s: the token request has %s = %t, want only %s", name, field, got, test.proof)
		}
	}
}

// TestSignInGuideTable checks that the overview names each guide, and that each has the
// same parts.
func TestSignInGuideTable(t *testing.T) {
	t.Parallel()
	overview := readText(t, filepath.Join(guidesFolder, "signing-in.md"))
	_, table, _ := strings.Cut(overview, "## Which way\n")
	table, _, _ = strings.Cut(table, "\n## ")
	entries, err := os.ReadDir(guidesFolder)
	if err != nil {
		t.Fatal(err)
	}
	ways := 0
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), "sign-in-") {
			continue
		}
		ways++
		if !strings.Contains(table, "]("+entry.Name()+")") {
			t.Errorf("table of the ways to sign in = %s, want a link to %s", table, entry.Name())
		}
		text := readText(t, filepath.Join(guidesFolder, entry.Name()))
		for _, want := range []string{"## In Microsoft Entra ID", "## Settings\n", "## In a pipeline\n", "`graph`", "siem", "(signing-in.md)"} {
			if entry.Name() == "sign-in-oidc-token.md" && want == "## In a pipeline\n" {
				want = "## GitLab\n"
			}
			if !strings.Contains(text, want) {
				t.Errorf("%s = no %q, want one", entry.Name(), want)
			}
		}
	}
	if ways != 8 {
		t.Errorf("guides to a way to sign in = %d, want 8", ways)
	}
}

// TestSignInCodes checks that the guide explains the AADSTS codes for which the provider
// has advice, and no others.
func TestSignInCodes(t *testing.T) {
	t.Parallel()
	_, section, _ := strings.Cut(readText(t, filepath.Join(guidesFolder, "signing-in.md")), "\n## Errors\n")
	section, _, _ = strings.Cut(section, "\n## ")
	var explained []string
	for _, code := range regexp.MustCompile("`AADSTS([0-9]+)`").FindAllStringSubmatch(section, -1) {
		explained = append(explained, code[1])
	}
	file, err := parser.ParseFile(token.NewFileSet(), "diagnostics_entra.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var advised []string
	ast.Inspect(file, func(node ast.Node) bool {
		if clause, ok := node.(*ast.CaseClause); ok {
			for _, value := range clause.List {
				if number, ok := value.(*ast.BasicLit); ok && number.Kind == token.INT {
					advised = append(advised, number.Value)
				}
			}
		}
		return true
	})
	slices.Sort(explained)
	slices.Sort(advised)
	if len(advised) < 30 {
		t.Errorf("codes with advice = %q, want at least 30", advised)
	}
	if !slices.Equal(explained, advised) {
		t.Errorf("codes in the guide = %q, want each once and those with advice: %q", explained, advised)
	}
}
