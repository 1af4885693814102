package fakeapi_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/mdatp/terraform-provider-mdatp/internal/fakeapi"
)

// noon is the clock of most tests.
var noon = time.Date(2026, time.March, 10, 12, 0, 0, 0, time.UTC)

func atNoon() time.Time { return noon }

// TestMain fails if a goroutine of the package, or a connection, outlives the
// servers.
func TestMain(m *testing.M) {
	code := m.Run()
	if left := leftOver(5 * time.Second); left != "" && code == 0 {
		fmt.Fprintln(os.Stderr, "goroutines left behind:\n"+left)
		code = 1
	}
	os.Exit(code)
}

func leftOver(patience time.Duration) (left string) {
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		left = ""
		stacks := make([]byte, 1<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		for _, stack := range strings.Split(string(stacks), "\n\n")[1:] {
			if strings.Contains(stack, "fakeapi.") || strings.Contains(stack, "net/http.") {
				left += stack + "\n\n"
			}
		}
		if left == "" || time.Now().After(deadline) {
			return left
		}
	}
}

func start(t *testing.T, o fakeapi.Options) *fakeapi.Server {
	t.Helper()
	s, err := fakeapi.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// client trusts the server, does not follow redirects and, unlike
// http.DefaultClient, leaves bodies compressed.
func client(t *testing.T, s *fakeapi.Server) *http.Client {
	t.Helper()
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(s.CAPEM())
	transport := &http.Transport{
		TLSClientConfig:    &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		ForceAttemptHTTP2:  true,
		DisableCompression: true,
	}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{
		Transport:     transport,
		Timeout:       10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// received is a response, with its body as far as it could be read before err.
type received struct {
	*http.Response
	body string
	err  error
}

func do(t *testing.T, c *http.Client, method, address string, header http.Header, body string) received {
	t.Helper()
	request, err := http.NewRequestWithContext(context.Background(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if header != nil {
		request.Header = header
	}
	response, err := c.Do(request)
	if err != nil {
		return received{err: err}
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return received{Response: response, body: string(text), err: err}
}

// wantStatus fails the test unless the response is complete and has this status.
func wantStatus(t *testing.T, request string, got received, want int) {
	t.Helper()
	if got.err != nil {
		t.Fatalf("%s: error %v, want status %d", request, got.err, want)
	}
	if got.StatusCode != want {
		t.Errorf("%s: status = %d, want %d; body %s", request, got.StatusCode, want, got.body)
	}
}

// wantText fails the test unless a text of a response is this one.
func wantText(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s = %q, want %q", what, got, want)
	}
}

// discard reads a response to its end and returns the error, nil for a complete
// response.
func discard(c *http.Client, address string) error {
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, address, http.NoBody)
	if err != nil {
		return err
	}
	response, err := c.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return err
}

func goodForm() url.Values {
	return url.Values{
		"grant_type":    {"client_credentials"},
		"resource":      {fakeapi.DefaultResource},
		"client_id":     {fakeapi.DefaultClientID},
		"client_secret": {fakeapi.DefaultClientSecret},
	}
}

func postForm(t *testing.T, s *fakeapi.Server, tenant string, form url.Values) received {
	t.Helper()
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	return do(t, client(t, s), http.MethodPost, s.AuthorityHost()+"/"+tenant+"/oauth2/token", header, form.Encode())
}

// signIn returns an Authorization header for a tenant.
func signIn(t *testing.T, s *fakeapi.Server, tenant string) http.Header {
	t.Helper()
	got := postForm(t, s, tenant, goodForm())
	var response struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(got.body), &response); err != nil || response.AccessToken == "" {
		t.Fatalf("token response = %s, %v, want an access token", got.body, err)
	}
	return http.Header{"Authorization": {"Bearer " + response.AccessToken}}
}

// alerts signs in to the default tenant and sends a query.
func alerts(t *testing.T, s *fakeapi.Server, query string) received {
	t.Helper()
	header := signIn(t, s, fakeapi.DefaultTenantID)
	return do(t, client(t, s), http.MethodGet, s.SIEMEndpoint()+"/api/alerts?"+query, header, "")
}

// ids returns the AlertId of each record, in order.
func ids(t *testing.T, body string) []string {
	t.Helper()
	var records []struct{ AlertId string }
	if err := json.Unmarshal([]byte(body), &records); err != nil {
		t.Fatalf("alerts = %s, want a JSON array of records: %v", body, err)
	}
	list := make([]string, len(records))
	for i, r := range records {
		list[i] = r.AlertId
	}
	return list
}

// rawResponse sends a minimal request for alerts and returns every byte of the
// response, and the error that ended it.
func rawResponse(t *testing.T, s *fakeapi.Server) (head, body string, err error) {
	t.Helper()
	address, err := url.Parse(s.SIEMEndpoint())
	if err != nil {
		t.Fatal(err)
	}
	conn, err := new(net.Dialer).DialContext(context.Background(), "tcp", address.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	fmt.Fprintf(conn, "GET /siem/api/alerts HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", address.Host)
	all, err := io.ReadAll(conn)
	head, body, _ = strings.Cut(string(all), "\r\n\r\n")
	return head, body, err
}
