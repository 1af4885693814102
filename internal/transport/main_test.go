package transport_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport/transporttest"
)

// seedFlag repeats a run of random cases: a failure prints its seed.
var seedFlag = flag.Uint64("seed", 0, "seed of the random cases; 0 for a new one")

func seed() uint64 {
	if *seedFlag != 0 {
		return *seedFlag
	}
	return uint64(time.Now().UnixNano())
}

func TestMain(m *testing.M) { transporttest.Main(m) }

// goodBody is the body of most responses here, 13 bytes long.
const goodBody = `[{"Id":"é"}]`

// canary is in every text that no error may quote.
const canary = "c4n4ry~Secret/+="

// start starts a fake without alerts.
func start(t *testing.T, o fakeapi.Options) *fakeapi.Server {
	t.Helper()
	o.Alerts = -1
	return transporttest.Start(t, o)
}

// overNetwork returns the round tripper of NewRoundTripper with this dialer and
// certificate authority.
func overNetwork(t *testing.T, dialer *net.Dialer, caPEM []byte, now time.Time) *http.Transport {
	t.Helper()
	return transporttest.Trust(t, transport.NewRoundTripperWith(dialer.DialContext), now, caPEM)
}

// limit is the budget of most reads here.
const limit = 1 << 20

// options returns the options of most tests.
func options(rt http.RoundTripper) transport.Options {
	return transport.Options{
		Base:           rt,
		UserAgent:      "test/1",
		MaxAttempts:    3,
		AttemptTimeout: time.Minute,
	}
}

func parse(t *testing.T, address string) *url.URL {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func get(t *testing.T, address string) transport.Request {
	t.Helper()
	return transport.Request{Phase: transport.PhaseRead, Method: http.MethodGet, URL: parse(t, address)}
}

var errContent = errors.New("test: not one JSON value")

// readJSON reads a response as strictly as the sources of alerts do.
func readJSON(body *string) func(*transport.Response) error {
	return func(r *transport.Response) error {
		text, err := io.ReadAll(r.Body)
		if err != nil {
			return err
		}
		if !json.Valid(text) {
			return errContent
		}
		*body = string(text)
		return nil
	}
}

// do sends a request without a token and returns the body of the response, JSON.
func do(ctx context.Context, o transport.Options, req transport.Request) (body string, err error) {
	return doAs(ctx, o, nil, req)
}

// doAs is do with tokens.
func doAs(ctx context.Context, o transport.Options, k transport.Tokens, req transport.Request) (body string, err error) {
	err = transport.New(o).Begin(req.URL, k, limit).Do(ctx, req, readJSON(&body))
	return body, err
}

// getAlerts is do with a request for the alerts of a fake, over the network.
func getAlerts(t *testing.T, s *fakeapi.Server) (body string, err error) {
	t.Helper()
	rt := overNetwork(t, transport.NewDialer(), s.CAPEM(), time.Now())
	return do(t.Context(), options(rt), get(t, s.SIEMEndpoint()+"/api/alerts"))
}

// wantBody fails the test unless Do succeeded and read this body.
func wantBody(t *testing.T, body string, err error, want string) {
	t.Helper()
	if err != nil {
		t.Errorf("Do() = %v, want nil", err)
	}
	if body != want {
		t.Errorf("body = %.80q, want %.80q", body, want)
	}
}

// wantRequests fails the test unless this many requests were sent to a script, and
// returns them.
func wantRequests(t *testing.T, s *transporttest.Script, want int) []transporttest.Sent {
	t.Helper()
	sent := s.Requests()
	if len(sent) != want {
		t.Fatalf("requests sent = %d, want %d", len(sent), want)
	}
	return sent
}

// wantAlertRequests fails the test unless a fake received this many requests for
// alerts, and returns them.
func wantAlertRequests(t *testing.T, s *fakeapi.Server, want int) []fakeapi.Request {
	t.Helper()
	received := s.AlertRequests()
	if len(received) != want {
		t.Fatalf("requests received = %d, want %d", len(received), want)
	}
	return received
}

// wantHeader fails the test unless a header has this value.
func wantHeader(t *testing.T, header http.Header, key, want string) {
	t.Helper()
	if got := header.Get(key); got != want {
		t.Errorf("%s = %q, want %q", key, got, want)
	}
}

// wantError fails the test unless err is this error and quotes nothing. The host,
// byte count and request ID are not compared.
func wantError(t *testing.T, err error, want transport.Error) {
	t.Helper()
	e, ok := errors.AsType[*transport.Error](err)
	if !ok {
		t.Fatalf("Do() = %v, want %s", err, want.Kind)
	}
	if e.Kind != want.Kind {
		t.Errorf("Kind of %v = %q, want %q", e, e.Kind, want.Kind)
	}
	if e.Status != want.Status {
		t.Errorf("Status of %v = %d, want %d", e, e.Status, want.Status)
	}
	if e.Attempts != want.Attempts {
		t.Errorf("Attempts of %v = %d, want %d", e, e.Attempts, want.Attempts)
	}
	if e.Wait != want.Wait {
		t.Errorf("Wait of %v = %s, want %s", e, e.Wait, want.Wait)
	}
	if e.Phase == "" {
		t.Errorf("Phase of %v is empty", e)
	}
	if e.Host == "" {
		t.Errorf("Host of %v is empty", e)
	}
	transporttest.QuotesNothing(t, err, canary, "é", "http:", "lookup", "malformed", "dial")
}

// tokens is a token source of token 1, token 2 and so on, a new one after each
// Invalidate.
type tokens struct {
	mu       sync.Mutex
	issued   int
	rejected []string
}

func (k *tokens) Token(ctx context.Context) (string, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.issued++
	return fmt.Sprintf("%s-%d", canary, len(k.rejected)+1), ctx.Err()
}

func (k *tokens) Invalidate(rejected string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.rejected = append(k.rejected, rejected)
}

// authority is a certificate authority of the test.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	pem         []byte
}

// closedPort returns an address on which nothing listens.
func closedPort(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

// certificate makes a certificate signed by the authority, or a self-signed one if
// the authority is nil.
func certificate(t *testing.T, by *authority, change func(*x509.Certificate)) (tls.Certificate, *authority) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(now.UnixNano()),
		NotBefore:             now.Add(-time.Hour),
		NotAfter:              now.Add(time.Hour),
		BasicConstraintsValid: true,
		DNSNames:              []string{"service.test"},
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	if by == nil {
		template.IsCA, template.KeyUsage = true, x509.KeyUsageCertSign
	}
	if change != nil {
		change(template)
	}
	parent, signer := template, key
	if by != nil {
		parent, signer = by.certificate, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, &authority{leaf, key, text}
}
