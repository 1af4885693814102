package entra_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/entra"
	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport/transporttest"
)

// signsIn returns a token source that signs in at a fake with a credential.
func signsIn(t *testing.T, s *fakeapi.Server, c entra.Credential, audience entra.Audience) *entra.TokenSource {
	t.Helper()
	authority, err := transport.ParseAddress(s.AuthorityHost())
	if err != nil {
		t.Fatal(err)
	}
	return entra.NewApplication(entra.Options{
		AuthorityHost: authority,
		ClientID:      clientID,
		Credential:    c,
		Audience:      audience,
		Timeout:       time.Minute,
		Client:        networkClient(t, s),
	}).Tenant(tenant)
}

func networkClient(t *testing.T, s *fakeapi.Server) *transport.Client {
	t.Helper()
	return transport.New(transport.Options{
		Base:        transporttest.Trust(t, transport.NewRoundTripper(nil), time.Now(), s.CAPEM()),
		UserAgent:   "test/1",
		MaxAttempts: 2, AttemptTimeout: 20 * time.Second,
	})
}

// audiences are the forms of both token endpoints.
var audiences = map[string]entra.Audience{
	"oauth2/token":      entra.Resource(resource),
	"oauth2/v2.0/token": entra.Scope(fakeapi.GraphResource),
}

// wantSignIn fails the test unless err is this error of the application.
func wantSignIn(t *testing.T, err error, want entra.Error, hidden ...string) {
	t.Helper()
	e, ok := errors.AsType[*entra.Error](err)
	if !ok {
		t.Fatalf("error = %v, want an *entra.Error", err)
	}
	transporttest.QuotesNothing(t, err, hidden...)
	got := fmt.Sprintf("%s, %s, status %d, %s, AADSTS%d, field %q, %s", e.Kind, e.Credential, e.Status, e.Code, e.STS, e.Field, e.Problem)
	wanted := fmt.Sprintf("%s, %s, status %d, %s, AADSTS%d, field %q, %s",
		want.Kind, want.Credential, want.Status, want.Code, want.STS, want.Field, want.Problem)
	if got != wanted {
		t.Errorf("error = %s, want %s", got, wanted)
	}
	if e.Tenant != tenant {
		t.Errorf("Tenant = %q, want %q", e.Tenant, tenant)
	}
}

// wantFailed fails the test unless err is a [*transport.Error] of a phase.
func wantFailed(t *testing.T, err error, phase transport.Phase, kind transport.Kind, status int, hidden ...string) {
	t.Helper()
	e, ok := errors.AsType[*transport.Error](err)
	if !ok {
		t.Fatalf("error = %v, want a *transport.Error", err)
	}
	transporttest.QuotesNothing(t, err, hidden...)
	if e.Phase != phase {
		t.Errorf("Phase = %q, want %q", e.Phase, phase)
	}
	if e.Kind != kind {
		t.Errorf("Kind = %q, want %q", e.Kind, kind)
	}
	if e.Status != status {
		t.Errorf("Status = %d, want %d", e.Status, status)
	}
}

// A sentAssertion is the assertion of a token request, decoded.
type sentAssertion struct {
	text   string
	header map[string]any
	claims map[string]any
}

// assertionIn decodes the assertion of a recorded request, which must have no other
// proof.
func assertionIn(t *testing.T, r fakeapi.Request) (a sentAssertion) {
	t.Helper()
	if got, want := r.Form.Get("client_assertion_type"), "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"; got != want {
		t.Errorf("client_assertion_type = %q, want %q", got, want)
	}
	if len(r.Form) != 5 {
		t.Errorf("form = %v, want grant_type, client_id, client_assertion_type, client_assertion and the audience", r.Form)
	}
	a.text = r.Form.Get("client_assertion")
	parts := strings.Split(a.text, ".")
	if len(parts) != 3 {
		t.Fatalf("client_assertion = %q, want three parts", a.text)
	}
	for i, into := range []*map[string]any{&a.header, &a.claims} {
		text, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, into); err != nil {
			t.Fatal(err)
		}
	}
	return a
}

