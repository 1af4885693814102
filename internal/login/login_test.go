package login_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/mdatp/terraform-provider-mdatp/internal/entra"
	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
	"github.com/mdatp/terraform-provider-mdatp/internal/login"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A run is a sign-in that waits for the person.
type run struct {
	t       *testing.T
	address *url.URL // at which to sign in
	cancel  context.CancelFunc
	ended   chan error

	mu     sync.Mutex
	output bytes.Buffer
	stored []string
}

// start begins a sign-in at a fake, with changes of the options.
func start(t *testing.T, fake *fakeapi.Server, change func(*login.Options)) *run {
	t.Helper()
	authority, err := transport.ParseAddress(fake.AuthorityHost())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	r := &run{t: t, cancel: cancel, ended: make(chan error, 1)}
	opened := make(chan string, 1)
	o := login.Options{
		Application: entra.Options{
			AuthorityHost: authority, ClientID: fakeapi.DefaultClientID, Audience: entra.Resource(fakeapi.DefaultResource), Timeout: time.Minute,
			Client: transport.New(transport.Options{Base: transport.NewRoundTripper(nil), MaxAttempts: 4, AttemptTimeout: time.Minute}),
		},
		Tenant: fakeapi.DefaultTenantID, Timeout: time.Minute, Output: r,
		Browser: func(_ context.Context, address string) error { opened <- address; return nil },
		Store:   r.store,
	}
	if change != nil {
		change(&o)
	}
	go func() { r.ended <- login.Run(ctx, o) }()
	select {
	case address := <-opened:
		if r.address, err = url.Parse(address); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(r.text(), "\n"+address+"\n") {
			t.Errorf("output = %q, want the address %s on a line", r.text(), address)
		}
	case err := <-r.ended:
		t.Fatalf("Run() = %v before the browser was opened", err)
	}
	return r
}

func (r *run) store(token string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stored = append(r.stored, token)
	return nil
}

func (r *run) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.output.Write(p)
}

func (r *run) text() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.output.String()
}

// callback returns an address of the redirect URI with this query.
func (r *run) callback(query string) string {
	return r.address.Query().Get("redirect_uri") + "/?" + query
}

// state is the right one, as a query.
func (r *run) state() string { return "state=" + r.address.Query().Get("state") }

// browse requests a page as a browser does, and checks its status and text.
func (r *run) browse(method, address string, status int, text string) {
	r.t.Helper()
	request, err := http.NewRequestWithContext(r.t.Context(), method, address, http.NoBody)
	if err != nil {
		r.t.Fatal(err)
	}
	browser := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := browser.Do(request)
	if err != nil {
		r.t.Fatalf("%s %s: %v", method, address, err)
	}
	body, err := io.ReadAll(response.Body)
	_ = response.Body.Close()
	if err != nil {
		r.t.Fatal(err)
	}
	if response.StatusCode != status || !strings.Contains(string(body), "<h1>"+text+"</h1>") {
		r.t.Errorf("%s %s = status %d, %q, want %d and %q", method, address, response.StatusCode, body, status, text)
	}
	header := response.Header
	if strings.Contains(string(body), "quoted") || strings.Contains(string(body), "<script") ||
		header.Get("Content-Type") != "text/html; charset=utf-8" || header.Get("Cache-Control") != "no-store" ||
		header.Get("Referrer-Policy") != "no-referrer" || !strings.Contains(header.Get("Content-Security-Policy"), "default-src 'none'") {
		r.t.Errorf("%s %s = %q with %v, want a plain page that nobody keeps", method, address, body, header)
	}
}

// wantRefused sends the begin of a request and fails the test unless that is too large.
func (r *run) wantRefused(begin string) {
	r.t.Helper()
	redirect, err := url.Parse(r.address.Query().Get("redirect_uri"))
	if err != nil {
		r.t.Fatal(err)
	}
	connection, err := new(net.Dialer).DialContext(r.t.Context(), "tcp4", "127.0.0.1:"+redirect.Port())
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	if err = connection.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		r.t.Fatal(err)
	}
	_, _ = io.WriteString(connection, begin) // fails if the server is fast
	line := make([]byte, len("HTTP/1.1 431"))
	if _, err = io.ReadFull(connection, line); err != nil || string(line) != "HTTP/1.1 431" {
		r.t.Errorf("response to %d bytes of a header = %q, %v, want 431", len(begin), line, err)
	}
}

