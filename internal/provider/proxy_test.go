package provider_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

// The names of two hosts that exist behind the proxy only.
const (
	loginName  = "login.example.test"
	alertsName = "alerts.example.test"
)

// A forwarder is a proxy that connects both names to one server and records its
// requests.
type forwarder struct {
	to   string
	mu   sync.Mutex
	seen []*http.Request
}

func (f *forwarder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.seen = append(f.seen, r)
	f.mu.Unlock()
	if host, _, _ := net.SplitHostPort(r.Host); r.Method != http.MethodConnect || host != loginName && host != alertsName {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	server, err := (&net.Dialer{}).DialContext(r.Context(), "tcp", f.to)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer func() { _ = server.Close() }()
	downstream, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer func() { _ = downstream.Close() }()
	if _, err = io.WriteString(downstream, "HTTP/1.1 200 Connected\r\n\r\n"); err != nil {
		return
	}
	go func() {
		_, _ = io.Copy(server, buffered)
		_ = server.Close()
	}()
	_, _ = io.Copy(downstream, server)
}

// hosts returns the hosts of the requests, sorted and without duplicates.
func (f *forwarder) hosts() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var names []string
	for _, r := range f.seen {
		names = append(names, r.Host)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// startTLS starts a server in front of a fake. The server's certificate is its own
// authority.
func startTLS(t *testing.T, fake *fakeapi.Server) (address string, authorityPEM []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, DNSNames: []string{loginName, alertsName},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	target, err := url.Parse(fake.AuthorityHost())
	if err != nil {
		t.Fatal(err)
	}
	target.Path = ""
	server := httptest.NewUnstartedServer(httputil.NewSingleHostReverseProxy(target))
	server.TLS = &tls.Config{
		MinVersion:   tls.VersionTLS12,
		Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}},
	}
	server.EnableHTTP2 = true
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // some handshakes must fail
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.Listener.Addr().String(), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// TestFault_E1_ProxyAndAuthority runs the provider behind a proxy, with
// certificates of a company's own authority. The provider reaches both hosts only
// if the environment names the proxy and the authority.
func TestFault_E1_ProxyAndAuthority(t *testing.T) {
	t.Parallel()
	fake := startFake(t, fakeapi.Options{Alerts: 5, NoDefaultWindow: true})
	address, authority := startTLS(t, fake)
	both := []string{alertsName + ":443", loginName + ":443"}
	for name, test := range map[string]struct {
		env    []string // beside the proxy
		hosts  []string // that the proxy connects to
		status int
		output string
	}{
		"reached": {nil, both, 0, ""},
		"unknown authority": {[]string{"SSL_CERT_FILE=/dev/null", "SSL_CERT_DIR=/dev/null"}, both[1:], 1,
			"The TLS certificate is from an unknown authority. If a proxy inspects TLS, name the file"},
		"ca_certificate_path": {[]string{"SSL_CERT_FILE=/dev/null", "SSL_CERT_DIR=/dev/null", "MDATP_CA_CERTIFICATE_PATH=authority.pem"}, both, 0, ""},
		"no proxy":            {[]string{"NO_PROXY=.example.test"}, nil, 1, "Error: " + noSignIn},
		"refused": {[]string{"MDATP_SIEM_ENDPOINT=https://other.example.test"},
			[]string{loginName + ":443", "other.example.test:443"}, 1,
			"The proxy cannot be reached, or did not connect to the host. Check the proxy in HTTPS_PROXY."},
		"malformed": {[]string{"HTTPS_PROXY=http://user:quoted%zz@proxy.example"}, nil, 1,
			"The proxy requires credentials, responded with a page of its own, or its address is malformed. Check HTTPS_PROXY."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			proxy := &forwarder{to: address}
			front := httptest.NewServer(proxy)
			t.Cleanup(front.Close)
			f := newFolder(t, fake, requiredProviders+dataHCL("mdatp_alert_summary", "all", nil))
			writeFile(t, filepath.Join(f.dir, "authority.pem"), string(authority))
			f.env = append(f.env, "HTTPS_PROXY="+front.URL, "SSL_CERT_FILE="+filepath.Join(f.dir, "authority.pem"),
				"MDATP_AUTHORITY_HOST=https://"+loginName+"/entra", "MDATP_SIEM_ENDPOINT=https://"+alertsName+"/siem")
			f.env = append(f.env, test.env...)
			r := f.run("plan")
			if r.status != test.status {
				t.Errorf("terraform plan = exit status %d, want %d: %s", r.status, test.status, r.output)
			}
			if !strings.Contains(r.output, test.output) {
				t.Errorf("terraform plan printed %s, want %q in it", r.output, test.output)
			}
			if secret := "quoted"; strings.Contains(r.output, secret) {
				t.Errorf("terraform plan printed %s, want no %q in it", r.output, secret)
			}
			if hosts := proxy.hosts(); !slices.Equal(hosts, test.hosts) {
				t.Errorf("hosts that the proxy was to reach = %v, want %v", hosts, test.hosts)
			}
			for _, request := range proxy.seen {
				if request.Method != http.MethodConnect {
					t.Errorf("method of a request to the proxy = %s, want %s", request.Method, http.MethodConnect)
				}
				if got := request.Header.Get("Authorization"); got != "" {
					t.Errorf("Authorization of a request to the proxy = %q, want none", got)
				}
			}
		})
	}
}