// A credential prints as its name, never with a secret.
func TestCredentialsPrintTheirNames(t *testing.T) {
	t.Parallel()
	github, err := entra.GitHubActions("https://example.test/s3cr3t", "s3cr3t")
	if err != nil {
		t.Fatal(err)
	}
	devops, err := entra.AzureDevOps("https://example.test/s3cr3t", "s3cr3t", "s3cr3t")
	if err != nil {
		t.Fatal(err)
	}
	for want, c := range map[string]entra.Credential{
		entra.ClientSecret:    entra.Secret("s3cr3t"),
		entra.OIDCToken:       entra.Assertion("s3cr3t"),
		entra.OIDCTokenFile:   entra.AssertionFile("s3cr3t"),
		entra.GitHubOIDC:      github,
		entra.AzureDevOpsOIDC: devops,
		entra.Identity:        entra.ManagedIdentity(nil, "s3cr3t", nil),
		entra.CLI:             entra.AzureCLI("s3cr3t"),
		entra.Refresh:         entra.RefreshToken("s3cr3t", "s3cr3t", nil),
	} {
		if got, want := fmt.Sprintf("%v %+v %#v %s", c, c, c, c), strings.Join([]string{want, want, want, want}, " "); got != want {
			t.Errorf("credential prints as %q, want %q", got, want)
		}
	}
}

// A secret is sent alone, to both endpoints.
func TestSecretIsOneProof(t *testing.T) {
	t.Parallel()
	s := start(t, fakeapi.Options{})
	for path, audience := range audiences {
		mustToken(t, signsIn(t, s, entra.Secret(secret), audience))
		sent := s.TokenRequests()
		if got := sent[len(sent)-1]; !strings.HasSuffix(got.Path, path) || got.Form.Get("client_secret") != secret || got.Form.Has("client_assertion") {
			t.Errorf("request to %s has the form %v, want the secret alone at %s", got.Path, got.Form, path)
		}
	}
	_, err := signsIn(t, s, entra.Secret("wr0ng"), audiences["oauth2/token"]).Token(t.Context())
	wantSignIn(t, err, entra.Error{Kind: entra.Refused, Credential: entra.ClientSecret, Status: 401, Code: "invalid_client", STS: 7000215}, "wr0ng")
}

// Text of peers that must not reach an error.
const canary = "c4n4ry-t3xt"

// proofFaults are the faults of a service that supplies a proof or a token.
func proofFaults(phase transport.Phase) map[string]struct {
	step   fakeapi.Step
	kind   transport.Kind
	status int
	times  int // requests
} {
	type fault = struct {
		step   fakeapi.Step
		kind   transport.Kind
		status int
		times  int
	}
	faults := map[string]fault{
		"401":       {fakeapi.Reply(401, nil, canary), transport.Status, 401, 1},
		"403":       {fakeapi.Reply(403, nil, `{"message":"`+canary+`"}`), transport.Status, 403, 1},
		"500":       {fakeapi.Reply(500, nil, canary), transport.Status, 500, 2},
		"redirect":  {fakeapi.RedirectTo(302, "https://evil.test/"+canary), transport.Redirected, 302, 1},
		"page":      {fakeapi.ContentType("text/html", canary), transport.MediaType, 200, 1},
		"truncated": {fakeapi.WithBody(fakeapi.CutAfter(9), `{"value":"`+canary+`"}`), transport.Broken, 200, 2},
		"oversized": {fakeapi.WithBody(fakeapi.Normal(), `{"value":"`+strings.Repeat(canary, 30_000)+`"}`), transport.TooLarge, 200, 1},
		"not UTF-8": {fakeapi.WithBody(fakeapi.Normal(), "{\"value\":\"\xff\"}"), transport.NotUTF8, 200, 1},
	}
	if phase == transport.PhaseOIDCToken {
		faults["404"] = fault{fakeapi.Reply(404, nil, canary), transport.Status, 404, 1}
	}
	return faults
}

// A slow service ends with its caller.
func wantOutOfTime(t *testing.T, source *entra.TokenSource) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, err := source.Token(ctx)
	wantFailed(t, err, transport.PhaseSignIn, transport.OutOfTime, 0)
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("Token() took %s, want its 200ms", took)
	}
}

// mustParse returns an address of a fake on this computer.
func mustParse(t *testing.T, text string) *url.URL {
	t.Helper()
	address, err := transport.ParseLocalAddress(text)
	if err != nil {
		t.Fatal(err)
	}
	return address
}

// alertsRead reads the alerts of the SIEM API with the tokens of a source.
func alertsRead(t *testing.T, s *fakeapi.Server, tokens transport.Tokens) error {
	t.Helper()
	base, err := transport.ParseAddress(s.SIEMEndpoint())
	if err != nil {
		t.Fatal(err)
	}
	return networkClient(t, s).Begin(base, tokens, 1<<20).Do(t.Context(), transport.Request{
		Phase: transport.PhaseRead, Method: http.MethodGet, URL: base.JoinPath("api/alerts"),
	}, read)
}

func asSignIn(t *testing.T, err error) *entra.Error {
	t.Helper()
	e, ok := errors.AsType[*entra.Error](err)
	if !ok {
		t.Fatalf("error = %v, want an *entra.Error", err)
	}
	return e
}
