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

// seedFlag repeats a run of random cases: the seed is in the text of a failure.
var seedFlag = flag.Uint64("seed", 0, "seed of the random cases; 0 for a new one")

func seed() uint64 {
	if *seedFlag != 0 {
		return *seedFlag
	}
	return uint64(time.Now().UnixNano())
}

func TestMain(m *testing.M) { transporttest.Main(m) }

// given is the body of most replies here, 13 bytes long.
const given = `[{"Id":"é"}]`

// canary is in everything that no error may quote.
const canary = "c4n4ry~Secret/+="

func start(t *testing.T, o fakeapi.Options) *fakeapi.Server {
	t.Helper()
	o.Alerts = -1
	return transporttest.Start(t, o)
}

// overNetwork is NewRoundTripper with a certificate authority, and the
// network of the test.
func overNetwork(t *testing.T, dialer *net.Dialer, caPEM []byte, now time.Time) *http.Transport {
	t.Helper()
	return transporttest.Trust(t, transport.NewRoundTripperWith(dialer), now, caPEM)
}

// limit is the budget of most reads here.
const limit = 1 << 20

// options are those of most tests.
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

// do sends a request, without a token, whose response is to be JSON.
func do(ctx context.Context, o transport.Options, req transport.Request) (body string, err error) {
	return doAs(ctx, o, nil, req)
}

// doAs is do with tokens.
func doAs(ctx context.Context, o transport.Options, k transport.Tokens, req transport.Request) (body string, err error) {
	err = transport.New(o).Begin(req.URL, k, limit).Do(ctx, req, readJSON(&body))
	return body, err
}

// wantError compares the fields of an error, and that it quotes nothing. The
// host, byte count and request id are not compared.
func wantError(t *testing.T, err error, want transport.Error) {
	t.Helper()
	e, ok := errors.AsType[*transport.Error](err)
	if !ok {
		t.Fatalf("got %v, want %s", err, want.Kind)
	}
	if e.Kind != want.Kind || e.Status != want.Status || e.Attempts != want.Attempts || e.Wait != want.Wait {
		t.Errorf("got %v, wait %s, want %s, status %d, attempts %d, wait %s",
			e, e.Wait, want.Kind, want.Status, want.Attempts, want.Wait)
	}
	if e.Phase == "" || e.Host == "" {
		t.Errorf("no phase or host: %v", e)
	}
	transporttest.QuotesNothing(t, err, canary, "é", "http:", "lookup", "malformed", "dial")
}

// tokens gives out token 1, token 2 and so on, a new one after each Invalidate.
type tokens struct {
	mu       sync.Mutex
	given    int
	rejected []string
}

func (k *tokens) Token(ctx context.Context) (string, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.given++
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
