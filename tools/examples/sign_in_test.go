package examples

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// The fake's token and service connection of a job.
const (
	requestToken = "fake.Request~Token+For/Tests_1="
	connectionID = "5d2e9c31-7f04-4b6a-9e18-c3a05b7d6f42"
)

// An issuer is the part of a fake that issues OIDC tokens, with its origin.
type issuer struct {
	t      *testing.T
	origin string
}

func (s *stage) issuer() issuer {
	s.t.Helper()
	for _, setting := range s.cli.Env {
		if authority, ok := strings.CutPrefix(setting, "MDATP_AUTHORITY_HOST="); ok {
			return issuer{s.t, strings.TrimSuffix(authority, "/entra")}
		}
	}
	s.t.Fatal("the fake has no authority host, want one")
	return issuer{}
}

func (i issuer) gitHubURL() string { return i.origin + "/github/oidc?api-version=2.0" }

func (i issuer) azureDevOpsURL() string { return i.origin + "/azuredevops/oidctoken" }

// oidcToken returns an OIDC token, as GitLab puts one into the environment of a job.
func (i issuer) oidcToken(audience string) (string, error) {
	request, err := http.NewRequestWithContext(i.t.Context(), http.MethodGet, i.gitHubURL()+"&audience="+url.QueryEscape(audience), nil)
	if err != nil {
		return "", err
	}
	request.Header.Set("Authorization", "Bearer "+requestToken)
	response, err := (&http.Client{Timeout: time.Minute}).Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	var body struct{ Value string }
	if err = json.NewDecoder(response.Body).Decode(&body); err == nil && body.Value == "" {
		err = fmt.Errorf("status %d without a token", response.StatusCode)
	}
	return body.Value, err
}

// secrets finds settings that are secret, and expressions that read stored secrets.
var secrets = regexp.MustCompile(`(?i)client_?secret|secrets\.|_password|client_certificate|refresh_token`)

// settings finds environment variables of the provider.
var settings = regexp.MustCompile(`\b(?:MDATP|ARM)_[A-Z_]+\b`)

// documentedSettings returns the environment variables that the provider's page lists
// with its arguments.
func documentedSettings(t *testing.T) (names []string) {
	t.Helper()
	for line := range strings.Lines(read(t, "docs/index.md")) {
		if _, variables, ok := strings.Cut(line, " Environment: "); ok {
			names = append(names, settings.FindAllString(variables, -1)...)
		}
	}
	if len(names) < 30 {
		t.Fatalf("documented variables = %q, want at least 30", names)
	}
	return names
}

// TestPipelineSettings checks that the pipelines need no secret, and that the variables
// which they set are those of the provider.
func TestPipelineSettings(t *testing.T) {
	t.Parallel()
	known := documentedSettings(t)
	files, err := filepath.Glob(root + "/examples/pipelines/*")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != len(pipelines) {
		t.Errorf("pipelines = %q, want %d", files, len(pipelines))
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, problem := range problemsOf(string(text), known) {
			t.Errorf("%s: %s", filepath.Base(file), problem)
		}
	}
}

// problemsOf returns what is wrong with the settings of a pipeline.
func problemsOf(text string, known []string) (problems []string) {
	if found := secrets.FindString(text); found != "" {
		problems = append(problems, found+" is a secret, want none")
	}
	used := settings.FindAllString(text, -1)
	if len(used) < 3 {
		problems = append(problems, fmt.Sprintf("variables of the provider = %q, want tenant, client and API", used))
	}
	for _, name := range used {
		if !slices.Contains(known, name) {
			problems = append(problems, name+" is not in the documentation of the provider")
		}
	}
	return problems
}

// TestProblemsOf checks that TestPipelineSettings finds what it looks for.
func TestProblemsOf(t *testing.T) {
	t.Parallel()
	const good = "MDATP_TENANT_ID MDATP_CLIENT_ID MDATP_API"
	known := strings.Fields(good)
	for text, want := range map[string]int{
		good:                                    0,
		good + " ${{ secrets.X }}":              1,
		good + " MDATP_CLIENT_SECRET":           2,
		good + " MDATP_TENNANT_ID":              1,
		"MDATP_TENANT_ID":                       1,
		good + " SIGNING IN WITHOUT A SECRET: ": 0,
	} {
		if got := problemsOf(text, known); len(got) != want {
			t.Errorf("problemsOf(%q) = %q, want %d", text, got, want)
		}
	}
}
