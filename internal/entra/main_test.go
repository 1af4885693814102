package entra_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/mdatp/terraform-provider-mdatp/internal/entra"
	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

// TestMain fails the run when a goroutine is left behind, or when a library
// printed anything.
func TestMain(m *testing.M) {
	var printed lockedBuffer
	log.SetOutput(&printed)
	code := m.Run()
	if text := printed.String(); text != "" && code == 0 {
		fmt.Fprintf(os.Stderr, "printed by a library:\n%s", text)
		code = 1
	}
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}

const (
	tenant   = "3b0c6a52-9d41-4f7e-8a15-c27e90d4f316"
	clientID = "e81f2d07-54ab-4c36-b9e0-6f13a8752c4d"
	secret   = "s3cr3t~C4nary/+="
	resource = "https://graph.windows.net"
	traceID  = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"
)

// application signs in with what Options leave out: the values above.
func application(rt http.RoundTripper, authority *url.URL, change func(*transport.Options)) *entra.Application {
	o := transport.Options{Base: rt, UserAgent: "test/1", MaxAttempts: 3, AttemptTimeout: time.Minute, MaxBytes: 1 << 20}
	if change != nil {
		change(&o)
	}
	return entra.NewApplication(entra.Options{
		AuthorityHost: authority,
		ClientID:      clientID,
		ClientSecret:  secret,
		Resource:      resource,
		Timeout:       5 * time.Minute,
		Client:        transport.New(o),
	})
}

func login() *url.URL { return &url.URL{Scheme: "https", Host: "login.test", Path: "/base"} }

// A step is what happens to one request to the token endpoint.
type step func(*http.Request) (*http.Response, error)

type sent struct {
	at     time.Duration // since the script was made
	method string
	url    string
	header http.Header
	form   url.Values
}

// script is a token endpoint that takes one step per request; the last stays.
type script struct {
	began time.Time
	steps []step

	mu   sync.Mutex
	seen []sent
}

func newScript(steps ...step) *script { return &script{began: time.Now(), steps: steps} }

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	_ = r.Body.Close()
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.seen = append(s.seen, sent{time.Since(s.began), r.Method, r.URL.String(), r.Header.Clone(), form})
	next := s.steps[min(len(s.seen), len(s.steps))-1]
	s.mu.Unlock()
	return next(r)
}

func (s *script) requests() []sent {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]sent(nil), s.seen...)
}

// wantRequests checks how many there were and that each was the one request
// that there is.
func (s *script) wantRequests(t *testing.T, n int) {
	t.Helper()
	seen := s.requests()
	if len(seen) != n {
		t.Errorf("%d token requests, want %d", len(seen), n)
	}
	want := url.Values{"grant_type": {"client_credentials"}, "client_id": {clientID}, "client_secret": {secret}, "resource": {resource}}
	for _, r := range seen {
		if r.method != http.MethodPost || r.url != "https://login.test/base/"+tenant+"/oauth2/token" || r.form.Encode() != want.Encode() ||
			r.header.Get("Content-Type") != "application/x-www-form-urlencoded" || r.header.Get("Authorization") != "" {
			t.Errorf("sent %+v", r)
		}
	}
}

// reply is a whole reply; headers come in pairs.
func reply(status int, body string, headers ...string) step {
	return func(r *http.Request) (*http.Response, error) {
		header := http.Header{"Content-Type": {"application/json; charset=utf-8"}}
		for i := 0; i < len(headers); i += 2 {
			header.Set(headers[i], headers[i+1])
		}
		return &http.Response{StatusCode: status, Header: header, Request: r, Body: io.NopCloser(strings.NewReader(body))}, nil
	}
}

// grants is a token that lives for so many seconds.
func grants(token string, seconds any) step {
	body, err := json.Marshal(map[string]any{"access_token": token, "token_type": "Bearer", "expires_in": seconds})
	if err != nil {
		panic(err)
	}
	return reply(http.StatusOK, string(body))
}