// wait returns what Run returned.
func (r *run) wait() error {
	r.t.Helper()
	select {
	case err := <-r.ended:
		return err
	case <-time.After(time.Minute):
		r.t.Fatal("Run() is still running after a minute, want it to end")
		return nil
	}
}

// wantStored fails the test unless this many tokens were stored.
func (r *run) wantStored(n int) {
	r.t.Helper()
	if len(r.stored) != n {
		r.t.Errorf("refresh tokens stored = %d, want %d", len(r.stored), n)
	}
}

func startFake(t *testing.T, o fakeapi.Options) *fakeapi.Server {
	t.Helper()
	o.Alerts = -1
	fake, err := fakeapi.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(fake.Close)
	return fake
}

// TestRun signs in for each API, as a public client and as one with a secret. What is
// sent is checked field by field.
func TestRun(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		audience entra.Audience
		path     string
		want     url.Values // of the API, in both requests
		secret   string
	}{
		{"siem", entra.Resource(fakeapi.DefaultResource), "/oauth2/", url.Values{"resource": {fakeapi.DefaultResource}}, ""},
		{"graph", entra.Scope(fakeapi.GraphResource, "SecurityAlert.Read.All"), "/oauth2/v2.0/",
			url.Values{"scope": {fakeapi.GraphResource + "/SecurityAlert.Read.All offline_access"}}, ""},
		{"confidential", entra.Resource(fakeapi.DefaultResource), "/oauth2/", url.Values{"resource": {fakeapi.DefaultResource}}, fakeapi.DefaultClientSecret},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			fake := startFake(t, fakeapi.Options{PublicClient: test.secret == ""})
			r := start(t, fake, func(o *login.Options) { o.Application.Audience, o.Secret = test.audience, test.secret })
			r.browse(http.MethodGet, r.address.String(), http.StatusOK, "Signed in")
			if err := r.wait(); err != nil {
				t.Errorf("Run() = %v, want nil", err)
			}
			r.wantStored(1)

			query := r.address.Query()
			port := strings.TrimPrefix(query.Get("redirect_uri"), "http://localhost:")
			if port == query.Get("redirect_uri") || strings.Trim(port, "0123456789") != "" {
				t.Errorf("redirect_uri = %q, want http://localhost and a port", query.Get("redirect_uri"))
			}
			want := url.Values{
				"response_type": {"code"}, "client_id": {fakeapi.DefaultClientID}, "redirect_uri": query["redirect_uri"],
				"state": query["state"], "code_challenge": query["code_challenge"], "code_challenge_method": {"S256"},
			}
			for key, value := range test.want {
				want[key] = value
			}
			if query.Encode() != want.Encode() || len(query.Get("state")) < 22 || len(query.Get("code_challenge")) != 43 {
				t.Errorf("query of the address = %s, want %s", query.Encode(), want.Encode())
			}
			if at := fake.AuthorityHost() + "/" + fakeapi.DefaultTenantID + test.path + "authorize?"; !strings.HasPrefix(r.address.String(), at) {
				t.Errorf("address = %s, want one that begins with %s", r.address, at)
			}

			sent := fake.TokenRequests()
			if len(sent) != 1 {
				t.Fatalf("token requests = %d, want 1", len(sent))
			}
			form := sent[0].Form
			want = url.Values{
				"grant_type": {"authorization_code"}, "client_id": {fakeapi.DefaultClientID}, "redirect_uri": query["redirect_uri"],
				"code": form["code"], "code_verifier": form["code_verifier"],
			}
			for key, value := range test.want {
				want[key] = value
			}
			if test.secret != "" {
				want["client_secret"] = []string{test.secret}
			}
			if form.Encode() != want.Encode() {
				t.Errorf("form of the token request = %s, want %s", form.Encode(), want.Encode())
			}
			for _, secret := range []string{form.Get("code_verifier"), r.stored[0], form.Get("code")} {
				if strings.Contains(r.text(), secret) {
					t.Errorf("output = %q, want no verifier, code or token in it", r.text())
				}
			}
		})
	}
}

