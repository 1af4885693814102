package transport_test

import (
	"bytes"
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
	"log"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
	"github.com/mdatp/terraform-provider-mdatp/internal/transport"
)

// seedFlag repeats a run of random cases: the seed is in the text of a failure.
var seedFlag = flag.Uint64("seed", 0, "seed of the random cases; 0 for a new one")

func seed() uint64 {
	if *seedFlag != 0 {
		return *seedFlag
	}
	return uint64(time.Now().UnixNano())
}

// TestMain fails the run when a goroutine is left behind, or when net/http
// printed anything: it quotes what the peer wrote.
func TestMain(m *testing.M) {
	flag.Parse()
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

// given is the body of most replies here, 13 bytes long.
const given = `[{"Id":"é"}]`

// canary is in everything that no error may quote.
const canary = "c4n4ry~Secret/+="

func start(t *testing.T, o fakeapi.Options) *fakeapi.Server {
	t.Helper()
	o.Alerts = -1
	s, err := fakeapi.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// bubble runs a test in fake time. Servers that it talks to stand outside, and
// time passes only while no connection is open: pauses cost nothing.
func bubble(t *testing.T, test func(*testing.T)) {
	t.Helper()
	synctest.Test(t, test)
}

// overNetwork is NewRoundTripper with a certificate authority, and the
// network of the test.
func overNetwork(t *testing.T, dialer *net.Dialer, caPEM []byte, now time.Time) *http.Transport {
	t.Helper()
	rt := transport.NewRoundTripperWith(dialer)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(caPEM)
	rt.TLSClientConfig.RootCAs = roots
	rt.TLSClientConfig.Time = func() time.Time { return now }
	t.Cleanup(rt.CloseIdleConnections)
	return rt
}

// options are those of most tests.
func options(rt http.RoundTripper) transport.Options {
	return transport.Options{
		Base:           rt,
		UserAgent:      "test/1",
		MaxAttempts:    3,
		AttemptTimeout: time.Minute,
		MaxBytes:       1 << 20,
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

// readJSON reads a reply as strictly as the sources do.
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

// do sends a request whose reply is to be JSON.
func do(ctx context.Context, o transport.Options, req transport.Request) (body string, err error) {
	err = transport.New(o).Do(ctx, req, readJSON(&body))
	return body, err
}

// wantError compares the fields of an error, and that it quotes nothing. The
// host, byte count and request id are not compared.
func wantError(t *testing.T, err error, want transport.Error) {
	t.Helper()
	e, ok := errors.AsType[*transport.Error](err)
	if !ok {
		t.Fatalf("got %v, want kind %d", err, want.Kind)
	}
	if e.Kind != want.Kind || e.Status != want.Status || e.Attempts != want.Attempts || e.Wait != want.Wait {
		t.Errorf("got %v, wait %s, want kind %d, status %d, attempts %d, wait %s",
			e, e.Wait, want.Kind, want.Status, want.Attempts, want.Wait)
	}
	if e.Phase == "" || e.Host == "" {
		t.Errorf("no phase or host: %v", e)
	}
	quotesNothing(t, err)
}

func quotesNothing(t *testing.T, err error) {
	t.Helper()
	for _, text := range []string{err.Error(), fmt.Sprintf("%v %+v %#v", err, err, err)} {
		for _, hidden := range []string{canary, url.QueryEscape(canary), "é", "http:", "lookup", "malformed", "dial"} {
			if strings.Contains(text, hidden) {
				t.Errorf("the error quotes %q: %s", hidden, text)
			}
		}
	}
}

// A sent request, when it came to the wire.
type sent struct {
	at     time.Duration // since the first use of the script
	header http.Header
	body   string
}

type step func(*http.Request) (*http.Response, error)

// script is a round tripper that takes one step per request; the last stays.
type script struct {
	steps []step

	mu    sync.Mutex
	began time.Time
	sent  []sent
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
		_ = r.Body.Close()
	}
	s.mu.Lock()
	if len(s.sent) == 0 {
		s.began = time.Now()
	}
	s.sent = append(s.sent, sent{time.Since(s.began), r.Header.Clone(), string(body)})
	next := s.steps[min(len(s.sent), len(s.steps))-1]
	s.mu.Unlock()
	return next(r)
}

// reply is a whole reply. Headers come in pairs.
func reply(status int, body string, headers ...string) step {
	return func(r *http.Request) (*http.Response, error) {
		header := http.Header{"Content-Type": {"application/json"}}
		for i := 0; i < len(headers); i += 2 {
			header.Add(headers[i], headers[i+1])
		}
		return &http.Response{
			StatusCode: status, Header: header, Request: r,
			Body: io.NopCloser(strings.NewReader(body)),
		}, nil
	}
}

// fails is a request without a reply.
func fails(err error) step {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

// hangs is a request without a reply, until it is given up.
func hangs(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// breaksOff is a reply whose body ends with an error.
func breaksOff(body string, err error) step {
	return func(r *http.Request) (*http.Response, error) {
		resp, _ := reply(http.StatusOK, "")(r)
		resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(body), errorReader{err}))
		return resp, nil
	}
}

type errorReader struct{ err error }

func (r errorReader) Read([]byte) (int, error) { return 0, r.err }

// stalls is a reply whose body does not go on, until the request is given up.
func stalls(body string) step {
	return func(r *http.Request) (*http.Response, error) {
		resp, _ := reply(http.StatusOK, "")(r)
		resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(body), stalledReader{r.Context()}))
		return resp, nil
	}
}

type stalledReader struct{ ctx context.Context }

func (r stalledReader) Read([]byte) (int, error) {
	<-r.ctx.Done()
	return 0, r.ctx.Err()
}

// tokens gives out token 1, token 2 and so on, a new one at each renewal.
type tokens struct {
	mu       sync.Mutex
	given    int
	rejected []string
}

func (k *tokens) Token(ctx context.Context) (string, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.given++
	return k.current(), ctx.Err()
}

func (k *tokens) Renew(ctx context.Context, rejected string) (string, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.rejected = append(k.rejected, rejected)
	return k.current(), ctx.Err()
}

func (k *tokens) current() string { return fmt.Sprintf("%s-%d", canary, len(k.rejected)+1) }

// authority is a certificate authority of the test.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	pem         []byte
}

// listen serves connections of a loopback address with a function that may do
// to them what it likes, and returns the address.
func listen(t *testing.T, address string, serve func(net.Conn)) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", address)
	if err != nil {
		t.Skipf("no such address on this computer: %v", err)
	}
	var (
		running sync.WaitGroup
		mu      sync.Mutex
		open    = map[net.Conn]bool{}
		closed  bool
	)
	running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open[conn] = true
			if closed {
				_ = conn.Close()
			}
			mu.Unlock()
			running.Go(func() {
				defer func() { _ = conn.Close() }()
				serve(conn)
			})
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		mu.Lock()
		closed = true
		for conn := range open {
			_ = conn.Close()
		}
		mu.Unlock()
		running.Wait()
	})
	return listener.Addr().String()
}

// closedPort is an address where nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

// certificate makes a certificate that the authority signs, or one that signs
// itself when the authority is nil.
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
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, &authority{leaf, key, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})}
}