// after is a step that takes its time.
func after(wait time.Duration, s step) step {
	return func(r *http.Request) (*http.Response, error) {
		select {
		case <-time.After(wait):
			return s(r)
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
}

// hangs until the request is given up.
func hangs(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func refuses(status int, name string, codes ...int) step {
	if codes == nil {
		codes = []int{}
	}
	body, err := json.Marshal(map[string]any{
		"error": name, "error_codes": codes, "trace_id": traceID,
		"error_description": fmt.Sprintf("AADSTS%d: %s\r\nTrace ID: %s", codes, everyForm(secret), traceID),
	})
	if err != nil {
		panic(err)
	}
	return reply(status, string(body))
}

// bubble runs a test in fake time.
func bubble(t *testing.T, test func(*testing.T)) {
	t.Helper()
	synctest.Test(t, test)
}

// forms are all that a hidden text can look like.
func forms(text string) []string {
	raw := []byte(text)
	return []string{
		text, url.QueryEscape(text), url.PathEscape(text), hex.EncodeToString(raw), strings.ToUpper(hex.EncodeToString(raw)),
		base64.StdEncoding.EncodeToString(raw), base64.RawStdEncoding.EncodeToString(raw),
		base64.URLEncoding.EncodeToString(raw), base64.RawURLEncoding.EncodeToString(raw),
	}
}

func everyForm(text string) string { return strings.Join(forms(text), " ") }

// quotesNothing looks for the secret, and for the tokens of these tests, in an
// error and in all that it wraps.
func quotesNothing(t *testing.T, err error) {
	t.Helper()
	var walk func(error)
	walk = func(err error) {
		if err == nil {
			return
		}
		for _, text := range []string{err.Error(), fmt.Sprintf("%v %q", err, err)} {
			for _, hidden := range append(forms(secret), "t0ken", hex.EncodeToString([]byte("t0ken"))) {
				if strings.Contains(text, hidden) {
					t.Errorf("the error quotes %q: %s", hidden, text)
				}
			}
		}
		walk(errors.Unwrap(err))
		if many, ok := err.(interface{ Unwrap() []error }); ok {
			for _, err := range many.Unwrap() {
				walk(err)
			}
		}
	}
	walk(err)
}

func wantRefused(t *testing.T, err error, want entra.Error) {
	t.Helper()
	e, ok := errors.AsType[*entra.Error](err)
	if !ok {
		t.Fatalf("got %v", err)
	}
	want.Tenant, want.ClientID = tenant, clientID
	if *e != want {
		t.Errorf("got %+v, want %+v", *e, want)
	}
	quotesNothing(t, err)
}

func wantTransport(t *testing.T, err error, kind transport.Kind, status, attempts int) {
	t.Helper()
	e, ok := errors.AsType[*transport.Error](err)
	if !ok || e.Kind != kind || e.Status != status || e.Attempts != attempts || e.Phase != transport.PhaseSignIn {
		t.Errorf("got %v, want kind %d, status %d, attempts %d", err, kind, status, attempts)
	}
	quotesNothing(t, err)
}

func start(t *testing.T, o fakeapi.Options) *fakeapi.Server {
	t.Helper()
	o.Alerts, o.TenantID, o.ClientID, o.ClientSecret, o.Resource = -1, tenant, clientID, secret, resource
	s, err := fakeapi.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// network is an application that signs in at a fake, over a real connection.
func network(t *testing.T, s *fakeapi.Server, now time.Time) *entra.TokenSource {
	t.Helper()
	authority, err := transport.ParseAddress(s.AuthorityHost())
	if err != nil {
		t.Fatal(err)
	}
	rt := transport.NewRoundTripper()
	rt.TLSClientConfig.RootCAs = x509.NewCertPool()
	rt.TLSClientConfig.RootCAs.AppendCertsFromPEM(s.CAPEM())
	rt.TLSClientConfig.Time = func() time.Time { return now }
	t.Cleanup(rt.CloseIdleConnections)
	return application(rt, authority, nil).Tenant(tenant)
}

// wantForm checks requests that a fake recorded.
func wantForm(t *testing.T, requests []fakeapi.Request, n int) {
	t.Helper()
	if len(requests) != n {
		t.Errorf("%d token requests, want %d", len(requests), n)
	}
	for _, r := range requests {
		if r.Method != http.MethodPost || r.Form.Get("client_secret") != secret || r.Form.Get("client_id") != clientID || r.RawQuery != "" {
			t.Errorf("sent %s %v", r.Method, r.Form)
		}
	}
}

// token asks a new application for one token.
func token(ctx context.Context, s *script) (string, error) {
	return application(s, login(), nil).Tenant(tenant).Token(ctx)
}