// TestFault_A12_RejectedCallbacks: callbacks that belong to another sign-in have status 400, and
// the wait goes on. The right one counts once.
func TestFault_A12_RejectedCallbacks(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{PublicClient: true})
	r := start(t, fake, nil)
	for _, query := range []string{
		"code=quoted", "code=quoted&state=", "code=quoted&state=quoted", "state=quoted&error=quoted",
		r.state(), r.state() + "&code=quoted&error=quoted", r.state() + "&code=", "code=quoted&" + r.state() + "&" + r.state(),
		"code=quoted&" + r.state() + "x", "code=quoted&STATE=" + r.address.Query().Get("state"),
	} {
		r.browse(http.MethodGet, r.callback(query), http.StatusBadRequest, "Not this sign-in")
	}
	r.browse(http.MethodGet, r.callback(""), http.StatusBadRequest, "Not this sign-in")
	r.browse(http.MethodPost, r.callback(r.state()+"&code=quoted"), http.StatusNotFound, "Not found")
	r.browse(http.MethodGet, strings.Replace(r.callback(r.state()+"&code=quoted"), "/?", "/quoted?", 1), http.StatusNotFound, "Not found")
	r.wantRefused("GET " + strings.Repeat("x", 80<<10))
	r.wantRefused("GET /?" + r.state() + "&code=quoted HTTP/1.1\r\nX: " + strings.Repeat("x", 80<<10))
	if sent := len(fake.TokenRequests()); sent != 0 {
		t.Errorf("token requests = %d before the right callback, want 0", sent)
	}
	r.browse(http.MethodGet, r.address.String(), http.StatusOK, "Signed in")
	if err := r.wait(); err != nil {
		t.Errorf("Run() = %v, want nil", err)
	}
	r.wantStored(1)
}

// TestFault_A12_RepeatedCallback redeems a code once, although the browser brings it twice.
func TestFault_A12_RepeatedCallback(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{PublicClient: true})
	storing, goOn := make(chan struct{}), make(chan struct{})
	r := start(t, fake, func(o *login.Options) {
		store := o.Store
		o.Store = func(token string) error { close(storing); <-goOn; return store(token) }
	})
	var person sync.WaitGroup
	person.Go(func() { r.browse(http.MethodGet, r.address.String(), http.StatusOK, "Signed in") })
	<-storing
	r.browse(http.MethodGet, r.callback(r.state()+"&code=quoted"), http.StatusBadRequest, "Already used")
	close(goOn)
	person.Wait()
	if err := r.wait(); err != nil {
		t.Errorf("Run() = %v, want nil", err)
	}
	if sent := len(fake.TokenRequests()); sent != 1 {
		t.Errorf("token requests = %d, want 1", sent)
	}
	r.wantStored(1)
}

// TestFault_A12_Failures: each ends the sign-in with an error that quotes nothing, a page that
// says so, and at most one request.
func TestFault_A12_Failures(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		options  fakeapi.Options
		step     *fakeapi.Step // of the token endpoint
		query    string        // of the callback, after the state; "" for that of the fake
		store    error
		requests int
		kind     entra.Kind
		sts      int
		network  transport.Kind
	}{
		{name: "refused by the person", options: fakeapi.Options{PublicClient: true, RefuseConsent: true}, kind: entra.Refused, sts: 65004},
		{name: "odd texts", options: fakeapi.Options{PublicClient: true}, query: "&error=quoted%20text&error_description=quoted", kind: entra.Refused},
		{name: "wrong code", options: fakeapi.Options{PublicClient: true}, query: "&code=quoted", requests: 1, kind: entra.Refused, sts: 9002313},
		{name: "used code", options: fakeapi.Options{PublicClient: true}, step: ptr(fakeapi.Reply(http.StatusBadRequest, http.Header{"Content-Type": {"application/json"}},
			`{"error":"invalid_grant","error_description":"AADSTS54005: quoted","error_codes":[54005]}`)), requests: 1, kind: entra.Refused, sts: 54005},
		{name: "no public client", requests: 1, kind: entra.Refused, sts: 7000218},
		{name: "server error", options: fakeapi.Options{PublicClient: true}, step: ptr(fakeapi.Reply(http.StatusServiceUnavailable, nil, "quoted")), requests: 1, network: transport.Status},
		{name: "redirect", options: fakeapi.Options{PublicClient: true}, step: ptr(fakeapi.Reply(http.StatusFound, http.Header{"Location": {"/quoted"}}, "")), requests: 1, network: transport.Redirected},
		{name: "truncated", options: fakeapi.Options{PublicClient: true}, step: ptr(fakeapi.CutAfter(-3)), requests: 1, network: transport.Broken},
		{name: "null", options: fakeapi.Options{PublicClient: true}, step: ptr(fakeapi.WithBody(fakeapi.Normal(), "null")), requests: 1, kind: entra.Unusable},
		{name: "empty", options: fakeapi.Options{PublicClient: true}, step: ptr(fakeapi.WithBody(fakeapi.Normal(), "")), requests: 1, kind: entra.Unusable},
		{name: "no refresh token", options: fakeapi.Options{PublicClient: true},
			step:     ptr(fakeapi.WithBody(fakeapi.Normal(), `{"token_type":"Bearer","access_token":"quoted","expires_in":"3599"}`)),
			requests: 1, kind: entra.Unusable},
		{name: "not stored", options: fakeapi.Options{PublicClient: true}, store: login.Problem("The disk is full."), requests: 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			fake := startFake(t, test.options)
			r := start(t, fake, func(o *login.Options) {
				if test.store != nil {
					o.Store = func(string) error { return test.store }
				}
			})
			if test.step != nil {
				fake.Script(fakeapi.Token, *test.step)
			}
			address := r.address.String()
			if test.query != "" {
				address = r.callback(r.state() + test.query)
			}
			r.browse(http.MethodGet, address, http.StatusOK, "Sign-in failed")
			err := r.wait()
			refused, _ := errors.AsType[*entra.Error](err)
			network, _ := errors.AsType[*transport.Error](err)
			switch {
			case test.store != nil && !errors.Is(err, test.store):
				t.Errorf("Run() = %v, want %v", err, test.store)
			case test.kind != "" && (refused == nil || refused.Kind != test.kind || refused.STS != test.sts || refused.Credential != entra.AuthorizationCode):
				t.Errorf("Run() = %v, want the kind %q, AADSTS%d", err, test.kind, test.sts)
			case test.network != "" && (network == nil || network.Kind != test.network):
				t.Errorf("Run() = %v, want the kind %q", err, test.network)
			case strings.Contains(err.Error(), "quoted"):
				t.Errorf("Run() = %v, want nothing quoted", err)
			}
			if sent := len(fake.TokenRequests()); sent != test.requests {
				t.Errorf("token requests = %d, want %d", sent, test.requests)
			}
			r.wantStored(0)
			r.wantClosed()
		})
	}
}

// wantClosed fails the test if a browser can still connect.
func (r *run) wantClosed() {
	r.t.Helper()
	port := strings.TrimPrefix(r.address.Query().Get("redirect_uri"), "http://localhost:")
	for _, host := range []string{"127.0.0.1", "::1"} {
		if conn, err := (&net.Dialer{}).DialContext(r.t.Context(), "tcp", net.JoinHostPort(host, port)); err == nil {
			_ = conn.Close()
			r.t.Errorf("dial %s after the sign-in = nil, want the listener closed", conn.RemoteAddr())
		}
	}
}

func ptr[T any](v T) *T { return &v }

// TestFault_A12_Nobody ends without a callback: at the time limit, and when it is cancelled.
func TestFault_A12_Nobody(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{PublicClient: true})
	r := start(t, fake, nil)
	r.cancel()
	const cancelled = login.Problem("The sign-in was cancelled. Nothing is stored.")
	if err := r.wait(); !errors.Is(err, cancelled) {
		t.Errorf("Run() = %v, want %v", err, cancelled)
	}
	late := start(t, fake, func(o *login.Options) {
		open := o.Browser
		o.Timeout = 500 * time.Millisecond
		o.Browser = func(ctx context.Context, address string) error {
			parsed, err := url.Parse(address)
			if err != nil {
				return err
			}
			rejected := &run{t: t, address: parsed}
			rejected.browse(http.MethodGet, rejected.callback("code=quoted"), http.StatusBadRequest, "Not this sign-in")
			return errors.Join(open(ctx, address), errors.New("quoted"))
		}
	})
	const nobody = login.Problem("Nobody finished the sign-in within 500ms. If the browser shows AADSTS50011, add http://localhost to the " +
		"application's redirect URIs, under Mobile and desktop applications. Callbacks that belong to another sign-in, or to none: 1.")
	if err := late.wait(); !errors.Is(err, nobody) {
		t.Errorf("Run() = %v, want %v", err, nobody)
	}
	if text := late.text(); !strings.Contains(text, "No browser could be opened here.") || strings.Contains(text, "quoted") {
		t.Errorf("output = %q, want that no browser could be opened", text)
	}
	if sent := len(fake.TokenRequests()); sent != 0 {
		t.Errorf("token requests = %d, want 0", sent)
	}
	late.wantStored(0)
	late.wantClosed()
}
